"""Augmentations: the same seed gives the same bits, nothing drawn gives nothing changed, ranges are kept."""

import math

import pytest
import torch
from torch import Generator

from bgmatte import augment


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def picture(channels: int = 3, size: int = 16) -> torch.Tensor:
    return torch.rand(4, channels, size, size, generator=seeded(9))


STEPS = {
    "jitter": lambda x, g: augment.jitter(x, g, light=0.15, hue=0.05),
    "soften": lambda x, g: augment.soften(x, g, radius=3, chance=0.5),
    "sharpen": lambda x, g: augment.sharpen(x, g, chance=0.5),
    "shadow": lambda x, g: augment.shadow(x, x[:, :1], g, chance=0.7),
    "grain": lambda x, g: augment.grain(x, g, std=augment.uniform(g, len(x), 0, 0.03)),
    "perturb": lambda x, g: augment.perturb_background(x, g, shift=0.3, gamma=0.15, noise=0.02),
}


@pytest.mark.parametrize("name", STEPS)
def test_same_seed_same_bits_and_in_range(name: str) -> None:
    step = STEPS[name]
    first, again, other = (step(picture(), seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.min()) >= 0 and float(first.max()) <= 1 and first.shape == (4, 3, 16, 16)


@pytest.mark.parametrize("name", STEPS)
def test_what_is_drawn_does_not_depend_on_the_picture(name: str) -> None:
    states = []
    for x in (picture(), torch.zeros(4, 3, 16, 16)):
        generator = seeded(3)
        STEPS[name](x, generator)
        states.append(generator.get_state())
    assert torch.equal(*states)


def test_no_perturbation_is_the_identity() -> None:
    x = picture()
    torch.testing.assert_close(augment.perturb_background(x, seeded(), shift=0, gamma=0, noise=0), x)
    torch.testing.assert_close(augment.jitter(x, seeded(), light=0, hue=0), x)
    torch.testing.assert_close(augment.warp(x, augment.affine(seeded(), 4), 16, "border"), x)


def test_flip_and_scale_by_hand() -> None:
    x = picture()
    flipped = augment.warp(x, augment.affine(seeded(), 4, flip=1), 16, "border")
    torch.testing.assert_close(flipped, x.flip(3))
    doubled = augment.affine(seeded(), 4, scale=(2, 2))
    torch.testing.assert_close(doubled[:, :, :2], torch.eye(2).expand(4, 2, 2) / 2)


def test_rotation_turns_by_no_more_than_asked() -> None:
    theta = augment.affine(seeded(), 200, degrees=5)
    angles = torch.atan2(theta[:, 0, 1], theta[:, 0, 0]) * 180 / math.pi
    assert 4 < angles.abs().max() <= 5


def test_shift_of_one_pixel_moves_one_pixel() -> None:
    x = picture()
    found = [augment.perturb_background(x[:1], seeded(seed), shift=1.0, gamma=0, noise=0) for seed in range(30)]
    moved = max(float((y - x[:1]).abs().mean()) for y in found)
    assert 0 < moved <= float((x[..., 1:] - x[..., :-1]).abs().mean() + (x[..., 1:, :] - x[..., :-1, :]).abs().mean())


def test_hue_keeps_grey_grey_and_luma() -> None:
    grey = torch.full((4, 3, 2, 2), 0.4)
    torch.testing.assert_close(augment.jitter(grey, seeded(), light=0, hue=0.5), grey)


def test_shadow_only_darkens() -> None:
    x = picture()
    assert bool((augment.shadow(x, torch.ones(4, 1, 16, 16), seeded(), chance=1) <= x).all())
