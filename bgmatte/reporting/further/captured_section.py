"""The section on the captured background: figure, tables, and sentences that say no more than the intervals. No torch."""

from dataclasses import replace

from bgmatte.figures import Disturbed, Figure, Trace, error_by_disturbance
from bgmatte.figures.style import TONES
from bgmatte.reporting.blocks import Cell, Drawing, Points, Section, Table
from bgmatte.reporting.further.captured_numbers import DISTURBANCES, Course, Disturbance, Side, course, differences, level, sides
from bgmatte.reporting.measures import MAD, REGIONS, UNKNOWN, WHOLE, chance, estimate, number
from bgmatte.reporting.readings import point
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import estimate_cell
from bgmatte.reporting.words import change, listed, scaled, sentence, verdict_of
from bgmatte.variants import BASELINE, KEY


def captured_section(study: Study) -> Section | None:
    """Sensitivity to the captured background; None where it was not measured."""
    if not sides(study) or course(study, BASELINE, sides(study)[0], WHOLE) is None:
        return None
    about = Points(
        (
            ("The question.", "How wrong may the captured background be before the matte suffers, and what suffers first?"),
            (
                "What was done.",
                "Every held-out picture was matted with its exact background, then with one thing wrong at a time: the background shifted by some "
                "pixels in a direction drawn once for each picture, its gamma changed, noise added, or a shadow that the person throws on the "
                "scene and that the captured background lacks. The paper tests with shift, gamma and noise together and measures none alone.",
            ),
            *captured_words(study),
        )
    )
    usual = study.runs[BASELINE][0].config.test
    reading = Points(
        (
            (
                "How to read it.",
                "Heights are logarithmic: equal steps are equal factors. Grey marks what the pictures of all other sections are drawn from: shift up "
                f"to {usual.shift:g} px and gamma 1 ± {usual.gamma:g}, the paper’s range, and noise of {usual.noise:g}, chosen here because "
                "the printed variances cannot be in 0–1 units. ‘Clearly worse from’ is the smallest measured amount from which on all are clear.",
            ),
            (
                "Limits.",
                "Amounts between the measured ones are read off straight lines. A real second picture is wrong in several ways at once, and "
                "they need not add up. The key’s two thresholds were tuned on validation pictures, not for these disturbances.",
            ),
        )
    )
    basis = next(found for side in sides(study) if (found := course(study, BASELINE, side, WHOLE))).undisturbed.basis
    drawing = Drawing(captured_figure(study), f"Means and 95 % intervals over {basis}. Grey: what the pictures of all other sections are drawn from.")
    tables = [sensitivity_table(study, region) for region in (WHOLE, UNKNOWN)]
    return Section("captured", "Sensitivity to the captured background", (about, drawing, *tables, amounts_table(study), reading))


def captured_figure(study: Study) -> Figure:
    """MAD of each row over both regions, a small panel for each disturbance."""
    regions = [(f"MAD, {words}\n[×10⁻³, log]", [_panel(study, what, region) for what in _measured(study)]) for region, words in REGIONS.items()]
    told = "; ".join(f"{side.title} {side.amounts[-1]:g}{side.what.unit}: {listed(_factors(study, side))}" for side in sides(study))
    alt = f"MAD over the whole frame at the largest amount of each disturbance, as a multiple of the undisturbed MAD: {told}."
    return error_by_disturbance(regions, alt)


def sensitivity_table(study: Study, region: str) -> Table:
    """Each row under each disturbance in a few numbers, over one region."""
    rows: list[tuple[Cell, ...]] = []
    starts: list[int] = []
    for side in sides(study):
        starts.append(len(rows))
        for row in _rows(study):
            if (found := course(study, row, side, region)) is not None:
                rows.append((Cell(f"{side.title}, {row}"), *_cells(found)))
    columns = (
        ("disturbance", "row"),
        ("undisturbed", "MAD ×10⁻³"),
        ("clearly worse from", "adjusted over the disturbance’s amounts"),
        ("doubled at", "(95 % interval)"),
        ("rise", "MAD ×10⁻³ per step"),
        ("at the most", "× the undisturbed MAD"),
    )
    caption = f"What each disturbance of the captured background does to MAD, {REGIONS[region]}. The baseline’s and each row’s own weights"
    return Table(caption, columns, tuple(rows), frozenset(starts[1:]))


def amounts_table(study: Study) -> Table:
    """MAD at every measured amount, both regions."""
    rows: list[tuple[Cell, ...]] = []
    starts: list[int] = []
    for what in _measured(study):
        starts.append(len(rows))
        for amount in _amounts(study, what):
            cells = [_level(study, row, what, amount, region) for region in REGIONS for row in _rows(study)]
            rows.append((Cell(f"{what.name} {amount:g}{what.unit}"), *cells))
    columns = (("captured background", "one thing wrong"), *((row, f"MAD ×10⁻³, {words}") for words in REGIONS.values() for row in _rows(study)))
    caption = "MAD at every amount; under each mean its difference to the undisturbed pictures, in colour where it is clear after Holm’s correction"
    return Table(caption, columns, tuple(rows), frozenset(starts[1:]))


def captured_words(study: Study) -> tuple[tuple[str, str], ...]:
    """What was found, a point of a list for each side of each disturbance."""
    return tuple((f"Found, {side.title}.", sentence(_told(study, side))) for side in sides(study))


def _told(study: Study, side: Side) -> str:
    """What one side does to the baseline over the whole frame, and beside it to the key."""
    found, key = (course(study, row, side, WHOLE) for row in (BASELINE, KEY))
    if found is None:
        return "not measured"
    most = f"{side.amounts[-1]:g}{side.what.unit}"
    if found.clear is None:
        largest = side.amounts[-1]
        moved = found.differences[largest]
        words = "MAD is lower" if found.tones[largest] == "better" else verdict_of(moved, found.tones[largest])
        span = scaled(moved, MAD.factor, with_signs=True)[1]
        return f"{words} at the largest amount, {most} ({span} ×10⁻³; {chance(found.p[largest])})"
    words = f"the baseline’s MAD is clearly higher from {found.clear:g}{side.what.unit} {_outward(side)}, {_doubled(found)}"
    if found.factor is not None:
        words += f"; at {most} it is {_times(found)} the undisturbed one"
        words += f", the key’s {_times(key)}" if key is not None and key.factor is not None else ""
    return words


def _outward(side: Side) -> str:
    """In which direction the amounts of a side grow worse."""
    return "down" if side.amounts[-1] < side.what.none else "up"


def _doubled(found: Course) -> str:
    place, unit = found.doubled, found.side.what.unit
    if place.at is None:
        return "but nowhere doubled" if place.low is None else "on average not doubled"
    at, span = _places(place.at, place.low, place.high)
    return f"doubled at {at}{unit} ({span})"


def _places(at: float, low: float | None, high: float | None) -> tuple[str, str]:
    """An amount and its interval; an open end is said as such."""
    if low is not None and high is not None and low != high:
        return number(at, 2), f"{number(min(low, high), 2)} to {number(max(low, high), 2)}"
    return number(at, 2), f"{number(low if low is not None else at, 2)} to beyond what was measured"


def _times(found: Course) -> str:
    if found.factor is None:
        return "not defined"
    mean_, span = estimate(found.factor.mean, found.factor.low, found.factor.high)
    return f"{mean_} times ({span})"


def _factors(study: Study, side: Side) -> list[str]:
    return [f"{row} {_times(found)}" for row in _rows(study) if (found := course(study, row, side, WHOLE)) is not None]


def _cells(found: Course) -> tuple[Cell, ...]:
    unit, place = found.side.what.unit, found.doubled
    clear = Cell("no amount") if found.clear is None else Cell(f"{found.clear:g}{unit}", value=found.clear)
    twice = Cell("nowhere measured")
    if place.at is not None:
        at, ends = _places(place.at, place.low, place.high)
        twice = Cell(f"{at}{unit}", (ends,), value=place.at)
    times = Cell("")
    if found.factor is not None:
        cell = estimate_cell(found.factor, 1, False, f"at {found.side.amounts[-1]:g}{unit}")
        times = replace(cell, text=f"{cell.text} ×")
    return (
        estimate_cell(found.undisturbed, MAD.factor),
        clear,
        twice,
        estimate_cell(found.slope, MAD.factor, True, found.side.what.per),
        times,
    )


def _level(study: Study, row: str, what: Disturbance, amount: float, region: str) -> Cell:
    found = level(study, row, what.name, amount, region)
    if found is None:
        return Cell("")
    moved = differences(study, row, what.name, region).get(amount)
    side = next(side for side in sides(study) if side.what is what and amount in side.amounts)
    whole = course(study, row, side, region)
    tone = whole.tones.get(amount, "") if whole else ""
    notes = (change(moved),) if moved else ()
    return Cell(number(MAD.factor * found.mean), notes, tone, MAD.factor * found.mean)


def _panel(study: Study, what: Disturbance, region: str) -> Disturbed:
    amounts = _amounts(study, what)
    traces = []
    for row in _rows(study):
        known = [(amount, level(study, row, what.name, amount, region)) for amount in amounts]
        points = tuple(point(amount, found) for amount, found in known if found is not None)
        traces += [Trace(row, TONES[row], points, dashed=row == KEY)] if points else []
    usual = study.runs[BASELINE][0].config.test
    spans = {"shift": (0.0, usual.shift), "gamma": (1 - usual.gamma, 1 + usual.gamma), "noise": (usual.noise, usual.noise)}
    doubling = amounts[1] if what.name == "shift" else None
    return Disturbed(what.name, what.across, tuple(traces), spans.get(what.name), doubling)


def _rows(study: Study) -> list[str]:
    return [row for row in study.runs if any(course(study, row, side, WHOLE) for side in sides(study))]


def _measured(study: Study) -> list[Disturbance]:
    return [what for what in DISTURBANCES.values() if any(side.what is what for side in sides(study))]


def _amounts(study: Study, what: Disturbance) -> list[float]:
    return sorted({amount for side in sides(study) if side.what is what for amount in side.amounts})
