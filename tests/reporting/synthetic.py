"""Invented records of a whole study, written through the same functions as real ones, so that telling can be tested without training."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy
from PIL import Image

from bgmatte.config import RunConfig
from bgmatte.profiles import run_config
from bgmatte.records import reports_folder, run_folder, seal, write_table
from bgmatte.variants import VARIANTS

# Mean MAD of each row's own weights, and of the baseline's weights with the row's selector.
OWN = {
    "baseline": 0.0090,
    "no-refinement": 0.0103,
    "select-random": 0.0101,
    "select-grid": 0.0100,
    "select-edge": 0.00901,
    "select-edge-image": 0.0096,
    "oracle": 0.0087,
    "difference-key": 0.0232,
}
SWAPPED = {"select-random": 0.0104, "select-grid": 0.0103, "select-edge": 0.0092, "select-edge-image": 0.0099}
COVERED = {"baseline": 0.62, "select-random": 0.06, "select-grid": 0.06, "select-edge": 0.55, "select-edge-image": 0.25, "oracle": 0.91}
MACHINE = {
    "commit": "0123456789ab",
    "machine": "An <b>Example</b> & Co CPU × 2",
    "system": "Linux",
    "python": "3.11.2",
    "torch": "2.11.0",
    "numpy": "2.4.6",
}
PHASES = (("base on videomatte", 150), ("joint on videomatte", 50), ("joint on photomatte", 50), ("joint on distinctions", 50))
Pictures = Callable[[Path, str, int], None]


def write_study(
    profile: str,
    rows: Iterable[str] = tuple(VARIANTS),
    subjects: int = 12,
    seeds: int = 1,
    own: dict[str, float] | None = None,
    rough: dict[str, float] | None = None,
    name: Callable[[int], str] = lambda number: f"person_{1000 + number}",
    pictures: Pictures | None = None,
) -> Path:
    """Write runs, timing and stages of an invented study into the profile's folder and return that folder.

    `rough` multiplies the gradient error of rows, so that metrics can disagree.
    """
    means = {**OWN, **(own or {})}
    for row in rows:
        for seed in range(seeds):
            _write_run(
                profile, row, seed, [name(number) for number in range(subjects)], means, (rough or {}).get(row, 1.0), pictures or tiny_pictures
            )
    folder = reports_folder(profile)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timing.json").write_text(json.dumps(_timing()))
    (folder / "stages.json").write_text(json.dumps(_stages()))
    return folder


def tiny_pictures(folder: Path, image: str, number: int) -> None:
    """64 px pictures of a disc."""
    y, x = numpy.mgrid[0:64, 0:64]
    true = numpy.clip((24 - numpy.hypot(x - 32, y - 32)) / 4 + 0.5, 0, 1)
    pha = numpy.clip(true + 0.05 * numpy.sin(x / 3 + number), 0, 1)
    colours = numpy.stack([true, 0.5 + 0 * true, 1 - true], -1)
    layers = {"src": colours, "bgr": 0.5 + 0 * colours, "true": true, "pha": pha, "err": abs(pha - true), "ref": (abs(pha - true) > 0.04)[::4, ::4]}
    for name, layer in layers.items():
        Image.fromarray((255 * layer).astype("uint8")).save(folder / f"{name}.webp", lossless=True)


def _write_run(profile: str, row: str, seed: int, names: list[str], means: dict[str, float], rough: float, pictures: Pictures) -> None:
    run = run_config(profile, row, seed)
    folder = run_folder(run)
    ways = {"own": means[row]} | ({"swapped": SWAPPED[row]} if row in SWAPPED else {})
    write_table(folder / "images.csv", [line for weights, mean in ways.items() for line in _lines(run, weights, mean, rough, names)])
    write_table(folder / "curves.csv", _curve(means[row], seed) if VARIANTS[row].trained else [])
    samples = names[:: max(1, len(names) // 2)][:3]
    for number, image in enumerate(samples):
        place = folder / "pictures" / image
        place.mkdir(parents=True, exist_ok=True)
        pictures(place, image, list(VARIANTS).index(row) + 10 * number)
    (folder / "pictures" / "samples.json").write_text(json.dumps([{"image": image, "crop": [8, 8, 32, 32]} for image in samples]))
    story = {
        "seconds": {"train": 80.0 if VARIANTS[row].trained else 0.0, "train_shared": 40.0, "evaluate": 21.5},
        "phases": _phases(row) if row != "difference-key" else [],
        "start": {"policy": "nothing" if row == "difference-key" else "shipped", "file": "resnet50-aspp-w0.25.safetensors", "sha256": "ab" * 32},
        "machine": MACHINE,
        "finished": "2026-01-01T12:00:00+00:00",
        **({"key": {"low": 0.03, "high": 0.21}} if row == "difference-key" else {}),
    }
    seal(folder, run, story)


def _lines(run: RunConfig, weights: str, mean: float, rough: float, names: list[str]) -> list[dict[str, object]]:
    row, seed, refine = run.row, run.seed, run.network.refine
    people, own = numpy.random.default_rng(7), numpy.random.default_rng([*row.encode(), *weights.encode(), seed])
    lines = []
    for name in names:
        hard = people.lognormal(-0.06, 0.35)
        mad = float(mean * hard * own.lognormal(-0.002, 0.06))
        unknown = 6 * mad
        errors = {"mad": mad, "mse": 0.6 * mad, "sad": mad * 512**2, "grad": mad * 4e4 * rough, "conn": mad * 2e5, "fgr_mse": mad / 3}
        band = {"mad_unknown": unknown, "mse_unknown": 0.3 * unknown, "sad_unknown": unknown * 3e4, "grad_unknown": mad * 3.5e4}
        patches = refine.patches if refine and row != "difference-key" else 0
        covered = COVERED[row] * float(own.uniform(0.9, 1.05)) if patches else None
        lines.append(
            {"weights": weights, "image": name, "subject": name, "background": "bridge", **errors, **band, "patches": patches, "covered": covered}
        )
    return lines


def _curve(mean: float, seed: int) -> list[dict[str, object]]:
    draw = numpy.random.default_rng([int(1e6 * mean), seed])
    lines, before = [], 0
    for phase, (label, steps) in enumerate(PHASES):
        for step in range(1, steps + 1):
            done = (before + step) / 300
            loss = float(0.4 * numpy.exp(-3 * done) + 0.05 * draw.uniform())
            measured = float(1.2 * mean * (1 + 3 * numpy.exp(-4 * done))) if step % 25 == 0 else None
            parts = {"loss": loss, "pha": loss / 2, "fgr": loss / 3, "err": loss / 6}
            lines.append({"phase": phase, "label": label, "step": step, "global_step": before + step, **parts, "validation_mad": measured})
        before += steps
    return lines


def _phases(row: str) -> list[dict[str, object]]:
    own = row if row != "oracle" else "baseline"
    keys = ["base", *(f"{own}-{number}" for number in range(1, 4))]
    return [
        {"key": key, "label": label, "steps": steps, "seconds": 60.0 if key == "base" else 15.0, "parent": None}
        for key, (label, steps) in zip(keys, PHASES, strict=True)
    ]


def _timing() -> dict[str, object]:
    def row(ms: float, base: float, gmacs: float) -> dict[str, object]:
        times = {"ms": [ms] * 5, "median_ms": ms, "spread_ms": [0.96 * ms, 1.05 * ms], "fps": 1000 / ms, "repeats": 5}
        ratio = {"median": ms / base, "low": 0.97 * ms / base, "high": 1.04 * ms / base}
        return {**times, "ratio": ratio, "parameters": 40_247_703, "gmacs": gmacs, "peak_mib": 912.0}

    def size(name: str, height: int, width: int, scale: float, patches: int, base: float, coarse: float) -> dict[str, object]:
        selectors = {row: base * (1.01 - 0.005 * place) for place, row in enumerate(SWAPPED)}
        times = {"baseline": base, "no-refinement": coarse, **selectors}
        rows = {name: row(ms, base, 34.3) for name, ms in times.items()}
        return {"name": name, "height": height, "width": width, "scale": scale, "patches": patches, "rows": rows}

    sizes = [size("HD", 1080, 1920, 0.25, 5_000, 1630.0, 1310.0), size("4K", 2160, 3840, 0.125, 20_000, 2650.0, 1420.0)]
    told = {"machine": MACHINE, "accelerator": None, "threads": 2, "device": "cpu", "load": [0.4, 5.1]}
    return {**told, "finished": "2026-01-01T12:00:00+00:00", "sizes": sizes}


def _stages() -> dict[str, object]:
    seconds = {"data": 80.2, "train": 512.9, "run": 230.0, "time": 61.0, "notebook": 22.0}
    return {
        "started": "2026-01-01T12:00:00+00:00",
        "wall_seconds": 541.0,
        "jobs": [{"rule": rule, "label": f"a {rule}", "seconds": spent} for rule, spent in seconds.items()],
    }
