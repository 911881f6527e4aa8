"""Lengths in one byte are the ones that Lucene's SmallFloat.intToByte4 and byte4ToInt give."""

from __future__ import annotations

import numpy as np
import pytest

from searchapp.engine.storage.norms import DECODED, encode_lengths, rounded

# From the published algorithm: 24 free values, then four significant bits and an exponent.
KNOWN = (
    42, 44, 46, 48, 50, 52, 54, 56, 60, 64, 68, 72, 76, 80, 84, 88, 96, 104, 112, 120, 128, 136, 144, 152, 168, 184,
    200, 216, 232, 248, 264, 280, 312, 344, 376, 408, 440, 472, 504, 536, 600, 664, 728, 792, 856, 920, 984, 1048, 1176,
    1304, 1432, 1560, 1688, 1816, 1944, 2072, 2328, 2584, 2840, 3096, 3352, 3608, 3864, 4120,
)  # fmt: skip
HIGHEST = 2_013_265_944


def stored(length: int) -> int:
    return int(DECODED[encode_lengths(np.array([length]))[0]])


def test_lengths_up_to_forty_are_exact() -> None:
    assert [stored(length) for length in range(41)] == list(range(41))
    assert encode_lengths(np.arange(41)).tolist() == list(range(41))


def test_longer_ones_are_known_by_lucenes_values() -> None:
    assert DECODED[41 : 41 + len(KNOWN)].tolist() == list(KNOWN)
    assert DECODED[255] == HIGHEST
    assert encode_lengths(np.array(KNOWN)).tolist() == list(range(41, 41 + len(KNOWN)))


def test_every_code_stands_for_a_length_of_its_own() -> None:
    assert encode_lengths(DECODED).tolist() == list(range(256))


@pytest.mark.parametrize(("length", "rounded"), [(41, 40), (43, 42), (59, 56), (535, 504), (4119, 3864)])
def test_a_length_between_two_values_is_rounded_down(length: int, rounded: int) -> None:
    assert stored(length) == rounded


def test_rounding_loses_less_than_an_eighth() -> None:
    lengths = np.arange(1, 300_000)
    decoded = DECODED.take(encode_lengths(lengths))
    assert (decoded <= lengths).all()
    assert (lengths - decoded < lengths / 8).all()


def test_a_length_beyond_the_last_value_is_the_last_value() -> None:
    assert stored(2**31 - 1) == HIGHEST


def test_a_length_is_rounded_to_what_its_code_stands_for() -> None:
    for lengths in ([], [0, 41, 43, 70_000], [65_535, 7], list(range(2_000))):
        assert rounded(np.array(lengths, np.uint32)).tolist() == [stored(length) for length in lengths]
