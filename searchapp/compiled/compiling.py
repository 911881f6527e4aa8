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
_compiled_parts: Final[dict[tuple[Callable[..., Any], bool], Callable[..., Any]]] = {}
"""By whether each index is looked at."""
_checked = False


class NotKept(Exception):
    """Nothing of a loop is on disk."""


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as one that loops of the same module call: it is compiled into them."""
    _parts.add(function)
    return function


def check_arguments(on: bool = True) -> None:
    """Have numba look at all arguments of every call, of loops that are loaded or compiled from now on, as tests do.

    Machine code that was kept on disk looks at no more of an array than the size of its entries. Loops that are
    `bounded` have each index looked at, too.
    """
    global _checked  # noqa: PLW0603
    _checked = on


def kept_function(function: Callable[P, R], writes: Collection[str], key: Key, bounded: bool) -> Callable[P, R]:
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
        return compiled_function(function, writes, key, bounded)


def compiled_function(function: Callable[P, R], writes: Collection[str], key: Key, bounded: bool) -> Callable[P, R]:
    """The function as machine code for arrays of these types, of which it writes those that are named.

    One that is `bounded` looks at each index only where arguments are looked at.

    Raises:
        ImportError: numba is of no use here.
        Exception: it cannot be compiled: numba has many.
    """
    if not _checked and (found := load_kept(function, key)) is not None:
        return found
    with rarely_collected():
        from numba import njit  # noqa: PLC0415 - where all is kept, nothing needs it

    signature = _signature(function, writes, key)
    looks = _checked or not bounded
    whole = _with_parts(function, njit, looks)
    is_usual = looks != bounded
    if not is_usual:
        # numba's files do not say which of the two ways they are; ours are of the usual one.
        whole = _like(whole, whole.__globals__, f"{whole.__qualname__}.looking")
    try:
        made = njit(signature, cache=True, boundscheck=looks, nogil=True)(whole)
    except RuntimeError:  # there is no folder to keep it in
        made = njit(signature, boundscheck=looks, nogil=True)(whole)
    else:
        if is_usual:
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


def _with_parts(function: Callable[P, R], njit: Any, looks: bool) -> FunctionType:
    """The function, calling the compiled forms of its parts, which look at each index or not."""
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function!r} is no plain function")
    names: Iterable[str] = function.__code__.co_names
    known = function.__globals__
    compiled = {
        name: _compiled_part(known[name], njit, looks)
        for name in names
        if callable(known.get(name)) and known[name] in _parts
    }
    return _like(function, {**known, **compiled}, function.__qualname__) if compiled else function


def _like(function: FunctionType, known: dict[str, Any], name: str) -> FunctionType:
    """The same function with other globals and another name."""
    made = FunctionType(function.__code__, known, function.__name__, function.__defaults__)
    made.__qualname__, made.__module__ = name, function.__module__
    return made


def _compiled_part(function: Callable[..., Any], njit: Any, looks: bool) -> Callable[..., Any]:
    """The compiled form of a part: one for all that call it, or each would have it compiled anew."""
    found = _compiled_parts.get((function, looks))
    if found is None:
        found = njit(boundscheck=looks, nogil=True)(_with_parts(function, njit, looks))
        _compiled_parts[function, looks] = found
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
