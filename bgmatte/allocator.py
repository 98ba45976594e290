"""Memory that is freed stays with the process: fresh pages for every large tensor cost more than most arithmetic on it. No torch."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # glibc's malloc.h


def keep_freed_memory() -> bool:
    """Let malloc reuse large blocks instead of asking the system for them anew; says whether it does now.

    glibc returns blocks above 32 MiB at once, and the system clears each new page: on a tensor of 50 MB that is nine
    tenths of the time of a multiplication. Other systems' allocators are left as they are. Call it before the work begins.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and bool(mallopt(M_MMAP_MAX, 0)) and bool(mallopt(M_TRIM_THRESHOLD, -1))
