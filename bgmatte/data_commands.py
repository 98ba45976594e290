"""The `data` commands: what data sets there are, and looking after the user's own copies of the published ones."""

import argparse
import shutil
import textwrap
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bgmatte import installed
from bgmatte.cache import data_folder
from bgmatte.config import DataConfig
from bgmatte.jsonable import ConfigError, require
from bgmatte.manifest import Manifest, names, read
from bgmatte.profiles import profile
from bgmatte.progress import tell
from bgmatte.sources import NAMES, VARIABLE, checked, index_digest, index_path, roots
from bgmatte.workflow.graph import SETS
from bgmatte.workflow.real_data import parted

Add = Callable[..., argparse.ArgumentParser]

WORDS = """The data sets of the study. Some are drawn from a seed, some are part of the project, some come with a Debian
package, and the published ones you may bring yourself: then `index` your copy once, `verify` it when in doubt, look at it
with `preview`, and give it to a study with `study --data NAME=FOLDER`. `shard` writes it as tar files for network storage."""
EPILOG = """examples:
  python -m bgmatte data list
  python -m bgmatte data index videomatte240k --root /data/VideoMatte240K
  python -m bgmatte data verify distinctions-646 --root /data/Distinctions-646
  python -m bgmatte data preview backgrounds --root /data/photos --out photos.png
  python -m bgmatte data shard videomatte240k --root /data/VideoMatte240K --out /net/shards
"""


def add_commands(subs: Any, add: Add, add_profile: Callable[[argparse.ArgumentParser, str], None]) -> None:
    """The parsers of `data` and its commands below `subs`; `add` makes a command's parser, `add_profile` its --profile."""
    data = subs.add_parser(
        "data",
        help="list data sets, draw those that are drawn, look after your copies of published ones",
        description=WORDS,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = data.add_subparsers(title="commands", metavar="COMMAND", required=True)
    make = add(own, "make", make_data, "draw data sets that are not in the cache yet")
    make.add_argument("names", nargs="*", metavar="NAME", help="which (default: all that the study uses)")
    make.add_argument("--workers", type=int, metavar="N", help="how many processes draw (default: one per core)")
    add_profile(make, "quick")
    listing = add(own, "list", list_data, "say of every data set what it is, its licence, how to get it and whether it is here")
    listing.add_argument("--data", action="append", default=[], metavar="NAME=FOLDER", help="a copy of a published set; repeat for more")
    add_profile(listing, "quick")

    _copy(add(own, "index", index_data, "list every file of your copy with its hash, size and split; goes on where it was stopped"))
    _copy(add(own, "verify", verify_data, "read your copy from beginning to end and name everything that is wrong with it, in one go"))
    looking = add(own, "preview", preview_data, "write a contact sheet of your copy as a PNG")
    _copy(looking)
    looking.add_argument("--out", type=Path, metavar="FILE", help="where it goes (default: NAME-preview.png)")
    looking.add_argument("--number", type=_positive, default=12, metavar="N", help="pictures of each split (default: 12)")
    sharding = add(own, "shard", shard_data, "write your copy as tar files in the WebDataset convention, which are read like any copy")
    _copy(sharding)
    sharding.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder, or one where this was interrupted")
    sharding.add_argument("--samples", type=_positive, default=500, metavar="N", help="pictures in a tar file (default: 500)")


def make_data(options: Namespace) -> None:
    """Draw data sets into the cache."""
    from bgmatte.data.store import make_set

    data = profile(options.profile).data
    for name in options.names or SETS:
        print(f"{name}: {make_set(name, data, workers=options.workers)}")


def list_data(options: Namespace) -> None:
    """Say of every data set what it is, its licence, how to get it and whether it is here."""
    data = profile(options.profile).data
    folders = checked({**roots(), **parted(options.data)})
    print("\n".join(line for name in names() for line in _told(read(name), data, folders)))


def index_data(options: Namespace) -> None:
    """Write the index of a copy."""
    root = _root(options)
    from bgmatte.data.published import SPLITS, index, read_index

    path = index(options.name, root, options.workers, tell)
    found = read_index(options.name, root)
    for split in SPLITS:
        entries = found.entries(split)
        if entries:
            pictures, groups = sum(len(entry.names) for entry in entries), len({entry.group for entry in entries})
            print(f"{split:<11} pictures {pictures:>7}, groups {groups:>6}")
    print(f"{options.name}: {found.digest}, listed in {path}")


def verify_data(options: Namespace) -> int:
    """Name everything that is wrong with a copy."""
    if options.name in installed.PACKAGES:
        reason = installed.absence(options.name)
        print(reason or f"{options.name}: whole")
        return 1 if reason else 0

    root = _root(options)
    from bgmatte.data.published import verify

    found = verify(options.name, root, options.workers, tell)
    compared = "compared with its index" if found.indexed else "not indexed yet, so no hashes were compared"
    print("\n".join(map(str, found.faults)), end="\n" * bool(found.faults))
    print(f"{options.name}: {found.samples} samples, {len(found.faults)} faults; {compared}")
    return 1 if found.faults else 0


def preview_data(options: Namespace) -> None:
    """Write a contact sheet of a copy."""
    root, out = _root(options), options.out or Path(f"{options.name}-preview.png")
    require(out.suffix.lower() == ".png" and out.absolute().parent.is_dir(), "--out", str(out), "a .png in a folder that is there")
    from PIL import Image

    from bgmatte.data.contact_sheets import preview
    from bgmatte.data.published import index, open_all

    if not index_path(options.name, root).is_file():
        index(options.name, root, options.workers, tell)
    Image.fromarray(preview(open_all(options.name, root), options.number)).save(out, "PNG")
    print(out)


def shard_data(options: Namespace) -> None:
    """Write a copy as shards."""
    root = _root(options)
    from bgmatte.data.published import index, read_index, write_shards

    index(options.name, root, options.workers, tell)
    written = write_shards(read_index(options.name, root), options.out, options.samples, options.workers, tell)
    print(f"{options.out}: {len(written)} shards; use it like the copy itself: --root {options.out}")


def _copy(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help=f"one of {', '.join(NAMES)}")
    command.add_argument("--root", type=Path, metavar="DIR", help="the folder of your copy (default: the one in BGMATTE_DATA)")
    command.add_argument("--workers", type=_positive, metavar="N", help="how many threads read (default: one per core)")


def _root(options: Namespace) -> Path:
    """The folder of the copy that a command is about; raises `ConfigError` for an unknown set and a missing folder."""
    require(options.name in NAMES, "NAME", options.name, ", ".join(NAMES))
    given = options.root or roots().get(options.name)
    if given is None:
        allowed = f"the folder of your copy of {options.name}, here or in the environment variable {VARIABLE}"
        raise ConfigError(f"--root: nothing was given; allowed: {allowed}")
    return checked({options.name: given})[options.name]


def _told(manifest: Manifest, data: DataConfig, folders: Mapping[str, Path]) -> Iterator[str]:
    yield f"{manifest.name:<20}{_state(manifest, data, folders)}"
    width = max(60, min(120, shutil.get_terminal_size().columns))
    for label, text in (("what", manifest.description), ("licence", manifest.licence), ("get", manifest.obtain)):
        wrap = textwrap.TextWrapper(width, f"    {label:<9}", " " * 13, break_on_hyphens=False, break_long_words=False)  # addresses stay whole
        yield from wrap.wrap(text)


def _state(manifest: Manifest, data: DataConfig, folders: Mapping[str, Path]) -> str:
    """Whether a set is here, and where."""
    name = manifest.name
    if name in SETS:
        from bgmatte.data.store import faults  # reads arrays

        folder = data_folder(name, data)
        return f"{'not made yet' if not folder.exists() else 'damaged' if faults(name, data) else 'ready'}  {folder}"
    if name in NAMES:
        return _copy_state(name, folders.get(name))
    if name in installed.PACKAGES:
        reason = installed.absence(name)
        return reason.removeprefix(f"{name}: ") if reason else f"ready  {installed.folder(name)}"
    return "ready  part of the project" if any(entry.role == "picture" for entry in manifest.entries) else "drawn when it is needed"


def _copy_state(name: str, folder: Path | None) -> str:
    if folder is None:
        return "not given  (--data or BGMATTE_DATA)"
    try:
        return f"ready  {folder}  (index {index_digest(name, folder)})"
    except ConfigError:
        return f"not indexed yet  {folder}"


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a whole number from 1")
    return number
