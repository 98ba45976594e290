"""`proc-objects`: people, about half of them with a thing: fur, a plant, feathers, lace, wire, glass, sheer cloth or smoke. NumPy only.

Distinctions-646, for which it stands in, holds more than people, but the paper trains on its people alone (its section 3).
"""

import numpy as np

from bgmatte.data.procedural.animals import furry
from bgmatte.data.procedural.canvas import lay
from bgmatte.data.procedural.fabrics import feather, lace, wires
from bgmatte.data.procedural.noise import branch
from bgmatte.data.procedural.plants import plant
from bgmatte.data.procedural.portraits import portrait
from bgmatte.data.procedural.vessels import glass, sheer, smoke

Array = np.ndarray

SHARE_WITH_THING = 0.5

# How often each kind of thing comes, summed up: soft and opaque ones more often, as in the published set.
KINDS = ((0.34, furry), (0.52, plant), (0.63, feather), (0.74, wires), (0.83, lace), (0.91, glass), (0.97, sheer), (1.0, smoke))


def person_maybe_with_thing(rng: np.random.Generator, size: int) -> Array:
    """A person, maybe with a thing before them, as a layer (4, size, size)."""
    has, kind = rng.random(2)
    who, what = branch(rng), branch(rng)
    picture = portrait(who, size)
    if has < SHARE_WITH_THING:
        lay(picture, next(maker for limit, maker in KINDS if kind < limit)(what, size))
    return picture
