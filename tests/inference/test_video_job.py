"""Videos: what goes in comes out at the same time and place, through every format, with alpha, sound and odd sizes."""

import re
import sys
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from bgmatte.inference import Job, run
from bgmatte.inference.backdrop import backdrop
from bgmatte.inference.refusals import MatteError
from bgmatte.inference.videos import open_video

SHOWN = [0, 1_001, 3_003, 4_004, 9_009]  # a camera that drops frames
SIZE = (45, 63)  # odd sides


@pytest.fixture(scope="module")
def clip(tools, tmp_path_factory):
    """A lossless video of five frames at uneven times, its background as a picture and as a longer video."""
    folder = tmp_path_factory.mktemp("clip")
    frames = [tools.scene(*SIZE, step)[0] for step in range(5)]
    bgr = tools.scene(*SIZE)[1]
    tools.write_video(folder / "src.mov", frames, "qtrle", "argb", shown=SHOWN, sound="aac")
    tools.write_video(folder / "bgr.mov", [bgr] * 6, "qtrle", "argb")
    tools.save(folder / "bgr.png", bgr)
    return folder, frames, bgr


def matted(tools, frames, bgr, layer):
    pairs = [(src, tools.key(src, bgr).pha[0, 0].numpy() > 0) for src in frames]
    return [np.where(pha[..., None], src, (0, 177, 64)).astype(np.uint8) if layer == "composite" else pha for src, pha in pairs]


@pytest.mark.parametrize("behind", ["bgr.png", "bgr.mov"])
def test_a_folder_gets_a_sequence(clip, tools, silent, tmp_path, behind):
    folder, frames, bgr = clip
    outcome = run(Job(folder / "src.mov", folder / behind, tmp_path / "out", ("pha", "fgr"), tools.key), silent)
    assert outcome.done == 5
    for index, pha in enumerate(matted(tools, frames, bgr, "pha")):
        assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "pha" / f"{index:05d}.png")) == 255, pha)
        cut = np.asarray(Image.open(tmp_path / "out" / "fgr" / f"{index:05d}.png"))
        assert np.array_equal(cut[pha][:, :3], frames[index][pha])


# Largest error of alpha (of 255) and mean error of visible colour that each codec may leave; FFV1 is lossless.
@pytest.mark.parametrize(("suffix", "decoder", "alpha", "colour"), [(".mkv", None, 0, 0), (".mov", None, 1, 1), (".webm", "libvpx-vp9", 12, 5)])
def test_cut_outs_keep_alpha_size_and_time(clip, tools, silent, tmp_path, suffix, decoder, alpha, colour):
    folder, frames, bgr = clip
    run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / f"cut{suffix}", ("fgr",), tools.key), silent)
    seen = tools.read_video(tmp_path / f"cut{suffix}", "rgba", decoder)
    assert len(seen) == 5 and seen[0].shape == (*SIZE, 4)
    for cut, src, pha in zip(seen, frames, matted(tools, frames, bgr, "pha"), strict=True):
        assert np.abs(cut[..., 3].astype(int) - 255 * pha).max() <= alpha
        assert np.abs(cut[pha][:, :3].astype(int) - src[pha]).mean() <= colour
    rate = Fraction(1, 30_000) if suffix == ".mov" else Fraction(1, 1_000)  # what the container counts in
    shown = [frame.shown * rate for frame in open_video(tmp_path / f"cut{suffix}").frames()]
    assert np.allclose([float(t - shown[0]) for t in shown], [t / 30_000 for t in SHOWN], atol=1e-3)


@pytest.mark.parametrize(("suffix", "error"), [(".mkv", 0), (".mov", 2), (".webm", 2)])
def test_alpha_as_a_gray_video(clip, tools, silent, tmp_path, suffix, error):
    folder, frames, bgr = clip
    run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / f"pha{suffix}", ("pha",), tools.key), silent)
    seen = tools.read_video(tmp_path / f"pha{suffix}")
    for gray, pha in zip(seen, matted(tools, frames, bgr, "pha"), strict=True):
        assert np.abs(gray.astype(int) - 255 * pha[..., None]).mean() <= error  # black stays 0 and white 255


def test_composites_keep_the_sound_where_the_format_takes_it(clip, tools, silent, tmp_path):
    import av

    folder, frames, bgr = clip
    for suffix, tracks in ((".mkv", 1), (".webm", 0)):
        outcome = run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / f"over{suffix}", ("composite",), tools.key, backdrop("#00b140")), silent)
        with av.open(str(tmp_path / f"over{suffix}")) as seen, av.open(str(folder / "src.mov")) as source:
            assert len(seen.streams.audio) == tracks
            copied, original = ([bytes(p) for p in c.demux(audio=0) if p.size] if c.streams.audio else [] for c in (seen, source))
        assert len(original) > 3 and copied == original * tracks
        assert [re.sub(r"\S*/", "", line) for line in outcome.notes] == (
            [] if tracks else ["over.webm: without the sound of src.mov: .webm does not take aac"]
        )
    assert np.array_equal(tools.read_video(tmp_path / "over.mkv"), matted(tools, frames, bgr, "composite"))


def test_mp4_for_even_sizes(tools, silent, tmp_path):
    src, bgr = tools.scene(46, 64)
    tools.write_video(tmp_path / "src.mkv", [src] * 3)
    tools.save(tmp_path / "bgr.png", bgr)
    run(Job(tmp_path / "src.mkv", tmp_path / "bgr.png", tmp_path / "two.mp4", ("composite", "pha"), tools.key, backdrop("#00b140")), silent)
    over, pha = (tools.read_video(tmp_path / f"two-{layer}.mp4") for layer in ("composite", "pha"))
    assert np.abs(over[2].astype(int) - matted(tools, [src], bgr, "composite")[0]).mean() < 4  # colour at half resolution
    assert np.abs(pha[2].astype(int) - 255 * matted(tools, [src], bgr, "pha")[0][..., None]).mean() < 3


def test_a_phones_rotation_is_applied(tools, tmp_path):
    src = tools.scene(40, 60)[0]
    video = open_video(tools.write_video(tmp_path / "turned.mov", [src], "qtrle", "argb", rotation=90))
    assert video.size == (60, 40)
    assert np.array_equal(next(video.frames()).pixels, np.rot90(src))  # counter-clockwise, as PyAV counts


@pytest.mark.parametrize(("height", "matrix"), [(360, "ITU601"), (720, "ITU709")])
def test_a_video_that_names_no_matrix_is_read_as_players_do(tools, tmp_path, height, matrix):
    import av

    row = np.tile(np.array([[200, 40, 60]], np.uint8), (64, 1))
    src = np.tile(row[None], (height, 1, 1))
    with av.open(str(tmp_path / "unsaid.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width, stream.pix_fmt = height, 64, "yuv444p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(src).reformat(format="yuv444p", dst_colorspace=matrix, dst_color_range="MPEG")))
        container.mux(stream.encode(None))
    seen = next(open_video(tmp_path / "unsaid.mkv").frames()).pixels
    assert np.abs(seen.astype(int) - src).max() <= 3


def test_a_sequence_is_resumed_frame_by_frame(clip, tools, silent, tmp_path):
    folder, *_ = clip
    job = Job(folder / "src.mov", folder / "bgr.png", tmp_path / "out", ("pha",), tools.key)
    run(job, silent)
    (tmp_path / "out" / "pha" / "00003.png").unlink()
    with pytest.raises(MatteError, match=r"00000\.png, .* there already"):
        run(job, silent)
    outcome = run(Job(**{**vars(job), "existing": "skip"}), silent)
    assert (outcome.done, outcome.kept) == (1, 4)
    assert run(Job(**{**vars(job), "existing": "skip"}), silent).kept == 5


def test_what_fails_in_the_middle_leaves_no_half_file(clip, tools, silent, tmp_path):
    folder, *_ = clip
    mattes = iter(range(3))

    def tired(src, bgr):
        if next(mattes, None) is None:
            raise KeyboardInterrupt
        return tools.key(src, bgr)

    with pytest.raises(KeyboardInterrupt):
        run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / "cut.mov", ("fgr", "pha"), tired), silent)
    assert list(tmp_path.iterdir()) == []


def _bad(folder, tools):
    src, bgr = tools.scene(46, 64)
    tools.write_video(folder / "src.mkv", [src] * 3)
    tools.write_video(folder / "odd.mkv", [src[:-1]] * 3)
    tools.write_video(folder / "short.mkv", [bgr] * 2)
    tools.write_video(folder / "hdr.mkv", [src], "ffv1", "yuv420p10le", trc=16)
    (folder / "text.mp4").write_text("no video")
    content = (folder / "src.mkv").read_bytes()
    (folder / "cut.mkv").write_bytes(content[: len(content) // 8])
    tools.save(folder / "bgr.png", bgr)
    tools.save(folder / "small.png", bgr[:40])
    (folder / "pictures").mkdir()


@pytest.mark.parametrize(
    ("src", "bgr", "out", "said"),
    [
        ("src.mkv", "small.png", "out.mov", r"small\.png: 64×40 px; allowed: 64×46 px as .*src\.mkv"),
        ("src.mkv", "odd.mkv", "out.mov", r"odd\.mkv: 64×45 px; allowed: 64×46 px"),
        ("src.mkv", "short.mkv", "out.mov", r"short\.mkv: 2 frames; allowed: at least the 3 of .*src\.mkv, or one picture"),
        ("src.mkv", "pictures", "out.mov", r"pictures: a folder behind a video"),
        ("src.mkv", "bgr.png", "out.mp4", r"out\.mp4: \.mp4 keeps no transparency; allowed: \.mov"),
        ("src.mkv", "bgr.png", "out.gif", r"out\.gif: \.gif as the result of a video; allowed: .*\.mov, \.webm, \.mkv, \.mp4"),
        ("text.mp4", "bgr.png", "out.mov", r"text\.mp4: cannot be read"),
        ("cut.mkv", "bgr.png", "out.mov", r"cut\.mkv: (cannot be read|no frame)"),
        ("hdr.mkv", "bgr.png", "out.mov", r"hdr\.mkv: high dynamic range \(PQ\); allowed: standard range"),
        ("src.mkv", "bgr.png", "src.mkv", r"would overwrite what is read"),
        ("src.mkv", "bgr.png", "beach.mkv", r"would overwrite what is read"),
        ("src.mkv", "none.png", "out.mov", r"none\.png: missing; allowed: a picture, or a video of at least the same length"),
        ("shot.gif", "bgr.png", "out.mov", r"shot\.gif: \.gif is no format that is read"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(tools, silent, tmp_path, src, bgr, out, said):
    _bad(tmp_path, tools)
    (tmp_path / "shot.gif").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(MatteError, match=said):
        run(Job(tmp_path / src, tmp_path / bgr, tmp_path / out, ("fgr",), tools.key, existing="replace", reads=(tmp_path / "beach.mkv",)), silent)
    assert sorted(tmp_path.rglob("*")) == before


def test_mp4_refuses_odd_sizes(clip, tools, silent, tmp_path):
    folder, *_ = clip
    with pytest.raises(MatteError, match=r"over\.mp4: \.mp4 takes even sizes only, the source has 63×45 px"):
        run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / "over.mp4", ("pha",), tools.key), silent)


def test_frames_without_times_follow_the_rate_and_a_change_of_size_is_named(tools, tmp_path):
    one = tools.write_video(tmp_path / "one.h264", [tools.scene(32, 48)[0]] * 3, "libx264", "yuv420p")
    two = tools.write_video(tmp_path / "two.h264", [tools.scene(48, 64)[0]] * 2, "libx264", "yuv420p")
    both = tmp_path / "both.h264"
    both.write_bytes(one.read_bytes() + two.read_bytes())

    video = open_video(one)
    assert [frame.shown * video.time_base * video.rate for frame in video.frames()] == [0, 1, 2]
    with pytest.raises(MatteError, match=r"both\.h264: frame 3 is 64×48 px; allowed: 48×32 px, as the first"):
        list(open_video(both).frames())


def test_a_damaged_frame_is_named_and_the_pictures_before_it_stay(clip, tools, silent, tmp_path):
    folder, frames, _ = clip
    tools.write_video(tmp_path / "src.mov", frames, "png", "rgb24")
    content = (tmp_path / "src.mov").read_bytes()
    third = [place.start() for place in re.finditer(b"\x89PNG", content)][2]
    (tmp_path / "src.mov").write_bytes(content[:third] + bytes(64) + content[third + 64 :])
    with pytest.raises(MatteError, match=r"src\.mov: cannot be read after 2 frames"):
        run(Job(tmp_path / "src.mov", folder / "bgr.png", tmp_path / "out", ("pha",), tools.key), silent)
    assert sorted(path.name for path in (tmp_path / "out" / "pha").iterdir()) == ["00000.png", "00001.png"]


def test_videos_alone_need_the_video_library(clip, tools, silent, tmp_path, monkeypatch):
    folder, *_ = clip
    monkeypatch.setitem(sys.modules, "av", None)
    assert run(Job(folder / "bgr.png", folder / "bgr.png", tmp_path / "out.png", ("pha",), tools.key), silent).done == 1
    with pytest.raises(MatteError, match="videos need the package av, which is not installed; this installs it: pip install av"):
        run(Job(folder / "src.mov", folder / "bgr.png", tmp_path / "out", ("pha",), tools.key), silent)


def test_frames_come_one_at_a_time(tools, tmp_path):
    """What was decoded and not asked for must not pile up: the reader is a generator over the decoder."""
    import weakref

    video = open_video(tools.write_video(tmp_path / "long.mkv", [tools.scene(32, 32, step)[0] for step in range(40)]))
    alive = [weakref.ref(frame) for frame in video.frames()]
    assert len(alive) == 40 and sum(ref() is not None for ref in alive) <= 1
