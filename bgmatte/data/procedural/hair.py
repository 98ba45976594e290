"""What grows on a sitter's head: cuts, beards and brows, as strands with partial coverage. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import blank
from bgmatte.data.procedural.growth import Cut, curled, gathered, grown, scalp, strand_light
from bgmatte.data.procedural.sitter import Sitter
from bgmatte.data.procedural.strands import bezier, deposit

Array = np.ndarray
_CANDIDATES = 5200  # directions on the ball; a third to a half of them bear hair
_BALL = (np.float32(0.77), np.float32(0.84), np.float32(0.8))  # the skull's half axes in half head heights
_CENTRE = -0.16


def draw_cut(rng: np.random.Generator) -> Cut | None:
    """How the hair is worn, or none: shares as one meets them, long and curly ones more often because they are the hard ones."""
    kind, long, lift, curl, frizz, clump, part, way = rng.random(8)
    part = 0.9 * (part - 0.5)
    frizz = 0.01 + 0.05 * frizz**3
    clump = 0.15 + 0.6 * clump
    if kind < 0.36:  # long, straight or wavy
        return Cut(1.9 + 2.0 * long, 0.25 + 0.35 * lift, 2.2, 0.07 * curl**2, 0.9, frizz, clump, part, (0.9, 0.1, 0.15 - 0.3 * way))
    if kind < 0.52:  # to the chin
        return Cut(1.15 + 0.6 * long, 0.3 + 0.4 * lift, 2.4, 0.05 * curl**2, 1.0, frizz, clump, part, (0.9, 0.1, 0.2 - 0.3 * way))
    if kind < 0.68:  # short
        return Cut(0.16 + 0.35 * long, 0.5 + 0.6 * lift, 1.2, 0.02 * curl, 2.0, frizz, 0.5 * clump, part, (0.6, 0.0, 0.5 * way - 0.3))
    if kind < 0.88:  # curly
        return Cut(0.5 + 1.2 * long, 1.3, 0.5 + 0.9 * lift, 0.06 + 0.05 * curl, 2.5, 0.02 + frizz, 0.75, part, (0.25, 0.0, -0.1))
    if kind < 0.95:  # standing
        return Cut(0.3 + 0.35 * long, 2.2, 0.3, 0.01, 1.0, 0.03 + frizz, 0.3, part, (0.2, -0.4, 0.0))
    return None


def hair(who: Sitter, cut: Cut | None, size: int) -> tuple[Array, Array]:
    """Hair behind the shoulders and hair before them, two layers (4, size, size)."""
    rng = who.streams["hair"]
    behind, before = blank(size), blank(size)
    axis, bears = scalp(rng, _CANDIDATES)
    vary, wind = rng.standard_normal((_CANDIDATES, 3), dtype=np.float32), 0.25 * rng.standard_normal()
    if cut is None:
        return behind, before
    axis, vary = axis[bears], vary[bears]
    lengths = cut.length * np.clip(1 + 0.16 * vary[:, 0], 0.4, 1.6)
    brow = np.clip(axis[:, 2] * 1.6 - 0.5, 0, 1) * (np.abs(cut.comb[0]) < 0.7)  # front hair combed forward is cut above the eyes
    lengths = lengths * (1 - brow) + np.minimum(lengths, 0.45) * brow
    path = grown(rng, axis, cut, lengths, wind)
    path, lock = gathered(rng, path, cut.clump, 150)
    points = int(np.clip(0.9 * cut.length * who.unit * size * (1 + 12 * cut.curl), 14, 420))
    path = curled(rng, path, cut, lengths, lock, points)
    _lay_hair(who, path, vary, lock, cut, behind, before)
    return behind, before


def _lay_hair(who: Sitter, path: Array, vary: Array, lock: Array, cut: Cut, behind: Array, before: Array) -> None:
    turned = _turned(path, who)
    diffuse, gloss = strand_light(turned, np.array(who.lamp, np.float32))
    facing = np.clip(
        0.62 + 0.38 * (turned[:1] @ (np.array(who.lamp, np.float32) / np.float32(np.linalg.norm(who.lamp)))), 0.15, 1
    )  # the skull shades its far side
    depth = np.clip(0.75 + 0.35 * turned[..., 2], 0.35, 1.05)
    inner = np.clip(np.linalg.norm(turned, axis=2) - 0.75, 0, 0.5) + 0.55  # less light reaches the roots
    tone = np.clip(1 + 0.1 * vary[:, 1] + 0.12 * np.sin(7.1 * lock), 0.55, 1.5)
    light = who.fill + who.key * (diffuse * facing)[..., None]
    light *= who.hair * (depth * inner * tone)[..., None]
    light += who.key * (np.float32(0.1) + np.float32(0.35) * who.hair) * (gloss * facing)[..., None]
    colour = np.clip(light, 0, 1)
    taper = np.interp(np.linspace(0, 1, len(path)), [0, 0.6, 1], [1, 0.85, 0.2]).astype(np.float32)[None]
    widths = np.float32(0.0105 * who.unit) * (1 + 0.25 * vary[:, 2:3]).clip(0.4, 1.6) * taper
    widths = widths * np.float32(1.6 if cut.length < 0.7 else 1)

    flat = _projected(turned, who)
    middle = turned[len(turned) * 2 // 3, :, 2]
    order = np.argsort(middle, kind="stable")
    hidden = order[middle[order] < -0.15]
    seen = order[middle[order] >= -0.15]
    for layer, chosen, groups in ((behind, hidden, 4), (before, seen, 7)):
        if len(chosen):
            deposit(layer, flat[chosen], widths[chosen], colour[:, chosen].transpose(1, 0, 2), groups)


def _turned(path: Array, who: Sitter) -> Array:
    """From the face's frame to the picture's: turned by yaw about the vertical, ball to skull."""
    cos, sin = np.float32(np.cos(who.yaw)), np.float32(np.sin(who.yaw))
    x, y, z = path[..., 0], path[..., 1], path[..., 2]
    return np.stack([x * cos + z * sin, y, z * cos - x * sin], -1)


def _projected(path: Array, who: Sitter) -> Array:
    """Places in the picture (n, points, 2) of `path` (points, n, 3); the head's tilt bends hair less the lower it hangs."""
    return _placed(path[..., 0] * _BALL[0], path[..., 1] * _BALL[1] + np.float32(_CENTRE), who).transpose(1, 0, 2)


def _placed(u: Array, v: Array, who: Sitter) -> Array:
    """Places in the picture (..., 2) of points across and down from the middle of the head, in half head heights."""
    lean = np.float32(who.tilt) * np.clip(np.float32(1.4) - v, 0.25, 1)
    lean_u = u * (1 - lean * lean / 2) - v * lean  # cosine and sine of a small angle
    lean_v = u * lean + v * (1 - lean * lean / 2)
    return np.stack([lean_u * np.float32(who.unit) + np.float32(who.head[0]), lean_v * np.float32(who.unit) + np.float32(who.head[1])], -1)


def face_hair(who: Sitter, layer: Array, bearded: bool) -> None:
    """Brows, and perhaps a beard, laid over a head, in place."""
    rng = who.streams["beard"]
    _brows(who, layer, rng)
    count, size = 6000, layer.shape[-1]
    long, bushy, moustache, low = rng.random(4)
    side, down, vary = rng.uniform(-1, 1, count), rng.uniform(0.1, 1.0, count), rng.standard_normal((count, 4))
    if not bearded:
        return
    across = side * _jaw(down)
    lip = (np.abs(across) < 0.27) & (down < 0.68) & ((down > 0.5) | (down < 0.4) | (moustache < 0.3))
    cheek = down < 0.78 - 0.85 * np.clip(np.abs(side) - 0.25, 0, 1) + 0.1 * low
    keep = ~lip & (~cheek | ((np.abs(across) < 0.27) & (down < 0.52)))
    across, down, vary = across[keep], down[keep], vary[keep]
    reach = (0.05 + 0.45 * long**2) * np.clip(1 + 0.25 * vary[:, 0], 0.3, 2) * np.clip(0.4 + down, 0.5, 1.2)
    aim = np.stack([0.35 * across + (0.1 + 0.3 * bushy) * vary[:, 1], 0.9 + 0.2 * vary[:, 2]], 1)
    root = np.stack([across + 0.16 * who.yaw, down], 1)
    bend = root + aim * reach[:, None] * 0.5 + np.stack([0.25 * across * reach, 0 * down], 1)
    start, middle, end = (
        _placed(part[:, 0].astype(np.float32), part[:, 1].astype(np.float32), who) for part in (root, bend, root + aim * reach[:, None])
    )
    points = max(6, int(0.9 * who.unit * size * (0.08 + 0.45 * long**2)))
    order = np.argsort(down, kind="stable")
    lamp = np.clip(0.65 + 0.5 * across * np.sign(who.lamp[0]), 0.3, 1)[:, None]
    colour = who.hair * (who.fill + who.key * np.float32(0.6) * lamp) * np.clip(0.95 + 0.2 * vary[:, 3:], 0.5, 1.5)
    width = 0.011 * who.unit * np.linspace(1, 0.25, points)[None]
    deposit(layer, bezier(start[order], middle[order], end[order], points), width, np.clip(colour[order], 0, 1), 4)


def _jaw(down: Array) -> Array:
    """Half the width of a face at a height, in half head heights (as in `faces`)."""
    return np.clip(0.72 - 0.45 * np.clip(down - 0.05, 0, 1) ** 2.2, 0.2, 0.72) * np.sqrt(np.clip(1.04 - down**6, 0.02, 1))


def _brows(who: Sitter, layer: Array, rng: np.random.Generator) -> None:
    count = 190
    thick, arch = 0.012 + 0.016 * rng.random(), 0.03 + 0.05 * rng.random()
    t, vary = rng.random(count), rng.standard_normal((count, 3))
    colour = np.clip(who.hair * 0.65 + who.skin * 0.12, 0, 0.6) * (who.fill + who.key * 0.6)
    for side in (-1, 1):
        across = side * (0.13 + 0.33 * t)
        down = -0.19 - arch * np.sin(2.4 * t) + 0.05 * t + thick * vary[:, 0] * (1 - 0.7 * t)
        ahead, over = across + side * (0.06 + 0.02 * vary[:, 1]), down - 0.035 * (1 - 1.6 * t) + 0.008 * vary[:, 2]
        start, end = (
            _placed((0.78 * np.sin(a / 0.76 + who.yaw)).astype(np.float32), b.astype(np.float32), who) for a, b in ((across, down), (ahead, over))
        )
        seen = np.abs(across / 0.76 + who.yaw) < 1.3
        paths = bezier(start[seen], ((start + end) / 2)[seen], end[seen], 10)
        deposit(layer, paths, np.full((1, 10), 0.009 * who.unit), np.tile(colour, (len(paths), 1)), 1)
