"""In which part of a subject a matte errs: the mean absolute difference by the true alpha."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from bgmatte.metrics.regions import checked

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # ends of the bands of fractional alpha


def mad_by_alpha(pha: Tensor, true: Tensor, edges: Sequence[float] = QUARTERS) -> dict[str, Tensor]:
    """Mean absolute difference in each band of true alpha: name of the band → (B,), float64.

    `mad_alpha_0` names the pixels whose true alpha is exactly 0, `mad_alpha_100` those where it is exactly 1; `mad_alpha_25_50` those
    above 0.25 and up to 0.5 (fully opaque ones left out of the last band). NaN where a picture has no pixel in a band. Raises ValueError
    for edges that do not rise from 0 to 1, else as `mad`.
    """
    if len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or any(high <= low for low, high in pairwise(edges)):
        raise ValueError(f"edges: {tuple(edges)} is not allowed; allowed: two or more rising values from 0 to 1")
    pha, true = checked(pha, true, None)
    soft = (true > 0) & (true < 1)
    bands = {"mad_alpha_0": true <= 0, "mad_alpha_100": true >= 1}
    bands |= {f"mad_alpha_{100 * low:g}_{100 * high:g}": soft & (true > low) & (true <= high) for low, high in pairwise(edges)}
    error = (pha - true).abs()
    return {name: (error * band).flatten(1).sum(1) / band.flatten(1).sum(1) for name, band in bands.items()}
