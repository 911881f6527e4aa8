"""Entries for which memory has no room are read from a file that nobody sees."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from searchapp.archive import fingerprints as fingerprints_module
from searchapp.archive.fingerprints import ARTICLE_BITS, FingerprintIndex
from searchapp.archive.mapped_entries import mapped
from searchapp.archive.opening import open_for_writing


def pieces(count: int) -> list[NDArray[np.uint64]]:
    return np.split(np.random.default_rng(count).integers(0, 1 << 63, 100 * count, np.uint64), count)


@pytest.mark.parametrize("count", [1, 2, 300])
def test_entries_are_read_back_and_no_file_is_seen(tmp_path: Path, count: int) -> None:
    entries = mapped(tmp_path, iter(pieces(count)))
    assert entries is not None
    assert entries.tolist() == np.concatenate(pieces(count)).tolist()
    assert not entries.flags.writeable
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [[], [np.empty(0, np.uint64)]])
def test_no_entries_are_an_empty_array(tmp_path: Path, given: list[NDArray[np.uint64]]) -> None:
    entries = mapped(tmp_path, given)
    assert entries is not None
    assert len(entries) == 0


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert mapped(tmp_path / "gone", pieces(1)) is None


def test_what_does_not_fit_on_the_disk_is_let_go_of(tmp_path: Path) -> None:
    before = open_files()

    def filling() -> Iterator[NDArray[np.uint64]]:
        yield from pieces(2)
        raise OSError(errno.ENOSPC, "No space left on device")

    assert mapped(tmp_path, filling()) is None
    assert open_files() == before


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0  # noqa: PTH208


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a hundred entries are large ones."""
    for name, value in (("CHUNK_ENTRIES", 16), ("MERGED_AT_ONCE", 99), ("RUNS_A_LEVEL", 3), ("HELD_ENTRIES", 99)):
        monkeypatch.setattr(fingerprints_module, name, value)


def filled(path: Path, directory: Path | None) -> FingerprintIndex:
    """An index of nine hundred fingerprints, put in by nine runs."""
    index = FingerprintIndex(open_for_writing(path), directory)
    numbers = np.random.default_rng(1).permutation(900).astype(np.uint64)
    for part in np.split(numbers, 9):
        index.add(part << np.uint64(64 - 2 * ARTICLE_BITS), part.astype(np.int64) + 1)
    return index


def found_in(index: FingerprintIndex) -> list[int]:
    wanted = np.arange(2_000, dtype=np.uint64) << np.uint64(64 - 2 * ARTICLE_BITS)
    return sorted(number for matches in index.find(wanted) for number in matches.articles.tolist())


@pytest.mark.usefixtures("small")
def test_large_runs_of_fingerprints_are_mapped(tmp_path: Path) -> None:
    index = filled(tmp_path / "archive.sqlite", tmp_path)
    (run,) = index._loaded()
    assert run.is_mapped
    assert found_in(index) == list(range(1, 901))
    assert run.read == 0


@pytest.mark.usefixtures("small")
def test_runs_that_were_there_before_are_mapped_when_they_are_much_read(tmp_path: Path) -> None:
    connection = filled(tmp_path / "archive.sqlite", None)._connection
    index = FingerprintIndex(connection, tmp_path)
    for _ in range(3):
        assert found_in(index) == list(range(1, 901))
    (run,) = index._loaded()
    assert run.is_mapped


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("refused", ["no folder", "too many"])
def test_where_no_more_can_be_mapped_runs_are_read_from_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    if refused == "too many":
        monkeypatch.setattr(fingerprints_module, "MAPPED_ENTRIES", 899)
    index = filled(tmp_path / "archive.sqlite", tmp_path / "gone" if refused == "no folder" else tmp_path)
    (run,) = index._loaded()
    assert run.held is None
    assert found_in(index) == list(range(1, 901))
    assert run.read > 0
