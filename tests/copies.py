"""Tiny copies of the published data sets, laid out exactly like them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

PEOPLE = {"distinctions-646": ("test_13", "test_4"), "aim": ("model-600238_1920", "woman-952506_1920 (1)")}


def foreground(seed, size):
    """Colour (H, W, 3) and matte (H, W), uint8: a soft disk of noise."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[: size[0], : size[1]]
    away = np.hypot(row - size[0] / 2, column - size[1] * rng.uniform(0.35, 0.65)) / min(size)
    colour = rng.integers(0, 256, (*size, 3), np.uint8) // 4 + rng.integers(64, 192, 3, np.uint8)
    return colour.astype(np.uint8), (np.clip((0.4 - away) * 8 + 0.5, 0, 1) * 255).round().astype(np.uint8)


def write_clip(path, frames, keyint=5, stamps=None, rate=25):
    """A lossless HEVC clip of uint8 (H, W, 3) or (H, W) frames, its references reordered, with a keyframe every `keyint`."""
    import av

    grey = frames[0].ndim == 2
    options = {"x265-params": f"lossless=1:keyint={keyint}:min-keyint={keyint}:bframes=2:b-adapt=0:scenecut=0:log-level=none"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=rate, options=options)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "gray" if grey else "gbrp"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, 600)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="gray" if grey else "rgb24").reformat(format=stream.pix_fmt)
            frame.pts, frame.time_base = stamps[number] if stamps else number * 600 // rate, Fraction(1, 600)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def save(path, pixels):
    """A picture file, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=95)
    return path


def write_copy(name, root, count=3, size=(24, 32), frames=6, clips=False, seed=0):
    """A copy of `name` at `root` with `count` subjects to train on and two for its other part; `clips` as videos instead of frames."""
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    if name == "backgrounds":
        for place in [f"{kind}/view {number}.jpg" for number in range(count) for kind in ("city", "sea/beach")]:
            save(root / place, np.random.default_rng(next(seeds)).integers(0, 256, (*size, 3), np.uint8))
    elif name == "photomatte85":
        for number in range(count):
            save(root / f"0051115Q_000001_{number:04d}.png", np.dstack(foreground(next(seeds), size)))
    elif name == "videomatte240k":
        for part, clip in [("train", n) for n in range(count)] + [("test", n) for n in range(2)]:
            pairs = [foreground(next(seeds), size) for _ in range(frames)]
            for role, pixels in zip(("fgr", "pha"), zip(*pairs, strict=True), strict=True):
                folder = root / part / role
                folder.mkdir(parents=True, exist_ok=True)
                if clips:
                    write_clip(folder / f"{clip:04d}.mp4", pixels)
                else:
                    [save(folder / f"{clip:04d}" / f"{number:05d}.jpg", frame) for number, frame in enumerate(pixels)]
    else:
        folders = {
            "photomatte13k": (Path("train"), Path("test"), "fgr", "pha"),
            "distinctions-646": (Path("Train"), Path("Test"), "FG", "GT"),
            "aim": (Path("Training_set/Other"), Path("Test_set/Adobe-licensed images"), "fg", "alpha"),
        }
        first, second, colour, alpha = folders[name]
        names = PEOPLE.get(name, ("p0", "p1"))
        for part, stem in [(first, f"h_{n}") for n in range(count)] + [(second, stem) for stem in names]:
            rgb, grey = foreground(next(seeds), size)
            save(root / part / colour / f"{stem}.{'jpg' if part == first else 'png'}", rgb)
            save(root / part / alpha / f"{stem}.png", grey)
    return Path(root)
