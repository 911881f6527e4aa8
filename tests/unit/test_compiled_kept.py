"""Loops kept on disk as machine code: loaded without numba where everything fits, and never where anything does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from searchapp import compiled
from searchapp.compiled import Int64s, Varying, compiling, kept, loop, machine_code
from searchapp.compiled.kept import load_kept
from tests.waiting import PATIENCE

pytest.importorskip("numba")
if not kept.may_keep():
    pytest.skip("of this numba nothing is kept but by itself", allow_module_level=True)

NARROW: Final = (np.dtype(np.uint16).num,)


@loop(writes=("found",), usual=())
def spread(numbers: Varying, found: Int64s) -> int:
    room = np.empty(len(numbers), np.int64)
    for at in range(len(numbers)):
        room[at] = numbers[at] * 2
    for at in range(len(numbers)):
        found[at] = room[at]
    return len(numbers)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which nothing is kept yet."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling, "_checked", False)
    monkeypatch.setattr(spread, "_made", {})
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    yield tmp_path
    compiled.stop()


def compile_it() -> Callable[..., int]:
    compiled.prepare(at_once=True)
    made = spread.make(NARROW)
    assert made is not None
    return made


def kept_file(cache: Path) -> Path:
    (file,) = cache.rglob("*.loop")
    return file


def numbers() -> np.ndarray:
    return np.arange(4, dtype=np.uint16)


def test_what_was_compiled_is_kept_and_gives_the_same(cache: Path) -> None:
    first, second = np.zeros(4, np.int64), np.zeros(4, np.int64)
    compile_it()(numbers(), first)
    loaded = load_kept(spread.function, NARROW)
    assert loaded is not None
    assert loaded(numbers(), second) == 4
    assert first.tolist() == second.tolist() == [0, 2, 4, 6]


def test_whoever_may_read_the_program_may_read_it(cache: Path) -> None:
    before = os.umask(0o022)
    try:
        compile_it()
    finally:
        os.umask(before)
    assert kept_file(cache).stat().st_mode & 0o777 == 0o644
    assert list(kept_file(cache).parent.glob("*.loop*")) == [kept_file(cache)]


def test_an_index_beyond_an_array_is_an_error_and_no_crash(cache: Path) -> None:
    compile_it()
    loaded = load_kept(spread.function, NARROW)
    assert loaded is not None
    with pytest.raises(IndexError):
        loaded(numbers(), np.zeros(3, np.int64))


@pytest.mark.parametrize("wrong", [None, "text", [1, 2], np.arange(4, dtype=np.uint32)])
def test_what_is_no_such_array_is_refused(cache: Path, wrong: object) -> None:
    compile_it()
    loaded = load_kept(spread.function, NARROW)
    assert loaded is not None
    with pytest.raises(TypeError):
        loaded(wrong, np.zeros(4, np.int64))


@pytest.mark.parametrize("wrong", [np.arange(8, dtype=np.uint16)[::2], np.arange(4, dtype=np.int16)])
def test_numba_looks_at_more_of_an_array_where_it_is_asked_to(
    cache: Path, monkeypatch: pytest.MonkeyPatch, wrong: np.ndarray
) -> None:
    """Machine code alone would read them as what they are not; so tests of the whole program run in this way."""
    monkeypatch.setattr(compiling, "_checked", True)
    with pytest.raises(TypeError):
        compile_it()(wrong, np.zeros(4, np.int64))


LOADED: Final = """
import sys
import numpy as np
from searchapp import compiled
from searchapp.engine.retrieval.boolean.union_loops import unmark

compiled.prepare(at_once=True)
documents, marks = np.array([1, 2], np.uint16), np.ones(4, bool)
unmark.ready(documents)(documents, 1, marks)
assert marks.tolist() == [True, True, False, False], marks
assert "numba" not in sys.modules
{then}
"""
COMPILING: Final = """
from numba import njit
assert njit(lambda count: np.empty(count, np.int64).size + np.zeros(count).sum())(3) == 3
wide = documents.astype(np.uint64)
marks[:] = True
unmark.make((wide.dtype.num,))(wide, 1, marks)
assert marks.tolist() == [True, True, False, False], marks
marks[:] = True
unmark.ready(documents)(documents, 1, marks)
assert marks.tolist() == [True, True, False, False], marks
"""
FORKING: Final = """
import os
child = os.fork()
if not child:
    marks[:] = True
    unmark.ready(documents)(documents, 1, marks)
    os._exit(0 if marks.tolist() == [True, True, False, False] else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
THREADS: Final = """
from concurrent.futures import ThreadPoolExecutor
def once(_):
    mine = np.ones(4, bool)
    unmark.ready(documents)(documents, 1, mine)
    return mine.tolist()
with ThreadPoolExecutor(8) as pool:
    assert all(one == [True, True, False, False] for one in pool.map(once, range(400)))
"""
REFUSING: Final = """
try:
    unmark.ready(documents)(documents, 1, np.ones(2, bool))
except IndexError:
    pass
else:
    raise AssertionError("it wrote beyond the array")
"""


@pytest.mark.parametrize(
    "then",
    [COMPILING, FORKING, THREADS, REFUSING],
    ids=["numba compiles as ever afterwards", "forks have it", "threads call it", "an error arrives"],
)
def test_a_process_loads_it_without_numba(project_root: Path, tmp_path: Path, then: str) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for program in (LOADED.format(then="").replace('assert "numba" not', '"numba" not'), LOADED.format(then=then)):
        command = [sys.executable, "-c", program]
        ended = subprocess.run(
            command, cwd=project_root, env=environment, timeout=PATIENCE, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: flip(file, -100),
        lambda file: flip(file, 2),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"{}\n"),
        lambda file: file.write_bytes(b'{"origin": 1}\n\x7fELF'),
        lambda file: file.write_bytes(b"[]\n"),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(os.urandom(1000)),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)
def test_a_damaged_file_is_not_believed_and_made_anew(cache: Path, harm: Callable[[Path], Any]) -> None:
    compile_it()
    file = kept_file(cache)
    harm(file)
    assert load_kept(spread.function, NARROW) is None
    found = np.zeros(4, np.int64)
    assert compile_it()(numbers(), found) == 4
    assert found.tolist() == [0, 2, 4, 6]
    assert file.is_dir() or load_kept(spread.function, NARROW) is not None


@pytest.mark.parametrize("place", range(7))
def test_what_is_of_another_machine_program_or_version_is_not_believed(
    cache: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    compile_it()
    now = kept._of_this_process()
    other = [*now[:place], "another", *now[place + 1 :]]
    assert len(now) == 7
    monkeypatch.setattr(kept, "_of_this_process", lambda: other)
    assert load_kept(spread.function, NARROW) is None


def test_a_changed_source_is_compiled_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_it()
    monkeypatch.setattr(kept, "_checksum", lambda _: [1, 1])
    assert load_kept(spread.function, NARROW) is None


def test_another_number_from_another_file_is_compiled_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_it()
    assert load_kept(spread.function, NARROW) is not None
    kept._constants.cache_clear()
    assert load_kept(spread.function, NARROW) is not None
    monkeypatch.setattr(sys.modules[__name__], "IMPORTED", 2, raising=False)
    kept._constants.cache_clear()
    assert load_kept(spread.function, NARROW) is None
    kept._constants.cache_clear()


def test_a_numba_that_was_never_tried_keeps_only_its_own(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "TESTED", ())
    compile_it()
    assert not list(cache.rglob("*.loop"))
    spread._made.clear()
    assert spread.load(NARROW)
    assert spread.is_compiled(NARROW)


def test_where_numba_is_not_whole_nothing_is_loaded(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_it()
    monkeypatch.setattr(machine_code, "_engine", lambda: (_ for _ in ()).throw(ImportError("no helpers")))
    assert load_kept(spread.function, NARROW) is None


def test_a_folder_that_must_not_be_written_to_leaves_it_to_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    beside, own = kept._folders(spread.function)
    assert beside == Path(__file__).parent / "__pycache__"
    assert own.is_relative_to(tmp_path)
