"""Video files out: the codec that a suffix and a layer ask for, the source's timing, its sound where the file takes it. No torch."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bgmatte.inference.refusals import refusal
from bgmatte.inference.results import result
from bgmatte.inference.videos import BT709, Frame, Video, library, opened, shape

LIMITED = 1  # luma from 16 to 235, as players expect; numbered as in ITU-T H.273
SOUNDING = ("fgr", "composite")  # the layers that sound goes along with


@dataclass(frozen=True)
class Codec:
    """How one layer is stored: encoder, its pixel format and options, and whether sides must be even."""

    name: str
    pixels: str
    options: dict[str, str] = field(default_factory=dict)
    even: bool = False

    @property
    def luma(self) -> bool:
        """Whether colour is stored as luma and chroma."""
        return self.pixels.startswith("yuv")


# Constant quality, near what an eye can tell. ProRes keeps alpha without loss; VP9 with alpha must not use hidden frames.
_VP9 = {"crf": "16", "b": "0", "cpu-used": "4", "row-mt": "1"}
_PRORES = {"vendor": "apl0"}
CODECS: MappingProxyType[str, dict[str, Codec]] = MappingProxyType(
    {
        ".mov": {
            "fgr": Codec("prores_ks", "yuva444p10le", {**_PRORES, "profile": "4444", "alpha_bits": "16"}),
            "*": Codec("prores_ks", "yuv422p10le", {**_PRORES, "profile": "hq"}),
        },
        ".webm": {"fgr": Codec("libvpx-vp9", "yuva420p", {**_VP9, "auto-alt-ref": "0"}), "*": Codec("libvpx-vp9", "yuv420p", _VP9)},
        ".mkv": {"fgr": Codec("ffv1", "bgra"), "composite": Codec("ffv1", "bgr0"), "*": Codec("ffv1", "gray")},
        ".mp4": {"*": Codec("libx264", "yuv420p", {"crf": "16"}, even=True)},
    }
)


def codec(path: Path, layer: str, size: tuple[int, int]) -> Codec:
    """How `layer` of a video of `size` (height, width) is stored in `path`; raises `MatteError` where the format cannot."""
    codecs = CODECS[path.suffix.lower()]
    if layer == "fgr" and "fgr" not in codecs:
        raise refusal(path, f"{path.suffix} keeps no transparency", ".mov (ProRes 4444), .webm (VP9), .mkv (FFV1, lossless), or a folder of PNG")
    found = codecs.get(layer, codecs["*"])
    if found.even and (size[0] % 2 or size[1] % 2):
        raise refusal(path, f"{path.suffix} takes even sizes only, the source has {shape(size)} px", ".mov, .webm, .mkv, or a folder of PNG")
    return found


class VideoWriter:
    """Appends frames to an open container with the timing of the source; `silent` says that its sound does not fit there."""

    def __init__(self, container: Any, chosen: Codec, like: Video, sound: Any | None) -> None:
        self.container, self.codec, self.like = container, chosen, like
        self.stream = container.add_stream(chosen.name, rate=like.rate, options=chosen.options)
        self.stream.height, self.stream.width = like.size
        self.stream.pix_fmt = chosen.pixels
        context = self.stream.codec_context
        context.time_base = like.time_base
        if chosen.luma:
            context.colorspace = context.color_primaries = context.color_trc = BT709
            context.color_range = LIMITED

        self.silent = sound is not None and like.sound not in container.supported_codecs
        self.waiting: Iterator[Any] = iter(())
        if sound is not None and not self.silent:
            self.track = container.add_stream_from_template(sound.streams.audio[0])
            self.waiting = sound.demux(sound.streams.audio[0])
        self.next: Any | None = next(self.waiting, None)

    def write(self, pixels: np.ndarray, frame: Frame) -> None:
        """Append uint8 (H, W), (H, W, 3) or (H, W, 4: straight alpha), shown when `frame` is."""
        self._sound_until(float(frame.shown * self.like.time_base))
        if pixels.ndim == 2 and self.codec.pixels != "gray":
            pixels = np.repeat(pixels[..., None], 3, axis=2)
        plain = library().VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format={2: "gray", 3: "rgb24", 4: "rgba"}[_channels(pixels)])
        matrix = {"dst_colorspace": BT709, "dst_color_range": LIMITED} if self.codec.luma else {}
        encodable = plain.reformat(format=self.codec.pixels, **matrix)
        encodable.pts, encodable.time_base = frame.shown, self.like.time_base
        self.container.mux(self.stream.encode(encodable))

    def finish(self) -> None:
        """Write what the encoder and the sound track still hold."""
        self.container.mux(self.stream.encode(None))
        self._sound_until(float("inf"))

    def _sound_until(self, second: float) -> None:
        """Copy the sound before `second`, so that neither track runs far ahead."""
        while self.next is not None and (self.next.dts is None or float(self.next.dts * self.next.time_base) <= second):
            if self.next.size:
                self.next.stream = self.track
                self.container.mux(self.next)
            self.next = next(self.waiting, None)


@contextmanager
def video_file(path: Path, layer: str, like: Video) -> Iterator[VideoWriter]:
    """A writer of a video with the size and timing of `like`; the file is there when all went well, and only then.

    Cut-outs and composites take the sound along: packets are copied as they are, if the format takes them.
    """
    chosen = codec(path, layer, like.size)
    with ExitStack() as stack:
        temporary = stack.enter_context(result(path))
        try:
            sound = stack.enter_context(opened(like.path)) if like.sound and layer in SOUNDING else None
            container = stack.enter_context(library().open(str(temporary), "w"))
            writer = VideoWriter(container, chosen, like, sound)
            yield writer
            writer.finish()
        except library().error.FFmpegError as error:
            raise refusal(path, f"cannot be written ({error.strerror})", "another format, or a folder of PNG") from error


def _channels(pixels: np.ndarray) -> int:
    return 2 if pixels.ndim == 2 else pixels.shape[2]
