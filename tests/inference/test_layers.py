"""What is written of a matte, against values by hand."""

import numpy as np
import pytest
import torch

from bgmatte.inference.layers import FRINGE, LAYERS, pixels
from bgmatte.network import Matte


def matte(pha: torch.Tensor, fgr: float = 1.0, ref: torch.Tensor | None = None) -> Matte:
    height, width = pha.shape[2:]
    small = torch.zeros(1, 1, -(-height // 4), -(-width // 4))
    return Matte(pha, torch.full((1, 3, height, width), fgr), small, small.expand(-1, 3, -1, -1), small + 0.2, small.bool() if ref is None else ref)


def test_a_composite_mixes_by_alpha():
    pha = torch.tensor([0.0, 0.25, 1.0]).view(1, 1, 1, 3)
    behind = np.full((1, 3, 3), (0, 100, 200), np.uint8)
    seen = pixels(matte(pha, fgr=0.8), ("composite",), behind)["composite"]
    assert seen.tolist() == [[[0, 100, 200], [51, 126, 201], [204, 204, 204]]]  # 0.75 · behind + 0.25 · 204 between


def test_alpha_is_rounded_not_cut():
    assert pixels(matte(torch.tensor([0.0, 0.499 / 255, 0.501 / 255, 1.0]).view(1, 1, 1, 4)), ("pha",), None)["pha"].tolist() == [[0, 0, 1, 255]]


def test_the_cut_out_is_not_multiplied_by_alpha_and_black_far_from_all_that_is_seen():
    pha = torch.zeros(1, 1, 1, 30)
    pha[..., 0] = 0.5
    seen = pixels(matte(pha, fgr=0.6), ("fgr",), None)["fgr"][0]
    assert seen[0].tolist() == [153, 153, 153, 128]
    assert (seen[1 : 2 * FRINGE] == (153, 153, 153, 0)).all()  # its block, and the next
    assert (seen[2 * FRINGE :] == 0).all()


def test_error_and_patches_lie_over_the_picture_even_if_its_sides_are_odd():
    ref = torch.zeros(1, 1, 2, 3, dtype=torch.bool)
    ref[0, 0, 1, 2] = True
    seen = pixels(matte(torch.zeros(1, 1, 7, 10), ref=ref), ("err", "ref"), None)
    assert (seen["err"] == 51).all() and seen["err"].shape == (7, 10)
    assert (seen["ref"][4:, 8:] == 255).all() and int((seen["ref"] > 0).sum()) == 3 * 2


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_the_pictures_size(name):
    seen = pixels(matte(torch.rand(1, 1, 9, 13, generator=torch.Generator().manual_seed(0))), (name,), np.zeros((9, 13, 3), np.uint8))[name]
    assert seen.dtype == np.uint8 and seen.shape[:2] == (9, 13)
    assert seen.shape[2:] == {"fgr": (4,), "composite": (3,)}.get(name, ())
