"""Loops over arrays as machine code, where the extra `compiled` (numba) is installed; without it numpy's way is taken.

numpy does one small step with all entries of an array, then the next with all of them; a loop does all steps with one
entry. Where steps are many and arrays short, or where most entries need not be looked at, a compiled loop takes a
fraction of the time. It is always the second way to do something: both give the same, and tests hold them to it.

A process takes this way only after `prepare`: servers, runs that take in much, and programs that search a lot. What has
been compiled once is kept on disk as machine code (`compiled_kept.py`), and is then loaded in milliseconds, without
numba. Servers only load: what was never compiled is compiled by another process (`compiling_apart.py`), and taken once
it is on disk.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from operator import attrgetter
from queue import SimpleQueue
from types import FunctionType, MappingProxyType
from typing import Any, Final, Generic, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.memory import rarely_collected

SWITCH: Final = "SEARCHAPP_COMPILED"
"""Environment variable; `off` has every process take numpy's way."""

Bytes = NDArray[np.uint8]
UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Flags = NDArray[np.bool_]
Varying = NDArray[Any]
"""An array whose width depends on what it holds: a loop is compiled for each combination that it meets."""

_DTYPES: Final[Mapping[str, type[np.generic]]] = MappingProxyType(
    {
        "Bytes": np.uint8,
        "UInt32s": np.uint32,
        "UInt64s": np.uint64,
        "Int32s": np.int32,
        "Int64s": np.int64,
        "Float32s": np.float32,
        "Float64s": np.float64,
        "Flags": np.bool_,
    }
)
_NARROW_AND_WIDE: Final = ("u2", "u4")

_type_number: Final[Callable[[NDArray[Any]], int]] = attrgetter("dtype.num")

P = ParamSpec("P")
R = TypeVar("R")


def type_numbers(*arrays: NDArray[Any]) -> tuple[int, ...]:
    """What loops are chosen by: the types of arrays, by their numpy numbers."""
    return tuple(map(_type_number, arrays))


class Loop(Generic[P, R]):
    """A function over one-dimensional contiguous arrays, written for numba, which is taken once it is compiled.

    Its parameters are annotated with the names of arrays above, `int`, `float` or `bool`. Arrays are only read, but
    those that it `writes`. It may call functions marked by `part`, of its own module only: numba looks at no other when
    it asks whether what it kept is still right. An index beyond an array raises IndexError, as in numpy.
    """

    def __init__(self, function: Callable[P, R], writes: Sequence[str], usual: Sequence[Sequence[str]]) -> None:
        self.function = function
        self.usual = [tuple(np.dtype(name).num for name in names) for names in usual]
        self._writes = frozenset(writes)
        self._made: dict[tuple[int, ...], Callable[P, R] | None] = {}

    def ready(self, *varying: NDArray[Any]) -> Callable[P, R] | None:
        """The compiled loop for such arrays, those of its parameters that are `Varying`, in their order.

        None where it is not to be had, or not yet: then it is compiled in the background, and numpy's way is taken.
        """
        return None if _maker is None else self.ready_for(type_numbers(*varying))

    def ready_for(self, key: tuple[int, ...]) -> Callable[P, R] | None:
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
        return self.function.__module__.startswith(f"{__package__}.")

    def is_made(self, key: tuple[int, ...]) -> bool:
        """Whether it has been tried to compile it for arrays of these types, by their numpy numbers."""
        return key in self._made

    def is_compiled(self, key: tuple[int, ...]) -> bool:
        """Whether it is there for arrays of these types."""
        return self._made.get(key) is not None

    def load(self, key: tuple[int, ...]) -> bool:
        """Take what was kept of it on disk; False where that is still to be compiled.

        Raises:
            ImportError: numba is of no use here.
        """
        try:
            self._made[key] = _kept(self, key)
        except NotKept:
            return False
        except ImportError:
            raise
        except Exception:
            self.give_up(key)
        return True

    def make(self, key: tuple[int, ...]) -> Callable[P, R] | None:
        """Compile it, or load what was kept of that; None, and a line in the log, where that fails.

        Raises:
            ImportError: numba is of no use here.
        """
        try:
            self._made[key] = _compile(self, key)
        except ImportError:
            raise
        except Exception:  # numba has many, and none of them is worth a search that fails
            self.give_up(key)
        return self._made[key]

    def give_up(self, key: tuple[int, ...]) -> None:
        """Take numpy's way from now on, and say so, with the exception that is being handled, if one is."""
        from logging import getLogger  # noqa: PLC0415

        told = sys.exc_info()[0] is not None
        getLogger(__name__).error(
            "%s cannot be compiled; numpy's way is taken", self.function.__qualname__, exc_info=told
        )
        self._made[key] = None

    def signature(self, key: tuple[int, ...]) -> tuple[Any, ...]:
        """The types of its parameters as numba has them."""
        from numba import boolean, float64, from_dtype, int64, types  # noqa: PLC0415

        scalars = {"int": int64, "float": float64, "bool": boolean}
        numbers = iter(key)
        found: list[Any] = []
        for name, annotation in self.function.__annotations__.items():
            if name == "return":
                continue
            if annotation in scalars:
                found.append(scalars[annotation])
                continue
            dtype = _DTYPES.get(annotation) or _DTYPE_OF_NUMBER[next(numbers)]
            readonly = name not in self._writes
            found.append(types.Array(from_dtype(np.dtype(dtype)), 1, "C", readonly=readonly))
        return tuple(found)


_DTYPE_OF_NUMBER: Final[Mapping[int, np.dtype[Any]]] = MappingProxyType(
    {np.dtype(name).num: np.dtype(name) for name in ("u1", "u2", "u4", "u8", "i4", "i8", "f4", "f8")}
)
_Wanted = tuple[Loop[Any, Any], tuple[int, ...]]
_loops: Final[list[Loop[Any, Any]]] = []
_parts: Final[set[Callable[..., Any]]] = set()
_compiled_parts: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
_maker: _Maker | None = None
_checked = False


def loop(
    *, writes: Sequence[str] = (), usual: Sequence[Sequence[str]] = ((),)
) -> Callable[[Callable[P, R]], Loop[P, R]]:
    """Mark a function as a `Loop`; `usual` are the types, such as "u2", that its varying arrays mostly have."""

    def mark(function: Callable[P, R]) -> Loop[P, R]:
        made = Loop(function, writes, usual)
        _loops.append(made)
        return made

    return mark


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as one that loops of the same module call: it is compiled into them."""
    _parts.add(function)
    return function


def widths(count: int) -> list[tuple[str, ...]]:
    """All combinations of narrow and wide for so many varying arrays."""
    found: list[tuple[str, ...]] = [()]
    for _ in range(count):
        found = [(*before, width) for before in found for width in _NARROW_AND_WIDE]
    return found


def prepare(*, at_once: bool = False) -> bool:
    """Have this process take compiled loops; whether it does. To be called before its threads and after forks.

    They are compiled in the background, while numpy's way is taken, or `at_once` where they are first wanted.
    """
    global _maker  # noqa: PLW0603
    if os.environ.get(SWITCH, "").strip().lower() in {"off", "0", "no", "false"} or not _may_run_what_it_writes():
        return False
    if find_spec("numba") is None:
        return False
    if _maker is None or _maker.at_once != at_once:
        _maker = _Maker(at_once)
    return True


def check_arguments(on: bool = True) -> None:
    """Have numba look at all arguments of every call, of loops that are loaded or compiled from now on, as tests do.

    Machine code that was kept on disk looks at no more of an array than the size of its entries.
    """
    global _checked  # noqa: PLW0603
    _checked = on


def is_prepared() -> bool:
    """Whether this process takes compiled loops, so that one that it starts should, too."""
    return _maker is not None


def stop() -> None:
    """Have this process take numpy's way again."""
    global _maker  # noqa: PLW0603
    _maker = None


@contextmanager
def for_a_while() -> Iterator[None]:
    """Afterwards the process takes whichever way it took before: a run that compiled at once leaves nobody to wait."""
    global _maker  # noqa: PLW0603
    before = _maker
    try:
        yield
    finally:
        _maker = before


def make_usual(seconds: float = float("inf")) -> int:
    """Compile the loops that have been imported for their usual arrays, or load them; how many it was.

    After so many seconds it ends: the rest is compiled when it is first wanted.
    """
    if _maker is None:
        return 0
    wanted = [(one, key) for one in _loops for key in one.usual if not one.is_made(key)]
    _maker.make(wanted, time.monotonic() + seconds)
    return sum([one.is_compiled(key) for one, key in wanted])


def _may_run_what_it_writes() -> bool:
    """Whether the system lets this process make machine code: where a service may not, numba would end it.

    systemd's MemoryDenyWriteExecute, SELinux and others forbid it.
    """
    if not sys.platform.startswith("linux"):
        return True
    import ctypes  # noqa: PLC0415

    with mmap.mmap(-1, mmap.PAGESIZE) as page:
        begin = ctypes.c_char.from_buffer(page)
        refused = ctypes.CDLL(None).mprotect(
            ctypes.c_void_p(ctypes.addressof(begin)), mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC
        )
        del begin  # it keeps the page from being given back
    return bool(refused == 0)


class _Maker:
    """Compiles what is wanted."""

    def __init__(self, at_once: bool) -> None:
        from searchapp.compiling_apart import Turns  # noqa: PLC0415

        self.at_once = at_once
        self._queue: SimpleQueue[_Wanted] = SimpleQueue()
        self._asked: set[_Wanted] = set()
        self._turns = Turns()
        self._lock = threading.RLock()
        self._thread: tuple[int, threading.Thread] | None = None
        """The process that it belongs to, and the thread: a fork has none."""

    def want(self, wanted: Loop[P, R], key: tuple[int, ...]) -> Callable[P, R] | None:
        """Compile a loop, now or later; None for later."""
        if not self.at_once:
            self._ask(wanted, key)
            return None
        with self._lock:
            if not wanted.is_made(key):
                self.make([(wanted, key)])
            return wanted._made.get(key)

    def _ask(self, wanted: Loop[Any, Any], key: tuple[int, ...]) -> None:
        """Have it compiled in the background, once however often it is wanted meanwhile."""
        with self._lock:
            if self._thread is None or self._thread[0] != os.getpid() or not self._thread[1].is_alive():
                self._asked.clear()
                thread = threading.Thread(target=self._work, name="compiling", daemon=True)
                self._thread = os.getpid(), thread
                thread.start()
            if (wanted, key) not in self._asked:
                self._asked.add((wanted, key))
                self._queue.put((wanted, key))

    def _work(self) -> None:
        while True:
            wanted = [self._queue.get()]
            while not self._queue.empty():  # nobody else takes any out
                wanted.append(self._queue.get())
            self.make([(one, key) for one, key in wanted if not one.is_made(key)])

    def make(self, wanted: Sequence[_Wanted], deadline: float = float("inf")) -> None:
        """Compile loops, or load them, until a moment of `time.monotonic`; where numba is of no use, do without."""
        try:
            self._make(wanted, deadline)
        except ImportError as error:  # it does not fit the numpy that is installed, mostly
            from logging import getLogger  # noqa: PLC0415

            getLogger(__name__).error("numba cannot be used, and numpy's way is taken: %s", error)
            stop()

    def _make(self, wanted: Sequence[_Wanted], deadline: float) -> None:
        apart: list[_Wanted] = []
        for one, key in wanted:
            if time.monotonic() >= deadline:
                return
            if self.at_once or not one.is_ours:
                one.make(key)
            elif not one.load(key):
                apart.append((one, key))
        if apart:
            with self._turns.taken():
                self._make_apart([(one, key) for one, key in apart if not one.load(key)], deadline)

    def _make_apart(self, wanted: Sequence[_Wanted], deadline: float) -> None:
        """Have another process compile them, and take what it leaves on disk."""
        from searchapp.compiling_apart import compile_apart  # noqa: PLC0415

        left = dict(enumerate(wanted))
        names = [(one.function.__module__, one.function.__name__, key) for one, key in wanted]
        try:
            for number, compiled in compile_apart(names, None if deadline == float("inf") else deadline):
                one, key = left.pop(number)
                if compiled:
                    one.make(key)  # which compiles only where there is no folder to keep anything in
                else:
                    one.give_up(key)
        except OSError:  # no process can be started here
            for one, key in left.values():
                if time.monotonic() < deadline:
                    one.make(key)
            return
        if deadline == float("inf"):  # the process was ended: for want of memory, mostly
            for one, key in left.values():
                one.give_up(key)


class NotKept(Exception):
    """Nothing of a loop is on disk."""


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


def _kept(wanted: Loop[P, R], key: tuple[int, ...]) -> Callable[P, R]:
    """What was compiled before.

    Raises:
        NotKept: nothing was.
    """
    if not _checked:
        from searchapp.compiled_kept import load_kept, may_keep  # noqa: PLC0415 - where nothing is loaded, in vain

        if (found := load_kept(wanted.function, key)) is not None:
            return found
        if may_keep():
            raise NotKept
    with _only_kept():
        return _compile(wanted, key)


def _compile(wanted: Loop[P, R], key: tuple[int, ...]) -> Callable[P, R]:
    from searchapp.compiled_kept import keep, load_kept  # noqa: PLC0415

    if not _checked and (found := load_kept(wanted.function, key)) is not None:
        return found
    with rarely_collected():
        from numba import njit  # noqa: PLC0415

    signature = wanted.signature(key)
    function = _with_parts(wanted.function, njit)
    try:
        made = njit(signature, cache=True, boundscheck=True, nogil=True)(function)
    except RuntimeError:  # there is no folder to keep it in
        made = njit(signature, boundscheck=True, nogil=True)(function)
    else:
        keep(made, wanted.function, key)
    compiled: Callable[P, R] = made
    return compiled


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
