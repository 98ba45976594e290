"""How a job says how far it is: to the study that started it, else to the terminal it runs in. No torch."""

import json
import os
import sys
import time
from pathlib import Path

FILE = "BGMATTE_PROGRESS"  # environment variable: where the study reads it
_PAUSE = 0.5  # [s] between two reports; what happens between them nobody could read
_last = 0.0


def tell(done: int, total: int, what: str) -> None:
    """Report that `done` of `total` steps of `what` are finished; cheap enough to call after every step."""
    global _last
    if done < total and time.monotonic() - _last < _PAUSE:
        return
    _last = time.monotonic()
    if os.environ.get(FILE):
        _replace(Path(os.environ[FILE]), json.dumps({"done": done, "total": total, "what": what}))
    elif sys.stderr.isatty():
        print(f"\r\033[K{what} {done}/{total}", end="\n" if done >= total else "", file=sys.stderr, flush=True)


def _replace(path: Path, text: str) -> None:
    """Write so that a reader never sees half a line; a report that cannot be written must not stop the work."""
    try:
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_text(text)
        temporary.replace(path)
    except OSError:
        pass
