"""One worker: `python -m bgmatte.data.procedural FILE NAME SETTINGS FIRST LAST` draws groups FIRST to LAST−1 into a set.

A separate command, so drawing in parallel works from notebooks and scripts alike and never forks a process that
already runs PyTorch's threads. It ends when its standard input does, that is with the process that started it.
"""

import json
import os
import sys
import threading
from pathlib import Path

from bgmatte.config import DataConfig
from bgmatte.data.procedural import draw_into
from bgmatte.jsonable import from_dict


def main() -> None:
    """Draw what the command line says."""
    file, name, settings, first, last = sys.argv[1:]
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
    data = from_dict(DataConfig, json.loads(settings))
    for group in range(int(first), int(last)):
        draw_into(Path(file), name, data, group)


if __name__ == "__main__":
    main()
