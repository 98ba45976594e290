"""What is wrong with what a user gave: one line that names the file, what was seen and what is allowed. No torch."""

from pathlib import Path

from bgmatte.manifest import Fault


class MatteError(ValueError):
    """A file or an option that cannot be used as it is; the message names it, what was seen and what is allowed."""


def refusal(path: Path | str, seen: str, allowed: str) -> MatteError:
    """The error to raise for one file or option."""
    return MatteError(str(Fault(Path(path), seen, allowed)))
