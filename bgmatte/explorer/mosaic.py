"""What one sees as one picture that does not move: for saving, and where no widget can live."""

from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bgmatte.config import PATCH
from bgmatte.explorer.codes import ADDED, CHOSEN, REFINED, REMOVED
from bgmatte.explorer.exploration import Numbers
from bgmatte.explorer.layers import SIDES
from bgmatte.explorer.place import Place
from bgmatte.explorer.selection import WORDS
from bgmatte.explorer.session import Session
from bgmatte.figures.pictures import encoded, marked
from bgmatte.figures.style import AMBER, BLUE, INK, PAPER, Figure

TILE, GAP, HEAD = 480, 8, 26  # width of a tile, what lies between tiles, height of a line of text [px]
_TONES = {CHOSEN: AMBER, ADDED: BLUE, REMOVED: INK}  # as in the viewer


def mosaic(session: Session) -> np.ndarray:
    """All panes as they are zoomed, with their titles and numbers, uint8 (H, W, 3)."""
    place, (height, width) = session.view.place, session.exploration.scene.src.shape[2:]
    box = _looked_at(place, width, height)
    tile = (TILE, max(1, round(TILE * (box[3] - box[1]) / (box[2] - box[0]))))
    codes = {side: session.codes(side) for side in SIDES}
    groups, numbers = session.groups, session.numbers()
    line = 2 * HEAD + tile[1] + GAP
    sheet = Image.new("RGB", (len(groups[0]["panes"]) * (TILE + GAP) + GAP, len(groups) * line + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for row, group in enumerate(groups):
        top = row * line + GAP
        draw.text((GAP, top), _headed(group["title"], numbers[(*SIDES, "none")[row]]), INK, font)
        for column, pane in enumerate(group["panes"]):
            left = GAP + column * (TILE + GAP)
            draw.text((left, top + HEAD), pane["title"], INK, font)
            shown = _composed(session.layers, pane, codes)
            sheet.paste(Image.fromarray(shown).convert("RGB").resize(tile, Image.Resampling.BOX, box=box), (left, top + 2 * HEAD))
    return np.asarray(sheet)


def still(session: Session) -> Figure:
    """The same as a figure in a notebook that nobody can move."""
    a, b = (WORDS[selector] for selector in session.view.selectors)
    cases = session.numbers()
    told = "; ".join(_headed(title, cases[name]) for name, title in (("none", "coarse alpha"), ("a", f"A, {a}"), ("b", f"B, {b}")))
    content = encoded(Image.fromarray(mosaic(session)))
    return Figure("explored", f"{session.shot.title}: {a} against {b}", f"Panes of the explorer. {told}.", content, content, "webp")


def _looked_at(place: Place, width: int, height: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom [px] of what a pane shows, within the frame."""
    across, down = width / max(1.0, place.zoom), height / max(1.0, place.zoom)
    left, top = (min(max(0.0, at * whole - part / 2), whole - part) for at, whole, part in ((place.x, width, across), (place.y, height, down)))
    return left, top, left + across, top + down


def _composed(layers: dict[str, np.ndarray], pane: dict[str, Any], codes: dict[str, np.ndarray]) -> np.ndarray:
    """One pane's picture: a layer, two of them by patches, or the source with its patches marked."""
    names, side = pane["layers"], pane.get("mask")
    if not side:
        return layers[names[0]]
    states = codes[side].repeat(PATCH, 0).repeat(PATCH, 1)
    if pane["kind"] == "chosen":
        before, after, inside = layers[names[0]], layers[names[1]], np.isin(states, REFINED)
        return np.where(inside if before.ndim == 2 else inside[..., None], after, before)
    masks = {tone: Image.fromarray((states == state).astype(np.uint8) * 255) for state, tone in _TONES.items()}
    return np.asarray(marked(Image.fromarray(layers[names[0]]), masks))


def _headed(title: str, numbers: Numbers) -> str:
    told = f"{title}: {numbers.patches:,} patches, {numbers.share:.1%} of the frame"
    return told if numbers.mad is None or numbers.sad is None else f"{told}; MAD {1e3 * numbers.mad:.2f}e-3, SAD {numbers.sad / 1e3:.2f}k"
