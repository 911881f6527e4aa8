"""A function compiled for arrays of some types, or loaded as it was kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np

from searchapp.compiled.arrays import DTYPE_OF_NUMBER, DTYPES, Key
from searchapp.compiled.kept import keep, load_kept, may_keep
from searchapp.memory import rarely_collected

P = ParamSpec("P")
R = TypeVar("R")

_parts: Final[set[Callable[..., Any]]] = set()
_compiled_parts: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
_checked = False


class NotKept(Exception):
    """Nothing of a loop is on disk."""


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as one that loops of the same module call: it is compiled into them."""
    _parts.add(function)
    return function


def check_arguments(on: bool = True) -> None:
    """Have numba look at all arguments of every call, of loops that are loaded or compiled from now on, as tests do.

    Machine code that was kept on disk looks at no more of an array than the size of its entries.
    """
    global _checked  # noqa: PLW0603
    _checked = on


def kept_function(function: Callable[P, R], writes: Collection[str], key: Key) -> Callable[P, R]:
    """What was compiled before.

    Raises:
        NotKept: nothing was.
        ImportError: numba is of no use here.
    """
    if not _checked:
        if (found := load_kept(function, key)) is not None:
            return found
        if may_keep():
            raise NotKept
    with _only_kept():
        return compiled_function(function, writes, key)


def compiled_function(function: Callable[P, R], writes: Collection[str], key: Key) -> Callable[P, R]:
    """The function as machine code for arrays of these types, of which it writes those that are named.

    Raises:
        ImportError: numba is of no use here.
        Exception: it cannot be compiled: numba has many.
    """
    if not _checked and (found := load_kept(function, key)) is not None:
        return found
    with rarely_collected():
        from numba import njit  # noqa: PLC0415 - where all is kept, nothing needs it

    signature = _signature(function, writes, key)
    whole = _with_parts(function, njit)
    try:
        made = njit(signature, cache=True, boundscheck=True, nogil=True)(whole)
    except RuntimeError:  # there is no folder to keep it in
        made = njit(signature, boundscheck=True, nogil=True)(whole)
    else:
        keep(made, function, key)
    compiled: Callable[P, R] = made
    return compiled


def _signature(function: Callable[..., Any], writes: Collection[str], key: Key) -> tuple[Any, ...]:
    """The types of its parameters as numba has them."""
    from numba import boolean, float64, from_dtype, int64, types  # noqa: PLC0415

    scalars = {"int": int64, "float": float64, "bool": boolean}
    numbers = iter(key)
    found: list[Any] = []
    for name, annotation in function.__annotations__.items():
        if name == "return":
            continue
        if annotation in scalars:
            found.append(scalars[annotation])
            continue
        dtype = DTYPES.get(annotation) or DTYPE_OF_NUMBER[next(numbers)]
        readonly = name not in writes
        found.append(types.Array(from_dtype(np.dtype(dtype)), 1, "C", readonly=readonly))
    return tuple(found)


def _with_parts(function: Callable[P, R], njit: Any) -> Callable[P, R]:
    """The function, calling the compiled forms of its parts."""
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is no plain function")
    names: Iterable[str] = function.__code__.co_names
    known = function.__globals__
    compiled = {
        name: _compiled_part(known[name], njit) for name in names if callable(known.get(name)) and known[name] in _parts
    }
    if not compiled:
        return function
    made = FunctionType(function.__code__, {**known, **compiled}, function.__name__, function.__defaults__)
    made.__qualname__, made.__module__ = function.__qualname__, function.__module__
    return made


def _compiled_part(function: Callable[..., Any], njit: Any) -> Callable[..., Any]:
    """The compiled form of a part: one for all that call it, or each would have it compiled anew."""
    found = _compiled_parts.get(function)
    if found is None:
        found = _compiled_parts[function] = njit(boundscheck=True, nogil=True)(_with_parts(function, njit))
    return found


@contextmanager
def _only_kept() -> Iterator[None]:
    """Loops are loaded in this block, none is compiled. Raises `NotKept` where one would be."""
    from numba.core.event import Event, Listener, install_listener  # noqa: PLC0415

    class Refusing(Listener):
        def on_start(self, _event: Event) -> None:
            raise NotKept

        def on_end(self, _event: Event) -> None:
            """Nothing was begun."""

    with install_listener("numba:compile", Refusing()):
        yield
