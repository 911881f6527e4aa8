"""Whether this process takes compiled loops, and how it comes by them."""

from __future__ import annotations

import mmap
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from queue import SimpleQueue
from typing import Any, Final, ParamSpec, TypeVar

from searchapp.compiled.arrays import Key
from searchapp.compiled.loops import Loop, loops, set_maker

SWITCH: Final = "SEARCHAPP_COMPILED"
"""Environment variable; `off` has every process take numpy's way."""

P = ParamSpec("P")
R = TypeVar("R")
_Wanted = tuple[Loop[Any, Any], Key]
_maker: _Maker | None = None


def prepare(*, at_once: bool = False) -> bool:
    """Have this process take compiled loops; whether it does. To be called before its threads and after forks.

    They are compiled in the background, while numpy's way is taken, or `at_once` where they are first wanted.
    """
    if os.environ.get(SWITCH, "").strip().lower() in {"off", "0", "no", "false"} or not _may_run_what_it_writes():
        return False
    if find_spec("numba") is None:
        return False
    if _maker is None or _maker.at_once != at_once:
        _take(_Maker(at_once))
    return True


def _take(maker: _Maker | None) -> None:
    global _maker  # noqa: PLW0603
    _maker = maker
    set_maker(maker)


def is_prepared() -> bool:
    """Whether this process takes compiled loops, so that one that it starts should, too."""
    return _maker is not None


def stop() -> None:
    """Have this process take numpy's way again."""
    _take(None)


@contextmanager
def for_a_while() -> Iterator[None]:
    """Afterwards the process takes whichever way it took before: a run that compiled at once leaves nobody to wait."""
    before = _maker
    try:
        yield
    finally:
        _take(before)


def make_usual(seconds: float = float("inf")) -> int:
    """Compile the loops that have been imported for their usual arrays, or load them; how many it was.

    After so many seconds it ends: the rest is compiled when it is first wanted.
    """
    if _maker is None:
        return 0
    wanted = [(one, key) for one in loops for key in one.usual if not one.is_made(key)]
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
        from searchapp.compiled.apart import Turns  # noqa: PLC0415

        self.at_once = at_once
        self._queue: SimpleQueue[_Wanted] = SimpleQueue()
        self._asked: set[_Wanted] = set()
        self._turns = Turns()
        self._lock = threading.RLock()
        self._thread: tuple[int, threading.Thread] | None = None
        """The process that it belongs to, and the thread: a fork has none."""

    def want(self, wanted: Loop[P, R], key: Key) -> Callable[P, R] | None:
        """Compile a loop, now or later; None for later."""
        if not self.at_once:
            self._ask(wanted, key)
            return None
        with self._lock:
            if not wanted.is_made(key):
                self.make([(wanted, key)])
            return wanted.made(key)

    def _ask(self, wanted: Loop[Any, Any], key: Key) -> None:
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
        from searchapp.compiled.apart import compile_apart  # noqa: PLC0415

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
