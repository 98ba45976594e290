"""Thin strands as expected coverage: hair, fur, threads, wires. NumPy only."""

import itertools

import numpy as np

Array = np.ndarray


def bezier(start: Array, middle: Array, end: Array, points: int) -> Array:
    """Quadratic curves (n, points, 2), float32, from control points (n, 2)."""
    start, middle, end = (np.asarray(part, np.float32) for part in (start, middle, end))
    t = np.linspace(0, 1, points, dtype=np.float32)[None, :, None]
    return (1 - t) ** 2 * start[:, None] + 2 * t * (1 - t) * middle[:, None] + t**2 * end[:, None]


def deposit(layer: Array, paths: Array, widths: Array, colours: Array, groups: int = 4) -> None:
    """Lay strands over a layer, in place, in `groups` from back to front.

    `paths` (n, k, 2) and `widths` (n or 1, k) in shares of the side, `colours` (n, 3) or (n, k, 3).
    The area a pixel receives is tau; its coverage is 1 − exp(−tau), the expectation over strands that lie at
    random inside the pixel. Points should be at most about a pixel apart.
    """
    size = layer.shape[-1]
    count, points = paths.shape[:2]
    paths, widths, colours = (np.asarray(part, np.float32) for part in (paths, widths, colours))
    steps = np.diff(paths, axis=1) * np.float32(size)
    lengths = np.sqrt(steps[..., 0] ** 2 + steps[..., 1] ** 2)
    areas = np.concatenate([lengths, lengths[:, -1:]], axis=1) * (widths * np.float32(size))
    shades = np.broadcast_to(colours[:, None] if colours.ndim == 2 else colours, (count, points, 3))
    bounds = np.linspace(0, count, groups + 1).astype(int)
    for first, last in itertools.pairwise(bounds.tolist()):
        _deposit_group(layer, paths[first:last], areas[first:last], shades[first:last])


def _deposit_group(layer: Array, paths: Array, areas: Array, shades: Array) -> None:
    size = layer.shape[-1]
    place = paths.reshape(-1, 2) * np.float32(size) - np.float32(0.5)
    inside = ((place >= 0) & (place < size - 1)).all(1)
    place, area, shade = (place[inside], areas.reshape(-1)[inside], shades.reshape(-1, 3)[inside])
    if not len(place):
        return
    corner = place.astype(np.int32)
    right, down = (place - corner).T
    base = corner[:, 1] * size + corner[:, 0]
    origin = int(base.min())
    base -= origin
    extent = int(base.max()) + size + 2
    taps = ((0, (1 - right) * (1 - down)), (1, right * (1 - down)), (size, (1 - right) * down), (size + 1, right * down))
    index = np.concatenate([base + offset for offset, _ in taps])
    tau_parts = np.concatenate([area * weight for _, weight in taps])

    tau = np.bincount(index, tau_parts, extent).astype(np.float32)
    touched = np.flatnonzero(tau)
    tau = tau[touched]
    alpha = 1 - np.exp(-tau)
    flat = layer.reshape(4, -1)
    for channel in range(3):
        colour = np.bincount(index, tau_parts * np.tile(shade[:, channel], 4), extent)[touched]
        line = flat[channel]
        line[touched + origin] = line[touched + origin] * (1 - alpha) + colour / tau * alpha
    flat[3, touched + origin] = flat[3, touched + origin] * (1 - alpha) + alpha
