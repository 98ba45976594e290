"""Pictures where one sees the difference: crops of what went in, what came out, and where the budget went."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bgmatte.figures.style import AMBER, Figure
from bgmatte.records import RunRecord

Box = tuple[int, int, int, int]  # left, top, right, bottom [px]
_SIDE = 224  # side of a tile [px]
_QUALITY = 86  # of WebP; above it the file grows and the eye sees nothing
_GAIN = 4.0  # errors are shown four times as bright


@dataclass(frozen=True)
class Sample:
    """One test picture that every run kept, and the region of it worth looking at."""

    image: str
    box: Box


def samples(record: RunRecord) -> tuple[Sample, ...]:
    """The sample pictures of a run; none when it kept none."""
    path = record.folder / "pictures" / "samples.json"
    entries = json.loads(path.read_text()) if path.exists() else []
    return tuple(Sample(entry["image"], _box(entry["crop"])) for entry in entries)


def tiles(record: RunRecord, sample: Sample) -> dict[str, Any]:
    """Square crops (PIL, RGB) of one sample: `src`, `bgr`, `true`, `pha`, `wrong` (|pha − true|, brightened), `patches`.

    What the run did not write (a row without a refiner has no `ref`) is left out.
    """
    from PIL import ImageChops

    folder = record.folder / "pictures" / sample.image
    whole = {name: opened(folder / f"{name}.webp") for name in ("src", "bgr", "true", "pha", "ref") if (folder / f"{name}.webp").exists()}
    cut = {name: _cut(picture, sample.box) for name, picture in whole.items() if name != "ref"}
    if "pha" in cut and "true" in cut:
        cut["wrong"] = ImageChops.difference(cut["pha"], cut["true"]).point(lambda level: min(255, int(_GAIN * level)))
    if "ref" in whole and "src" in cut:
        cut["patches"] = _overlaid(cut["src"], whole["ref"].resize(whole["src"].size, 0), sample.box)
    return cut


def marked(source: Any, masks: Mapping[str, Any]) -> Any:
    """The greyed source (PIL) with each tone over the pixels in which its mask (PIL, "L") is 255."""
    from PIL import Image

    plain = shown = Image.eval(source.convert("L"), lambda level: 60 + int(0.75 * level)).convert("RGB")
    for tone, mask in masks.items():
        shown = Image.composite(Image.blend(plain, Image.new("RGB", source.size, tone), 0.6), shown, mask)
    return shown


def opened(path: Path) -> Any:
    """A picture file as PIL, RGB."""
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGB")


def framed(picture: Any, box: Box, longer: int) -> Any:
    """The whole picture (PIL), its longer side `longer` px, with a region of it outlined in amber on black."""
    from PIL import ImageDraw

    scale = longer / max(picture.size)
    small = picture.resize((round(scale * picture.size[0]), round(scale * picture.size[1])), 3)
    ends = [round(scale * place) for place in box]
    for tone, width in (("black", 4), (AMBER, 2)):
        ImageDraw.Draw(small).rectangle(ends, outline=tone, width=width)
    return small


def encoded(picture: Any) -> bytes:
    """A PIL picture as WebP."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()


def sample_pictures(record: RunRecord) -> Figure:
    """One run's samples, one per line: source, truth, matte, error ×4, refined patches."""
    from PIL import Image

    shown = samples(record)
    columns = ("src", "true", "pha", "wrong", "patches")
    sheet = Image.new("RGB", (len(columns) * (_SIDE + 4), max(1, len(shown)) * (_SIDE + 4)), "white")
    for line, sample in enumerate(shown):
        parts = tiles(record, sample)
        for place, name in enumerate(columns):
            if name in parts:
                sheet.paste(parts[name], (place * (_SIDE + 4), line * (_SIDE + 4)))
    content = encoded(sheet)
    run = record.config.name
    alt = (
        f"{run}: crops of {len(shown)} test pictures, {_listed([sample.image for sample in shown])}; from left to right source, true "
        f"matte, matte, error ×{_GAIN:g}, refined patches."
    )
    return Figure(f"samples-{run}", f"Sample pictures of {run}", alt, content, content, "webp")


def _box(crop: Sequence[int]) -> Box:
    top, left, height, width = (int(number) for number in crop)
    return left, top, left + width, top + height


def _cut(picture: Any, box: Box) -> Any:
    return picture.crop(box).resize((_SIDE, _SIDE), 3)  # 3: bicubic


def _overlaid(source: Any, chosen: Any, box: Box) -> Any:
    """The greyed source with the refined patches in amber; `chosen` has the source's size."""
    mask = chosen.crop(box).resize(source.size, 0).convert("L").point(lambda level: 255 if level > 127 else 0)
    return marked(source, {AMBER: mask})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none kept"
