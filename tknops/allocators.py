"""What a process let go of goes back to the system, however many threads it answers with.

An allocator keeps what each thread freed for that thread. Where a dozen of them take turns at
reports, each keeps the peak of its largest: measured, 170 MB that nobody used (docs/adr/0047).
"""

import ctypes
import platform

import pyarrow as pa

# mallopt(3), from malloc.h.
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
# Threads hold the interpreter's lock while they allocate, but for some of DuckDB's and Arrow's.
_ARENAS = 2
# What is larger has pages of its own, which go back as soon as it is freed. By itself glibc raises
# this to the largest block ever freed, up to 32 MB, and keeps twice as much besides.
_LARGE = 1024 * 1024


def give_back() -> None:
    """Share few pools of memory between all threads; called before there are any.

    Where the C library is not glibc its ways stay as they are.
    """
    # Arrow's own pool keeps freed memory for each thread too.
    pa.set_memory_pool(pa.system_memory_pool())
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, _ARENAS)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
