"""Augmentations: the same seed gives the same bits, nothing drawn gives nothing changed, ranges are kept."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from torch import Generator

from bgmatte import augment
from bgmatte.images import LUMA

SEEDS = st.integers(0, 2**40)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def picture(channels: int = 3, size: int = 16) -> torch.Tensor:
    return torch.rand(4, channels, size, size, generator=seeded(9))


STEPS = {
    "jitter": lambda x, g: augment.jitter(x, g, light=0.15, hue=0.05),
    "soften": lambda x, g: augment.soften(x, g, radius=3, chance=0.5),
    "sharpen": lambda x, g: augment.sharpen(x, g, chance=0.5),
    "shadow": lambda x, g: augment.shadow(x, x[:, :1], g, blur=(20, 39), chance=0.7),
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
    torch.testing.assert_close(augment.warp(x, augment.affine(seeded(), 4), (16, 16), "border"), x)


def test_flip_and_scale_by_hand() -> None:
    x = picture()
    flipped = augment.warp(x, augment.affine(seeded(), 4, flip=1), (16, 16), "border")
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
    assert bool((augment.shadow(x, torch.ones(4, 1, 16, 16), seeded(), blur=(20, 39), chance=1) <= x).all())


@given(SEEDS)
def test_affine_maps_keep_the_ranges_they_are_given(seed: int) -> None:
    """Each map is taken apart again: forwards, it shears, turns and magnifies, moves, and flips."""
    theta = augment.affine(seeded(seed), 8, degrees=5, shear=5, shift=0.1, scale=(0.3, 1), flip=0.5, sides=(1.5, 1.0)).double()
    for linear, offset in zip(theta[:, :, :2], theta[:, :, 2], strict=True):
        flip = float(torch.linalg.det(linear).sign())
        forwards = torch.linalg.inv(linear * torch.tensor([flip, 1.0]))
        scale = float(torch.linalg.det(forwards).sqrt())
        angle = math.atan2(-float(forwards[1, 0]), float(forwards[0, 0]))  # the first axis is turned, not sheared
        turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], dtype=torch.float64)
        shear = turn.T @ forwards / scale
        moved = forwards @ -offset
        assert abs(angle) <= math.radians(5) + 1e-6 and 0.3 - 1e-6 <= scale <= 1 + 1e-6
        assert torch.allclose(shear[:, 0], torch.tensor([1.0, 0.0], dtype=torch.float64), atol=1e-5) and abs(float(shear[1, 1]) - 1) < 1e-5
        assert abs(float(shear[0, 1])) <= math.tan(math.radians(5)) + 1e-5
        assert abs(float(moved[0])) <= 0.2 * 1.5 + 1e-6 and abs(float(moved[1])) <= 0.2 + 1e-6


def test_a_crop_sees_the_middle_of_a_picture_that_covers_the_square() -> None:
    """16×32 px, seen unmoved: a square crop is its middle square, a flat crop its middle half."""
    x = torch.rand(1, 3, 16, 32, generator=seeded())
    still = augment.affine(seeded(), 1)
    reach = augment.covering((16, 32))
    assert reach == (2.0, 1.0) and augment.within((8, 16)) == (1.0, 0.5)
    square = augment.warp(x, augment.framed(still, reach, augment.within((16, 16))), (16, 16), "zeros")
    torch.testing.assert_close(square, x[..., 8:24])
    flat = augment.warp(x, augment.framed(still, reach, augment.within((8, 16))), (8, 16), "zeros")
    torch.testing.assert_close(flat, x[..., 4:12, 8:24])


def test_a_turn_is_a_turn_on_a_picture_that_is_not_square() -> None:
    """A quarter turn in a 16×32 crop: what lies to the right of the middle comes from as many pixels above or below it."""
    extent = augment.within((16, 32))
    turned = torch.tensor([[[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]])
    theta = augment.framed(turned, extent, extent)
    x = torch.rand(1, 1, 16, 32, generator=seeded())
    seen = augment.warp(x, theta, (16, 32), "zeros")
    torch.testing.assert_close(seen[0, 0, :, 8:24], torch.rot90(x[0, 0, :, 8:24], -1))


def test_sharpening_is_pillows_and_acts_on_alpha_too() -> None:
    bytes_ = (picture(4) * 255).round()
    mine = augment.sharpen(bytes_ / 255, seeded(), chance=1) * 255
    for one, sharp in zip(bytes_, mine, strict=True):
        for channel, seen in zip(one, sharp, strict=True):
            theirs = np.asarray(Image.fromarray(channel.byte().numpy()).filter(ImageFilter.SHARPEN), dtype=np.float32)
            assert np.abs(theirs - seen.numpy())[1:-1, 1:-1].max() <= 0.51


def test_softening_is_pillows_box_blur_with_radii_from_nothing_to_the_largest() -> None:
    bytes_ = (picture(1) * 255).round()
    soft = [augment.soften(bytes_ / 255, seeded(seed), radius=3, chance=1) * 255 for seed in range(12)]
    radii = set()
    for one, seen in zip(bytes_.repeat(12, 1, 1, 1), torch.cat(soft), strict=True):
        away = [
            np.abs(np.asarray(Image.fromarray(one[0].byte().numpy()).filter(ImageFilter.BoxBlur(r)), dtype=np.float32) - seen[0].numpy()).max()
            for r in range(4)
        ]
        radii.add(int(np.argmin(away)))
        assert min(away) <= 1.01
    assert radii == {0, 1, 2, 3}


@given(SEEDS)
def test_jitter_of_a_grey_picture_is_brightness_and_contrast_within_range(seed: int) -> None:
    """Two greys, 0.4 and 0.6, mean 0.5: their mean moves by brightness alone, their distance by both factors."""
    two = torch.tensor([0.4, 0.6]).view(1, 1, 1, 2).expand(1, 3, 1, 2).contiguous()
    dark, light = augment.jitter(two, seeded(seed), light=0.15, hue=0.05)[0, 0, 0].tolist()
    assert 0.85 - 1e-5 <= (dark + light) / 2 / 0.5 <= 1.15 + 1e-5
    assert 0.85**2 - 1e-4 <= (light - dark) / 0.2 <= 1.15**2 + 1e-4


@given(SEEDS)
def test_added_jitter_moves_black_and_multiplies_distances(seed: int) -> None:
    three = torch.tensor([0.0, 0.4, 0.6]).view(1, 1, 1, 3).expand(1, 3, 1, 3).contiguous()
    black, dark, light = augment.jitter(three, seeded(seed), light=0.18, hue=0.1, added=True)[0, 0, 0].tolist()
    contrast = (light - dark) / 0.2
    assert 0.82 - 1e-4 <= contrast <= 1.18 + 1e-4
    assert abs(dark / contrast - 0.4) <= 0.18 + 1e-4
    assert black == pytest.approx(max(dark - 0.4 * contrast, 0), abs=1e-5)


def test_hue_turns_in_the_plane_of_chroma() -> None:
    """Luma stays, and so does the length of the chroma in YIQ, computed here by hand."""
    x = 0.4 + 0.2 * picture()
    turned = augment.jitter(x, seeded(), light=0, hue=0.1)
    luma = torch.tensor(LUMA).view(3, 1, 1)
    torch.testing.assert_close((turned * luma).sum(1), (x * luma).sum(1), atol=2e-4, rtol=0)
    in_phase, quadrature = torch.tensor([0.5959, -0.2746, -0.3213]), torch.tensor([0.2115, -0.5227, 0.3112])
    chroma = [torch.stack([(y * part.view(3, 1, 1)).sum(1) for part in (in_phase, quadrature)]).norm(dim=0) for y in (x, turned)]
    torch.testing.assert_close(*chroma, atol=2e-4, rtol=0)
    assert not torch.allclose(x, turned, atol=1e-3)


def test_a_shadow_is_the_alpha_times_its_depth_where_nothing_moves() -> None:
    """Of a full alpha, at the middle: nothing but the depth is left, 0 to 0.3; only where it happens."""
    white, full = torch.ones(200, 3, 32, 32), torch.ones(200, 1, 32, 32)
    depth = 1 - augment.shadow(white, full, seeded(), blur=(4, 8))[:, :, 16, 16]
    assert 0.25 < depth.max() <= 0.3 + 1e-6 and torch.equal(depth[:, 0], depth[:, 2])
    assert 30 <= int((depth[:, 0] > 0).sum()) <= 90, "three in ten"


def test_the_blur_of_a_shadow_is_as_wide_as_it_is_told() -> None:
    """The shadow of an edge climbs over the box's side, here 28 px, give or take the quarter resolution; where its other edge shows, twice."""
    alpha = torch.zeros(64, 1, 128, 128)
    alpha[:, :, :, 64:] = 1
    cast = 1 - augment.shadow(torch.ones(64, 3, 128, 128), alpha, seeded(), blur=(28, 28), chance=1, darkest=1)[:, 0, 64]
    profile = cast / cast.amax(1, keepdim=True).clamp_min(1e-3)
    climbs = ((profile > 0.02) & (profile < 0.98)).sum(1)[cast.amax(1) > 0.2]
    assert len(climbs) > 20 and all(24 <= climb <= 32 or 40 <= climb <= 64 for climb in climbs.tolist())


@given(SEEDS)
def test_grain_has_the_standard_deviation_it_is_given(seed: int) -> None:
    std = torch.tensor([0.0, 0.01, 0.03]).view(3, 1, 1, 1)
    noise = augment.grain(torch.full((3, 3, 32, 32), 0.5), seeded(seed), std=std) - 0.5
    assert torch.equal(noise[0], torch.zeros(3, 32, 32))
    for one, wanted in zip(noise[1:], (0.01, 0.03), strict=True):
        assert one.std() == pytest.approx(wanted, rel=0.08)


def test_misalignment_moves_by_a_hundredth_and_turns_by_a_degree() -> None:
    """A picture whose value is its own place tells where each pixel came from."""
    rows, columns = torch.meshgrid(torch.linspace(0.1, 0.9, 64), torch.linspace(0.1, 0.9, 64), indexing="ij")
    place = torch.stack([rows, columns, rows]).expand(300, 3, 64, 64).contiguous()
    seen = augment.misalign(place, seeded(), degrees=1, shift=0.01, chance=0.3)
    happened = (seen != place).flatten(1).any(1)
    assert 60 <= int(happened.sum()) <= 120, "three in ten"
    middle = (seen[happened] - place[happened])[:, :2, 31:33, 31:33].mean((2, 3)) / (0.8 / 63 * 64)
    assert 0.008 < middle.abs().max() <= 0.0101
    across = (seen[happened, 0, 32, 62] - seen[happened, 0, 32, 2]) / (seen[happened, 1, 32, 62] - seen[happened, 1, 32, 2])
    assert math.radians(0.8) < across.abs().max() <= math.radians(1.01)


def test_a_grounded_picture_goes_on_below_its_edge() -> None:
    x = torch.ones(1, 1, 8, 8)
    lower = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]])  # looks half a picture further down
    assert augment.warp(x, lower, (8, 8), "zeros")[0, 0, :, 4].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert augment.warp(x, lower, (8, 8), "zeros", grounded=True).min() == 1
