"""What a command is given beside its profile, real data sets and first weights: checked and handed to whatever it starts."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bgmatte.jsonable import require
from bgmatte.profiles import START, profile
from bgmatte.sources import NAMES, VARIABLE, as_variable, checked, index_path, roots

Progress = Callable[[int, int, str], None]


def use(given: Iterable[str], profile_name: str) -> dict[str, Path]:
    """Let this process and all it starts use the real sets in `given` ("NAME=FOLDER"), beside those that the environment names.

    Gives the folder of every set in use. Raises `ConfigError` for what is not NAME=FOLDER, a name given twice, an unknown
    name, a missing folder, and for a profile that needs real sets which are not given: it lists them.
    """
    folders = checked({**roots(), **parted(given)})
    size = profile(profile_name)
    missing = [name for name in size.needs if name not in folders]
    allowed = f"with all of {', '.join(size.needs)}, each as --data NAME=FOLDER"
    require(not missing, f"profile {size.name}", f"without {', '.join(missing)}", allowed)
    if folders:
        os.environ[VARIABLE] = as_variable(folders)
    return folders


def with_indexes(folders: Mapping[str, Path], progress: Progress) -> None:
    """Make the index of every copy, or bring it up to date, telling how far it is: unchanged files are only looked up."""
    for name, root in folders.items():
        # Reading real sets needs more than the command line does.
        from bgmatte.data.published import index

        if not index_path(name, root).is_file():
            print(f"data {name}: reading {root} once, for its index", flush=True)
        index(name, root, workers=os.cpu_count() or 1, progress=progress)


def start_from(policy: str | None) -> None:
    """Let this process and all it starts begin from other first weights than the profile's; `ConfigError` for an unknown policy."""
    if policy is not None:
        named: tuple[str, ...] = ("shipped", "nothing", "imagenet", "deeplabv3")
        require(policy in named, "start", policy, ", ".join(named))
        os.environ[START] = policy


def parted(given: Iterable[str]) -> Mapping[str, str]:
    """Folders by name from texts "NAME=FOLDER"; raises `ConfigError` for another text and for a name given twice."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, folder = text.partition("=")
        require(bool(name and sign and folder), "data", text, f"NAME=FOLDER, with a name among {', '.join(NAMES)}")
        require(name not in found, "data", text, f"each name once; {name} is {found.get(name)} already")
        found[name] = folder
    return found
