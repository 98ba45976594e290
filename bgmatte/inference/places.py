"""Where results go, and what happens to those that are already there. No torch."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from bgmatte.inference.pictures import SUFFIXES as PICTURES
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.inference.results import A_FILE, A_FOLDER
from bgmatte.inference.video_files import CODECS
from bgmatte.inference.videos import SUFFIXES as VIDEOS

Kind = Literal["folder", "picture", "video"]
Existing = Literal["refuse", "skip", "replace"]
Places = Mapping[str, Path]  # the file of each layer
NAMED = 5  # how many files an error names before it only counts


def kind(path: Path, wanted: str = "a picture, a folder of pictures or a video") -> Kind:
    """Whether a source is a folder, a picture or a video, by its suffix; raises `MatteError` when it is missing or none of them."""
    if not path.exists():
        raise refusal(path, "missing", wanted)
    if path.is_dir():
        return "folder"
    suffix = path.suffix.lower()
    if suffix not in (*PICTURES, *VIDEOS):
        formats = f"{', '.join(PICTURES)} for pictures, {', '.join(VIDEOS)} for videos"
        seen = f"{suffix} is no format that is read" if suffix else "no suffix that says what it is"
        raise refusal(path, seen, f"{formats}; convert other pictures to PNG or JPEG")
    return "picture" if suffix in PICTURES else "video"


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


def protect(sources: Iterable[Path], results: Iterable[Path], existing: Existing, options: str = "--overwrite, or --resume (keep these)") -> None:
    """Raise `MatteError` if results would overwrite a source, a folder or, unless that is wished, results that are there.

    `options` are the ones that the command has for results that are there.
    """
    results = list(results)
    for path in results:
        if path.is_dir():
            raise refusal(path, A_FOLDER, A_FILE)
    own = {path.resolve() for path in sources} & {path.resolve() for path in results}
    if own:
        raise MatteError(f"--out: {_named(own)} would overwrite what is read; allowed: another place")
    there = [path for path in results if path.exists()]
    if there and existing == "refuse":
        raise MatteError(f"--out: {_named(there)} there already; allowed: another place, {options}")


def _named(paths: Iterable[Path]) -> str:
    names = sorted(map(str, paths))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
