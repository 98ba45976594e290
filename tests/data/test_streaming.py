"""Streamed batches: any size of picture, read when drawn, the same for the same seed however they are shared out."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Generator

from bgmatte.data.recipe import recipe
from bgmatte.data.sets import BackgroundSet, SubjectSet
from bgmatte.data.streaming import StreamedPictures
from bgmatte.data.training_pictures import crop_size

SIZES = ((40, 64), (90, 40), (24, 24), (130, 130))


class Lazy(Sequence[np.ndarray]):
    """Pictures of different sizes that are made when they are asked for, and a list of who was."""

    def __init__(self, channels: int) -> None:
        self.channels, self.asked = channels, list[int]()

    def __len__(self) -> int:
        return len(SIZES)

    def __getitem__(self, index: int) -> np.ndarray:  # type: ignore[override]
        self.asked.append(index)
        picture = np.random.default_rng(index).integers(0, 256, (self.channels, *SIZES[index]), dtype=np.uint8)
        if self.channels == 4:
            picture[3] = 255
        return picture


def people(name: str = "p") -> SubjectSet:
    names = tuple(f"{name}{i}" for i in range(len(SIZES)))
    return SubjectSet(Lazy(4), tuple(range(len(SIZES))), names, names)


def scenes(name: str = "s") -> BackgroundSet:
    names = tuple(f"{name}{i}" for i in range(len(SIZES)))
    return BackgroundSet(Lazy(3), tuple(range(len(SIZES))), names, names)


def streamed(subjects: tuple[SubjectSet, ...] | None = None, backgrounds: tuple[BackgroundSet, ...] | None = None) -> StreamedPictures:
    backgrounds = backgrounds or (scenes(),)
    return StreamedPictures(subjects or (people(),), backgrounds, (1.0,) * len(backgrounds), 16, 32, recipe("joint", strict=True))


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def test_a_batch_follows_its_seed_and_only_what_is_drawn_is_read() -> None:
    first, again = streamed(), streamed()
    one, same, other = first.batch(3, seeded(1)), again.batch(3, seeded(1)), again.batch(3, seeded(2))
    assert one.names == same.names and all(torch.equal(x, y) for x, y in zip(one[:4], same[:4], strict=True))
    assert one.names != other.names or one.src.shape != other.src.shape or not torch.equal(one.src, other.src)
    assert first.subjects[0].pictures.asked == [int(name.split(" on ")[0][1:]) for name in one.names]  # type: ignore[union-attr]


def test_shares_are_cut_from_the_whole_batch_and_read_no_more() -> None:
    whole = streamed().batch(4, seeded(5))
    for share in (slice(0, 2), slice(2, 4)):
        part = streamed()
        batch = part.batch(4, seeded(5), share)
        assert batch.names == whole.names[share]
        assert all(torch.equal(x, y[share]) for x, y in zip(batch[:4], whole[:4], strict=True))
        assert len(part.subjects[0].pictures.asked) == 2  # type: ignore[union-attr]


def test_the_generator_stands_alike_after_any_share() -> None:
    generators = [seeded(5), seeded(5)]
    for generator, share in zip(generators, (slice(None), slice(0, 1)), strict=True):
        streamed().batch(4, generator, share)
    assert torch.equal(generators[0].get_state(), generators[1].get_state())


def test_sides_are_drawn_alike_between_the_least_and_the_largest_each_for_itself() -> None:
    generator = seeded(0)
    found = [crop_size(16, 32, generator) for _ in range(500)]
    heights, widths = ([size[axis] for size in found] for axis in (0, 1))
    for sides in (heights, widths):
        assert {side: sides.count(side) > 60 for side in range(16, 33, 4)} == dict.fromkeys(set(sides), True)
    assert any(height != width for height, width in found)
    before = generator.get_state()
    assert crop_size(16, None, generator) == (16, 16) and torch.equal(before, generator.get_state())


def test_pools_are_drawn_from_alike_and_backgrounds_by_their_chances() -> None:
    pictures = StreamedPictures((people("a"), people("b")), (scenes("x"), scenes("y")), (0.75, 0.25), 16, None, recipe("base", strict=False))
    names = [name for seed in range(20) for name in pictures.batch(10, seeded(seed)).names]
    assert 75 <= sum(name.startswith("a") for name in names) <= 125
    assert 130 <= sum(" on x" in name for name in names) <= 170


def test_an_empty_set_is_refused() -> None:
    nobody = SubjectSet(Lazy(4), (), (), ())
    with pytest.raises(ValueError, match="SubjectSet: no pictures"):
        streamed((nobody,))
