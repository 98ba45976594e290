"""How a command ends: its exit status, and a refusal told in one line instead of a traceback."""

import sys
from collections.abc import Callable


def status(call: Callable[[], int | None]) -> int:
    """Run a command; gives the exit status: its own, 2 for what this package refuses, 130 when interrupted."""
    try:
        return int(call() or 0)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError) as error:
        if not type(error).__module__.startswith("bgmatte."):
            raise  # a fault of the program, not of what it was given: the traceback is wanted
        print(f"error: {error}", file=sys.stderr)
        return 2
