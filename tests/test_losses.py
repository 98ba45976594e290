"""The paper's losses by hand."""

import torch

from bgmatte.images import resize, sobel
from bgmatte.losses import alpha_loss, base_losses, error_loss, foreground_loss, joint_losses


def tensors(channels: int, size: int = 8, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, channels, size, size, generator=torch.Generator().manual_seed(seed))


def test_the_truth_costs_nothing_but_its_own_error_map() -> None:
    pha, fgr = tensors(1), tensors(3)
    losses = base_losses(pha, fgr, torch.zeros_like(pha), pha, fgr)
    assert losses.total.item() == 0


def test_alpha_loss_by_hand() -> None:
    pha, true = torch.full((1, 1, 4, 4), 0.25), torch.ones(1, 1, 4, 4)
    assert abs(alpha_loss(pha, true).item() - 0.75) < 1e-6  # both are flat: the Sobel term is nothing


def test_alpha_loss_is_l1_of_alpha_and_of_edges() -> None:
    a, b = tensors(1, seed=1), tensors(1, seed=2)
    expected = (a - b).abs().mean() + (sobel(a) - sobel(b)).abs().mean()
    torch.testing.assert_close(alpha_loss(a, b), expected)


def test_foreground_counts_where_something_is_seen_but_averages_over_all() -> None:
    fgr, true = torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    pha = torch.tensor([[[[0.0, 0.1], [0.0, 1.0]]]])
    assert foreground_loss(fgr, true, pha).item() == 0.5


def test_foreground_loss_and_its_slopes_are_those_of_masked_pictures() -> None:
    fgr, true, pha = tensors(3, seed=1).requires_grad_(), tensors(3, seed=2), (tensors(1, seed=3) - 0.5).clamp_min(0)
    expected = torch.nn.functional.l1_loss(fgr * (pha > 0), true * (pha > 0))
    found = foreground_loss(fgr, true, pha)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(*(torch.autograd.grad(loss, fgr)[0] for loss in (found, expected)))


def test_error_target_is_the_absolute_error_at_the_size_of_the_truth() -> None:
    err, pha, true = tensors(1, 4, 1), tensors(1, 4, 2), tensors(1, 8, 3)
    expected = (resize(err, (8, 8)) - (resize(pha, (8, 8)) - true).abs()).square().mean()
    torch.testing.assert_close(error_loss(err, pha, true), expected)


def test_base_error_term_does_not_teach_alpha_but_the_joint_one_does() -> None:
    for joint in (False, True):
        pha_sm, err = tensors(1, 4, 1).requires_grad_(), tensors(1, 4, 2)
        true, fgr = tensors(1, 4, 3), tensors(3, 4, 4)
        losses = joint_losses(true, fgr, pha_sm, fgr, err, true, fgr) if joint else base_losses(pha_sm, fgr, err, true, fgr)
        (gradient,) = torch.autograd.grad(losses.err, pha_sm, allow_unused=True) if joint else (None,)
        assert (gradient is not None and bool(gradient.abs().sum() > 0)) == joint
        assert joint or not losses.err.requires_grad


def test_joint_loss_has_both_resolutions() -> None:
    pha, fgr, pha_sm, fgr_sm, err = tensors(1), tensors(3), tensors(1, 4), tensors(3, 4), tensors(1, 4, 5)
    true, true_fgr = tensors(1, seed=6), tensors(3, seed=7)
    losses = joint_losses(pha, fgr, pha_sm, fgr_sm, err, true, true_fgr)
    torch.testing.assert_close(losses.pha, alpha_loss(pha, true) + alpha_loss(pha_sm, resize(true, (4, 4))))
    torch.testing.assert_close(losses.total, losses.pha + losses.fgr + losses.err)
