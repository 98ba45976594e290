"""Sections become one file that asks nothing of the network: style, scripts and pictures inside, and a policy that allows just these."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bgmatte import __version__
from bgmatte.cache import write_text
from bgmatte.fingerprint import commit
from bgmatte.reporting.blocks import Block, Drawing, Section, environment

SIZE_LIMIT = 15 * 2**20  # [bytes]
# What a script uses stands before it. The contents come first, so that they do not jump once the page is seen.
FIRST, LAST = ("contents.js",), ("zoom.js", "pictures.js", "tables.js")


@dataclass(frozen=True)
class Masthead:
    """What stands above and below the sections; `kicker` is also printed at the head of every page of paper, behind the title."""

    title: str
    description: str
    kicker: str
    footer: str


def written_from(records: str) -> str:
    """The last line of a page made from `records`."""
    return f"Written by bgmatte {__version__} at commit {commit()} from the records of {records}. This file asks nothing of the network."


def write_sections(path: Path, head: Masthead, content: tuple[Section, ...]) -> Path:
    """Write sections as one HTML file and their drawings into `figures/` beside it; return the file's path.

    Raises ValueError when the file would be larger than one can mail.
    """
    from markupsafe import Markup

    for drawing in _drawings(content):
        drawing.figure.save(path.parent / "figures")

    first, last = (_script(names) for names in (FIRST, LAST))
    page = (
        environment()
        .get_template("report.html.j2")
        .render(
            head=head,
            version=__version__,
            policy=policy(first, last),
            style=Markup(_part("style.css") + _part("paper.css") + _running_head(head)),
            first=Markup(first),
            last=Markup(last),
            sections=content,
        )
    )
    if len(page.encode()) > SIZE_LIMIT:
        raise ValueError(f"{path.name} would be {len(page.encode()) / 2**20:.1f} MiB; allowed: {SIZE_LIMIT / 2**20:.0f} MiB")
    write_text(path, page)
    return path


def policy(*scripts: str) -> str:
    """The content security policy of a page that runs exactly these scripts and loads nothing."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {hashes}; base-uri 'none'; form-action 'none'"


def _script(names: tuple[str, ...]) -> str:
    """Files as one script in a scope of its own."""
    return '"use strict";\n{\n' + "\n".join(_part(name) for name in names) + "}\n"


def _running_head(head: Masthead) -> str:
    """Title, origin and page number for paper; what comes from records is spelled in escapes, as it stands between quotes of a style sheet."""
    title, kicker = (
        "".join(letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):x} " for letter in text) for text in (head.title, head.kicker)
    )
    font = "font: 8pt sans-serif; color: #5a5f66"
    corners = {"top-left": f'"{title}"', "top-right": f'"{kicker}"', "bottom-right": 'counter(page) " / " counter(pages)'}
    return "\n@page { " + " ".join(f"@{corner} {{ content: {text}; {font} }}" for corner, text in corners.items()) + " }\n"


def _drawings(blocks: tuple[Block, ...]) -> Iterator[Drawing]:
    for block in blocks:
        if isinstance(block, Drawing):
            yield block
        elif isinstance(block, Section):
            yield from _drawings(block.blocks)


def _part(name: str) -> str:
    environment_ = environment()
    return str(environment_.loader.get_source(environment_, name)[0])
