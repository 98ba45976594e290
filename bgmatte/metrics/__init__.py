"""How far a matte is from the truth: one raw float64 per image, over the frame or over a region.

Gradient, connectivity and foreground error exist in several published definitions; each function names its own.
Means over images, factors such as 10³ and rounding belong to the report.
"""

from bgmatte.metrics.alphas import mad_by_alpha
from bgmatte.metrics.connectivity import connectivity_error
from bgmatte.metrics.contours import contour_distance, mad_by_distance
from bgmatte.metrics.gradient import gradient_differences, gradient_error
from bgmatte.metrics.pixels import dtssd, foreground_mse, mad, mse, sad
from bgmatte.metrics.regions import unknown_region

__all__ = [
    "connectivity_error",
    "contour_distance",
    "dtssd",
    "foreground_mse",
    "gradient_differences",
    "gradient_error",
    "mad",
    "mad_by_alpha",
    "mad_by_distance",
    "mse",
    "sad",
    "unknown_region",
]
