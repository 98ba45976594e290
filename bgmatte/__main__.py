"""The command line: `python -m bgmatte COMMAND --help` explains each command."""

import argparse
import errno
import os
import sys
from pathlib import Path

from bgmatte import commands
from bgmatte.progress import FILE


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit status: 0, 1 when work failed, 2 for a refusal, 130 when interrupted."""
    if os.environ.get(FILE):  # started by a study: report where it reads, and end when it ends
        from bgmatte.workflow.processes import die_with_parent

        os.environ[FILE] = str(Path(os.environ[FILE]).absolute())
        die_with_parent()
    options = parser().parse_args(arguments)
    try:
        return int(options.call(options) or 0)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError) as error:
        if not type(error).__module__.startswith("bgmatte."):
            raise  # a fault of the program, not of what it was given: the traceback is wanted
        print(f"error: {error}", file=sys.stderr)
        return 2
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
        "--only", nargs="+", default=[], metavar="ROW", help="only these rows and their training, without timing, notebooks and report"
    )
    study.add_argument("--seeds", type=int, metavar="N", help="how many seeds, from 0 on (default: the profile's)")
    study.add_argument("--jobs", type=int, metavar="N", help="how many jobs at a time (default: one per core)")
    study.add_argument("--executor", default="local", metavar="NAME", help="local (default), or an installed Snakemake executor such as slurm")
    study.add_argument(
        "--plan",
        action="store_true",
        help="say what would be done and how long it should take; damaged files are named and set aside, nothing is made",
    )

    data = subs.add_parser("data", help="make or list the data sets that the study draws", description="The data sets that the study draws itself.")
    data_subs = data.add_subparsers(title="commands", metavar="COMMAND", required=True)
    make = _command(data_subs, "make", commands.make_data, "draw data sets that are not in the cache yet")
    make.add_argument("names", nargs="*", metavar="NAME", help="which (default: all that the study uses)")
    make.add_argument("--workers", type=int, metavar="N", help="how many processes draw (default: one per core)")
    _profile(make, "quick")
    _profile(_command(data_subs, "list", commands.list_data, "list the data sets and where they are"), "quick")

    train = _command(subs, "train", commands.train, "train the phases of one row that are not in the cache yet")
    _run(train)
    train.add_argument("--phase", metavar="KEY", help="train the phase of this key instead, and those before it")

    _run(_command(subs, "evaluate", commands.evaluate, "judge a trained row on every held-out picture and write its record"))
    _profile(_command(subs, "time", commands.time, "measure the speed of every row (let nothing else run meanwhile)"), "quick")
    _profile(_command(subs, "report", commands.report, "write report.html and summary.json from the records there are"), "quick")

    pretrain = _command(subs, "pretrain", commands.pretrain, "train the starting weights that ship with the package (an hour or more)")
    pretrain.add_argument("--backbone", default="resnet50", help="encoder (default: resnet50)")
    pretrain.add_argument("--context", default="aspp", help="context module (default: aspp)")
    pretrain.add_argument("--width", type=float, default=0.25, help="share of the published channel counts (default: 0.25)")

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


def _command(subs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, call: commands.Command, words: str) -> argparse.ArgumentParser:
    command = subs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    command.set_defaults(call=call)
    return command


def _profile(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument("--profile", default=default, metavar="NAME", help=f"size of study: {commands.profiles()} (default: {default})")


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument("--row", default="baseline", metavar="ROW", help=f"one of {commands.rows()} (default: baseline)")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="which seed (default: 0)")
    _profile(command, "quick")


if __name__ == "__main__":
    sys.exit(main())
