"""`python -m bgmatte matte` from end to end: the network's own numbers in the files, and refusals as one line."""

import json
import re
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from bgmatte.__main__ import main
from bgmatte.cache import checkpoint_path, record_path
from bgmatte.config import NetworkConfig, RefineConfig
from bgmatte.fingerprint import file_digest
from bgmatte.inference import Matter, Settings
from bgmatte.inference.layers import as_tensor
from bgmatte.inference.refusals import MatteError
from bgmatte.network import build, with_config
from bgmatte.network.loading import network_from_file
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config

OFF = 0.5 / 255 + 1e-3  # rounding to 8 bits, and what the fast network may differ by


@pytest.fixture
def shot(tools, tmp_path):
    """The files of one source and its background, of odd size."""
    src, bgr = tools.scene(75, 101)
    return tools.save(tmp_path / "src.png", src), tools.save(tmp_path / "bgr.png", bgr)


def matte(shot, out, *options):
    return main(["matte", "--src", str(shot[0]), "--bgr", str(shot[1]), "--out", str(out), *map(str, options)])


def seen(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.float32) / 255


def test_files_hold_the_networks_numbers(shot, checkpoint, tmp_path, capsys):
    assert (
        matte(shot, tmp_path / "out", "--checkpoint", checkpoint, "--write", "pha", "fgr", "composite", "ref", "--patches", 60, "--over", "white")
        == 0
    )
    assert capsys.readouterr().out == f"{tmp_path / 'out'}: 1 done (pha, fgr, composite, ref)\n"

    network = with_config(network_from_file(checkpoint)[0], NetworkConfig("mobilenetv2", width=0.25, refine=RefineConfig(patches=60)))
    pair = [as_tensor(np.array(Image.open(path)), torch.device("cpu")) for path in shot]
    with torch.inference_mode():
        wanted = network(*pair)
    pha, fgr = (x[0].permute(1, 2, 0).numpy() for x in (wanted.pha, wanted.fgr))
    files = {layer: seen(tmp_path / "out" / layer / "src.png") for layer in ("pha", "fgr", "composite", "ref")}
    assert np.abs(files["pha"] - pha[..., 0]).max() <= OFF
    visible = pha[..., 0] > 0.01
    assert visible.any() and np.abs(files["fgr"][..., :3] - fgr)[visible].max() <= OFF
    assert np.abs(files["composite"] - (pha * fgr + 1 - pha)).max() <= OFF
    patches = np.kron(wanted.ref_sm[0, 0].numpy(), np.ones((4, 4)))[:75, :101]
    assert np.array_equal(files["ref"], patches)
    assert int(wanted.ref_sm.sum()) > 0


def test_one_matter_serves_every_size(tools):
    """Settings follow each picture's size; the network is prepared once."""
    config = NetworkConfig("mobilenetv2", width=0.25)
    matter = Matter(tools.lively(config), config, Settings(selector="grid"), torch.device("cpu"))
    for size in ((64, 64), (50, 130)):
        src, bgr = tools.scene(*size)
        result = matter(src, bgr)
        assert result.pha.shape[2:] == size
        assert int(result.ref_sm.sum()) == round(size[0] * size[1] / 16 * 5_000 / 129_600)


def test_a_trained_row_is_found_in_the_cache(shot, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path / "cache"))
    call = partial(matte, shot, tmp_path / "cut.png", "--row", "no-refinement", "--profile", "smoke")
    assert call() == 2
    assert "python -m bgmatte train --profile smoke --row no-refinement --seed 0" in capsys.readouterr().err
    run = run_config("smoke", "no-refinement")
    path = checkpoint_path(phase_plans(run)[-1].key)
    path.parent.mkdir(parents=True)
    save_file(build(run.network).state_dict(), path)
    assert call() == 2  # weights without the record that training writes last
    assert "json: missing; allowed: " in capsys.readouterr().err
    record_path(path).write_text(json.dumps({"sha256": "0" * 64}))
    assert call() == 2
    said = capsys.readouterr().err
    assert "safetensors: damaged; its hash is" in said and "python -m bgmatte train --profile smoke --row no-refinement --seed 0" in said
    record_path(path).write_text(json.dumps({"sha256": file_digest(path)}))
    assert call() == 0 and seen(tmp_path / "cut.png").shape == (75, 101, 4)
    assert call() == 2
    assert "cut.png there already" in capsys.readouterr().err
    assert call("--overwrite") == 0


def test_a_folder_with_a_bad_picture_ends_with_1_and_names_it(shot, checkpoint, tmp_path, capsys):
    folder = tmp_path / "shots"
    folder.mkdir()
    shot[0].rename(folder / "good.png"), (folder / "bad.png").write_bytes(b"")
    assert matte((folder, shot[1]), tmp_path / "out", "--checkpoint", checkpoint) == 1
    said = capsys.readouterr()
    assert re.fullmatch(r"not done: \S*bad\.png: not a picture that can be read; allowed: .*\n", said.err)
    assert said.out.endswith("out: 1 done (pha, fgr), 1 failed\n")
    assert (tmp_path / "out" / "fgr" / "good.png").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "error: which weights? Give either --checkpoint FILE"),
        (("--checkpoint", "nowhere.pth"), "error: nowhere.pth: missing"),
        (("--row", "baseline", "--profile", "huge"), "error: profile: 'huge' is not allowed; allowed: smoke, quick"),
        (("--row", "baseline", "--over", "blurple"), "error: blurple: neither a picture that is there nor a colour"),
        (("--checkpoint", "{}", "--device", "toaster"), "error: --device toaster: cannot be used here"),
        (("--checkpoint", "{}", "--selector", "magic"), "error: selector: 'magic' is not allowed; allowed: error, random"),
        (("--checkpoint", "{}", "--scale", "0.01"), "src.png: scale: 0.01 is not allowed"),
    ],
)
def test_refusals_are_one_line(shot, checkpoint, tmp_path, capsys, options, said):
    assert matte(shot, tmp_path / "out", *(option.format(checkpoint) for option in options)) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_backdrop_is_not_overwritten(shot, checkpoint, tmp_path, capsys):
    beach = shot[1].rename(tmp_path / "beach.png")
    content = beach.read_bytes()
    assert matte((shot[0], shot[0]), beach, "--checkpoint", checkpoint, "--over", beach, "--overwrite") == 2
    assert "beach.png would overwrite what is read" in capsys.readouterr().err
    assert beach.read_bytes() == content


def test_the_files_that_were_made_are_printed(shot, checkpoint, tmp_path, capsys):
    assert matte(shot, tmp_path / "v2.png", "--checkpoint", checkpoint, "--write", "pha", "fgr") == 0
    files = [tmp_path / "v2-pha.png", tmp_path / "v2-fgr.png"]
    assert capsys.readouterr().out == f"{files[0]}, {files[1]}: 1 done (pha, fgr)\n"
    assert all(file.is_file() for file in files)


def test_patches_are_a_number_or_all(shot, tmp_path, capsys):
    with pytest.raises(SystemExit):
        matte(shot, tmp_path / "out", "--patches", "abc")
    assert "argument --patches: 'abc' is not allowed; allowed: a number or all" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), MatteError),
        (torch.OutOfMemoryError("CUDA out of memory"), MatteError),
        (MemoryError(), MatteError),
        (RuntimeError("a fault of the program"), RuntimeError),
    ],
)
def test_too_little_memory_is_named(tools, monkeypatch, error, said):
    config = NetworkConfig("mobilenetv2", width=0.25)
    matter = Matter(tools.lively(config), config, Settings(), torch.device("cpu"))
    monkeypatch.setattr("bgmatte.inference.matting.as_tensor", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(said) as raised:
        matter(*tools.scene(48, 64))
    assert type(raised.value) is said
    if said is MatteError:
        assert str(raised.value) == "64×48 px need more memory than cpu has; allowed: smaller pictures, or fewer --patches"
