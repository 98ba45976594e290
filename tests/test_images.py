"""Resampling, edges and blur against loops and identities."""

import torch
from torch.nn import functional as F

from bgmatte.images import box_blur, composite, gray, resize, shrink, sobel


def picture(channels: int = 3, height: int = 9, width: int = 11, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, channels, height, width, generator=torch.Generator().manual_seed(seed))


def test_resize_by_one_half_is_the_mean_of_four() -> None:
    x = picture(height=8, width=12)
    torch.testing.assert_close(resize(x, (4, 6)), F.avg_pool2d(x, 2))
    assert resize(x, (8, 12)) is x


def test_shrink_keeps_the_mean() -> None:
    x = picture(height=12, width=12)
    torch.testing.assert_close(shrink(x, (4, 4)).mean((2, 3)), x.mean((2, 3)))


def test_composite_ends_are_the_layers() -> None:
    fgr, bgr = picture(seed=1), picture(seed=2)
    assert torch.equal(composite(fgr, bgr, torch.ones(2, 1, 9, 11)), fgr)
    assert torch.equal(composite(fgr, bgr, torch.zeros(2, 1, 9, 11)), bgr)


def test_sobel_is_the_loop_over_its_nine_weights() -> None:
    x = picture(1)
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    padded = F.pad(x, (1, 1, 1, 1), "replicate")
    expected = torch.empty_like(x)
    for b in range(2):
        for i in range(9):
            for j in range(11):
                window = padded[b, 0, i : i + 3, j : j + 3]
                gx, gy = (window * kernel).sum(), (window * kernel.T).sum()
                expected[b, 0, i, j] = (gx**2 + gy**2 + 1e-6).sqrt()
    torch.testing.assert_close(sobel(x), expected)


def test_sobel_of_a_ramp_is_its_slope() -> None:
    ramp = torch.arange(11.0).div(10).expand(1, 1, 9, 11)
    torch.testing.assert_close(sobel(ramp)[..., 1:-1], torch.full((1, 1, 9, 9), (0.1**2 + 1e-6) ** 0.5))


def test_box_blur_is_the_mean_of_a_window() -> None:
    x = picture(1)
    padded = F.pad(x, (2, 2, 2, 2), "replicate")
    torch.testing.assert_close(box_blur(x, 2)[0, 0, 4, 5], padded[0, 0, 4:9, 5:10].mean())
    assert box_blur(x, 0) is x


def test_gray_of_white_is_one() -> None:
    torch.testing.assert_close(gray(torch.ones(1, 3, 2, 2)), torch.ones(1, 1, 2, 2))
