"""The C library's allocator: freed memory goes back, so that a process does not keep what its largest moment took.

And Python's search for cycles among objects, which runs that keep many objects have look more seldom.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

# The names and numbers are those of glibc's malloc.h; see mallopt(3) and malloc_trim(3).
_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_TRIM_THRESHOLD: Final = -1

ARENAS: Final = 2
"""Pools of memory; by default each thread gets its own, and keeps what its largest search took."""
THRESHOLD: Final = 1 << 16
"""Arrays of so many bytes go back to the system at once. By default the bound rises to the largest that was ever freed,
and what an older state of the index held stays with the process in pieces. A column of 20,000 stories takes more than
this. With twice as much, the private memory of workers that are asked while articles are taken in grows by 7 %, with
this by 5.4 to 5.9 % (`python -m bench.load --index DIR --while-indexing FILE`, at work)."""

OBJECTS_PER_COLLECTION: Final = 50_000
"""New objects after which Python looks for cycles while it indexes; 700, as usual, take a thirtieth of the time."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Look for cycles among objects more seldom than usual: a run keeps many articles and makes hardly any cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], OBJECTS_PER_COLLECTION) if usual[0] else 0, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def give_back_at_once() -> bool:
    """Have freed memory go back to the system rather than stay with the process; whether the C library could be told.

    For a process that serves for months; to be called before threads are started and workers are forked.
    """
    mallopt = _function("mallopt")
    if mallopt is None:
        return False
    settings = ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, THRESHOLD), (_TRIM_THRESHOLD, THRESHOLD))
    answers = [mallopt(name, value) for name, value in settings]
    return 0 not in answers


def release() -> None:
    """Give the pages back that hold nothing any more; takes milliseconds. Where the C library cannot, nothing is done.

    What a step frees lies in pieces between what stays, and the C library keeps the pages by itself.
    """
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


@cache
def _function(name: str) -> Any:
    """A function of glibc, None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):  # another C library
        return None
