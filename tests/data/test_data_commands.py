"""The `data` commands as a user gives them: what they say, what they write and how they end."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from bgmatte.__main__ import main, parser
from bgmatte.data.contact_sheets import preview, sheet
from bgmatte.data.published import index, open_all, read_index
from bgmatte.manifest import names
from bgmatte.sources import NAMES, index_path


def said(capsys, *arguments, status=0):
    """What a command prints, and what it says on the error stream."""
    assert main(["data", *map(str, arguments)]) == status
    captured = capsys.readouterr()
    return captured.out if status == 0 else captured.out + captured.err


def test_list_tells_every_set_its_licence_how_to_get_it_and_whether_it_is_here(copies, tmp_path, capsys, monkeypatch):
    aim, scenes = copies.write_copy("aim", tmp_path / "aim"), copies.write_copy("backgrounds", tmp_path / "scenes")
    index("aim", aim)
    monkeypatch.setenv("BGMATTE_DATA", json.dumps({"backgrounds": str(scenes)}))
    listed = said(capsys, "list", "--data", f"aim={aim}", "--profile", "smoke")
    blocks = {block.split()[0]: block for block in listed.split("\n") if block and not block.startswith(" ")}
    assert list(blocks) == list(names())
    assert listed.count("    licence  ") == listed.count("    get      ") == listed.count("    what     ") == len(names())
    assert f"ready  {aim}  (index {read_index('aim', aim).digest})" in blocks["aim"]
    assert f"not indexed yet  {scenes}" in blocks["backgrounds"]
    assert "not given" in blocks["videomatte240k"] and "part of the project" in blocks["rendered-people"]
    assert "not made yet" in blocks["proc-video"] and "Debian package tuxpaint-stamps-default" in blocks["real-stamps"]


def test_index_counts_what_it_found_and_verify_agrees(copies, tmp_path, capsys):
    root = copies.write_copy("videomatte240k", tmp_path, clips=True)
    counted = said(capsys, "index", "videomatte240k", "--root", root).splitlines()
    assert [" ".join(line.split()) for line in counted[:2]] == ["train pictures 18, groups 3", "validation pictures 12, groups 2"]
    assert counted[2].endswith(f"listed in {index_path('videomatte240k', root)}")
    assert said(capsys, "verify", "videomatte240k", "--root", root) == "videomatte240k: 5 samples, 0 faults; compared with its index\n"


def test_verify_ends_with_failure_and_names_every_file(copies, tmp_path, capsys):
    root = copies.write_copy("photomatte85", tmp_path)
    for number in (0, 2):
        (root / f"0051115Q_000001_{number:04d}.png").write_bytes(b"no picture")
    lines = said(capsys, "verify", "photomatte85", "--root", root, status=1).splitlines()
    assert [line.split(": ")[0] for line in lines[:2]] == [f"{root}/0051115Q_000001_000{number}.png" for number in (0, 2)]
    assert lines[2] == "photomatte85: 3 samples, 2 faults; not indexed yet, so no hashes were compared"
    assert said(capsys, "verify", "real-stamps", status=1) == "real-stamps: not installed (Debian package tuxpaint-stamps-default)\n"


def test_preview_and_shard_work_on_a_copy_and_on_its_shards(copies, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = copies.write_copy("aim", tmp_path / "copy")
    assert "a folder apart" in said(capsys, "shard", "aim", "--root", root, "--out", root / "shards", status=2)
    assert "--out: 'far/away.png' is not allowed" in said(capsys, "preview", "aim", "--root", root, "--out", "far/away.png", status=2)
    (tmp_path / "far").mkdir()
    assert said(capsys, "preview", "aim", "--root", root, "--number", "2") == "aim-preview.png\n"
    assert said(capsys, "shard", "aim", "--root", root, "--out", "shards", "--samples", "2").startswith("shards: 3 shards; ")
    assert said(capsys, "preview", "aim", "--root", "shards", "--number", "2", "--out", "far/away.png") == "far/away.png\n"
    with Image.open("aim-preview.png") as ours, Image.open("far/away.png") as theirs:
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["index", "cats", "--root", "."], "NAME: 'cats' is not allowed; allowed: videomatte240k, photomatte13k"),
        (["index", "aim", "--root", "nowhere"], "'aim=nowhere' is not allowed; allowed: folders that are there"),
        (["verify", "aim"], "--root: nothing was given; allowed: the folder of your copy of aim, here or in the environment variable BGMATTE_DATA"),
        (["list", "--data", "aim"], "data: 'aim' is not allowed; allowed: NAME=FOLDER"),
        (["index", "aim", "--root", "."], "aim is not laid out like this (empty); allowed: {Training_set,Test_set}/*/{fg,alpha}/NAME"),
    ],
)
def test_refusals_say_what_is_allowed(arguments, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in said(capsys, *arguments, status=2)


def test_numbers_below_one_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["data", "shard", "aim", "--root", str(tmp_path), "--out", str(tmp_path), "--samples", "0"])
    assert "'0' is not allowed; allowed: a whole number from 1" in capsys.readouterr().err


def test_help_names_every_set_and_command(capsys):
    for command, words in ((["--help"], ("index", "verify", "preview", "shard", "examples:")), (["index", "--help"], NAMES)):
        with pytest.raises(SystemExit) as ended:
            main(["data", *command])
        told = " ".join(capsys.readouterr().out.split())
        assert ended.value.code == 0 and all(word in told for word in words)


def test_the_environment_names_a_copy(copies, tmp_path, capsys, monkeypatch):
    """As a job is started: the folder comes from BGMATTE_DATA, and progress goes where a study reads it."""
    root = copies.write_copy("backgrounds", tmp_path / "scenes")
    monkeypatch.setenv("BGMATTE_DATA", json.dumps({"backgrounds": str(root)}))
    monkeypatch.setenv("BGMATTE_PROGRESS", str(tmp_path / "progress"))
    options = parser().parse_args(["data", "index", "backgrounds"])
    options.call(options)
    assert "pictures       5, groups      5" in capsys.readouterr().out
    assert json.loads((tmp_path / "progress").read_text()) == {"done": 6, "total": 6, "what": "indexing backgrounds"}


def test_pictures_keep_their_proportions_on_a_sheet():
    wide, tall = torch.zeros(3, 10, 40), torch.zeros(1, 200, 100)
    shown = sheet([[wide, tall]], side=80)
    dark = shown[..., 0] < 128
    assert shown.shape == (84, 168, 3)
    assert dark[:, :84].any(1).sum() == 20 and dark[:, :84].any(0).sum() == 80
    assert dark[:, 84:].any(1).sum() == 80 and dark[:, 84:].any(0).sum() == 40


def test_a_preview_shows_each_split_with_its_mattes(copies, tmp_path):
    root = copies.write_copy("distinctions-646", tmp_path, count=9)
    index("distinctions-646", root)
    shown = preview(open_all("distinctions-646", root), number=5, columns=3, side=64)
    rows = {"train": 2, "validation": 1, "test": 1}
    assert shown.shape[0] == sum(22 + 2 * count * 68 for count in rows.values())
    matte = shown[22 + 68 : 22 + 68 + 48, :64]  # below the first subject: 24×32 px enlarged to 48×64
    assert (matte[..., 0] == matte[..., 1]).all() and matte.min() == 0 and matte.max() == 255
