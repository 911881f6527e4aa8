"""Loops that numba kept on disk, loaded without what only compiling needs; imported where numba is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime.nrt import rtsys

from searchapp.compiled import NotKept


def kept_on_disk(function: Callable[..., Any], signature: tuple[Any, ...]) -> Any:
    """What numba kept of a function on disk, as its decorator gives it; None where only the decorator can tell.

    The decorator first has numba learn all types and functions that code may have, which only compiling needs: a tenth
    of a second, and 9 MB for good. The names used are numba's own; a version that has others takes the decorator's way.

    Raises:
        NotKept: nothing of it is on disk.
    """
    try:
        made: Any = njit(cache=True, boundscheck=True, nogil=True)(function)
        with global_compiler_lock:
            rtsys.initialize(made.targetctx)
            result = made._cache._load_overload(signature, made.targetctx)
            if result is None:
                raise NotKept
            made._cache_hits[signature] += 1
            made.add_overload(result)
            made.disable_compile()
    except (AttributeError, RuntimeError):  # other names, or no folder to keep anything in
        return None
    return made
