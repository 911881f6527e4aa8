"""Functions over arrays that are taken as machine code once that is there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled.arrays import Key, type_numbers
from searchapp.compiled.compiling import NotKept, compiled_function, kept_function

_NARROW_AND_WIDE: Final = ("u2", "u4")

P = ParamSpec("P")
R = TypeVar("R")


class Maker(Protocol):
    """What has loops compiled that are wanted."""

    def want(self, wanted: Loop[P, R], key: Key) -> Callable[P, R] | None:
        """The loop for such arrays; None where it is not to be had, or not yet."""


loops: Final[list[Loop[Any, Any]]] = []
"""All that have been imported."""
_maker: Maker | None = None


def set_maker(maker: Maker | None) -> None:
    """Have the loops that are wanted from now on compiled by this; None: numpy's way is taken."""
    global _maker  # noqa: PLW0603
    _maker = maker


class Loop(Generic[P, R]):
    """A function over one-dimensional contiguous arrays, written for numba, which is taken once it is compiled.

    Its parameters are annotated with the names in `arrays`, `int`, `float` or `bool`. Arrays are only read, but
    those that it `writes`. It may call functions marked by `part`, of its own module only: numba looks at no other when
    it asks whether what it kept is still right. An index beyond an array raises IndexError, as in numpy.

    To ask that of every index takes up to half of a loop's time. One that is `bounded` asks by itself, once where that
    suffices: by its own conditions, which raise IndexError, no index is ever beyond an array or below zero. Tests have
    each index looked at nevertheless.
    """

    def __init__(
        self, function: Callable[P, R], writes: Sequence[str], usual: Sequence[Sequence[str]], bounded: bool = False
    ) -> None:
        self.function, self.bounded = function, bounded
        self.usual = [tuple(np.dtype(name).num for name in names) for names in usual]
        self.writes = frozenset(writes)
        self._made: dict[Key, Callable[P, R] | None] = {}

    def ready(self, *varying: NDArray[Any]) -> Callable[P, R] | None:
        """The compiled loop for such arrays, those of its parameters that are `Varying`, in their order.

        None where it is not to be had, or not yet: then it is compiled in the background, and numpy's way is taken.
        """
        return None if _maker is None else self.ready_for(type_numbers(*varying))

    def ready_for(self, key: Key) -> Callable[P, R] | None:
        """The same for arrays of which the `type_numbers` are known."""
        if _maker is None:
            return None
        try:
            return self._made[key]
        except KeyError:
            return _maker.want(self, key)

    @property
    def is_ours(self) -> bool:
        """Whether another process that has this package has it, too."""
        return self.function.__module__.startswith("searchapp.")

    def is_made(self, key: Key) -> bool:
        """Whether it has been tried to compile it for arrays of these types, by their numpy numbers."""
        return key in self._made

    def is_compiled(self, key: Key) -> bool:
        """Whether it is there for arrays of these types."""
        return self._made.get(key) is not None

    def made(self, key: Key) -> Callable[P, R] | None:
        """The loop for arrays of these types, if it has been made."""
        return self._made.get(key)

    def load(self, key: Key) -> bool:
        """Take what was kept of it on disk; False where that is still to be compiled.

        Raises:
            ImportError: numba is of no use here.
        """
        try:
            self._made[key] = kept_function(self.function, self.writes, key, self.bounded)
        except NotKept:
            return False
        except ImportError:
            raise
        except Exception:
            self.give_up(key)
        return True

    def make(self, key: Key) -> Callable[P, R] | None:
        """Compile it, or load what was kept of that; None, and a line in the log, where that fails.

        Raises:
            ImportError: numba is of no use here.
        """
        try:
            self._made[key] = compiled_function(self.function, self.writes, key, self.bounded)
        except ImportError:
            raise
        except Exception:  # numba has many, and none of them is worth a search that fails
            self.give_up(key)
        return self._made[key]

    def give_up(self, key: Key) -> None:
        """Take numpy's way from now on, and say so, with the exception that is being handled, if one is."""
        from logging import getLogger  # noqa: PLC0415

        told = sys.exc_info()[0] is not None
        getLogger(__name__).error(
            "%s cannot be compiled; numpy's way is taken", self.function.__qualname__, exc_info=told
        )
        self._made[key] = None


def loop(
    *, writes: Sequence[str] = (), usual: Sequence[Sequence[str]] = ((),), bounded: bool = False
) -> Callable[[Callable[P, R]], Loop[P, R]]:
    """Mark a function as a `Loop`; `usual` are the types, such as "u2", that its varying arrays mostly have."""

    def mark(function: Callable[P, R]) -> Loop[P, R]:
        made = Loop(function, writes, usual, bounded)
        loops.append(made)
        return made

    return mark


def widths(count: int) -> list[tuple[str, ...]]:
    """All combinations of narrow and wide for so many varying arrays."""
    found: list[tuple[str, ...]] = [()]
    for _ in range(count):
        found = [(*before, width) for before in found for width in _NARROW_AND_WIDE]
    return found
