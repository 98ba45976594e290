"""Refining in tiles while training is refining patch by patch: outputs, gradients and running statistics agree."""

import copy

import pytest
import torch
from torch import Generator, Tensor, nn

from bgmatte.config import TWO_STAGES, RefineConfig, Stage
from bgmatte.network.builder import build_refiner
from bgmatte.network.cells import as_cells, as_pixels
from bgmatte.network.coalesced import SIDES, cheapest, nested, refine_in_tiles, repeats
from bgmatte.network.refiner import Refiner, margins
from bgmatte.network.weighted_norm import weighted_norm_relu

STAGES = {
    "half, then full": TWO_STAGES,
    "full": (Stage(1.0, (24, 16, 12, 4)),),
    "half": (Stage(0.5, (24, 16, 12, 4)),),
    "one at half": (Stage(0.5, (24,)), Stage(1.0, (16, 12, 8, 4))),
    "full, then half": (Stage(1.0, (24, 16)), Stage(0.5, (12, 4))),
}
HIDDEN = 8
Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def refiner(stages: tuple[Stage, ...] = TWO_STAGES, kernel: int = 3) -> Refiner:
    """A refiner in double precision, so that agreement is not a matter of rounding at a ReLU's edge."""
    torch.manual_seed(0)
    made = build_refiner(RefineConfig(stages=stages, kernel=kernel), HIDDEN, 0.5).double().train()
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    return made


def inputs(share: float, height: int = 36, width: int = 52) -> Inputs:
    """Two pictures whose sides no tile divides, patches chosen by chance, the corners among them."""
    generator = Generator().manual_seed(1)
    src, bgr, matte, hidden = (
        torch.rand(2, channels, height // by, width // by, generator=generator, dtype=torch.float64)
        for channels, by in ((3, 1), (3, 1), (4, 4), (HIDDEN, 4))
    )
    chosen = torch.rand(2, 1, height // 4, width // 4, generator=generator) < share
    chosen[0, 0, 0, 0] = chosen[1, 0, -1, -1] = True
    return src, bgr, matte, hidden, chosen


def learnt(made: Refiner, given: Inputs, side: int | None) -> dict[str, Tensor]:
    """Output, gradients and buffers after one step forwards and backwards, by tiles of `side` or patch by patch (None)."""
    src, bgr, matte, hidden, chosen = given
    matte, hidden = matte.clone().requires_grad_(), hidden.clone().requires_grad_()
    call = (src, bgr, matte, hidden, chosen)
    out = made.one_by_one(*call) if side is None else refine_in_tiles(made._layers(), *call, side)
    (out * torch.randn(out.shape, generator=Generator().manual_seed(2), dtype=out.dtype)).sum().backward()
    gradients = {name: weight.grad for name, weight in made.named_parameters() if weight.grad is not None}
    assert matte.grad is not None and hidden.grad is not None
    return {"out": out.detach(), "matte": matte.grad, "hidden": hidden.grad, **gradients, **dict(made.named_buffers())}


@pytest.mark.parametrize("kernel", [3, 1])
@pytest.mark.parametrize("name", STAGES)
def test_tiles_are_patches(name: str, kernel: int) -> None:
    plain, given = refiner(STAGES[name], kernel), inputs(share=0.3)
    expected = learnt(copy.deepcopy(plain), given, None)
    for side in (1, 2, 8):
        found = learnt(copy.deepcopy(plain), given, side)
        assert found.keys() == expected.keys()
        for part, value in expected.items():
            torch.testing.assert_close(
                found[part], value, rtol=1e-9, atol=1e-10, msg=lambda text, part=part, side=side: f"{part}, side {side}: {text}"
            )


def test_the_same_step_twice_gives_the_same_bits() -> None:
    plain, given = refiner().float(), tuple(x if x.dtype == torch.bool else x.float() for x in inputs(share=0.3))
    first, again = (learnt(copy.deepcopy(plain), given, 4) for _ in range(2))  # type: ignore[arg-type]
    assert all(torch.equal(again[part], value) for part, value in first.items())


def test_training_shares_and_evaluation_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from bgmatte.network import refiner as module

    sides: list[int] = []
    real = module.refine_in_tiles
    monkeypatch.setattr(module, "refine_in_tiles", lambda *given: sides.append(given[-1]) or real(*given))  # type: ignore[func-returns-value]
    made, given = refiner(), inputs(share=0.9)
    made(*given)
    assert sides and sides[0] > 1
    made.eval()(*given)
    made.train().get_submodule("bn1").eval()  # frozen
    made(*given)
    made.train()
    hook = made.get_submodule("bn1").register_forward_pre_hook(lambda *_: None)  # watched
    made(*given)
    hook.remove()
    made.bn2 = nn.SyncBatchNorm(made.get_submodule("bn2").num_features)
    assert not made._may_share()
    assert len(sides) == 1


def test_scattered_patches_are_refined_one_by_one() -> None:
    chosen = torch.zeros(1, 1, 64, 64, dtype=torch.bool)
    chosen[..., ::16, ::16] = True
    layers = refiner()._layers()
    assert cheapest(layers, chosen) == 1
    assert cheapest(layers, torch.ones_like(chosen)) == max(SIDES)


@pytest.mark.parametrize(("stages", "sound"), [(TWO_STAGES, True), ((Stage(0.5, (24, 16)), Stage(1.0, (12, 8, 4))), False)])
def test_only_stages_that_fit_share(stages: tuple[Stage, ...], sound: bool) -> None:
    assert nested(stages, margins(stages, 3), 3) == sound


def test_repeats_are_counted_by_hand() -> None:
    chosen = torch.tensor([[[True, True], [False, False]]])
    assert repeats(chosen, side=2, window=4)[0].tolist() == [[1, 1, 2, 2, 1, 1]] * 4 + [[0] * 6] * 2


def test_weighted_norm_is_a_norm_over_repeated_pixels() -> None:
    generator = Generator().manual_seed(0)
    x = torch.randn(1, 3, 4, 5, generator=generator, dtype=torch.float64)
    times = torch.randint(0, 4, (1, 1, 4, 5), generator=generator)
    plain = nn.BatchNorm2d(3).double()
    nn.init.normal_(plain.weight)
    weighted = copy.deepcopy(plain)

    repeated = x.flatten(2).repeat_interleave(times.flatten(), 2)[..., None]
    expected = plain(repeated).relu()
    found = weighted_norm_relu(weighted, x.clone(), times)
    torch.testing.assert_close(found.flatten(2).repeat_interleave(times.flatten(), 2)[..., None], expected)
    for name, buffer in plain.named_buffers():
        torch.testing.assert_close(weighted.get_buffer(name), buffer)


def test_weighted_norm_has_the_slopes_of_its_values() -> None:
    generator = Generator().manual_seed(0)
    x = torch.randn(2, 4, 3, 3, generator=generator, dtype=torch.float64, requires_grad=True)  # two groups of two channels
    times = torch.randint(1, 4, (2, 2, 3, 3), generator=generator)
    norm = nn.BatchNorm2d(2).double()
    assert torch.autograd.gradcheck(lambda value: weighted_norm_relu(norm, value * 1.0, times), (x,))


def test_cells_and_pixels_are_each_others_inverse() -> None:
    x = torch.rand(2, 3, 4, 6)
    cells = as_cells(x)
    assert torch.equal(as_pixels(cells), x)
    assert cells[0, :, 1, 2].tolist() == x[0, :, 2:4, 4:6].permute(1, 2, 0).flatten().tolist()
