"""Which files of a user's copy belong together, in the layouts in which the sets are published."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from bgmatte.data.published.samples import VIDEOS, Part, Sample, held_back
from bgmatte.data.readers import DataError
from bgmatte.manifest import Fault, read

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
# Names of folders, in lower case: this project's and the original's, Distinctions-646's, Adobe's.
COLOUR, ALPHA = ("fgr", "fg"), ("pha", "alpha", "gt")
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"train": ("train", "training", "training_set"), "validation": ("valid", "val", "validation"), "test": ("test", "testing", "test_set")}
)
HUMANS = "humans.txt"  # in the root of a copy: which foregrounds are people, one file name a line
_DEEPEST = 2  # folders between a part and its colour and alpha: Training_set/Adobe-licensed images/fg


@dataclass(frozen=True)
class Layout:
    """How one set is published: `clips` are kept together, `parts` must be there, what `test` is for in the study, and in words."""

    words: str
    clips: bool = False
    test: str = "test"  # the split that the published test part is
    whole: str | None = None  # the split of a root without parts; None where there must be parts
    subjects: bool = True


_CLIPS = "{train,test}/{fgr,pha}/CLIP.mp4, or frames in {train,test}/{fgr,pha}/CLIP/FRAME.jpg"
_PAIRS = "{train,test}/{fgr,pha}/NAME.jpg or .png"
_FOLDER = f"pictures ({', '.join(PICTURES)}) in folders of any depth, {{train,valid,test}} on top or not"
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "videomatte240k": Layout(_CLIPS, clips=True, test="validation"),
        "photomatte13k": Layout(f"{_PAIRS}, or {{train,test}}/NAME.png with transparency", test="validation"),
        "photomatte85": Layout("NAME.png with transparency, or {fgr,pha}/NAME.png", whole="test"),
        "distinctions-646": Layout(f"{{Train,Test}}/{{FG,GT}}/NAME.png, or {_PAIRS}"),
        "aim": Layout(f"{{Training_set,Test_set}}/*/{{fg,alpha}}/NAME, {{train,test}}/{{fg,alpha}}/NAME, or {_PAIRS}"),
        "backgrounds": Layout(_FOLDER, whole="train", subjects=False),
    }
)


def layout(name: str) -> Layout:
    """How a set is published; raises `DataError` for a set that is not one of these."""
    if name not in LAYOUTS:
        raise DataError(f"data set {name!r} is not one that users bring; allowed: {', '.join(LAYOUTS)}")
    return LAYOUTS[name]


def samples(name: str, root: Path) -> tuple[list[Sample], list[Fault]]:
    """All samples of a copy in folders, by split and key, and every file that lacks its counterpart.

    Raises `DataError`, naming the folder, what was seen and what is allowed, where the layout is none of the published.
    """
    kind, top = layout(name), inner(root)
    found: list[Sample] = []
    faults: list[Fault] = []
    named = parts(top)
    if not named and kind.whole is None:
        raise unknown(name, top)
    for split, folder in named or ((str(kind.whole), top),):
        found += _subjects(name, folder, split, top, faults) if kind.subjects else _pictures(folder, split, top)
    if kind.test != "test" and not any(split == "validation" for split, _ in named):
        found = [replace(sample, split=kind.test) if sample.split == "test" else sample for sample in found]
    found = _people(name, root, found)
    if not found and not faults:
        raise unknown(name, top)
    found = [replace(sample, parts={role: _below(part, top, root) for role, part in sample.parts.items()}) for sample in held_back(found)]
    return sorted(found, key=lambda sample: (sample.split, sample.key)), faults


def inner(root: Path) -> Path:
    """Where a copy begins: archives often hold a single folder, sometimes twice."""
    if not root.is_dir():
        raise DataError(str(Fault(root, "missing" if not root.exists() else "a file", "the folder of the data set")))
    for _ in range(3):
        children = _children(root)
        if len(children) != 1 or not children[0].is_dir() or _known(children[0].name):
            break
        root = children[0]
    return root


def parts(top: Path) -> list[tuple[str, Path]]:
    """The folders of `top` that are splits, as (split, folder)."""
    return [(split, child) for child in _children(top) if child.is_dir() for split, names in PARTS.items() if child.name.lower() in names]


def unknown(name: str, folder: Path) -> DataError:
    """The error for a folder that is laid out as nothing that is published."""
    seen = [child.name + "/" * child.is_dir() for child in _children(folder)]
    listed = ", ".join(seen[:8]) + (f" and {len(seen) - 8} more" if len(seen) > 8 else "")
    allowed = f"{layout(name).words}; or shards NAME-000000.tar"
    return DataError(str(Fault(folder, f"{name} is not laid out like this ({listed or 'empty'})", allowed)))


def _subjects(name: str, folder: Path, split: str, top: Path, faults: list[Fault]) -> list[Sample]:
    pairs = _pairs(folder, faults)
    clips = LAYOUTS[name].clips
    found = []
    for colour, alpha in pairs:
        first, second = (_by_stem(place, clips, faults) for place in (colour, alpha))
        for mine, theirs, where in ((first, second, alpha), (second, first, colour)):
            faults += [Fault(mine[stem], "no counterpart", f"a file {stem} in {where}") for stem in sorted(mine.keys() - theirs.keys())]
        below = colour.parent.relative_to(top).as_posix()
        for stem in sorted(first.keys() & second.keys()):
            kinds = {path.suffix.lower() in VIDEOS for path in (first[stem], second[stem])}
            if len(kinds) == 2:
                faults.append(Fault(second[stem], f"not of the kind of {first[stem].name}", "two videos or two pictures"))
                continue
            group = stem.rpartition("/")[0] if clips and kinds == {False} else stem
            files = {"fgr": _part(first[stem], top), "pha": _part(second[stem], top)}
            found.append(Sample(_key(below, stem), split, _key(below, group), files))
    if not pairs and not clips:
        found = [replace(sample, parts={"rgba": sample.parts["bgr"]}) for sample in _pictures(folder, split, top, suffix=False)]
    return found


def _pairs(folder: Path, faults: list[Fault], depth: int = 0) -> list[tuple[Path, Path]]:
    """The folders of colour and of alpha below a part."""
    inside = {child.name.lower(): child for child in _children(folder) if child.is_dir()}
    colour = next((inside[name] for name in COLOUR if name in inside), None)
    alpha = next((inside[name] for name in ALPHA if name in inside), None)
    if colour and alpha:
        return [(colour, alpha)]
    if colour or alpha:
        faults.append(Fault(folder, f"only {(colour or alpha or folder).name}/", f"colour ({', '.join(COLOUR)}) and alpha ({', '.join(ALPHA)})"))
        return []
    return [pair for child in inside.values() for pair in _pairs(child, faults, depth + 1)] if depth < _DEEPEST else []


def _by_stem(folder: Path, clips: bool, faults: list[Fault]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in _files(folder, PICTURES + VIDEOS if clips else PICTURES):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if clips and path.parent == folder and path.suffix.lower() in PICTURES:
            faults.append(Fault(path, "a frame outside of any clip", "CLIP.mp4 or CLIP/FRAME.jpg"))
        elif found.setdefault(stem, path) != path:
            faults.append(Fault(path, f"the same name as {found[stem].name}", "one file a name"))
    return found


def _pictures(folder: Path, split: str, top: Path, suffix: bool = True) -> list[Sample]:
    found = []
    for path in _files(folder, PICTURES):
        below = path.relative_to(top)
        key = (below if suffix else below.with_suffix("")).as_posix()
        found.append(Sample(key, split, key, {"bgr": _part(path, top)}))
    return found


def _people(name: str, root: Path, found: list[Sample]) -> list[Sample]:
    """The people among the foregrounds: those that the copy's `HUMANS` names, else those that the manifest names for a split."""
    listed = next((path for path in (root / HUMANS, inner(root) / HUMANS) if path.is_file()), None)
    if listed:
        names = {Path(line.strip()).stem for line in listed.read_text().splitlines() if line.strip()}
        kept = [sample for sample in found if Path(sample.key).name in names]
        allowed = f"file names of this copy, e.g. {Path(found[0].key).name}" if found else "file names of this copy"
        if not kept:
            raise DataError(str(Fault(listed, "names no foreground that is here", allowed)))
        return kept
    for split, published in read(name).members.items():
        mine, stems = [sample for sample in found if sample.split == split], {Path(member).stem for member in published}
        kept = [sample for sample in mine if Path(sample.key).name in stems]
        if mine and not kept:
            seen = f"none of the {len(stems)} people whom the paper tests on ({', '.join(sorted(published)[:3])} …)"
            raise DataError(str(Fault(root, seen, f"these, or a list of people in {root / HUMANS}, one file name a line")))
        found = [sample for sample in found if sample.split != split] + kept
    return found


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        yield from (Path(place, name) for name in sorted(names) if not _hidden(name) and name.lower().endswith(suffixes))


def _children(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if not _hidden(child.name) and child.name != HUMANS)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"  # what macOS leaves in archives


def _known(name: str) -> bool:
    return name.lower() in {*COLOUR, *ALPHA, *(known for names in PARTS.values() for known in names)}


def _part(path: Path, top: Path) -> Part:
    return Part(path.relative_to(top).as_posix())


def _below(part: Part, top: Path, root: Path) -> Part:
    """A part below `top` as one below `root`."""
    return replace(part, path=(top / part.path).relative_to(root).as_posix())


def _key(below: str, stem: str) -> str:
    return stem if below == "." else f"{below}/{stem}"
