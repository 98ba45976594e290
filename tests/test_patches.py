"""Selectors and the shared top-k against slow loops and identities."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.config import SELECTORS
from bgmatte.patches import SCORES, Scene, crop, paste, top_k


def scene(seed: int = 0, height: int = 64, width: int = 96) -> Scene:
    g = torch.Generator().manual_seed(seed)
    src, bgr, true = (torch.rand(2, c, height, width, generator=g) for c in (3, 3, 1))
    pha, err = (torch.rand(2, 1, height // 4, width // 4, generator=g) for _ in range(2))
    return Scene(src, bgr, pha, err, torch.Generator().manual_seed(seed), true)


def test_every_selector_of_the_config_has_a_score() -> None:
    assert set(SCORES) == set(SELECTORS)


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("budget", [0, 1, 37, 384, 5_000])
def test_every_selector_spends_exactly_the_budget(name: str, budget: int) -> None:
    chosen = top_k(SCORES[name](scene()), budget)
    assert chosen.shape == (2, 1, 16, 24)
    assert chosen.flatten(1).sum(1).tolist() == [min(budget, 384)] * 2


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12), st.integers(0, 13))
def test_top_k_breaks_ties_by_index(values: list[int], budget: int) -> None:
    ranked = sorted(range(12), key=lambda i: (-values[i], i))[:budget]
    chosen = top_k(torch.tensor(values).float().view(1, 1, 3, 4), budget)
    assert sorted(ranked) == chosen.flatten().nonzero().flatten().tolist()


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_grid_is_regular_where_the_budget_allows(step: int) -> None:
    score = SCORES["grid"](scene(height=128, width=128))  # 32 × 32 patches
    rows, columns = top_k(score, (32 // step) ** 2)[0, 0].nonzero().T
    assert sorted(set(rows.diff()[rows.diff() > 0].tolist())) in ([step], [])
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == 32 // step


def test_random_follows_its_generator() -> None:
    assert torch.equal(SCORES["random"](scene(1)), SCORES["random"](scene(1)))
    assert not torch.equal(SCORES["random"](scene(1)), SCORES["random"](scene(2)))


def test_oracle_takes_the_patch_that_is_wrong_and_refuses_to_guess() -> None:
    one = scene()
    true = torch.nn.functional.interpolate(one.pha_sm, scale_factor=4, mode="bilinear", align_corners=False).clone()
    true[0, 0, 20:24, 40:44] = 1 - true[0, 0, 20:24, 40:44].round()
    found = top_k(SCORES["oracle"](Scene(one.src, one.bgr, one.pha_sm, one.err_sm, one.generator, true)), 1)
    assert found[0, 0].nonzero().tolist() == [[5, 10]]
    with pytest.raises(ValueError, match="oracle"):
        SCORES["oracle"](Scene(one.src, one.bgr, one.pha_sm, one.err_sm, one.generator))


@given(st.integers(0, 2**31), st.integers(0, 24))
def test_paste_undoes_crop(seed: int, budget: int) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(2, 3, 12, 16, generator=g)
    where = top_k(torch.rand(2, 1, 3, 4, generator=g), budget)[:, 0].nonzero()
    assert torch.equal(paste(x, crop(x, where, side=4, margin=0), where), x)
    inverted = paste(x, 1 - crop(x, where, side=4, margin=0), where)
    assert int((inverted != x).any(1).sum()) == 16 * len(where)
