"""Loops that numba kept on disk, loaded without what only compiling needs; imported where numba is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import njit
from numba.core import environment
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
        with global_compiler_lock, _modules_as_they_are():
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


@contextmanager
def _modules_as_they_are() -> Iterator[None]:
    """No module is imported for the functions that loaded code has within it.

    Each has an environment: the constants that it needs as Python objects, and the names of its module, which only code
    that numba could not compile would look up. numba imports that module, which for an array made in a loop
    (`np.empty`) takes a thirtieth of a second.
    """
    usual = environment._rebuild_env
    environment._rebuild_env = _environment
    try:
        yield
    finally:
        environment._rebuild_env = usual


def _environment(module: str, constants: Any, name: str) -> Any:
    """An environment by its name: the one that there is, or a new one."""
    kept = environment.Environment._memo
    found = kept.get(name)
    if found is None:
        loaded = sys.modules.get(module)
        found = environment.Environment({"__name__": module} if loaded is None else vars(loaded))
        found.consts[:] = constants
        found.env_name = name
        kept[name] = found
    return found
