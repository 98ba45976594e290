"""Each disturbance of the captured background changes what it names and nothing else, by as much as it says."""

import pytest
import torch

from bgmatte.data.test_pictures import Picture
from bgmatte.evaluation.captured import AMOUNTS, disturbed
from bgmatte.images import composite


@pytest.fixture(scope="module")
def picture():
    random = torch.Generator().manual_seed(0)
    y, x = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
    pha = ((24 - torch.hypot(x - 48, y - 60)) / 4 + 0.5).clamp(0, 1)[None, None]
    bgr = torch.stack([0.3 + 0.4 * x / 96, 0.4 + 0.3 * y / 96, 0.6 + 0.1 * torch.sin(x / 5)])[None]
    fgr = torch.rand(1, 3, 96, 96, generator=random)
    return Picture("p", "rendered-people", "s", "b", composite(fgr, bgr, pha), bgr, pha, fgr)


@pytest.fixture(scope="module")
def seen(picture):
    return {place: shown for places, shown in disturbed(picture, 7) for place in places}


def test_every_amount_is_there_and_the_first_of_each_changes_nothing(picture, seen):
    assert set(seen) == {(name, amount) for name, amounts in AMOUNTS.items() for amount in amounts}
    assert all(seen[name, amounts[0]] is picture for name, amounts in AMOUNTS.items())


@pytest.mark.parametrize(("name", "changed"), [("shift", "bgr"), ("gamma", "bgr"), ("noise", "bgr"), ("shadow", "src")])
def test_one_picture_changes_and_truth_never(picture, seen, name, changed):
    for amount in AMOUNTS[name][1:]:
        shown = seen[name, amount]
        assert [field for field in ("src", "bgr", "pha", "fgr") if not torch.equal(getattr(shown, field), getattr(picture, field))] == [changed]
        assert 0 <= float(getattr(shown, changed).min()) <= float(getattr(shown, changed).max()) <= 1


def test_a_shift_moves_by_its_length_in_one_direction(picture, seen):
    # Red rises by 0.4 over 96 px across and green by 0.3 down, so their means inside tell how far each axis moved.
    inner = (slice(None), slice(None), slice(16, -16), slice(16, -16))
    moves = []
    for amount in AMOUNTS["shift"][1:]:
        change = (seen["shift", amount].bgr[inner] - picture.bgr[inner]).mean((0, 2, 3))
        across, down = float(change[0]) * 96 / 0.4, float(change[1]) * 96 / 0.3
        assert (across**2 + down**2) ** 0.5 == pytest.approx(amount, rel=0.01)
        moves.append((across / amount, down / amount))
    assert all(move == pytest.approx(moves[0], abs=0.02) for move in moves)


def test_gamma_and_noise_are_what_they_say(picture, seen):
    assert torch.allclose(seen["gamma", 1.4].bgr, picture.bgr**1.4)
    assert float((seen["noise", 0.05].bgr - picture.bgr).std()) == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize("amount", AMOUNTS["shadow"][1:])
def test_a_shadow_darkens_by_its_amount_where_it_is_darkest(picture, seen, amount):
    assert torch.equal((picture.pha == 1).expand(-1, 3, -1, -1) & (picture.src != seen["shadow", amount].src), torch.zeros(1, 3, 96, 96).bool())
    bright = picture._replace(bgr=0.5 + picture.bgr / 2)
    bright = bright._replace(src=composite(bright.fgr, bright.bgr, bright.pha))
    for seed in range(12):
        shown = next(shown for places, shown in disturbed(bright, seed) if places == (("shadow", amount),))
        lost = bright.src - shown.src
        assert float(lost.min()) >= -1e-6
        assert float(lost.max()) == pytest.approx(amount, rel=0.01), "behind the person no shadow is seen"


def test_the_same_seed_the_same_bits(picture, seen):
    again = {place: shown for places, shown in disturbed(picture, 7) for place in places}
    other = {place: shown for places, shown in disturbed(picture, 8) for place in places}
    assert all(torch.equal(seen[place].bgr, again[place].bgr) and torch.equal(seen[place].src, again[place].src) for place in seen)
    assert not torch.equal(seen["shift", 8].bgr, other["shift", 8].bgr)
