"""How long every pixel stays in the largest part while the threshold rises: all steps at once, on runs of equal pixels. No torch."""

import numpy as np
from numpy.typing import NDArray

CROWDED = 1 / 5  # runs per pixel from which labelling a picture for every step is faster than a graph of runs

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]


def steps_held(reached: Picture, steps: int) -> Picture:
    """For each pixel the number of steps, counted from 1, up to which it lies in the largest part of every step.

    `reached`: (H, W), the highest step a pixel reaches, 0 for none, at most `steps`; the mask of step k is
    `reached >= k`, its parts are 4-connected. Of parts of equal size the first counts, down the columns as in MATLAB;
    an empty mask has no part.
    """
    begins = np.ones(reached.shape, bool)  # of runs of equal pixels in a row
    np.not_equal(reached[:, 1:], reached[:, :-1], out=begins[:, 1:])
    starts = np.flatnonzero(begins)
    if len(starts) > CROWDED * reached.size:
        return _held_by_labels(reached, steps)
    lengths = np.diff(starts, append=reached.size)
    heights = reached.ravel()[starts].astype(np.int64)
    held = _held_by_runs(heights, lengths, starts, begins, steps)
    return np.repeat(held, lengths).reshape(reached.shape)


def _held_by_runs(reached: Whole, lengths: Whole, starts: Whole, begins: Mask, steps: int) -> Picture:
    """The answer for each run. From the top step down parts only grow together, so each contact is looked at once."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    one, other = _contacts(starts, begins)
    hill, hills = _hills(reached, one, other)
    pixels = np.bincount(reached * hills + hill, lengths, (steps + 1) * hills).reshape(steps + 1, hills)
    pixels = pixels[::-1].cumsum(0)[::-1]  # of each hill that reach a step
    between = np.flatnonzero(hill[one] != hill[other])
    one, other = one[between], other[between]
    joined_at = np.minimum(reached[one], reached[other])
    one, other = hill[one], hill[other]

    held = np.zeros(len(starts), np.uint8)
    part, parts = np.arange(hills), hills  # which part each hill belongs to
    for step in range(steps, 0, -1):
        new = np.flatnonzero(joined_at == step)
        contacts = csr_array((np.ones(len(new)), (part[one[new]], part[other[new]])), shape=(parts, parts))
        parts, merged = connected_components(contacts, directed=False)
        part = merged[part]
        sizes = np.bincount(part, pixels[step], parts)
        if sizes.any():
            equals = np.flatnonzero(sizes == sizes.max())
            reaching = reached >= step
            largest = equals[0] if len(equals) == 1 else _first(equals, part[hill], reaching, starts, begins.shape)
            held = (held + 1) * ((part == largest)[hill] & reaching)  # steps in a row from this one up
    return held


def _contacts(starts: Whole, begins: Mask) -> tuple[Whole, Whole]:
    """All pairs of runs that share an edge, each once: left and right, above and below."""
    width = begins.shape[1]
    left = np.flatnonzero(starts[1:] % width)
    above = np.flatnonzero(begins[:-1] | begins[1:])  # two runs first meet where the later of them begins
    run = [np.searchsorted(starts, pixels, "right") - 1 for pixels in (above, above + width)]
    return np.concatenate([left, run[0]]), np.concatenate([left + 1, run[1]])


def _hills(reached: Whole, one: Whole, other: Whole) -> tuple[Whole, int]:
    """Runs that end on one summit when each climbs to its highest neighbour, and the number of summits.

    A climb never goes down, so a run stays connected with its summit at every step that the run reaches.
    """
    runs = np.arange(len(reached))
    rank = reached * len(runs) + runs  # by height, and by number where heights are equal
    highest = rank.copy()
    np.maximum.at(highest, one, rank[other])
    np.maximum.at(highest, other, rank[one])
    summit = highest % len(runs)
    while not np.array_equal(further := summit[summit], summit):
        summit = further
    number = np.cumsum(summit == runs)
    return number[summit] - 1, int(number[-1])


def _first(parts: Whole, part: Whole, reaching: Mask, starts: Whole, shape: tuple[int, ...]) -> int:
    """Of some `parts` the one whose first pixel comes first down the columns; `part`, `reaching`, `starts` for each run."""
    height, width = shape
    runs = np.flatnonzero(np.isin(part, parts) & reaching)
    across, down = starts[runs] % width, starts[runs] // width
    return int(part[runs[(across * height + down).argmin()]])


def _held_by_labels(reached: Picture, steps: int) -> Picture:
    held, inside = np.zeros_like(reached), np.ones(reached.shape, bool)
    for step in range(1, steps + 1):
        inside &= _largest_part(reached >= step)
        if not inside.any():
            break
        held += inside
    return held


def _largest_part(mask: Mask) -> Mask:
    from scipy.ndimage import label

    parts, _ = label(mask.T)  # numbered in the order of their first pixels, so down the columns
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    largest: Mask = (parts == sizes.argmax()).T & mask
    return largest
