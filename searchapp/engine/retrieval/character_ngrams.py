"""How much of what was asked for stands letter by letter at the beginning of a story: shared character n-grams.

A text says at its beginning what it is about, and a headline or a question repeats that beginning in other forms of its
words, with its small words, and in its order: all of it are letters in common where words are not (after McNamee and
Mayfield, "Character n-gram tokenization for European language text retrieval", 2004). For each of the best stories

    share = Σ rarity(n-gram) · 2^(−place / half-life) / Σ rarity(n-gram)

over the distinct n-grams of the query, where the place is that of the n-gram's first character in title and body, and
an n-gram that is not among the first `BEGINNING` characters gives nothing. How rare an n-gram is, is counted among the
stories at hand, as with pairs of words: what most of them have tells none from the others.

Letters are folded as in exact forms, marks are left out, and all that is neither letter nor digit is a space.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.char_filters import clean
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.storage.text_store import BASIC_PLANE, ESCAPE, PAGE, byte_table, code_points

BEGINNING: Final = 800
"""Characters of title and body that are looked at."""
HALF_LIFE: Final = 300
"""Characters after which an n-gram counts half."""
SIZE: Final = 4
"""Letters of an n-gram; spaces between words are among them. 3 and 5 are as good."""
QUERY_CHARACTERS: Final = 1000
"""Of a longer query, the first ones."""

_DROPPED, _SPACE, _BETWEEN = 0, 1, 2
"""Codes of what is left out, of all that is neither letter nor digit, and of what stands between two texts."""
_CODE_BITS: Final = 7
"""Enough for all letters that the text store has."""
_HASH_BITS: Final = 16
_HASH_MULTIPLIER: Final = np.uint32(0x9E3779B1)
_FAR: Final = BEGINNING
_NEARNESS: Final = np.append(np.exp2(-np.arange(BEGINNING) / HALF_LIFE), 0.0)
"""Place → what an n-gram counts there; the last is for one that is nowhere."""

Codes = NDArray[np.uint32]


@cache
def _letter_codes() -> NDArray[np.uint8]:
    """Byte of the text store → code of its letter."""
    folded = [form if len(form) == 1 and form.isalnum() else None for form in map(_folded, PAGE)]
    letters = {letter: code for code, letter in enumerate(sorted({one for one in folded if one}), _BETWEEN + 1)}
    codes = [letters[one] if one else _SPACE for one in folded]
    for byte, character in enumerate(PAGE):
        if not clean(character):
            codes[byte] = _DROPPED
    codes[ESCAPE] = _SPACE
    return np.array(codes, np.uint8)


def _folded(character: str) -> str:
    return exact_forms([character])[0] if character.isalnum() else ""


def ngram_shares(snapshot: Snapshot, query: str, documents: NDArray[np.intp]) -> NDArray[np.float64]:
    """The share in [0, 1] of a query's n-grams at the beginning of each of some documents, in any order.

    Raises:
        IndexBroken: a text does not fit its checksum.
    """
    wanted = np.unique(_ngrams(_query_codes(query)))
    if not len(wanted):
        return np.zeros(len(documents))
    first = _first_places(_Beginnings.of(snapshot, documents), wanted)
    frequencies = (first != _FAR).sum(axis=1)
    rarities = np.log(1 + (len(documents) - frequencies + 0.5) / (frequencies + 0.5))
    shares: NDArray[np.float64] = rarities @ _NEARNESS.take(first) / rarities.sum()
    return shares


def _query_codes(query: str) -> Codes:
    points = code_points([clean(query[:QUERY_CHARACTERS])])
    stored = byte_table().take(np.where(points < BASIC_PLANE, points, ESCAPE))
    codes = np.full(len(stored) + 2, _SPACE, np.uint8)
    codes[1:-1] = _letter_codes().take(stored)
    return _spaced(codes)


class _Beginnings(NamedTuple):
    """The codes of the first characters of D texts, end to end; each text's begin at one of the D `starts`."""

    codes: Codes
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, snapshot: Snapshot, documents: NDArray[np.intp]) -> Self:
        """Those of some documents, each between spaces."""
        codes = np.empty((len(documents), BEGINNING + 3), np.uint8)
        codes[:, 0], codes[:, 1], codes[:, -1] = _BETWEEN, _SPACE, _SPACE
        for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
            (here,) = ((documents >= base) & (documents < base + part.segment.documents)).nonzero()
            if len(here):
                stored = part.segment.text_beginnings(documents.take(here) - base, BEGINNING)
                codes[here, 2:-1] = _letter_codes().take(stored)
        spaced = _spaced(codes.ravel())
        (between,) = (spaced == _BETWEEN).nonzero()
        return cls(spaced, between + 1)


def _spaced(codes: NDArray[np.uint8]) -> Codes:
    """The codes with one space for several, and without what is dropped."""
    kept = codes != _DROPPED
    kept[1:] &= (codes[1:] != _SPACE) | (codes[:-1] != _SPACE)
    found: Codes = codes[kept].astype(np.uint32)
    return found


def _ngrams(codes: Codes) -> Codes:
    """The n-gram that begins at each code but the last ones, as one number."""
    count = max(len(codes) - SIZE + 1, 0)
    found = codes[:count]
    for after in range(1, SIZE):
        found = found << np.uint32(_CODE_BITS) | codes[after : after + count]
    return found


def _first_places(beginnings: _Beginnings, wanted: Codes) -> NDArray[np.intp]:
    """The first place of each wanted n-gram (rising) in each text, `_FAR` for none (wanted × D)."""
    ngrams, starts = _ngrams(beginnings.codes), beginnings.starts
    maybe = np.zeros(1 << _HASH_BITS, bool)
    maybe[_hashes(wanted)] = True
    (at,) = maybe.take(_hashes(ngrams)).nonzero()
    found = ngrams.take(at)
    numbers = wanted.searchsorted(found)
    (same,) = (wanted.take(numbers, mode="clip") == found).nonzero()
    at, numbers = at.take(same), numbers.take(same)
    owners = starts.searchsorted(at, side="right") - 1
    first = np.full(len(wanted) * len(starts), _FAR)
    # Where an n-gram stands more than once, what is written last stays.
    first[(numbers * len(starts) + owners)[::-1]] = np.minimum(at - starts.take(owners), _FAR)[::-1]
    return first.reshape(len(wanted), len(starts))


def _hashes(ngrams: Codes) -> Codes:
    return ngrams * _HASH_MULTIPLIER >> np.uint32(32 - _HASH_BITS)
