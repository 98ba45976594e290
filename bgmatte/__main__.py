"""The command line: `python -m bgmatte COMMAND --help` explains each command."""

import argparse
import errno
import os
import sys
from pathlib import Path

from bgmatte import commands, data_commands
from bgmatte.allocator import keep_freed_memory
from bgmatte.exits import status
from bgmatte.progress import FILE
from bgmatte.sources import NAMES

EXAMPLES = """examples:
  python -m bgmatte matte --checkpoint pytorch_resnet50.pth --src talk.mp4 --bgr empty.png --out talk.mov
        the cut-out as a video with transparency, for an editing program
  python -m bgmatte matte --checkpoint pytorch_resnet50.pth --src talk.mp4 --bgr empty.png --out talk-beach.mp4 --over beach.jpg
        the speaker at the beach, sound included
  python -m bgmatte matte --row baseline --src shots/ --bgr empty-shots/ --out results --write pha fgr err ref
        a folder: results/pha/NAME.png and so on, by the network that `python -m bgmatte train` trained
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit status: 0, 1 when work failed, 2 for a refusal, 130 when interrupted."""
    if os.environ.get(FILE):  # started by a study: report where it reads, and end when it ends
        from bgmatte.workflow.processes import die_with_parent

        os.environ[FILE] = str(Path(os.environ[FILE]).absolute())
        die_with_parent()
    options = parser().parse_args(arguments)
    keep_freed_memory()
    try:
        return status(lambda: options.call(options))
    except BrokenPipeError:  # whoever read the output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"error: no space left on the disk ({error.filename or 'while writing'}); make room and give the same command again", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="python -m bgmatte", description="A reproducible study of BackgroundMattingV2. Begin with: study")
    subs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    study = _command(subs, "study", commands.study, "bring the whole study up to date and say where its report is")
    _profile(study, "quick")
    study.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="ROW",
        help="only these rows and their training, without timing, notebooks and report",
    )
    study.add_argument("--seeds", type=int, metavar="N", help="how many seeds, from 0 on (default: the profile's)")
    study.add_argument("--jobs", type=int, metavar="N", help="how many jobs at a time (default: one per core)")
    study.add_argument("--executor", default="local", metavar="NAME", help="local (default), or an installed Snakemake executor such as slurm")
    study.add_argument("--cluster", type=Path, metavar="FOLDER", help="the executor's settings (default: those in bgmatte/workflow/profiles)")
    study.add_argument("--start", metavar="POLICY", help="first weights: shipped, nothing, imagenet or deeplabv3 (default: the profile's)")
    _data(study, "each is indexed first if it was not yet")
    study.add_argument(
        "--plan",
        action="store_true",
        help="say what would be done and how long it should take; what is damaged is named and removed, nothing is made",
    )

    data_commands.add_commands(subs, _command, _profile)

    train = _command(subs, "train", commands.train, "train the phases of one row that are not in the cache yet")
    _run(train)
    _data(train, "indexed before")
    train.add_argument("--phase", metavar="KEY", help="train the phase of this key instead, and those before it")

    evaluate = _command(subs, "evaluate", commands.evaluate, "judge a trained row on every held-out picture and write its record")
    _run(evaluate)
    _data(evaluate, "indexed before")
    _profile(_command(subs, "time", commands.time, "measure the speed of every row (let nothing else run meanwhile)"), "quick")
    bench = _command(subs, "bench", commands.bench, "measure the fast path against the plain one, part by part (let nothing else run meanwhile)")
    _profile(bench, "quick")
    bench.add_argument("--device", metavar="NAME", help="cpu, cuda, cuda:1 … (default: a GPU if there is one)")
    bench.add_argument("--precision", default="float32", choices=("float32", "bfloat16", "float16"), help="of weights and pictures")
    bench.add_argument("--compile", action="store_true", help="give the fast path's base network to torch.compile (needs a C++ compiler)")
    bench.add_argument("--out", type=Path, metavar="FOLDER", help="where bench.md, .svg and .json go (default: reports/<profile>)")
    bench.add_argument("--name", metavar="DEVICE", help="write bench-DEVICE.md and so on, to keep several apart")
    report = _command(subs, "report", commands.report, "write report.html and summary.json from the records there are, or two studies side by side")
    _profile(report, "quick")
    report.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("A", "B"),
        help="instead: the studies in two folders side by side, e.g. reports/quick reports/reference, whatever code and settings made them",
    )
    report.add_argument("--out", type=Path, metavar="FILE", help="where the comparison goes (default: reports/compared/A-B.html)")

    pretrain = _command(subs, "pretrain", commands.pretrain, "train the starting weights that ship with the package (an hour on one core for each)")
    pretrain.add_argument("--backbone", default="resnet50", help="encoder (default: resnet50)")
    pretrain.add_argument("--context", default="aspp", help="context module (default: aspp)")
    pretrain.add_argument("--precision", default="float32", choices=("float32", "mixed"), help="mixed: the network in bfloat16 (default: float32)")
    pretrain.add_argument("--width", type=float, default=0.25, help="share of the published channel counts (default: 0.25)")

    ship = _command(subs, "ship", commands.ship, "write the small trained baseline that ships, and train a refiner of kernel 1 for it")
    _profile(ship, "overnight")

    _matte(_command(subs, "matte", commands.matte, "cut a person out of your own pictures or video, with a picture of the empty scene"))
    _export(_command(subs, "export", commands.export, "write a network as an ONNX file, compared with ONNX Runtime before it is kept"))

    notebook = _command(subs, "notebook", commands.notebook, "execute one notebook with Papermill and keep the result")
    notebook.add_argument("name", help="which notebook, e.g. run")
    notebook.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the result goes")
    notebook.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        dest="parameters",
        metavar=("KEY", "VALUE"),
        help="a parameter; repeat for more",
    )
    return top


def _matte(command: argparse.ArgumentParser) -> None:
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EXAMPLES
    command.add_argument("--src", type=Path, required=True, metavar="PATH", help="what to matte: a picture, a folder of pictures, or a video")
    command.add_argument(
        "--bgr",
        type=Path,
        required=True,
        metavar="PATH",
        help="the same scene without the subject, of the same size: one picture for all; for a folder also a folder with the same file names; "
        "for a video also a video, matched frame by frame and at least as long",
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="a folder (a name without suffix): PNG files in PATH/<layer>/; or one file: .png for a picture; for a video .mov (ProRes, for editing), "
        ".webm (VP9, for the web), .mkv (FFV1, lossless), .mp4 (H.264, keeps no transparency)",
    )
    command.add_argument(
        "--write",
        nargs="+",
        default=[],
        choices=("pha", "fgr", "composite", "err", "ref"),
        metavar="LAYER",
        help="pha: alpha in gray; fgr: the cut-out, colour with transparency; composite: over --over; err: predicted error; ref: refined patches "
        "(default: pha and fgr into a folder, fgr into a file; with --over also, or instead, composite); several into one file: <name>-<layer>",
    )
    command.add_argument("--over", metavar="COLOUR|FILE", help=f"what composites stand on: #rrggbb, a name, or a picture (default: {commands.GREEN})")
    there = command.add_mutually_exclusive_group()
    there.add_argument("--resume", dest="existing", action="store_const", const="skip", help="keep results that are there and make the others")
    there.add_argument(
        "--overwrite", dest="existing", action="store_const", const="replace", help="make all again (default: results there are refused)"
    )
    command.set_defaults(existing="refuse")
    command.add_argument("--device", metavar="NAME", help="cpu, cuda, cuda:1, mps … (default: a GPU if there is one)")
    _weights(command)


def _export(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Write a network as an ONNX file with inputs src and bgr (batch, 3, height, width), RGB, 0–1, and outputs pha, fgr, pha_sm, fgr_sm, err_sm, "
        "ref_sm. The size is fixed in the file. A number of patches is exported as it is; with --threshold or --patches all the file computes "
        "every patch. It is run once by ONNX Runtime, and not kept if it differs from the network by more than 0.001."
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file, *.onnx")
    command.add_argument("--overwrite", action="store_true", help="replace a file that is there (default: it is refused)")
    command.add_argument("--height", type=int, required=True, metavar="PX", help="height of the pictures")
    command.add_argument("--width", type=int, required=True, metavar="PX", help="width of the pictures")
    command.add_argument("--batch", type=int, default=1, metavar="N", help="how many pictures at a time (default: 1)")
    command.add_argument("--opset", type=int, default=18, metavar="N", help="version of ONNX's operators, 18 to 23 (default: 18)")
    _weights(command)


def _weights(command: argparse.ArgumentParser) -> None:
    which = command.add_argument_group("which network: give --checkpoint, or --row for one that this study trained")
    which.add_argument("--checkpoint", type=Path, metavar="FILE", help="an official .pth or .safetensors, or a checkpoint of this project")
    which.add_argument("--row", metavar="ROW", help=f"one of {commands.trained_rows()}")
    which.add_argument("--seed", type=int, default=0, metavar="N", help="which seed of the row (default: 0)")
    _profile(which, "quick")
    how = command.add_argument_group("how much is refined (default: by the picture's size, as in the paper)")
    how.add_argument("--selector", metavar="NAME", help="what chooses the patches: error (as published), random, grid, edge, edge-image, difference")
    how.add_argument("--patches", type=_patches, metavar="N|all", help="how many patches of 4×4 px (default: 3.9 %%: 5000 at HD, 20000 at 4K)")
    how.add_argument("--threshold", type=float, metavar="T", help="instead of a number: every patch whose score is above T")
    how.add_argument(
        "--scale", type=float, metavar="S", help="size at which the base network sees the picture (default: 0.25, above 4.1 megapixels 0.125)"
    )


def _patches(text: str) -> int | str:
    if text == "all":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a number or all") from None


def _command(subs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, call: commands.Command, words: str) -> argparse.ArgumentParser:
    command = subs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    command.set_defaults(call=call)
    return command


def _profile(command: "argparse.ArgumentParser | argparse._ArgumentGroup", default: str) -> None:
    command.add_argument("--profile", default=default, metavar="NAME", help=f"size of study: {commands.profiles()} (default: {default})")


def _data(command: argparse.ArgumentParser, words: str) -> None:
    names = ", ".join(NAMES)
    command.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help=f"a copy of a published data set to use instead of its stand-in, {words}; NAME is one of {names}; repeat for more",
    )


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument("--row", default="baseline", metavar="ROW", help=f"one of {commands.rows()} (default: baseline)")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="which seed (default: 0)")
    _profile(command, "quick")


if __name__ == "__main__":
    sys.exit(main())
