"""The hashes by which a segment knows the light stems of its exact forms: many at once, and of one as a query asks."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.spelled_terms import SpelledTerms, end_to_end
from searchapp.analysis.token_filters import LETTERS_LEFT, LETTERS_LEFT_AFTER_ONE, PREFIXES, SUFFIXES

_AT_ONCE: Final = 1 << 14
"""Words whose letters stay in the processor's cache."""
_LONG: Final = 64
"""Bytes of a lemma above which it is hashed by itself."""
_POLYNOMIAL: Final = 0xEDB88320
_BYTE: Final = 0xFF
_ALL_ONES: Final = np.uint32(0xFFFFFFFF)
FIRST_OF: Final = (0x80, 0x800, 0x10000)
"""The first code points of two, three and four bytes in UTF-8."""

Places = NDArray[np.int64]


def light_hash(light: str) -> int:
    """How a segment knows a light stem: it only ever asks which forms of one lemma share it."""
    return crc32(light.encode("utf-8", "surrogatepass"))


def light_hashes(exact: SpelledTerms) -> NDArray[np.uint32]:
    """The `light_hash` of each exact form's `LightStemmer` lemma; none of the forms is empty."""
    from searchapp.engine.storage import term_loops  # noqa: PLC0415 - a search needs none of it

    found = np.empty(len(exact), np.uint32)
    if (made := term_loops.find_hashes.ready()) is not None:
        affixes = *end_to_end(PREFIXES), *end_to_end(SUFFIXES)
        made(exact.points, exact.lengths, *affixes, LETTERS_LEFT, LETTERS_LEFT_AFTER_ONE, CHECKSUMS, found)
        return found
    for start in range(0, len(exact), _AT_ONCE):
        found[start : start + _AT_ONCE] = _hashes(exact.take(np.arange(start, min(start + _AT_ONCE, len(exact)))))
    return found


def _hashes(words: SpelledTerms) -> NDArray[np.uint32]:
    points, lengths = words.points, words.lengths
    ends = np.cumsum(lengths)
    starts, ends = _without_suffixes(points, _without_prefixes(points, ends - lengths, ends), ends)
    widths = np.ones(len(points), np.int64)
    for first in FIRST_OF:
        widths += points >= first
    places = np.zeros(len(points) + 1, np.int64)
    np.cumsum(widths, out=places[1:])
    return _checksums(words.text.encode("utf-8", "surrogatepass"), places.take(starts), places.take(ends))


def _without_prefixes(points: NDArray[Any], starts: Places, ends: Places) -> Places:
    """Where words begin after the first prefix that fits."""
    found, trying = starts.copy(), np.arange(len(starts))
    for prefix in PREFIXES:
        left = LETTERS_LEFT_AFTER_ONE if len(prefix) == 1 else LETTERS_LEFT
        fits = (ends - starts).take(trying) >= len(prefix) + left
        for at, letter in enumerate(prefix):
            fits &= points.take(starts.take(trying) + at, mode="clip") == ord(letter)
        found[trying[fits]] += len(prefix)
        trying = trying[~fits]
    return found


def _without_suffixes(points: NDArray[Any], starts: Places, ends: Places) -> tuple[Places, Places]:
    """Where words begin and end after every suffix that fits is taken off, one after another."""
    ends = ends.copy()
    for suffix in SUFFIXES:
        fits = ends - starts >= len(suffix) + LETTERS_LEFT
        for at, letter in enumerate(suffix):
            fits &= points.take(ends - len(suffix) + at, mode="clip") == ord(letter)
        ends[fits] -= len(suffix)
    return starts, ends


def _checksums(text: bytes, starts: Places, ends: Places) -> NDArray[np.uint32]:
    """The crc32 of each of some pieces, byte by byte of all of them."""
    codes = np.frombuffer(text, np.uint8)
    lengths = ends - starts
    found = np.full(len(starts), _ALL_ONES, np.uint32)
    order = lengths.argsort(kind="stable")[::-1]
    order = order[np.count_nonzero(lengths > _LONG) :]
    counts = np.cumsum(np.bincount(lengths.take(order), minlength=_LONG + 1)[::-1])[::-1]
    running, at = found.take(order), starts.take(order)
    for place in range(_LONG):
        left = int(counts[place + 1])
        if not left:
            break
        now = running[:left]
        running[:left] = CHECKSUMS.take((now ^ codes.take(at[:left] + place)) & _BYTE) ^ (now >> 8)
    found[order] = running
    found ^= _ALL_ONES
    for word in np.flatnonzero(lengths > _LONG).tolist():
        found[word] = crc32(text[starts[word] : ends[word]])
    return found


def _table() -> NDArray[np.uint32]:
    rows = []
    for row in range(_BYTE + 1):
        for _ in range(8):
            row = (row >> 1) ^ (_POLYNOMIAL if row & 1 else 0)  # noqa: PLW2901
        rows.append(row)
    table = np.array(rows, np.uint32)
    return np.concatenate([table, table.take(table & _BYTE) ^ (table >> 8)])


CHECKSUMS: Final = _table()
"""The crc32 of each byte, less what begins and ends it, and then of each byte and one 0 behind it."""
