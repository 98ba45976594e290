"""The sheet of augmentations: the ends are ends, and every augmentation of the recipe is on it."""

import pytest
import torch

from bgmatte.data.effects import Effect, captioned, effects


@pytest.fixture(scope="module")
def shown() -> tuple[Effect, ...]:
    generator = torch.Generator().manual_seed(0)
    alpha = torch.zeros(1, 1, 48, 48)
    alpha[:, :, 16:, 12:36] = 1
    return effects(torch.cat([torch.rand(1, 3, 48, 48, generator=generator), alpha], 1), torch.rand(1, 3, 48, 48, generator=generator))


def test_the_most_changed_is_farther_from_the_picture_than_the_least_changed(shown: tuple[Effect, ...]) -> None:
    assert len({effect.name for effect in shown}) == len(shown) == 13
    for effect in shown:
        least, most = ((picture - effect.before).abs().mean() for picture in (effect.least, effect.most))
        assert least < most, effect.name
        assert effect.most.shape == effect.before.shape == (3, 48, 48)


def test_the_sheet_has_room_for_all_and_words_that_its_font_can_write(shown: tuple[Effect, ...]) -> None:
    page = captioned(shown, columns=2, side=40)
    rows = -(-len(shown) // 2)
    assert page.shape == (18 + rows * (40 + 30 + 12), 2 * (3 * 40 + 12) + 24, 3)
    assert all("–" not in effect.words + effect.name for effect in shown)
