"""Invented records of a whole study, written through the same functions as real ones, so that telling can be tested without training."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import numpy
from PIL import Image

from bgmatte.config import ROLES, RunConfig
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
    "order-random": 0.0097,
    "order-mixed": 0.0089,
    "order-reverse": 0.0112,
    "only-videomatte": 0.0104,
    "only-photomatte": 0.0098,
    "only-distinctions": 0.0131,
    "base-resnet101": 0.00895,
    "base-mobilenetv2": 0.0108,
    "base-no-aspp": 0.0093,
    "stages-full": 0.0092,
    "stages-half": 0.0095,
    "oracle": 0.0087,
    "difference-key": 0.0232,
}
SWAPPED = {"select-random": 0.0104, "select-grid": 0.0103, "select-edge": 0.0092, "select-edge-image": 0.0099}
COVERED = {"baseline": 0.62, "select-random": 0.06, "select-grid": 0.06, "select-edge": 0.55, "select-edge-image": 0.25, "oracle": 0.91}
PARAMETERS = {"no-refinement": 40_232_259, "base-resnet101": 59_239_831, "base-mobilenetv2": 5_006_839, "base-no-aspp": 25_237_911}
# Share of the baseline's time at HD; rows without a network of their own take the baseline's.
TIMES = {"no-refinement": 0.8, "base-resnet101": 1.31, "base-mobilenetv2": 0.46, "base-no-aspp": 0.86, "stages-full": 1.12, "stages-half": 0.94}
# Mean absolute error in each band of distance from the contour, as a multiple of the picture's mean, before a row's own tilt.
BANDS = {"0_2": 24.0, "2_4": 12.0, "4_8": 6.0, "8_16": 3.0, "16_32": 1.5, "32_up": 0.4}
TILTS = {"no-refinement": 0.10, "stages-half": 0.05, "stages-full": -0.03}  # more error next to the contour, less far away
# Mean absolute error in each band of true alpha, as a multiple of the picture's mean.
ALPHAS = {"0": 0.3, "0_25": 14.0, "25_50": 22.0, "50_75": 24.0, "75_100": 15.0, "100": 1.1}
# Budget at which a selector has found 63 % of what refining everything gains, as a share of all patches.
REACH = {"error": 0.02, "random": 1.0, "grid": 0.9, "edge": 0.03, "edge-image": 0.2, "difference": 0.06, "oracle": 0.012}
GAIN = 0.2  # of refining everything, as a share of the picture's error
USABLE = 0.4  # share of the patches with a predicted error above 0, on average over pictures
BINS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
OVERCONFIDENT = 1.5  # true error as a multiple of the predicted one
SHARES = (1, 2, 5, 10, 20)
# Disturbance → amounts, the undisturbed one first; the growth of the error with the distance from it, for a network and for the key.
AMOUNTS = {"shift": (0, 0.5, 1, 2, 4, 8), "gamma": (1, 0.7, 0.85, 1.15, 1.4), "noise": (0, 0.02, 0.05, 0.1), "shadow": (0, 0.15, 0.3, 0.5)}
GROWTH = {"shift": (0.25, 0.6), "gamma": (1.5, 30.0), "noise": (4.0, 60.0), "shadow": (6.0, 9.0)}
FORGETTING = 0.3  # share by which the validation error on a data set has risen once training has left it
MACHINE = {
    "commit": "0123456789ab",
    "machine": "An <b>Example</b> & Co CPU × 2",
    "system": "Linux",
    "python": "3.11.2",
    "torch": "2.11.0",
    "numpy": "2.4.6",
}
Pictures = Callable[[Path, str, int], None]
Line = dict[str, object]


def write_study(
    profile: str,
    rows: Iterable[str] = tuple(VARIANTS),
    subjects: int = 12,
    seeds: int | dict[str, int] = 1,
    own: dict[str, float] | None = None,
    rough: dict[str, float] | None = None,
    name: Callable[[int], str] = lambda number: f"person_{1000 + number}",
    pictures: Pictures | None = None,
    sets: Iterable[str] = ("rendered-people",),
    luck: float = 0.02,
    further: bool = False,
) -> Path:
    """Write runs, timing and stages of an invented study into the profile's folder and return that folder.

    `seeds` are as many for every row, or for the rows named (1 for others); `rough` multiplies the gradient error of rows, so that metrics
    can disagree; `sets` are the held-out sets; `luck` is the spread of a row's level from one training to the next; `further` adds the
    further tables (budgets, reliability, captured) and the columns of images.csv that belong to them.
    """
    means = {**OWN, **(own or {})}
    for row in rows:
        for seed in range(seeds if isinstance(seeds, int) else seeds.get(row, 1)):
            lines = [
                line
                for held_out in sets
                for line in _images(
                    profile, row, seed, [name(number) for number in range(subjects)], means, (rough or {}).get(row, 1.0), held_out, luck
                )
            ]
            tables = {name: write(run_config(profile, row, seed), lines) for name, write in TABLES.items()} if further else {}
            if further:
                lines = [line | _alphas(line) | _ranked(run_config(profile, row, seed), line) for line in lines]
            _write_run(profile, row, seed, lines, means[row], pictures or tiny_pictures, tables)
    folder = reports_folder(profile)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timing.json").write_text(json.dumps(_timing(profile)))
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


def _images(profile: str, row: str, seed: int, names: list[str], means: dict[str, float], rough: float, held_out: str, luck: float) -> list[Line]:
    run = run_config(profile, row, seed)
    ways = {"own": means[row]} | ({"swapped": SWAPPED[row]} if row in SWAPPED else {})
    return [line for weights, mean in ways.items() for line in _lines(run, weights, mean, rough, names, held_out, luck)]


def _write_run(profile: str, row: str, seed: int, images: list[Line], mean: float, pictures: Pictures, tables: dict[str, list[Line]]) -> None:
    run = run_config(profile, row, seed)
    folder = run_folder(run)
    write_table(folder / "images.csv", images)
    for name, lines in tables.items():
        if lines:
            write_table(folder / f"{name}.csv", lines)
    write_table(folder / "curves.csv", _curve(run, mean) if VARIANTS[row].trained else [])
    names = list(dict.fromkeys(str(line["image"]) for line in images if line["set"] == "rendered-people"))
    samples = names[:: max(1, len(names) // 2)][:3]
    for number, image in enumerate(samples):
        place = folder / "pictures" / image
        place.mkdir(parents=True, exist_ok=True)
        pictures(place, image, list(VARIANTS).index(row) + 10 * number)
    (folder / "pictures" / "samples.json").write_text(json.dumps([{"image": image, "crop": [8, 8, 32, 32]} for image in samples]))
    story = {
        "seconds": {"train": 80.0 if VARIANTS[row].trained else 0.0, "train_shared": 40.0, "evaluate": 21.5},
        "phases": _phases(run) if row != "difference-key" else [],
        "start": {"policy": "nothing" if row == "difference-key" else "shipped", "file": "resnet50-aspp-w0.25.safetensors", "sha256": "ab" * 32},
        "held_out": {
            "pictures": dict(Counter(str(line["set"]) for line in images if line["weights"] == "own")),
            "left_out": ["painted-portraits: not installed, left out"],
        },
        "machine": MACHINE,
        "finished": "2026-01-01T12:00:00+00:00",
        **({"key": {"low": 0.03, "high": 0.21}} if row == "difference-key" else {}),
    }
    seal(folder, run, story)


def _lines(run: RunConfig, weights: str, mean: float, rough: float, names: list[str], held_out: str, luck: float) -> list[Line]:
    row, seed, refine = run.row, run.seed, run.network.refine
    people, own = numpy.random.default_rng([7, *held_out.encode()]), numpy.random.default_rng([*row.encode(), *weights.encode(), seed])
    chance = own.lognormal(0, luck) if VARIANTS[row].trained and weights == "own" else 1.0  # of the training, equal for every picture
    lines = []
    for name in names:
        hard = people.lognormal(-0.06, 0.35)
        mad = float(mean * chance * hard * own.lognormal(-0.002, 0.06))
        unknown = 6 * mad
        errors = {"mad": mad, "mse": 0.6 * mad, "sad": mad * 512**2, "grad": mad * 4e4 * rough, "conn": mad * 2e5, "fgr_mse": mad / 3}
        band = {"mad_unknown": unknown, "mse_unknown": 0.3 * unknown, "sad_unknown": unknown * 3e4, "grad_unknown": mad * 3.5e4}
        tilt = TILTS.get(row, 0.0)
        far = {f"mad_band_{ends}": mad * level * (1 + tilt * (2.5 - place)) for place, (ends, level) in enumerate(BANDS.items())}
        patches = refine.patches if refine and row != "difference-key" else 0
        covered = COVERED.get(row, 0.6) * float(own.uniform(0.9, 1.05)) if patches else None
        names_ = {"set": held_out, "image": f"{held_out}-{name}" if held_out != "rendered-people" else name, "subject": name, "background": "bridge"}
        lines.append({"weights": weights, **names_, **errors, **band, **far, "patches": patches, "covered": covered})
    return lines


def _alphas(line: Line) -> Line:
    """The error by band of true alpha; the first picture of a study has no pixel in the middle of the fractional ones."""
    lacking = str(line["subject"]).endswith("0")
    return {f"mad_alpha_{ends}": None if lacking and ends == "25_50" else line["mad"] * level for ends, level in ALPHAS.items()}


def _ranked(run: RunConfig, line: Line) -> Line:
    """How well the predicted error ranks the patches; nothing where there is no network."""
    names = ["err_rank", *(f"err_{kind}_{share}" for kind in ("recall", "best") for share in SHARES)]
    if run.row == "difference-key":
        return dict.fromkeys(names)
    own = numpy.random.default_rng([*run.row.encode(), *str(line["image"]).encode(), run.seed])
    found = {f"err_recall_{share}": float(min(1, own.normal(1, 0.03) * (1 - numpy.exp(-share / 6)))) for share in SHARES}
    best = {f"err_best_{share}": float(1 - numpy.exp(-share / 2)) for share in SHARES}
    return {"err_rank": float(own.normal(0.7, 0.03)), **found, **best}


def named(line: Line) -> Line:
    """The fields that every line of every table begins with."""
    return {name: line[name] for name in ("weights", "set", "image", "subject", "background")}


def budgets(run: RunConfig, images: list[Line]) -> list[Line]:
    """Quality against budget: every selector in the baseline's run, its own in a retrained one."""
    refine = run.network.refine
    if not refine or not (run.row == "baseline" or run.row.startswith("select-")):
        return []
    every = (run.test.size // 4) ** 2
    asked = sorted({0, refine.patches, every, *(64 * 2**power for power in range(20) if 64 * 2**power < every)})
    selectors = tuple(REACH) if run.row == "baseline" else (refine.selector,)
    lines = []
    for line in (line for line in images if line["weights"] == "own"):
        own = numpy.random.default_rng([11, *str(line["image"]).encode(), run.seed])
        gain, start = GAIN * own.lognormal(0, 0.3), 1 - numpy.exp(-refine.patches / every / REACH["error"])
        usable = int(USABLE * every * own.uniform(0.8, 1.2))
        for selector in selectors:
            for budget in asked:
                refined = min(budget, usable) if selector == "error" else budget
                found = 1.0 if budget == every else 1 - numpy.exp(-budget / every / REACH[selector])
                factor = 1 + gain * (start - found)
                columns = ("mad", "mse", "grad", "mad_unknown", "mse_unknown", "grad_unknown")
                lines.append(
                    {**named(line), "selector": selector, "patches": budget, "refined": refined}
                    | {column: line[column] * factor for column in columns}
                    | {"covered": found}
                )
    return lines


def reliability(run: RunConfig, images: list[Line]) -> list[Line]:
    """Predicted against true error; no picture but every third has patches in the last bin."""
    lines, every = [], (run.test.size // 4) ** 2
    for number, line in enumerate(line for line in images if line["weights"] == "own" and VARIANTS[run.row].trained):
        own = numpy.random.default_rng([13, *run.row.encode(), *str(line["image"]).encode(), run.seed])
        counts = [max(1, int(every * own.uniform(0.7, 1.3) / 2.5 ** (place + 2))) for place in range(len(BINS) - 1)]
        counts[-1] = 2 if number % 3 == 0 else 0
        counts[0] = every - sum(counts[1:])  # every picture has as many patches
        for patches, (low, high) in zip(counts, pairwise(BINS), strict=True):
            if patches:
                predicted = patches * (low + high) / 2
                true = predicted * own.normal(1, 0.1) * (OVERCONFIDENT if high < 1 else 1.1)
                sums = {"low": low, "high": high, "patches": patches, "predicted": predicted, "true": float(true)}
                lines.append({**named(line), **sums})
    return lines


def captured(run: RunConfig, images: list[Line]) -> list[Line]:
    """The error under every disturbance: it grows with the distance from none, and the key's far more."""
    if run.row not in ("baseline", "no-refinement", "difference-key"):
        return []
    lines = []
    for line in images:
        own = numpy.random.default_rng([17, *run.row.encode(), *str(line["image"]).encode(), run.seed])
        for name, amounts in AMOUNTS.items():
            growth = GROWTH[name][run.row == "difference-key"] * own.lognormal(0, 0.2)
            for amount in amounts:
                factor = 1 + growth * abs(amount - amounts[0]) ** 1.5
                columns = ("mad", "mse", "sad", "grad", "mad_unknown", "mse_unknown", "sad_unknown", "grad_unknown")
                lines.append({**named(line), "disturbance": name, "amount": amount} | {column: line[column] * factor for column in columns})
    return lines


TABLES = {"budgets": budgets, "reliability": reliability, "captured": captured}


def _curve(run: RunConfig, mean: float) -> list[Line]:
    draw = numpy.random.default_rng([int(1e6 * mean), run.seed])
    lines: list[Line] = []
    total, before = sum(phase.steps for phase in run.recipe), 0
    for number, phase in enumerate(run.recipe):
        for step in range(1, phase.steps + 1):
            done = (before + step) / total
            loss = float(0.4 * numpy.exp(-3 * done) + 0.05 * draw.uniform())
            measured = dict.fromkeys(ROLES, None)
            if step in (phase.steps // 2, phase.steps) or before + step == 1:
                measured = {role: validation(run, role, number, 1.2 * mean * (1 + 30 * numpy.exp(-5 * done))) for role in ROLES}
            known = [value for value in measured.values() if value is not None]
            lines.append(
                {
                    **{"phase": number, "label": f"{phase.kind} on {' + '.join(phase.datasets)}", "step": step, "global_step": before + step},
                    **{"loss": loss, "pha": loss / 2, "fgr": loss / 3, "err": loss / 6, "validation_mad": sum(known) / 3 if known else None},
                    **{f"validation_{role}": value for role, value in measured.items()},
                }
            )
        before += phase.steps
    return lines


def validation(run: RunConfig, role: str, phase: int, level: float) -> float:
    """The invented error on a role's validation pictures: higher where it was never seen, and after training has left it."""
    seen = [number for number in range(phase + 1) if role in run.recipe[number].datasets]
    left = 0 if not seen or seen[-1] == phase else 1
    return float(level * (1 + 0.1 * ROLES.index(role)) * (1.6 if not seen else 1 + FORGETTING * left))


def _phases(run: RunConfig) -> list[Line]:
    own = run.row if run.row != "oracle" else "baseline"
    label = [f"{phase.kind} on {' + '.join(phase.datasets)}" for phase in run.recipe]
    keys = [f"{run.network.backbone}-{run.network.context}-{label[0]}-{run.seed}", *(f"{own}-{number}-{run.seed}" for number in range(1, 4))]
    return [
        {"key": key, "label": words, "steps": phase.steps, "seconds": 60.0 if phase.kind == "base" else 15.0, "parent": None}
        for key, words, phase in zip(keys, label, run.recipe, strict=True)
    ]


def _timing(profile: str) -> dict[str, object]:
    """Every row with a network of its own, as the real timing has it."""
    timed: dict[str, object] = {}
    for name, row in VARIANTS.items():
        network = run_config(profile, name).network
        if not row.reference and network not in timed.values():
            timed[name] = network

    def row(name: str, ms: float, base: float) -> dict[str, object]:
        times = {"ms": [ms] * 5, "median_ms": ms, "spread_ms": [0.96 * ms, 1.05 * ms], "fps": 1000 / ms, "repeats": 5}
        ratio = {"median": ms / base, "low": 0.97 * ms / base, "high": 1.04 * ms / base}
        return {**times, "ratio": ratio, "parameters": PARAMETERS.get(name, 40_247_703), "gmacs": 34.3, "peak_mib": 912.0}

    def size(name: str, height: int, width: int, scale: float, patches: int, base: float) -> dict[str, object]:
        times = {each: base * TIMES.get(each, 1.01 - 0.002 * place if place else 1.0) for place, each in enumerate(timed)}
        rows = {each: row(each, ms, base) for each, ms in times.items()}
        return {"name": name, "height": height, "width": width, "scale": scale, "patches": patches, "rows": rows}

    sizes = [size("HD", 1080, 1920, 0.25, 5_000, 430.0), size("4K", 2160, 3840, 0.125, 20_000, 560.0)]
    told = {"machine": MACHINE, "accelerator": None, "threads": 2, "device": "cpu", "load": [0.4, 5.1]}
    return {**told, "finished": "2026-01-01T12:00:00+00:00", "sizes": sizes}


def _stages() -> dict[str, object]:
    seconds = {"data": 80.2, "train": 512.9, "run": 230.0, "time": 61.0, "notebook": 22.0}
    return {
        "started": "2026-01-01T12:00:00+00:00",
        "wall_seconds": 541.0,
        "jobs": [{"rule": rule, "label": f"a {rule}", "seconds": spent} for rule, spent in seconds.items()],
    }
