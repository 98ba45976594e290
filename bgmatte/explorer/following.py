"""Between knobs and session: what the knobs mean, and knobs that show what a session holds."""

from collections.abc import Set

from bgmatte.explorer.controls import FILE, KINDS, Controls
from bgmatte.explorer.selection import budgets, nearest
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import Pick
from bgmatte.explorer.view import saved

_TITLES = {kind: title for title, kind in KINDS.items()}


def picked(knobs: Controls) -> Pick | None:
    """The picture that the knobs mean; None while files of one's own are missing."""
    kind = KINDS[knobs.kind.value]
    if kind == "held-out":
        return Pick(kind="held-out", name=knobs.name.value)
    if kind == "drawn":
        return Pick(kind="drawn", name=knobs.drawn.value, seed=knobs.seed.value, size=knobs.size.value)
    src, bgr, pha = (knobs.paths[role].value.strip() for role in ("src", "bgr", "pha"))
    return Pick(kind="own", src=src, bgr=bgr, pha=pha) if src and bgr else None


def follow(knobs: Controls, session: Session, offered: dict[str, str], kept: Set[str] = frozenset()) -> None:
    """Let every knob show what a session holds, but for `kept` fields of the view; `offered` are the weights by title."""
    view, patches = session.view, session.exploration.patches
    steps = budgets(patches)
    knobs.budget.options = [(_amount(step, patches), step) for step in steps]
    knobs.budget.value = nearest(view.patches, steps)
    knobs.threshold.value = nearest(view.threshold, [level for _, level in knobs.threshold.options])
    knobs.first.value, knobs.second.value = view.selectors
    knobs.scale.value = view.scale
    knobs.kernel.options = session.weights.kernels or (view.kernel,)
    knobs.kernel.value = view.kernel
    if "weights" not in kept:
        titles = {source: title for title, source in offered.items()}
        knobs.weights.value = titles.get(view.weights, FILE)
        knobs.file.value = "" if view.weights in titles else view.weights
    if "over" not in kept:
        colour = view.over.startswith("#")
        knobs.over.value, knobs.behind.value = (view.over, "") if colour else (knobs.over.value, view.over)
    if "picture" not in kept:
        _follow_picture(knobs, view.picture)
    knobs.saved.value = ""
    knobs.saved.options = [("–", ""), *((path.stem, str(path)) for path in saved())]
    knobs.arrange()


def _follow_picture(knobs: Controls, pick: Pick) -> None:
    knobs.kind.value = _TITLES[pick.kind]
    if pick.kind == "held-out":
        knobs.name.value = pick.name or knobs.name.options[0]
    elif pick.kind == "drawn":
        knobs.drawn.value, knobs.seed.value, knobs.size.value = pick.name, pick.seed, pick.size
    else:
        for role, path in knobs.paths.items():
            path.value = getattr(pick, role)


def _amount(patches: int, total: int) -> str:
    return f"{patches:,} patches · {100 * patches / total:.3g} % of the frame"
