"""Loops that look at their indexes by themselves refuse arrays that do not fit each other, and write nowhere beyond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from searchapp import compiled
from searchapp.analysis.token_loops import kinds

pytest.importorskip("numba", reason="the extra `compiled` is not installed")

ROOM: Final = 64
MODULES: Final = (
    "analysis.surface_loops",
    "analysis.token_loops",
    "engine.storage.document_loops",
    "engine.storage.inversion_loops",
    "engine.storage.merge_loops",
    "engine.storage.one_line_loops",
)
Arguments = list[Any]
Change = Callable[[Arguments], object]


def zeros(dtype: str, count: int = ROOM) -> np.ndarray:
    return np.zeros(count, dtype)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def on_one_line() -> Arguments:
    return [
        zeros("u2", 10),
        zeros("u2", 1 << 16),
        ints(1, 5, 10),
        1,
        zeros("u1"),
        zeros("u1"),
        ints(0, 0, 0),
        ints(*[0] * 10),
    ]


def gather() -> Arguments:
    return [zeros("u1", 9), ints(0, 5), ints(3, 9), 0, zeros("u1", 7), zeros("i8", 7)]


def find_short() -> Arguments:
    return [zeros("u8", 8), 2, np.array([1], np.uint64), zeros("u8", 4), 2, zeros("u8", 4), zeros("i8", 4)]


def find_tokens() -> Arguments:
    codes = zeros("u1", 48)
    codes[:3] = codes[9:30] = 200
    return [codes, codes.view("<u8"), kinds(), 255, 24, zeros("i4"), zeros("i4"), zeros("i4"), zeros("u8")]


def number_tokens() -> Arguments:
    values = np.array([0, 1, (1 << 32) | 2], np.uint64)
    return [
        values, zeros("i4", 3), zeros("i4", 3), ints(0, 9), 0xFFFFFFFF, ints(2), ints(1), zeros("i4", 3),
        ints(0, 0), zeros("i8", 4), zeros("i8", 4), zeros("i4", 4), zeros("i4", 4),
    ]  # fmt: skip


def lay_out() -> Arguments:
    types = ("u4", "u1", "u1", "u1", "i8", "u4", "u4")
    written = [zeros(dtype, 6) for dtype in types]
    return [ints(0, 2, 4, 5, 6), zeros("i8", 6), zeros("i8", 6), ints(3), 64, 30, 255, ints(0, 0), *written]


def sort_tokens() -> Arguments:
    lemmas = np.array([1, 0, 1], np.int32)
    return [
        zeros("i4", 3), lemmas, zeros("u4", 3), zeros("u1", 3), ints(0, 2, 3), 0, ints(0, 1), zeros("u8", 6),
        zeros("?", 1),
    ]  # fmt: skip


def list_postings() -> Arguments:
    tokens = np.array([1, 1, 1, 1 << 8 | 1, 2, 1 << 8], np.uint64)
    types = ("u4", "u4", "u4", "u4", "i8", "i8", "i8", "i8", "i8")
    written = [zeros(dtype, 3) for dtype in types]
    return [
        tokens, ints(0, 2, 3), 0, zeros("u1", 2), zeros("u1", 2), np.full(1 << 18, -1, np.int32), zeros("i8", 4),
        zeros("i8", 2), *written,
    ]  # fmt: skip


def list_pairs() -> Arguments:
    tokens = np.array([1 << 32, 1, 2 << 32, 1, 1 << 32, 1], np.uint64)
    norms = zeros("u1", 1), zeros("u1", 1)
    return [tokens, ints(0), ints(3), 3, *norms, zeros("i8", 1), zeros("u4", 3), zeros("i8", 3), zeros("u4", 3)]


def move_positions() -> Arguments:
    return [np.arange(5, dtype=np.uint32), ints(2, 3), ints(1, 0), ints(0, 3), zeros("u4", 5)]


def move_postings() -> Arguments:
    numbers = np.arange(5, dtype=np.uint32)
    return [
        numbers, numbers, np.array([0, 1, 2, 3, 0xFFFFFFFF], np.uint32), 7, numbers + 1, zeros("u4", 3),
        ints(2, 3), ints(1, 0), ints(0, 3), zeros("u4", 5), zeros("u4", 5), zeros("u4", 5),
    ]  # fmt: skip


def shorter(at: int) -> Change:
    def change(arguments: Arguments) -> None:
        arguments[at] = arguments[at][:-1].copy()

    return change


def put(at: int, place: int, value: int) -> Change:
    def change(arguments: Arguments) -> None:
        arguments[at] = arguments[at].copy()
        arguments[at][place] = value

    return change


def instead(at: int, value: object) -> Change:
    def change(arguments: Arguments) -> None:
        arguments[at] = value

    return change


FITTING: Final = {
    made.__name__: made
    for made in (
        on_one_line, gather, find_short, find_tokens, number_tokens, lay_out, sort_tokens, list_postings, list_pairs,
        move_positions, move_postings,
    )
}  # fmt: skip
UNFIT: Final = [
    *[("on_one_line", shorter(at)) for at in (1, 6, 7)],
    *[("on_one_line", instead(at, zeros("u1", 9))) for at in (4, 5)],
    *[("on_one_line", put(2, place, value)) for place, value in ((0, 0), (0, 11), (1, 1), (1, 11), (2, 11), (2, -1))],
    ("on_one_line", instead(2, ints())),
    *[("gather", shorter(at)) for at in (0, 2, 4, 5)],
    *[("gather", put(1, 0, value)) for value in (-1, 4)],
    *[("gather", put(2, place, value)) for place, value in ((0, -1), (0, 5), (1, 10), (1, 4))],
    *[("find_short", shorter(at)) for at in (0, 2, 5, 6)],
    *[("find_short", instead(1, bits)) for bits in (0, -1, 3, 63, 64)],
    *[("find_tokens", instead(at, zeros("i4", 24))) for at in (5, 6, 7)],
    ("find_tokens", instead(8, zeros("u8", 24))),
    ("find_tokens", instead(1, zeros("u8", 7))),
    ("find_tokens", shorter(2)),
    ("find_tokens", instead(3, 1)),
    ("find_tokens", put(0, -1, 200)),
    ("find_tokens", put(1, -1, 200)),
    *[("number_tokens", shorter(at)) for at in (1, 2, 5, 6, 7, 8, 9, 10, 11, 12)],
    *[("number_tokens", put(0, 0, value)) for value in (3, 1 << 33, 1 << 63)],
    *[("number_tokens", put(6, 0, value)) for value in (3, -1)],
    ("number_tokens", instead(3, ints())),
    *[("lay_out", shorter(at)) for at in (2, 3, 7, 8, 9, 10, 11, 12, 13, 14)],
    *[("lay_out", put(0, place, value)) for place, value in ((0, -1), (1, 7), (2, 1), (4, 7), (4, -1))],
    ("lay_out", instead(0, ints())),
    *[("sort_tokens", shorter(at)) for at in (0, 1, 2, 3, 6, 7, 8)],
    *[("sort_tokens", put(at, 0, value)) for at in (0, 1) for value in (2, -1)],
    ("sort_tokens", put(3, 0, 5)),
    *[("sort_tokens", put(6, 0, value)) for value in (3, -1)],
    *[("sort_tokens", put(4, place, value)) for place, value in ((0, -1), (0, 3), (2, 4), (2, -1))],
    *[("list_postings", shorter(at)) for at in range(3, 17) if at not in (5, 8)],
    ("list_postings", instead(5, zeros("i4", (1 << 16) - 1))),
    *[("list_postings", put(1, place, value)) for place, value in ((0, -1), (1, 4), (2, 4), (2, 1))],
    ("list_postings", put(0, 1, 5 << 8)),
    *[("list_pairs", shorter(at)) for at in (0, 2, 4, 5, 6, 7, 8, 9)],
    *[("list_pairs", put(1, 0, value)) for value in (-1, 1)],
    *[("list_pairs", put(2, 0, value)) for value in (-1, 0, 4)],
    ("list_pairs", instead(3, 2)),
    ("list_pairs", put(0, 1, 5 << 8)),
    *[("move_positions", shorter(at)) for at in (0, 2, 4)],
    *[("move_positions", put(1, 0, value)) for value in (-1, 3, 1 << 62)],
    *[("move_positions", put(2, 0, value)) for value in (-1, 2)],
    *[("move_positions", put(3, 1, value)) for value in (-1, 4, (1 << 63) - 1)],
    *[("move_postings", shorter(at)) for at in (0, 1, 2, 4, 7, 9, 10, 11)],
    ("move_postings", instead(5, zeros("u4", 0))),
    ("move_postings", put(1, 3, 5)),
    *[("move_postings", put(6, 0, value)) for value in (-1, 3, 1 << 62)],
    *[("move_postings", put(7, 0, value)) for value in (-1, 2)],
    *[("move_postings", put(8, 1, value)) for value in (-1, 4, (1 << 63) - 1)],
]


def of_name(name: str) -> compiled.Loop[Any, Any]:
    modules = [import_module(f"searchapp.{module}") for module in MODULES]
    (found,) = [vars(module)[name] for module in modules if name in vars(module)]
    assert isinstance(found, compiled.Loop)
    return found


def made_as_programs_have_it(name: str) -> Callable[..., Any]:
    """Without the looks that tests have."""
    loop = of_name(name)
    key = (np.dtype("u4").num,) * {"move_positions": 2, "move_postings": 4}.get(name, 0)
    fresh = compiled.Loop(loop.function, sorted(loop.writes), [], bounded=True)
    found = fresh.make(key)
    assert found is not None
    return found


@pytest.fixture
def _unlooked() -> Iterator[None]:
    compiled.check_arguments(False)
    yield
    compiled.check_arguments()


@pytest.mark.usefixtures("_unlooked")
@pytest.mark.parametrize("name", FITTING)
def test_arrays_that_fit_are_taken(name: str) -> None:
    made_as_programs_have_it(name)(*FITTING[name]())


@pytest.mark.usefixtures("_unlooked")
@pytest.mark.parametrize(("name", "change"), UNFIT, ids=[f"{name}-{at}" for at, (name, _) in enumerate(UNFIT)])
def test_arrays_that_do_not_fit_are_refused(name: str, change: Change) -> None:
    made, arguments = made_as_programs_have_it(name), FITTING[name]()
    change(arguments)
    with pytest.raises(IndexError):
        made(*arguments)


def test_each_bounded_loop_is_examined_here(project_root: Path) -> None:
    files = (project_root / "searchapp").rglob("*_loops.py")
    modules = [import_module(".".join(file.relative_to(project_root).with_suffix("").parts)) for file in files]
    loops = [each for module in modules for each in vars(module).values() if isinstance(each, compiled.Loop)]
    assert {loop.function.__name__ for loop in loops if loop.bounded} == set(FITTING)
