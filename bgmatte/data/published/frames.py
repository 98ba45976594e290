"""Any frame of a clip, exactly and without unpacking it: seek to the keyframe before it, decode up to it."""

import os
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bgmatte.data.readers import DataError
from bgmatte.manifest import Fault

OPEN = 16  # decoders that a process keeps open between two frames: file handles and some frames of memory each
UNSAID, BT601, BT709 = 2, 5, 1  # colour matrices, numbered as in ITU-T H.273
SHARP = 720  # [px] a clip of this height or more that does not name its matrix means BT.709, as players assume


@dataclass(frozen=True)
class Clip:
    """When each frame of a video file is shown and which can be decoded alone.

    `times` are runs (first, step, count) of time stamps in the stream's units, in the order of showing; `keys` numbers of frames.
    """

    width: int
    height: int
    times: tuple[tuple[int, int, int], ...]
    keys: tuple[int, ...]

    def __len__(self) -> int:
        return sum(count for _, _, count in self.times)

    @cached_property
    def stamps(self) -> np.ndarray:
        """The time stamp of every frame, int64 (N,)."""
        return np.concatenate([first + step * np.arange(count, dtype=np.int64) for first, step, count in self.times])

    def key_before(self, number: int) -> int:
        """The place in `keys` of the last keyframe that is not after frame `number`."""
        return max(0, bisect_right(self.keys, number) - 1)


def as_clip(width: int, height: int, document: Mapping[str, Any]) -> Clip:
    """A `Clip` from the JSON values that `clip_table` gives."""
    return Clip(width, height, tuple((a, b, c) for a, b, c in document["times"]), tuple(document["keys"]))


def clip_table(clip: Clip) -> dict[str, Any]:
    """A `Clip` as JSON values, without its size."""
    return {"times": [list(run) for run in clip.times], "keys": list(clip.keys)}


def scan(path: Path) -> Clip:
    """What a video file holds, from its packets alone; raises `DataError` when it is none, is damaged or has no time stamps."""
    with _readable(path), library().open(str(path)) as container:
        if not container.streams.video:
            raise DataError(str(Fault(path, "no picture in it", "a video")))
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size and not packet.is_discard]
        stamps = sorted((packet.pts, packet.is_keyframe) for packet in packets if packet.pts is not None)
        if not stamps or len(stamps) < len(packets) or len({stamp for stamp, _ in stamps}) < len(stamps):
            raise DataError(str(Fault(path, "frames without a time stamp of their own" if packets else "no frame in it", "a whole video")))
        keys = tuple(number for number, (_, key) in enumerate(stamps) if key)
        if keys[:1] != (0,):
            raise DataError(str(Fault(path, "a first frame that needs others", "a video that begins with a keyframe")))
        return Clip(stream.width, stream.height, _runs([stamp for stamp, _ in stamps]), keys)


def frame(path: Path, clip: Clip, number: int) -> np.ndarray:
    """Frame `number` of a video file as uint8 (H, W, 3), sRGB; raises `DataError` when it cannot be decoded.

    May be called from any thread and after a fork: decoders stay open for the next frame, and no two callers share one.
    """
    if not 0 <= number < len(clip):
        raise DataError(str(Fault(path, f"frame {number} wanted", f"0 to {len(clip) - 1}")))
    with _readable(path), _borrowed(path, clip, number) as decoder:
        return decoder.frame(number)


def every(path: Path) -> Iterator[np.ndarray]:
    """Every frame of a video file in the order of showing, uint8 (H, W, 3); raises `DataError` where decoding fails."""
    with _readable(path), library().open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for found in container.decode(stream):
            yield _pixels(found)


def library() -> Any:
    """PyAV, which only videos need."""
    try:
        import av
    except ModuleNotFoundError:
        raise DataError("clip videos need the package av, which is not installed; this installs it: pip install av==18.1.0") from None
    return av


class _Decoder:
    """One open video file and where in it the next frame comes from."""

    def __init__(self, path: Path, clip: Clip) -> None:
        self.path, self.clip, self.next = path, clip, 0
        self.container = library().open(str(path))
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.coming = self.container.decode(self.stream)

    def frame(self, number: int) -> np.ndarray:
        """The pixels of frame `number`."""
        key = self.clip.key_before(number)
        if self.clip.keys[key] <= self.next <= number:
            found = self._decoded(number)  # on the way: nothing to skip
            if found is not None:
                return found
        for start in sorted({key, max(0, key - 1), 0}, reverse=True):  # a file may seek too far: then from an earlier keyframe
            self.container.seek(int(self.clip.stamps[self.clip.keys[start]]), stream=self.stream, backward=True)
            self.coming = self.container.decode(self.stream)
            found = self._decoded(number)
            if found is not None:
                return found
        raise DataError(str(Fault(self.path, f"frame {number} of {len(self.clip)} cannot be decoded", "a whole video, as it was indexed")))

    def _decoded(self, number: int) -> np.ndarray | None:
        wanted = int(self.clip.stamps[number])
        self.next = len(self.clip)  # unless the frame is found, only seeking helps
        for found in self.coming:
            if found.pts is not None and found.pts >= wanted:
                if found.pts > wanted:
                    return None
                self.next = number + 1
                return _pixels(found)
        return None


_idle: list[_Decoder] = []  # the longest idle first
_lock = threading.Lock()
_left_behind: list[list[_Decoder]] = []


def _after_fork() -> None:
    """Forget the parent's decoders without closing them: their threads do not exist in a child, and closing would wait for them."""
    global _idle, _lock
    _left_behind.append(_idle)
    _idle, _lock = [], threading.Lock()


if hasattr(os, "register_at_fork"):  # not on every system
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def _borrowed(path: Path, clip: Clip, number: int) -> Iterator[_Decoder]:
    """A decoder of `path` that nobody else uses meanwhile, the one nearest before frame `number` if there are several."""
    with _lock:
        fitting = [decoder for decoder in _idle if decoder.path == path and decoder.clip == clip]
        chosen = max(fitting, key=lambda decoder: (decoder.next <= number, decoder.next), default=None)
        if chosen:
            _idle.remove(chosen)
    decoder = chosen or _Decoder(path, clip)
    yield decoder  # one that failed is not put back

    with _lock:
        _idle.append(decoder)
        spare = _idle[:-OPEN]
        del _idle[:-OPEN]
    for old in spare:
        old.container.close()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Whatever the decoder cannot do becomes a `DataError` that names the file."""
    try:
        yield
    except library().error.FFmpegError as error:
        raise DataError(str(Fault(path, f"cannot be read ({error.strerror})", "a whole video"))) from None


def _pixels(found: Any) -> np.ndarray:
    matrix = found.colorspace
    if matrix == UNSAID and not found.format.is_rgb:
        matrix = BT709 if found.height >= SHARP else BT601
    return found.to_ndarray(format="rgb24", src_colorspace=matrix)


def _runs(stamps: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Time stamps as runs of one step (first, step, count): a clip of constant rate is a single one."""
    runs: list[tuple[int, int, int]] = []
    for stamp in stamps:
        if runs:
            first, step, count = runs[-1]
            if count == 1 or stamp == first + step * count:
                runs[-1] = (first, stamp - first if count == 1 else step, count + 1)
                continue
        runs.append((stamp, 1, 1))
    return tuple(runs)
