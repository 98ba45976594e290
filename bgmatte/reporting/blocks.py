"""What a page is made of: each block knows its content and is rendered by one template, in the report as in Jupyter."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bgmatte.figures import Figure


class Block:
    """Anything the template can render; `kind` names its macro."""

    @property
    def kind(self) -> str:
        """The macro's name."""
        return type(self).__name__.lower()

    def _repr_html_(self) -> str:
        return environment().get_template("blocks.html.j2").module.render(self)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Prose(Block):
    """Paragraphs of plain text."""

    paragraphs: tuple[str, ...]
    tone: str = ""  # "note" stands apart, "aside" is small


@dataclass(frozen=True)
class Points(Block):
    """A list of (bold beginning, rest)."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Finding(Block):
    """One answer: `verdict` in a word or two, what it is about, and the sentence with its numbers.

    `tone` is "yes", "no", "open" or "lacking" and decides the mark, never the words.
    """

    tone: str
    verdict: str
    headline: str
    sentence: str
    points: tuple[str, ...] = ()  # one line for each arm, where there are several
    ablation: int = 0  # which ablation it answers; 0: the study as a whole


@dataclass(frozen=True)
class Cell:
    """One cell of a table: the number and, smaller, what qualifies it; `tone` as of a `comparisons.Result`, in colour unless it is "open".

    `value` is the number behind the text, in the unit that is printed and with all its digits: what sorting and the CSV go by.
    """

    text: str
    notes: tuple[str, ...] = ()
    tone: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Table(Block):
    """Columns are (title, unit or definition); the first cell of a row is its heading. `apart` rows are set off.

    Raises ValueError where a row has not one cell for each column.
    """

    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    apart: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        for place, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"{self.caption}: row {place} has {len(row)} cell{'' if len(row) == 1 else 's'}, its head {len(self.columns)}")


@dataclass(frozen=True)
class Facts(Block):
    """A two-column table: what, and its value."""

    caption: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Drawing(Block):
    """A figure with the words under it."""

    figure: Figure
    caption: str


@dataclass(frozen=True)
class Tile:
    """One small picture with its name and a number under it."""

    address: str
    alt: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Tiles(Block):
    """Pictures of one sample side by side, in titled strips."""

    title: str
    caption: str
    strips: tuple[tuple[str, tuple[Tile, ...]], ...]


@dataclass(frozen=True)
class Comparison(Block):
    """One picture matted twice, `before` and `after` of one size under a slider that uncovers the one or the other; `given` stand beside them."""

    title: str
    caption: str
    before: Tile
    after: Tile
    given: tuple[Tile, ...] = ()


@dataclass(frozen=True)
class Answer(Block):
    """One question of the first screen with its answer: a word or two, and one sentence with its number and interval.

    `tone` as of a `Finding`; `section` is the name of the section that says more.
    """

    tone: str
    verdict: str
    question: str
    sentence: str
    section: str


@dataclass(frozen=True)
class Commands(Block):
    """Lines for a terminal, each with what it does."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section(Block):
    """A part of the page with its place in the table of contents."""

    name: str
    title: str
    blocks: tuple[Any, ...] = field(default=())


@cache
def environment() -> Any:
    """The templates, every value escaped unless a template of ours says otherwise."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("bgmatte.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_kept_together,
    )
    templates.filters["told"] = told
    return templates


def _kept_together(value: Any) -> Any:
    """Text in which a number and its unit stay on one line."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", value) if type(value) is str else value  # markup is a class of its own and is left alone


_UNIT = re.compile(r"(?<=\d) (?=%|×10|px\b)")
# A number, its unit if it has one, in front of a bracket that begins with a number: its interval.
_ESTIMATE = re.compile(r"(?<![\w.,])([+−]?\d[\d.,]*(?:\s(?:×10⁻³|%|times as long))?)(?=\s\([+−]?\d)")


def told(sentence: str) -> Any:
    """A sentence as markup, escaped, in which the numbers that have an interval stand out."""
    from markupsafe import Markup, escape

    pieces = _ESTIMATE.split(str(_kept_together(sentence)))
    return Markup("").join(Markup("<strong>{}</strong>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))
