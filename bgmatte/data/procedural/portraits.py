"""`proc-portrait`: one person a picture, with fine hair. NumPy only."""

import numpy as np

from bgmatte.data.procedural import extras
from bgmatte.data.procedural.bodies import body
from bgmatte.data.procedural.canvas import blank, lay
from bgmatte.data.procedural.faces import head
from bgmatte.data.procedural.hair import draw_cut, face_hair, hair
from bgmatte.data.procedural.sitter import Sitter, sitter

Array = np.ndarray


def person(who: Sitter, size: int, adorned: bool = True) -> tuple[Array, Array, Array, Array]:
    """A sitter as four layers (4, size, size), from back to front: hair behind, body, head, hair before.

    Glasses belong to the head, a fur collar to the body; `adorned` allows scarf and veil, which do not move with one part.
    """
    bearded, scarf, veiled, glasses, collar = who.streams["wear"].random(5)
    cut = draw_cut(who.streams["hair"])
    wrapped, veiled = adorned and scarf < 0.07, adorned and veiled < 0.08 and scarf >= 0.07
    cut = None if wrapped else cut
    behind, before = hair(who, cut, size)
    torso, face = blank(size), blank(size)
    for layer, (part, place) in ((torso, body(who, size)), (face, head(who, size, 0.0 if cut is None else 0.9))):
        lay(layer[place], part)
    face_hair(who, face, bearded=bearded < 0.22 and not wrapped)
    if glasses < 0.16:
        extras.glasses(who, face)
    if collar < 0.09:
        extras.fur_collar(who, torso)
    if wrapped:
        extras.head_scarf(who, face)
    if veiled:
        state = who.streams["veil"].bit_generator.state
        back = blank(size)
        extras.veil(who, back, front=False)
        lay(back, behind)
        behind = back
        who.streams["veil"].bit_generator.state = state  # both halves are of one cloth
        extras.veil(who, before, front=True)
    return behind, torso, face, before


def portrait(rng: np.random.Generator, size: int) -> Array:
    """A person as a layer (4, size, size)."""
    picture, *above = person(sitter(rng), size)
    for layer in above:
        lay(picture, layer)
    return picture
