"""Freed memory given back to the system between the steps of a run, so that each does not add to the one before it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def release() -> None:
    """Give the pages back that hold nothing any more; takes milliseconds. Where the C library cannot, nothing is done.

    What a step frees lies in pieces between what stays, and the C library keeps the pages by itself (malloc_trim(3)).
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None
    return found
