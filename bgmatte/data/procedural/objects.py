"""`proc-objects`: animals with fur, plants, feathers, lace, wire, glass, sheer cloth and smoke. NumPy only."""

import numpy as np

from bgmatte.data.procedural.animals import furry
from bgmatte.data.procedural.fabrics import feather, lace, wires
from bgmatte.data.procedural.noise import branch
from bgmatte.data.procedural.plants import plant
from bgmatte.data.procedural.vessels import glass, sheer, smoke

Array = np.ndarray

# How often each kind comes, summed up: soft and opaque ones more often, as in the set that this one stands in for.
KINDS = ((0.34, furry), (0.52, plant), (0.63, feather), (0.74, wires), (0.83, lace), (0.91, glass), (0.97, sheer), (1.0, smoke))


def thing(rng: np.random.Generator, size: int) -> Array:
    """One object as a layer (4, size, size)."""
    kind, own = rng.random(), branch(rng)
    return next(maker for limit, maker in KINDS if kind < limit)(own, size)
