"""What the paper printed, to be read beside this study's numbers and never in one column with them (Lin et al., CVPR 2021)."""

from collections.abc import Mapping

from bgmatte.reporting.blocks import Cell, Table

_METRICS = (("SAD", "/1000"), ("MSE", "×10⁻³"), ("Grad", "mattes stretched"), ("Conn", ""), ("foreground MSE", "×10⁻³"))
_CONDITIONS = "trimap’s unknown region, trained to the end on the real data sets, one training each, no intervals"

_REMOVED = {
    "all three (published)": "12.86 12.01 8426 11116 5.31",
    "and AIM as a fourth": "14.19 14.70 9629 12648 6.34",
    "without PhotoMatte13K": "14.05 14.10 10102 12749 6.53",
    "without VideoMatte240K": "15.17 17.31 11907 13827 7.04",
    "without Distinctions-646": "15.95 19.51 11911 14909 14.36",
}
_ENCODERS = {
    "ResNet-50 (published)": ("9.19 7.08 6345 7216 6.10", "60.0 33.2"),
    "ResNet-101": ("9.30 6.82 6191 7128 7.68", "42.5 29.8"),
    "MobileNetV2": ("10.53 9.62 7904 8808 8.19", "100.6 45.4"),
}
_KERNELS = {
    "3×3 convolutions at half, then full resolution (published)": "9.19 7.08 6345 7216 6.10",
    "1×1 convolutions in their place": "9.36 8.06 7319 7395 6.92",
}


def published(ablation: int) -> Table:
    """The printed table that comes nearest to one of the ablations 3, 4, 5."""
    if ablation == 3:
        caption = f"Published: data sets removed or added. AIM test, 11 people × 5 backgrounds, {_CONDITIONS}"
        return _table(caption, ("trained on", ""), {name: (line,) for name, line in _REMOVED.items()})
    if ablation == 4:
        caption = f"Published: base networks. Distinctions-646 test, 11 people × 5 backgrounds, {_CONDITIONS}. Speed on an RTX 2080 Ti in FP32"
        return _table(caption, ("base network", "with ASPP"), _ENCODERS, (("fps HD", "5,000 patches"), ("fps 4K", "20,000 patches")))
    caption = f"Published: kernels of the refinement network. Distinctions-646 test, 11 people × 5 backgrounds, {_CONDITIONS}"
    return _table(caption, ("refinement network", "ResNet-50"), {name: (line,) for name, line in _KERNELS.items()})


def _table(caption: str, head: tuple[str, str], rows: Mapping[str, tuple[str, ...]], further: tuple[tuple[str, str], ...] = ()) -> Table:
    lines = tuple((Cell(name), *(Cell(number) for part in parts for number in part.split())) for name, parts in rows.items())
    return Table(caption, (head, *_METRICS, *further), lines)
