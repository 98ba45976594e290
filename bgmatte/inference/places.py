"""Where results go, and what happens to those that are already there. No torch."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from bgmatte.inference.pictures import SUFFIXES as PICTURES
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.inference.video_files import CODECS

Kind = Literal["folder", "picture", "video"]
Existing = Literal["refuse", "skip", "replace"]
Places = Mapping[str, Path]  # the file of each layer
NAMED = 5  # how many files an error names before it only counts


def kind(path: Path) -> Kind:
    """Whether a source is a folder, a picture or, by exclusion, a video; raises `MatteError` when it is missing."""
    if not path.exists():
        raise refusal(path, "missing", "a picture, a folder of pictures or a video")
    if path.is_dir():
        return "folder"
    return "picture" if path.suffix.lower() in PICTURES else "video"


def in_folder(out: Path, source: Kind) -> bool:
    """Whether results go into the folder `out`, not into one file; raises `MatteError` for a file that does not fit the source."""
    if out.is_dir() or not out.suffix:
        if out.is_file():
            raise refusal(out, "a file", "a folder, or a file whose suffix says what it is to be")
        return True
    files = {"folder": (), "picture": (".png",), "video": tuple(CODECS)}[source]
    if out.suffix.lower() not in files:
        allowed = f"a folder (a name without suffix){', or a file of ' if files else ''}{', '.join(files)}"
        raise refusal(out, f"{out.suffix} as the result of a {source}", allowed)
    return False


def layers_asked(write: Sequence[str], over: str | None, folder: bool) -> tuple[str, ...]:
    """The layers to write: those named, else the composite or the cut-out into a file, and alpha, too, into a folder.

    Raises `MatteError` for a backdrop that none of the named layers would show.
    """
    if write:
        if over is not None and "composite" not in write:
            raise refusal("--over", f"{over}, but --write {' '.join(write)}", "--over together with --write composite")
        return tuple(dict.fromkeys(write))
    last = ("fgr",) if over is None else ("composite",)
    return ("pha", "fgr", *last[over is None :]) if folder else last


def places(out: Path, layers: Sequence[str], name: str | None) -> Places:
    """Where each layer goes: `OUT/<layer>/<name>.png`; without a name into the file `out`, or several beside it, `<stem>-<layer>`."""
    if name is not None:
        return {layer: out / layer / f"{name}.png" for layer in layers}
    if len(layers) == 1:
        return {layers[0]: out}
    return {layer: out.with_name(f"{out.stem}-{layer}{out.suffix}") for layer in layers}


def whole(wanted: Places) -> bool:
    """Whether every layer is there; files are written whole, so being there is being finished."""
    return all(path.exists() for path in wanted.values())


def protect(sources: Iterable[Path], results: Iterable[Path], existing: Existing) -> None:
    """Raise `MatteError` if results would overwrite a source or, unless that is wished, results that are there."""
    results = list(results)
    own = {path.resolve() for path in sources} & {path.resolve() for path in results}
    if own:
        raise MatteError(f"--out: {_named(own)} would overwrite what is read; allowed: another place")
    there = [path for path in results if path.exists()]
    if there and existing == "refuse":
        raise MatteError(f"--out: {_named(there)} there already; allowed: another place, or --overwrite (matte also takes --resume: keep these)")


def _named(paths: Iterable[Path]) -> str:
    names = sorted(map(str, paths))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
