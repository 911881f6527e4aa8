"""A segment file may be written in pieces, its arrays side by side, and is the file of whole arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from searchapp.engine.storage import container
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.file_writing import SegmentFileWriter, write_segment_file
from searchapp.errors import IndexBroken

arrays = st.lists(st.lists(st.lists(st.integers(0, 255), max_size=40), max_size=4), max_size=5)
"""For each array its pieces."""


def in_turn(arrays: dict[str, list[NDArray[np.uint16]]]) -> Iterator[tuple[str, NDArray[np.uint16]]]:
    """A piece of each array, then the next of each."""
    for parts in zip_longest(*arrays.values()):
        yield from ((name, part) for name, part in zip(arrays, parts, strict=True) if part is not None)


@given(arrays, st.sampled_from((64, 128, 1 << 16)), st.booleans())
def test_pieces_in_any_order_make_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[list[list[int]]], block: int, side_by_side: bool
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    every = {f"array {at}": [np.array(piece, np.uint16) for piece in of_one] for at, of_one in enumerate(pieces)}
    whole = {name: np.concatenate([np.empty(0, np.uint16), *parts]) for name, parts in every.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "BLOCK", block)
        size = write_segment_file(folder / "whole", {"documents": 3}, whole)
        sizes = {name: (np.uint16, len(array)) for name, array in whole.items()}
        with SegmentFileWriter(folder / "pieces", {"documents": 3}, sizes) as file:
            for name, part in in_turn(every) if side_by_side else reversed(list(whole.items())):
                file.append(name, part)
            assert file.finish() == size
        assert (folder / "pieces").read_bytes() == (folder / "whole").read_bytes()
        assert SegmentFile(folder / "pieces").verify() == []


def test_a_file_that_was_not_finished_is_no_segment_file(tmp_path: Path) -> None:
    with SegmentFileWriter(tmp_path / "a.seg", {}, {"x": (np.uint8, 3)}) as file:
        file.append("x", np.arange(3, dtype=np.uint8))
    with pytest.raises(IndexBroken):
        SegmentFile(tmp_path / "a.seg")


@pytest.mark.parametrize("count", [2, 4])
def test_an_array_must_be_as_long_as_announced(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match=r"array x is (shorter|longer) than announced"):
        write_so_many(tmp_path / "a.seg", count)


def write_so_many(path: Path, count: int) -> None:
    with SegmentFileWriter(path, {}, {"x": (np.uint8, 3)}) as file:
        file.append("x", np.arange(count, dtype=np.uint8))
        file.finish()
