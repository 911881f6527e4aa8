"""Arrays that are added to, and arrays that are written anew."""

from __future__ import annotations

import numpy as np

from searchapp.analysis import growing_arrays
from searchapp.analysis.growing_arrays import GrowingArray, ScratchArrays


def test_what_was_put_in_stays_when_room_is_made() -> None:
    array = GrowingArray(np.int32)
    for start in range(0, 10_000, 500):
        array.extend(np.arange(start, start + 500))
    assert len(array) == 10_000
    assert array.values.tolist() == list(range(10_000))


def test_a_scratch_array_is_the_same_memory_as_long_as_it_has_room() -> None:
    scratch = ScratchArrays()
    first = scratch.array("edges", 1000, np.int32)
    assert np.shares_memory(first, scratch.array("edges", 900, np.int32))
    assert not np.shares_memory(first, scratch.array("places", 900, np.int32))
    larger = scratch.array("edges", 5000, np.int32)
    assert len(larger) == 5000
    assert not np.shares_memory(first, larger)


def test_a_large_scratch_array_is_not_kept() -> None:
    scratch = ScratchArrays()
    size = growing_arrays.KEPT_BYTES + 1
    assert not np.shares_memory(scratch.array("edges", size, np.uint8), scratch.array("edges", size, np.uint8))
