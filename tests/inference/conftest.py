"""Small scenes with a known matte, a matter that finds it without a network, videos made on the spot, and a network's file."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from bgmatte.config import PATCH, NetworkConfig
from bgmatte.network import Matte, MattingNetwork, build

RATE = Fraction(30_000, 1_001)


def scene(height: int, width: int, step: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A source and its background, uint8 (H, W, 3): a bright disk that moves by 2 px a step over a gradient."""
    row, column = np.mgrid[:height, :width]
    bgr = np.stack([40 + 60 * column / width, 60 + 40 * row / height, np.full((height, width), 50.0)], -1).astype(np.uint8)
    disk = np.hypot(row - height / 2, column - width / 3 - 2 * step) < min(height, width) / 4
    return np.where(disk[..., None], np.array([220, 180, 200], np.uint8), bgr), bgr


def key(src: np.ndarray, bgr: np.ndarray) -> Matte:
    """Alpha 1 where the pictures clearly differ, the source as foreground; the patches there count as refined."""
    pair = [torch.from_numpy(x.copy()).permute(2, 0, 1)[None] / 255 for x in (src, bgr)]
    pha = ((pair[0] - pair[1]).abs().mean(1, keepdim=True) > 0.15).float()
    small = F.max_pool2d(F.pad(pha, (0, -pha.shape[3] % PATCH, 0, -pha.shape[2] % PATCH)), PATCH)
    return Matte(pha, pair[0], small, F.interpolate(pair[0], small.shape[2:]), small / 2, small > 0)


def write_video(path: Path, frames: list[np.ndarray], codec: str = "ffv1", pixels: str = "bgr0", shown: list[int] | None = None, **setup) -> Path:
    """A video of uint8 (H, W, 3) frames; `shown` are their times in 1/30000 s, `sound` a codec, `rotation` degrees, `trc` a curve."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.codec_context.time_base = Fraction(1, 30_000)
        if "trc" in setup:
            stream.codec_context.color_trc = setup["trc"]
        if "rotation" in setup:
            stream.set_display_rotation(setup["rotation"])
        sound = container.add_stream(setup["sound"], rate=48_000, layout="mono") if "sound" in setup else None
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], pixels
        for index, array in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(array).reformat(format=pixels)
            frame.pts, frame.time_base = shown[index] if shown else 1_001 * index, Fraction(1, 30_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            for start in range(0, 9_600, 960):
                block = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), format="fltp", layout="mono")
                block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path


def read_video(path: Path, pixels: str = "rgb24", decoder: str | None = None) -> list[np.ndarray]:
    """Every frame of a video as an array, by the decoder `decoder` if the usual one does not know alpha."""
    import av

    with av.open(str(path)) as container:
        if decoder is None:
            return [frame.to_ndarray(format=pixels) for frame in container.decode(video=0)]
        context = av.CodecContext.create(decoder, "r")
        packets = container.demux(container.streams.video[0])
        return [frame.to_ndarray(format=pixels) for packet in packets for frame in context.decode(packet if packet.size else None)]


def save(path: Path, array: np.ndarray) -> Path:
    """A picture file; the format follows the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def lively(config: NetworkConfig) -> MattingNetwork:
    """A network with random weights whose coarse matte and predicted error vary."""
    network = build(config)
    generator = torch.Generator().manual_seed(1)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.copy_(0.1 * torch.randn(part.running_mean.shape, generator=generator))
            part.running_var.copy_(0.5 + torch.rand(part.running_var.shape, generator=generator))
    with torch.no_grad():
        network.decoder.conv4.weight *= 20
    return network.eval()


class Tools:
    """The functions of this file, for tests that ask for them."""

    scene, key = staticmethod(scene), staticmethod(key)
    write_video, read_video = staticmethod(write_video), staticmethod(read_video)
    save, lively = staticmethod(save), staticmethod(lively)


@pytest.fixture(scope="session")
def tools() -> type[Tools]:
    return Tools


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights without a record, as official ones are: MobileNetV2 of a quarter of the width."""
    path = tmp_path_factory.mktemp("weights") / "network.pth"
    torch.save(lively(NetworkConfig(backbone="mobilenetv2", width=0.25)).state_dict(), path)
    return path


@pytest.fixture
def silent() -> Callable[[int, int, str], None]:
    """Progress that nobody reads."""
    return lambda done, total, what: None
