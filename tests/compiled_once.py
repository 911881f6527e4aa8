"""The package's loops, compiled before the tests begin: processes that run tests would each compile the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from searchapp import compiled


def compile_all(root: Path, processes: int) -> None:
    """Leave all loops on disk for the arrays that they usually have; what lies there already is only loaded.

    A module is compiled by one process: its loops have parts in common, which are compiled once in a process.

    Raises:
        BrokenProcessPool: one of the processes was ended.
    """
    prepare = partial(compiled.prepare, at_once=True)
    with ProcessPoolExecutor(processes, get_context("spawn"), prepare) as pool:
        list(pool.map(_compile, _modules(root)))


def _modules(root: Path) -> Iterator[str]:
    """The modules of loops, the longest first: it is no short one that is waited for at the end."""
    files = (root / "searchapp").rglob("*_loops.py")
    for file in sorted(files, key=lambda file: file.stat().st_size, reverse=True):
        yield ".".join(file.relative_to(root).with_suffix("").parts)


def _compile(module: str) -> None:
    if not compiled.is_prepared():  # numba is not installed, or switched off
        return
    for loop in vars(import_module(module)).values():
        if isinstance(loop, compiled.Loop) and loop.function.__module__ == module:
            for key in loop.usual:
                loop.make(key)
                if loop.bounded:  # the tests' own processes look at each index
                    compiled.check_arguments()
                    loop.make(key)
                    compiled.check_arguments(False)
