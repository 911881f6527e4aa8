"""Arrays that wait in a file are read as they were put there, and the file gives its room back meanwhile."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from searchapp.engine.storage.grains import GRAIN
from searchapp.engine.storage.shelf import Kept, Shelf

SIZES = 1, 70_000, 1 << 16, 0, 3, 300_000, 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "1.part"


@pytest.fixture
def shelf(path: Path) -> Iterator[Shelf]:
    with closing(Shelf(path, held_bytes=8)) as shelf:
        yield shelf


def arrays() -> list[NDArray[np.uint32]]:
    return [np.arange(size, dtype=np.uint32) * 3 + size for size in SIZES]


def side_by_side(kept: list[Kept], pieces: int) -> list[NDArray[np.uint32]]:
    """All arrays read in so many pieces, one piece of each in turn."""
    found: list[list[NDArray[np.uint32]]] = [[] for _ in kept]
    for step in range(pieces):
        for one, parts in zip(kept, found, strict=True):
            bounds = np.linspace(0, len(one), pieces + 1).astype(int).tolist()
            parts.append(one.read(*list(pairwise(bounds))[step]))
    return [np.concatenate(parts) for parts in found]


@pytest.mark.parametrize("pieces", [1, 2, 9])
def test_arrays_are_read_as_they_were_put(shelf: Shelf, path: Path, pieces: int) -> None:
    kept = [shelf.put(array) for array in arrays()]
    written = sum(array.nbytes for array in arrays()[1:])
    assert written <= path.stat().st_size < written + len(SIZES) * GRAIN
    for found, array in zip(side_by_side(kept, pieces), arrays(), strict=True):
        np.testing.assert_array_equal(found, array)


@pytest.mark.skipif(not hasattr(mmap, "MADV_REMOVE"), reason="the system cannot give back a part of a file")
def test_what_was_read_is_given_back(shelf: Shelf, path: Path) -> None:
    kept = [shelf.put(array) for array in arrays()]
    with path.open() as file:
        os.fsync(file.fileno())  # or the file system has given it no blocks yet
    before = path.stat().st_blocks
    side_by_side(kept, 9)
    assert path.stat().st_blocks < before / 20


def test_where_nothing_can_be_given_back_all_is_read(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for advice in ("MADV_REMOVE", "MADV_RANDOM", "MADV_WILLNEED"):
        monkeypatch.delattr(mmap, advice, raising=False)
    kept = [shelf.put(array) for array in arrays()]
    for found, array in zip(side_by_side(kept, 9), arrays(), strict=True):
        np.testing.assert_array_equal(found, array)


def test_a_file_that_was_cut_short_is_an_error(shelf: Shelf, path: Path) -> None:
    kept = shelf.put(np.arange(1000))
    os.truncate(path, 7000)
    with pytest.raises(OSError, match="is shorter than what was written to it"):
        kept.read(0, 1000)
    with pytest.raises(OSError, match="is shorter than what was written to it"):
        kept.read(0, 800)


def test_what_a_dead_writer_left_is_replaced(shelf: Shelf, path: Path) -> None:
    path.write_bytes(b"old" * 1000)
    kept = shelf.put(np.arange(10))
    np.testing.assert_array_equal(kept.read(0, 10), np.arange(10))
    assert path.stat().st_size == 80
