"""Result files are written whole or not at all; a place that takes no file is refused by name. No torch."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bgmatte.cache import written_whole
from bgmatte.inference.refusals import refusal

A_FOLDER, A_FILE = "a folder, where a file is to be written", "the name of a file; folders are never replaced"


@contextmanager
def result(path: Path) -> Iterator[Path]:
    """Yield a temporary file that becomes `path` if all went well; raises `MatteError` where no file can be made.

    A full disk stays an `OSError`: it is no fault of what was asked for. A folder at this place is never replaced.
    """
    if path.is_dir():
        raise refusal(path, A_FOLDER, A_FILE)
    try:
        with written_whole(path) as temporary:
            yield temporary
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise refusal(path, f"cannot be written ({error.strerror or error})", "a place where files can be made") from None
