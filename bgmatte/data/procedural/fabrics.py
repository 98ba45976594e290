"""Things one can see through by their making: lace, wire, nets, feathers. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import blank, coverage, lay, painted, plane, true_distance
from bgmatte.data.procedural.noise import branch, curves, fractal
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.data.procedural.surfaces import hsv, lit, random_colour

Array = np.ndarray


def lace(rng: np.random.Generator, size: int) -> Array:
    """A draped piece of lace: a scalloped border, a flower ground, fine net between."""
    on, draw, light = plane(size), rng.random(16), branch(rng)
    centre = (0.3 + 0.4 * draw[0], 0.35 + 0.4 * draw[1])
    radii = (0.2 + 0.2 * draw[2], 0.2 + 0.22 * draw[3])
    outer = true_distance(shapes.wavy(on, centre, radii, 0.1 * rng.standard_normal(4), 6.28 * rng.random(4), 3.14 * draw[4]), size)
    drape, fold = fractal(rng, on, 3, 3), fractal(rng, on, 2, 2)
    pitch = np.float32(0.025 + 0.035 * draw[5])
    u, v = (on.x + np.float32(0.016) * drape) / pitch, (on.y + np.float32(0.016) * fold) / pitch
    u = u + np.float32(0.5) * (np.floor(v) % 2)
    cu, cv = u - np.floor(u) - np.float32(0.5), v - np.floor(v) - np.float32(0.5)
    radius, angle = np.hypot(cu, cv), np.arctan2(cv, cu)
    petals = 4 + int(4 * draw[6])
    hole = (radius - np.float32(0.4) - np.float32(0.09) * np.cos(petals * angle)) * pitch
    web = np.abs(np.sin(angle * np.float32(petals / 2))) * radius * pitch * np.float32(0.5) - np.float32(0.0016)
    threads = np.minimum(-hole, web)
    scallop = outer + np.float32(0.012) * np.cos(
        np.arctan2(on.y - np.float32(centre[1]), on.x - np.float32(centre[0])) * np.float32(24 + 20 * draw[7])
    )
    cord = np.abs(scallop + np.float32(0.014)) - np.float32(0.009)
    solid = np.maximum(coverage(np.maximum(threads, scallop), size), coverage(cord, size))
    net = (
        coverage(scallop, size)
        * np.float32(0.12 + 0.25 * draw[8])
        * (1 + np.float32(0.3) * np.sin(on.x * np.float32(1050)) * np.sin(on.y * np.float32(1050)))
    )
    diffuse, _ = lit(np.float32(0.05) * fold + np.float32(0.02) * drape, size, (2 * draw[9] - 1, -0.6, 0.7))
    thread = hsv(light.random(), 0.6 * light.random() ** 2, 0.35 + 0.65 * light.random())[:, None, None]
    cloth = np.clip(thread * (np.float32(0.35) + np.float32(0.75) * diffuse) * (1 + np.float32(0.06) * fractal(light, on, 60, 2)), 0, 1)
    layer = painted(np.clip(net, 0, 1), cloth * np.float32(0.95))
    lay(layer, painted(solid, cloth))
    return layer


def feather(rng: np.random.Generator, size: int) -> Array:
    """One to three feathers: a bent quill with barbs that hold together in vanes and part here and there."""
    layer, number = blank(size), 1 + int(3 * rng.random())
    for index in range(3):
        own = branch(rng)
        if index < number:
            _one_feather(layer, own)
    return layer


def _one_feather(layer: Array, rng: np.random.Generator) -> None:
    size, count = layer.shape[-1], 1500
    draw = rng.random(16)
    angle, long = 6.283 * draw[0], 0.5 + 0.4 * draw[1]
    along = np.array([np.cos(angle), np.sin(angle)])
    middle = 0.5 + 0.3 * (draw[2:4] - 0.5)
    start, end = middle - along * long / 2, middle + along * long / 2
    bend = middle + 0.3 * long * (draw[4] - 0.5) * np.array([-along[1], along[0]])
    quill = bezier(start[None], bend[None], end[None], 512)[0]
    tangent = np.gradient(quill, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)

    t, vary, side = rng.random(count), rng.standard_normal((count, 3)), np.where(np.arange(count) % 2, 1.0, -1.0)
    at = np.clip(60 + 450 * t, 0, 511).astype(int)
    reach = (
        long
        * (0.1 + 0.1 * draw[5])
        * (np.sin(np.clip(1.06 * t + 0.03, 0, 1) * 3.1) ** 0.6 * (0.75 + 0.25 * side * (draw[6] - 0.5)) * (1 + 0.06 * vary[:, 0]))
        + 0.01
    )
    down = np.clip(1 - t * 5, 0, 1)  # loose, downy barbs near the foot
    parted = (np.sin(t * (18 + 20 * draw[7]) + side * 2) > 0.93).astype(float)
    lean = 0.55 + 0.5 * draw[8]
    aim = normal[at] * side[:, None] + tangent[at] * lean
    over = aim + tangent[at] * 0.6 + 0.03 * vary[:, 1:] + (0.3 * parted + 0.9 * down)[:, None] * vary[:, 1:]
    points = int(1.3 * size * long * 0.2) + 8
    paths = bezier(quill[at], quill[at] + 0.5 * aim * reach[:, None], quill[at] + over * reach[:, None], points)
    paths[..., 0] += curves(rng, count, points, 6) * np.float32(0.002) * (0.3 + 3 * down[:, None]).astype(np.float32)
    first, second = hsv(draw[9], draw[10] ** 1.5, 0.2 + 0.8 * draw[11]), hsv(draw[12], draw[13] ** 1.5, 0.1 + 0.85 * draw[14])
    bars = np.clip(0.5 + 2 * np.sin(t * (6 + 40 * draw[15]) + 0.4 * vary[:, 0]), 0, 1)[:, None]
    colour = np.clip((first + (second - first) * bars) * (1 + 0.1 * vary[:, :1]) * (0.85 + 0.15 * side[:, None]), 0, 1)
    width = 0.0016 * (1 - 0.45 * down[:, None]) * np.interp(np.linspace(0, 1, points), [0, 0.7, 1], [1, 0.9, 0.25])[None]
    deposit(layer, paths, width, colour, 5)
    stem = np.linspace(0.0075, 0.001, 512, dtype=np.float32)
    ivory = np.array([0.87, 0.82, 0.72], np.float32)
    for shift, tone in ((-0.3, 0.8), (0.0, 1.05), (0.3, 0.7)):
        deposit(
            layer,
            (quill + normal * (stem * np.float32(shift))[:, None])[None].astype(np.float32),
            stem[None] * np.float32(0.5),
            np.clip(ivory * tone, 0, 1)[None].astype(np.float32),
            1,
        )


def wires(rng: np.random.Generator, size: int) -> Array:
    """A wheel, a web or a slack net of wires and threads."""
    kind, own = rng.random(), branch(rng)
    layer = blank(size)
    (_wheel if kind < 0.35 else _net if kind < 0.75 else _web)(layer, own)
    return layer


def _metal(colour: Array, paths: Array) -> Array:
    """A wire's colour along its way: bright where it turns to the light."""
    course = np.diff(paths, axis=1, append=paths[:, -1:] * 2 - paths[:, -2:-1])
    course /= np.linalg.norm(course, axis=2, keepdims=True) + np.float32(1e-9)
    glint = np.abs(course[..., 0] * np.float32(0.8) - course[..., 1] * np.float32(0.6)) ** 4
    return np.clip(colour * (np.float32(0.45) + glint[..., None] * np.float32(0.9)), 0, 1).astype(np.float32)


def _ring(centre: Array, radii: Array, turn: float, points: int) -> Array:
    angle = np.linspace(0, 2 * np.pi, points)
    x, y = radii[0] * np.cos(angle), radii[1] * np.sin(angle)
    return (centre + np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1))[None].astype(np.float32)


def _wheel(layer: Array, rng: np.random.Generator) -> None:
    draw, size = rng.random(10), layer.shape[-1]
    centre, radius = 0.35 + 0.3 * draw[:2], 0.22 + 0.2 * draw[2]
    radii, turn, spokes = radius * np.array([1, 0.45 + 0.55 * draw[3]]), 3.14 * draw[4], 16 + int(28 * draw[5])
    steel, rubber = hsv(draw[6], 0.15, 0.55 + 0.45 * draw[7]), hsv(draw[8], 0.4, 0.08 + 0.2 * draw[9])
    around = int(7 * radius * size)
    angle = np.arange(spokes) * (2 * np.pi / spokes)
    cross = np.where(np.arange(spokes) % 2, 0.9, -0.9)  # spokes leave the hub aside, as they do on a bicycle
    rim = _ring(centre, radii * 0.96, turn, spokes * 8 + 1)[0]
    outer = rim[np.round(angle / (2 * np.pi) * spokes * 8).astype(int)]
    hub = _ring(centre, radii * 0.07, turn, spokes * 8 + 1)[0][np.round(((angle + cross) % (2 * np.pi)) / (2 * np.pi) * spokes * 8).astype(int)]
    lines = bezier(hub, (hub + outer) / 2, outer, int(1.4 * radius * size))
    deposit(layer, lines, np.full((1, lines.shape[1]), 0.0011 + 0.0015 * draw[7], np.float32), _metal(steel, lines), 1)
    for scale, width, colour in ((1.02, 0.016, rubber), (0.955, 0.008, steel), (0.07, 0.02, steel * 0.7)):
        for offset in np.linspace(-0.4, 0.4, 6):  # a tyre is broader than a strand: several side by side
            path = _ring(centre, radii * scale + offset * width, turn, around)
            deposit(layer, path, np.full((1, around), width / 4, np.float32), _metal(colour * (1.1 - 0.8 * abs(offset)), path), 1)


def _net(layer: Array, rng: np.random.Generator) -> None:
    draw, size = rng.random(12), layer.shape[-1]
    centre, half, turn = 0.35 + 0.3 * draw[:2], 0.18 + 0.22 * draw[2:4], 3.14 * draw[4]
    pitch, count = 0.02 + 0.05 * draw[5], 21
    sag = rng.standard_normal((2, 6, 6))
    points = int(2.2 * max(half) * size)
    fine = np.linspace(-1, 1, points)
    lines = []
    for way in (0, 1):
        steps = np.clip((np.arange(count) - count // 2) * pitch / half[1 - way], -1, 1)
        u, v = np.meshgrid(fine, steps)
        local = np.stack([u, v] if way == 0 else [v, u], -1)
        k = np.arange(6)
        bend = [np.einsum("ijk,ijl,kl->ij", np.cos(1.2 * local[..., :1] * k + 1), np.cos(1.2 * local[..., 1:] * k + 2), s) for s in sag]
        lines.append(local * half + 0.006 * (0.3 + draw[6]) * np.stack(bend, -1))
    paths = np.concatenate(lines)
    cos, sin = np.cos(turn), np.sin(turn)
    paths = (centre + np.stack([paths[..., 0] * cos - paths[..., 1] * sin, paths[..., 0] * sin + paths[..., 1] * cos], -1)).astype(np.float32)
    width = 0.0009 + 0.004 * draw[7] ** 2
    deposit(layer, paths, np.full((1, points), width, np.float32), _metal(random_colour(rng) * 0.8 + 0.15, paths), 1)


def _web(layer: Array, rng: np.random.Generator) -> None:
    draw, size, spokes = rng.random(8), layer.shape[-1], 22
    jitter, centre, radius = rng.uniform(0.75, 1.15, spokes), 0.3 + 0.4 * draw[:2], 0.26 + 0.2 * draw[2]
    angle = (np.arange(spokes) + 0.5 * rng.random(spokes)) * (2 * np.pi / spokes)
    tips = centre + radius * jitter[:, None] * np.stack([np.cos(angle), np.sin(angle) * (0.7 + 0.3 * draw[3])], 1)
    pale = hsv(draw[4], 0.1, 0.75 + 0.25 * draw[5])
    rays = bezier(np.tile(centre, (spokes, 1)), (tips + centre) / 2, tips, int(1.5 * radius * size))
    deposit(layer, rays, np.full((1, rays.shape[1]), 0.0012, np.float32), _metal(pale, rays), 1)
    for share in np.linspace(0.12, 0.94, 9 + int(14 * draw[6])):
        first = centre + (tips - centre) * share
        second = np.roll(first, -1, 0)
        slack = centre + ((first + second) / 2 - centre) * 0.93
        threads = bezier(first, slack, second, int(0.5 * radius * share * size) + 6)
        deposit(layer, threads, np.full((1, threads.shape[1]), 0.0008, np.float32), _metal(pale, threads), 1)
