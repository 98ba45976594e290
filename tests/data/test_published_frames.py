"""Any frame of a clip is the frame that was written, in any order, from any thread, after a fork; damage is named."""

import multiprocessing
import pickle
import warnings
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.data.published import frames
from bgmatte.data.published.frames import Clip, as_clip, clip_table, every, frame, scan
from bgmatte.data.readers import DataError

SIZE = (24, 32)
STAMPS = [0, 24, 48, 120, 121, 150, 151, 152, 300, 324, 348, 372, 500]  # a rate that changes all the time


def pictures(copies, count=13, seed=0):
    return [copies.foreground(seed + number, SIZE)[0] for number in range(count)]


def write_other(path, written, codec, pixels, options):
    """A clip that other encoders write, without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width, stream.pix_fmt = *SIZE, pixels
        for array in written:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(array, format="rgb24").reformat(format=pixels)))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def clips(copies, tmp_path_factory):
    """Lossless clips and what was written into them: as published, of changing rate, with open groups of pictures, all keyframes."""
    folder, written = tmp_path_factory.mktemp("clips"), pictures(copies)
    h264 = {"qp": "0", "g": "4", "bf": "2", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}
    made = [
        copies.write_clip(folder / "published.mp4", written, keyint=5),
        copies.write_clip(folder / "changing.mp4", written, keyint=4, stamps=STAMPS),
        copies.write_clip(folder / "one keyframe.mkv", written, keyint=100),
        write_other(folder / "open.mp4", written, "libx264rgb", "rgb24", h264),
        write_other(folder / "open.mkv", written, "libx264rgb", "rgb24", h264),
        write_other(folder / "intra.mkv", written, "ffv1", "bgr0", {"g": "1"}),
    ]
    return made, written


def test_every_frame_in_any_order_is_the_frame_that_was_written(clips):
    made, written = clips
    for path in made:
        clip = scan(path)
        assert len(clip) == len(written), path
        assert all(np.array_equal(seen, true) for seen, true in zip(every(path), written, strict=True)), path
        order = np.random.default_rng(1).permutation(np.tile(np.arange(len(written)), 3))
        for number in order.tolist():
            assert np.array_equal(frame(path, clip, number), written[number]), (path, number)


def test_a_clip_of_constant_rate_is_one_run_and_says_its_keyframes(clips):
    made, written = clips
    clip = scan(made[0])
    assert len(clip.times) == 1 and clip.keys == (0, 5, 10) and (clip.height, clip.width) == SIZE
    assert len(scan(made[1]).times) > 3 and len(scan(made[2]).keys) == 1 and len(scan(made[5]).keys) == len(written)
    assert as_clip(clip.width, clip.height, clip_table(clip)) == clip


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40, unique=True))
def test_runs_hold_every_time_stamp(stamps):
    runs = frames._runs(sorted(stamps))
    clip = Clip(1, 1, runs, (0,))
    assert clip.stamps.tolist() == sorted(stamps) and len(clip) == len(stamps)


def test_going_forward_decodes_each_frame_once(clips, monkeypatch):
    made, _ = clips
    decoded = []
    monkeypatch.setattr(frames, "_pixels", lambda found, real=frames._pixels: decoded.append(found.pts) or real(found))
    clip = scan(made[2])
    monkeypatch.setattr(frames, "_idle", [])
    for number in (0, 1, 5, 12):
        frame(made[2], clip, number)
    (decoder,) = frames._idle
    assert decoder.next == 13 and len(decoded) == 4


def test_a_frame_costs_one_seek_at_most(clips, monkeypatch):
    made, written = clips
    monkeypatch.setattr(frames, "_idle", [])
    tries = []
    monkeypatch.setattr(frames._Decoder, "_decoded", lambda self, number, real=frames._Decoder._decoded: tries.append(number) or real(self, number))
    clip = scan(made[0])
    order = [4, 3, 2, *np.random.default_rng(3).permutation(len(written)).tolist()]
    for number in order:
        frame(made[0], clip, number)
    assert tries == order


def test_a_seek_that_goes_too_far_is_mended(clips, monkeypatch):
    """As some files do whose frames are stored in another order than they are shown."""
    made, written = clips
    monkeypatch.setattr(Clip, "key_before", lambda self, number: min(len(self.keys) - 1, bisect_right(self.keys, number)))
    for number in (12, 3, 7, 0, 9):
        assert np.array_equal(frame(made[0], scan(made[0]), number), written[number])


def test_threads_never_share_a_decoder_and_few_stay_open(clips, monkeypatch):
    made, written = clips
    monkeypatch.setattr(frames, "OPEN", 3)
    tables = {path: scan(path) for path in made}
    wanted = [(path, number) for number in np.random.default_rng(2).permutation(len(written)).tolist() for path in made]
    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(lambda item: np.array_equal(frame(item[0], tables[item[0]], item[1]), written[item[1]]), wanted))
    assert all(seen) and len(frames._idle) <= 3


def _in_child(connection, path, clip, number):
    connection.send(frame(path, clip, number))
    connection.close()


def test_frames_are_read_after_a_fork(clips):
    made, written = clips
    clip = scan(made[0])
    frame(made[0], clip, 3)
    ours, theirs = multiprocessing.Pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork beside threads; that it works is the point
        child = multiprocessing.get_context("fork").Process(target=_in_child, args=(theirs, made[0], clip, 7))
        child.start()
    try:
        assert ours.poll(60) and np.array_equal(ours.recv(), written[7])
        assert np.array_equal(frame(made[0], clip, 4), written[4])
    finally:
        child.kill()
        child.join()


def test_a_clip_may_be_pickled(clips):
    clip = scan(clips[0][0])
    assert clip.stamps.size and pickle.loads(pickle.dumps(clip)) == clip


def test_colours_of_video_range_come_back(copies, tmp_path):
    """Luma and chroma of BT.601, as a clip that names no matrix means at this size: red is red, grey is grey."""
    path = tmp_path / "yuv.mp4"
    flat = [np.broadcast_to(np.array(colour, np.uint8), (*SIZE, 3)) for colour in ((255, 0, 0), (128, 128, 128), (255, 255, 255), (0, 0, 0))]
    write_other(path, [np.ascontiguousarray(x) for x in flat], "libx264", "yuv444p", {"qp": "0"})
    for number, true in enumerate(flat):
        assert np.abs(frame(path, scan(path), number).astype(int) - true).max() <= 2


def test_what_cannot_be_read_is_named(clips, tmp_path):
    made, _ = clips
    clip = scan(made[0])
    (tmp_path / "text.mp4").write_text("not a video")
    (tmp_path / "cut.mp4").write_bytes(made[0].read_bytes()[:2000])
    for name in ("text.mp4", "cut.mp4", "none.mp4"):
        with pytest.raises(DataError, match=rf"{name}: cannot be read .*allowed: a whole video"):
            scan(tmp_path / name)
    with pytest.raises(DataError, match=r"frame 13 wanted; allowed: 0 to 12"):
        frame(made[0], clip, 13)
    other = Clip(clip.width, clip.height, ((0, 7, 13),), clip.keys)  # the index of another file
    with pytest.raises(DataError, match=r"frame 5 of 13 cannot be decoded"):
        frame(made[0], other, 5)


def test_sound_alone_is_no_clip(tmp_path):
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        track = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.int16), format="s16", layout="mono")
        block.sample_rate, block.pts = 8000, 0
        container.mux(track.encode(block))
        container.mux(track.encode(None))
    with pytest.raises(DataError, match=r"no picture in it"):
        scan(tmp_path / "sound.mkv")
