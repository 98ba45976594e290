"""The house style of every figure: one look, the same bytes every time, and words for those who cannot see it."""

import base64
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text, written_whole

# Tones without a meaning.
INK, SOFT, FAINT, PAPER = "#262626", "#6b6b6b", "#d4d4d4", "#fdfdfc"

# Seaborn's "colorblind" palette in hexadecimal, so that naming a tone needs no import of 3 s.
BLUE, AMBER, GREEN, RED, ROSE, GREY, SKY, BROWN = "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#949494", "#56b4e9", "#ca9161"

# Partners on a dark page of tones too dark for it, and of the sky that a lighter blue would meet; drawings name the light one and the SVG swaps it.
_DARK = {INK: "#ececec", SOFT: "#a8a8a8", FAINT: "#44484d", PAPER: "#15171a", BLUE: "#4ba3e3", SKY: "#b3e0ff"}
# Within one ablation no two rows share a tone; drawings that mix ablations name every line.
TONES = {
    "baseline": BLUE,
    "no-refinement": RED,
    "select-random": AMBER,
    "select-grid": GREEN,
    "select-edge": ROSE,
    "select-edge-image": SKY,
    "order-random": AMBER,
    "order-mixed": GREEN,
    "order-reverse": RED,
    "only-videomatte": ROSE,
    "only-photomatte": SKY,
    "only-distinctions": BROWN,
    "base-resnet101": AMBER,
    "base-mobilenetv2": GREEN,
    "base-no-aspp": ROSE,
    "stages-full": AMBER,
    "stages-half": GREEN,
    "oracle": GREY,
    "difference-key": GREY,
}

WIDE, NARROW = 7.6, 3.7  # widths of the two drawings [in]: a page beside its contents, and a phone
_STYLE: Any = {
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "figure.constrained_layout.hspace": 0.08,  # room between a panel's axis label and the next one's title
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "bgmatte",  # names inside the SVG come from content, so equal numbers give equal bytes
}


@dataclass(frozen=True)
class Figure:
    """A finished drawing in two widths, with its title and the text that states what it shows.

    `wide` and `narrow` are file contents of type `kind` ("svg", "webp"); a raster has one width for both.
    """

    name: str
    title: str
    alt: str
    wide: bytes = field(repr=False)  # a notebook prints the rest beside the drawing
    narrow: bytes = field(repr=False)
    kind: str = "svg"

    @property
    def sources(self) -> tuple[str, str]:
        """The wide and the narrow drawing as data addresses."""
        return data_address(self.wide, self.kind), data_address(self.narrow, self.kind)

    def save(self, folder: Path) -> Path:
        """Write `<name>.<kind>` and, beside it, `<name>.txt` with the words; return the picture's path."""
        path = folder / f"{self.name}.{self.kind}"
        with written_whole(path) as temporary:
            temporary.write_bytes(self.wide)
        write_text(path.with_suffix(".txt"), self.alt + "\n")
        return path

    def _repr_html_(self) -> str:
        picture = f'<img src="{self.sources[0]}" alt="{html.escape(self.alt)}" style="max-width: 100%; background: white">'
        return f'<figure style="margin: 0 0 1em">{picture}<figcaption><b>{html.escape(self.title)}</b></figcaption></figure>'


def data_address(content: bytes, kind: str) -> str:
    """A `data:` address that holds a picture of type `kind`."""
    mime = {"svg": "image/svg+xml"}.get(kind, f"image/{kind}")
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def draw(name: str, title: str, alt: str, paint: Callable[..., None], height: float, narrow_height: float) -> Figure:
    """Call `paint(figure, narrow)` for both widths and return the pair as SVG; heights in inches."""
    wide = _svg(paint, (WIDE, height), narrow=False)
    return Figure(name, title, alt, wide, _svg(paint, (NARROW, narrow_height), narrow=True))


def _svg(paint: Callable[..., None], size: tuple[float, float], narrow: bool) -> bytes:
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(_STYLE):
        canvas = Canvas(figsize=size, layout="constrained")
        paint(canvas, narrow)
        text = io.StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None})
    return _at_home_in_the_dark(_clipped_by_number(text.getvalue())).encode()


def _clipped_by_number(svg: str) -> str:
    """Name clipping paths by their order: matplotlib hashes all digits of their place, and the last ones differ from one layout to the next."""
    names = dict.fromkeys(re.findall(r'<clipPath id="(p[0-9a-f]+)"', svg))
    for place, name in enumerate(names):
        svg = svg.replace(f'<clipPath id="{name}"', f'<clipPath id="clip{place}"').replace(f"url(#{name})", f"url(#clip{place})")
    return svg


def _at_home_in_the_dark(svg: str) -> str:
    """Let dark tones follow the reader's colour scheme: a picture in a page sees the system's, not the page's."""
    swaps = [f'[style*="{part}: {light}"] {{ {part}: {dark} !important }}' for light, dark in _DARK.items() for part in ("fill", "stroke")]
    sheet = f'<style type="text/css">@media screen and (prefers-color-scheme: dark) {{ {" ".join(swaps)} }}</style>'
    return svg.replace("<defs>", sheet + "\n <defs>", 1)
