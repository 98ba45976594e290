"""What a choice of patches costs and gives, in words and as a small table; plain HTML, nothing of it from a user unescaped."""

import html
import json
import re
from collections.abc import Mapping

from bgmatte.explorer.exploration import Numbers
from bgmatte.explorer.resting import Slow
from bgmatte.explorer.selection import WORDS
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import uploads
from bgmatte.fingerprint import PROJECT

NOT_YET, UNKNOWN = "…", "–"
FAITHFUL = 1e-3  # how far what is shown may lie from the refiner's own result before it is said [0–1]
# Where the study measured what is explored: the notebook beside the explorer's, and what it asks.
ESSAYS = {
    "2_error_prediction.ipynb": "ablation 2: which selector",
    "1_two_stage.ipynb": "ablation 1: refinement at all",
    "5_refinement_strategy.ipynb": "ablation 5: which refiner",
}
SUMMARY = PROJECT / "reports" / "reference" / "quick" / "summary.json"
ROWS = {
    "baseline": WORDS["error"],
    "no-refinement": "no refinement",
    **{f"select-{name}": WORDS[name] for name in ("random", "grid", "edge", "edge-image")},
    "oracle": WORDS["oracle"],
}
_HEADS = (
    ("MAD", "mean absolute error of alpha over the frame, ×10⁻³"),
    ("SAD", "sum of absolute errors over the frame, /1000"),
    ("Grad", "gradient error over the frame, /1000"),
    ("patches", "4×4 px each"),
    ("of the frame", "share of all patches"),
    ("error covered", "share of the coarse matte's absolute error that lies in refined patches"),
    ("refining takes", "the refiner run on these patches alone, on this machine"),
)


def table(session: Session, numbers: Mapping[str, Numbers], slow: Slow) -> str:
    """The readout of a session with its `numbers`: one line for each choice of patches, between none and all."""
    a, b = (WORDS[selector] for selector in session.view.selectors)
    titles = {"none": "coarse alpha alone", "a": f"A · {a}", "b": f"B · {b}", "everywhere": "every patch refined"}
    heads = "".join(f'<th scope="col" title="{html.escape(words)}">{html.escape(name)}{_unit(name)}</th>' for name, words in _HEADS)
    lines = "".join(_line(titles[case], each, case, slow) for case, each in numbers.items())
    return f'<table class="bgm-readout"><thead><tr><th scope="col">refined</th>{heads}</tr></thead><tbody>{lines}</tbody></table>'


def story(session: Session, slow: Slow) -> str:
    """What is looked at, and what it took, in a sentence or two."""
    exploration = session.exploration
    height, width = exploration.shot.size
    spent = ", ".join(f"{name} {1e3 * seconds:,.0f} ms" for name, seconds in exploration.seconds.items())
    told = f"{exploration.shot.title}, {width}×{height} px, matted by {session.weights.title}: {spent}, once for this picture."
    if exploration.shot.pha is None:
        told += " The true alpha is not known here, so there are no errors to show."
    if not session.weights.kernels:
        told += " These weights hold no refinement network: the coarse alpha is all there is."
    if "error" in session.view.selectors and (usable := exploration.ranking("error").usable) < session.view.patches:
        told += f" No error is predicted in {exploration.patches - usable:,} patches, which this selector never refines, as published."
    worst = max((rehearsal.deviation for rehearsal in slow.rehearsals.values()), default=0.0)
    if worst > FAITHFUL:
        told += f" Run on the chosen patches alone, the refiner's result differs from what is shown by up to {worst:.4f}."
    return f'<p class="bgm-story">{html.escape(told)}</p>'


def links() -> str:
    """What the study measured of this, by the committed run, and where it tells more."""
    rows = json.loads(SUMMARY.read_text())
    measured = ", ".join(f"{words} {1e3 * rows[row]['mad']:.1f}" for row, words in ROWS.items())
    told = f"One picture proves nothing. Over all held-out people the study's networks, each trained anew, had a MAD [×10⁻³] of: {measured}."
    trust = f"How far to trust that stands in {SUMMARY.parent.relative_to(PROJECT)}/report.html, and, once a study has run here (make study), in "
    found = ", ".join(f'<a href="{place}" target="_blank">{html.escape(words)}</a>' for place, words in ESSAYS.items())
    return f'<p class="bgm-story">{html.escape(told)} {html.escape(trust)}{found}.</p>'


def without_cache(text: str) -> str:
    """A message that names an uploaded file as its owner does."""
    return re.sub(re.escape(str(uploads())) + r"/[0-9a-f]+/", "", text)


def message(text: str, *, wrong: bool) -> str:
    """A line where the user looks: what is going on, or what was refused and why."""
    if not text:
        return ""
    kind, role = ("bgm-wrong", "alert") if wrong else ("bgm-busy", "status")
    return f'<div class="{kind}" role="{role}">{"Not done: " if wrong else ""}{html.escape(text)}</div>'


def _line(title: str, numbers: Numbers, case: str, slow: Slow) -> str:
    known = numbers.mad is not None
    gradient = slow.gradients.get(case)
    rehearsal = slow.rehearsals.get(case)
    cells = (
        _written(numbers.mad, 1e3, ".2f"),
        _written(numbers.sad, 1e-3, ".2f"),
        UNKNOWN if not known else NOT_YET if gradient is None else f"{gradient / 1e3:,.2f}",
        f"{numbers.patches:,}",
        _written(numbers.share, 100, ".1f", " %"),
        _written(numbers.covered, 100, ".0f", " %"),
        UNKNOWN if case in ("none", "everywhere") else NOT_YET if rehearsal is None else f"{1e3 * rehearsal.seconds:,.0f} ms",
    )
    return f'<tr data-case="{case}"><th scope="row">{html.escape(title)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _unit(name: str) -> str:
    units = {"MAD": "×10⁻³", "SAD": "/1000", "Grad": "/1000"}
    return f" <small>{units[name]}</small>" if name in units else ""


def _written(value: float | None, factor: float, form: str, unit: str = "") -> str:
    return UNKNOWN if value is None else f"{format(value * factor, ',' + form)}{unit}"
