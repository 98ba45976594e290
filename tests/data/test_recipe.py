"""The recipe of a training picture: what it is made of, in which order, and how often."""

import pytest
import torch
from torch import Generator, Tensor

from bgmatte.data import recipe as made
from bgmatte.data.recipe import compose, recipe
from bgmatte.images import composite


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def subjects(count: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Noise with a disc of alpha, and noise behind it."""
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    alpha = (2 - 3 * (rows**2 + columns**2).sqrt()).clamp(0, 1).expand(count, 1, height, width)
    return torch.cat([torch.rand(count, 3, height, width, generator=seeded(1)), alpha], 1), torch.rand(count, 3, height, width, generator=seeded(2))


def test_the_ranges_are_the_published_ones() -> None:
    assert recipe("base", strict=True).scale == (0.4, 1)
    assert recipe("joint", strict=True).scale == (0.3, 1)


@pytest.mark.parametrize("strict", [False, True])
def test_what_comes_out_has_the_crops_size_and_range_and_one_seed_gives_one_batch(strict: bool) -> None:
    rgba, rgb = subjects(3, 40, 60)
    first, again = (compose(rgba, rgb, (24, 48), recipe("joint", strict=strict), seeded(3)) for _ in range(2))
    for x, y, channels in zip(first, again, (3, 3, 1, 3), strict=True):
        assert x.shape == (3, channels, 24, 48) and torch.equal(x, y)
        assert float(x.min()) >= 0 and float(x.max()) <= 1


def test_without_chance_the_source_is_the_foreground_over_the_captured_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "shadow", lambda bgr, *_, **__: bgr)
    monkeypatch.setattr(made, "camera", lambda src, bgr, *_: (src, bgr))
    src, bgr, pha, fgr = compose(*subjects(4, 32, 32), (32, 32), recipe("joint", strict=True), seeded())
    torch.testing.assert_close(src, composite(fgr, bgr, pha))


def test_alpha_is_moved_as_colour_is() -> None:
    """A subject whose colour is its alpha keeps them equal through moving, blurring and sharpening."""
    alpha = subjects(1, 48, 48)[0][:, 3:].expand(16, 1, 48, 48)
    fgr, pha = made.foreground(alpha.repeat(1, 4, 1, 1), (48, 48), recipe("joint", strict=True), 1.0, seeded())
    grey = fgr.mean(1, keepdim=True)
    for one, its in zip(grey, pha, strict=True):  # the colour is jittered afterwards: brightness, and contrast about its mean
        inside = (its > 0.05) & (its < 0.8)
        slope = (one[inside] - one[inside].mean()) @ (its[inside] - its[inside].mean()) / (its[inside] - its[inside].mean()).square().sum()
        assert 0.85**2 - 0.01 <= slope <= 1.15**2 + 0.01


def test_how_often_the_camera_does_what() -> None:
    """On a grey scene: noise in 4 of 10 on both shots at once, another light in 8 of 10 captured backgrounds."""
    count = 400
    grey = torch.full((count, 3, 12, 12), 0.5)
    src, bgr = made.camera(grey, grey, recipe("joint", strict=False), seeded())
    noisy = src.flatten(1).std(1) > 0
    assert 0.33 < noisy.float().mean() < 0.47
    assert src.flatten(1).std(1).max() <= 0.033
    quiet = bgr[~noisy].mean((1, 2, 3))
    assert 0.7 < (quiet != 0.5).float().mean() < 0.9
    assert float(quiet.min()) >= 0.82 * 0.5 - 1e-5 and float(quiet.max()) <= 1.18 * 0.5 + 1e-5


def test_beyond_the_edge_the_official_code_is_black_and_drawn_scenes_go_on() -> None:
    white = torch.ones(32, 3, 32, 32)
    strict, drawn = (made.background(white, (32, 32), recipe("base", strict=strict), 1.0, seeded()) for strict in (True, False))
    assert float(strict.amin((1, 2, 3)).min()) < 0.1
    assert float(drawn.min()) > 0.7
