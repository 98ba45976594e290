"""Video files in: one frame at a time, upright, sRGB values of 8 bits. No torch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bgmatte.inference.refusals import MatteError, refusal

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

SUFFIXES = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".mpg", ".mpeg", ".mts", ".m2ts", ".wmv", ".3gp", ".mxf")
UNSAID, BT601, BT709 = 2, 5, 1  # colour matrices, numbered as in ITU-T H.273
HDR = {16: "PQ", 18: "HLG"}  # transfer curves, likewise
SHARP = 720  # [px] a video of this height or more that does not name its matrix means BT.709, as players assume


@dataclass(frozen=True)
class Frame:
    """One frame, uint8 (H, W, 3), and when it is shown, in units of the video's `time_base`."""

    pixels: np.ndarray
    shown: int


@dataclass(frozen=True)
class Video:
    """A video file that is there; `count` is how many frames it says it has, `size` (height, width) as one sees it."""

    path: Path
    rate: Fraction  # [frames/s], the average
    time_base: Fraction  # [s]
    count: int
    size: tuple[int, int]
    sound: str | None  # the codec of its first sound track

    def frames(self) -> Iterator[Frame]:
        """Every frame in the order of showing; raises `MatteError` where decoding fails, after the frames before it."""
        done, last = 0, None
        with opened(self.path) as container, readable(self.path, lambda: f" after {done} frames"):
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                pixels = upright(self.path, frame)
                if pixels.shape[:2] != self.size:
                    raise refusal(self.path, f"frame {done} is {shape(pixels.shape[:2])} px", f"{shape(self.size)} px, as the first")
                planned = round(done / self.rate / self.time_base) if frame.pts is None else frame.pts
                last = planned if last is None else max(last + 1, planned)  # what is written must go forward
                done += 1
                yield Frame(pixels, last)


def open_video(path: Path) -> Video:
    """What a video file says of itself; raises `MatteError` when it is none, has no frame or is HDR."""
    with opened(path) as container, readable(path):
        if not container.streams.video:
            raise refusal(path, "no picture in it", "a video")
        stream = container.streams.video[0]
        first = next(container.decode(stream), None)
        if first is None:
            raise refusal(path, "no frame can be decoded", "a video")
        size = upright(path, first).shape[:2]
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        count = stream.frames or _packets(path)
        sound = container.streams.audio[0].codec_context.codec.canonical_name if container.streams.audio else None
        return Video(path, rate, stream.time_base or 1 / rate, count, (size[0], size[1]), sound)


@contextmanager
def opened(path: Path) -> "Iterator[InputContainer]":
    """The container of a file, closed at the end; raises `MatteError` when it is none."""
    container = None
    with readable(path):
        container = library().open(str(path))
    try:
        yield container
    finally:
        container.close()


@contextmanager
def readable(path: Path, when: Callable[[], str] = str) -> Iterator[None]:
    """Whatever the decoder cannot do becomes a `MatteError` that names the file and `when` it happened."""
    try:
        yield
    except library().error.FFmpegError as error:
        raise refusal(path, f"cannot be read{when()} ({error.strerror})", f"a whole video ({', '.join(SUFFIXES)})") from None


def library() -> Any:
    """PyAV, which only videos need."""
    try:
        import av
    except ModuleNotFoundError:
        raise MatteError("videos need the package av, which is not installed; this installs it: pip install av==18.1.0") from None
    return av


def upright(path: Path, frame: "VideoFrame") -> np.ndarray:
    """The pixels of a frame as one sees them: its colour matrix applied, turned as a phone noted."""
    if frame.color_trc in HDR:
        raise refusal(path, f"high dynamic range ({HDR[frame.color_trc]})", "standard range (BT.709); convert it first")
    matrix = frame.colorspace
    if matrix == UNSAID and not frame.format.is_rgb:
        matrix = BT709 if frame.height >= SHARP else BT601
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24", src_colorspace=matrix), round(frame.rotation / 90)))


def shape(size: tuple[int, ...]) -> str:
    """(height, width) as people write it: `1920×1080`."""
    return f"{size[1]}×{size[0]}"


def _packets(path: Path) -> int:
    """How many frames lie in a file that keeps no count: read once, not decoded."""
    with opened(path) as container:
        return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)
