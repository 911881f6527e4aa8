"""How much of what was asked for stands letter by letter at the beginning of a story: shared character n-grams.

A text says at its beginning what it is about, and a headline or a question repeats that beginning in other forms of its
words, with its small words, and in its order: all of it are letters in common where words are not (after McNamee and
Mayfield, "Character n-gram tokenization for European language text retrieval", 2004). For each of the best stories

    share = Σ rarity(n-gram) · 2^(−place / half-life) / Σ rarity(n-gram)

over the distinct n-grams of the query, where the place is that of the n-gram's first character in title and body, and
an n-gram that is not among the first `BEGINNING` characters gives nothing. How rare an n-gram is, is counted among the
stories at hand, as with pairs of words: what most of them have tells none from the others.

Letters are folded as in exact forms, marks and punctuation are left out.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.char_filters import clean
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.ranking.character_ngram_loops import BEGINNING, SIZE, SPACE, share_ngrams
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.text_store import BASIC_PLANE, ESCAPE, PAGE, byte_table, code_points

HALF_LIFE: Final = 300
"""Characters after which an n-gram counts half."""
SENTENCE_WORDS: Final = 4
"""Queries of fewer words are no headline and no question: where their words stand says all that there is to say."""
QUERY_CHARACTERS: Final = 1000
"""Of a longer query, the first ones."""

PARTING: Final = "-/–—·•_|\n\t\r\xa0 "
"""What is a space; all else that is neither letter nor digit is left out, as it mostly stands beside a space."""

_BETWEEN = 2
"""Code of what stands between two texts."""
_UNUSED: Final = 255
"""A byte that no text of the text store has: it becomes `_BETWEEN`."""
_NGRAM: Final = np.dtype("<u4")
"""`SIZE` codes as one number."""
_HASH_BITS: Final = 14
_AT_ONCE: Final = 6000
"""N-grams that are looked up in one step: arrays that the processor and the allocator have at hand."""
_HASH_MULTIPLIER: Final = np.uint32(0x9E3779B1)
_PLAIN: Final = re.compile(
    "[ -~\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER GHAIN}\N{ARABIC LETTER FEH}-\N{ARABIC LETTER YEH}]*"
)
"""Queries that are clean as they are: nearly all, and cleaning takes a third of what follows."""
_FAR: Final = BEGINNING
_NEARNESS: Final = np.append(np.exp2(-np.arange(BEGINNING) / HALF_LIFE), 0.0)
"""Place → what an n-gram counts there; the last is for one that is nowhere."""

Ngrams = NDArray[np.uint32]


@cache
def _letters() -> tuple[bytes, bytes]:
    """For `bytes.translate`: byte of the text store → code of its letter, and the bytes that are left out."""
    folded = [form if len(form) == 1 and form.isalnum() else None for form in map(_folded, PAGE)]
    letters = {letter: code for code, letter in enumerate(sorted({one for one in folded if one}), _BETWEEN + 1)}
    codes = bytearray(letters[one] if one else SPACE for one in folded)
    codes[_UNUSED] = _BETWEEN
    kept = {ESCAPE, _UNUSED, *(byte for byte, letter in enumerate(PAGE) if letter in PARTING)}
    return bytes(codes), bytes(byte for byte, one in enumerate(folded) if not one and byte not in kept)


@cache
def _apart() -> bytes:
    """What is put between texts of the text store."""
    space = int(byte_table()[ord(" ")])
    return bytes([space, _UNUSED, space])


def _folded(character: str) -> str:
    return exact_forms([character])[0] if character.isalnum() else ""


def query_points(query: str) -> NDArray[np.uint32]:
    """The code points of a query as n-grams are made of it: cleaned, and the first `QUERY_CHARACTERS` of it."""
    query = query[:QUERY_CHARACTERS]
    return code_points([query if _PLAIN.fullmatch(query) else clean(query)])


def ngram_shares(snapshot: Snapshot, points: NDArray[np.uint32], documents: NDArray[np.intp]) -> NDArray[np.float64]:
    """The share in [0, 1] of a query's n-grams at the beginning of each of some documents, in any order.

    Args:
        snapshot: where the documents are.
        points: the query as `query_points` has it.
        documents: their numbers.

    Raises:
        IndexBroken: a text does not fit its checksum.
    """
    found = _shares_by_loops(snapshot, points, documents)
    if found is not None:
        return found
    wanted = _wanted(points)
    if not len(wanted):
        return np.zeros(len(documents))
    first = _first_places(_Beginnings.of(snapshot, documents), wanted)
    frequencies = (first != _FAR).sum(axis=1)
    rarities = np.log(1 + (len(documents) - frequencies + 0.5) / (frequencies + 0.5))
    shares: NDArray[np.float64] = rarities @ _NEARNESS.take(first) / rarities.sum()
    return shares


def _shares_by_loops(
    snapshot: Snapshot, points: NDArray[np.uint32], documents: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """As `ngram_shares`; None where compiled loops are not to be had."""
    if not len(documents):
        return None
    documents = np.ascontiguousarray(documents, np.int64)
    shares, blocks = np.empty(len(documents)), np.empty(2 * len(documents), np.int64)
    first = np.empty(len(documents) * (len(points) + 1), np.int32)
    query = points, byte_table(), _codes(), documents
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        texts = part.segment.derived("texts for n-grams", _texts)
        share = share_ngrams.ready(texts[0])
        if share is None:
            return None
        place = part is snapshot.parts[0], part is snapshot.parts[-1]
        while unchecked := share(*query, base, *texts, *place, _NEARNESS, first, shares, blocks):
            part.segment.file.touch_each(blocks[:unchecked].tolist())
    return shares


def _texts(segment: Segment) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.bool_], int]:
    """The texts of a segment as the loop has them: they hold no memory of their own."""
    file = segment.file
    return segment.column("text/pointers"), file.array("text/data"), file.unseen_flags, file.place("text/data")[0]


@cache
def _codes() -> NDArray[np.uint8]:
    """Byte of the text store → code of its letter, 0 for what is left out."""
    codes, left_out = _letters()
    found = np.frombuffer(codes, np.uint8).copy()
    found[list(left_out)] = 0
    return found


def _wanted(points: NDArray[np.uint32]) -> Ngrams:
    """The distinct n-grams of a clean query by its code points, rising."""
    stored = byte_table().take(np.where(points < BASIC_PLANE, points, ESCAPE)).tobytes()
    # Several spaces are one, as they mostly are in a text that was published.
    words = filter(None, stored.translate(*_letters()).split(bytes([SPACE])))
    spelled = bytes([SPACE]).join([b"", *words, b""])
    distinct = {spelled[at : at + SIZE] for at in range(len(spelled) - SIZE + 1)}
    ngrams = np.frombuffer(b"".join(distinct), _NGRAM).astype(np.uint32)
    ngrams.sort()
    return ngrams


class _Beginnings(NamedTuple):
    """The n-grams that begin at each of the first characters of D texts, and at which each text has its first."""

    ngrams: Ngrams
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, snapshot: Snapshot, documents: NDArray[np.intp]) -> Self:
        """Those of some documents."""
        texts: list[bytes | memoryview] = [b""] * len(documents)
        for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
            (here,) = ((documents >= base) & (documents < base + part.segment.documents)).nonzero()
            found = part.segment.text_beginnings(documents.take(here) - base, BEGINNING)
            for at, text in zip(here.tolist(), found, strict=True):
                texts[at] = text
        data = _apart().join([b"", *texts, b""]).translate(*_letters())
        (between,) = (np.frombuffer(data, np.uint8) == _BETWEEN).nonzero()
        # A number may begin at any byte; the last text ends with three that are none of its own.
        return cls(np.ndarray(len(data) - SIZE + 1, _NGRAM, data, strides=(1,)), between[:-1] + 1)


def _first_places(beginnings: _Beginnings, wanted: Ngrams) -> NDArray[np.intp]:
    """The first place of each wanted n-gram (rising) in each text, `_FAR` for none (wanted × D)."""
    starts = beginnings.starts
    at, found = _maybe_wanted(beginnings.ngrams, wanted)
    numbers = wanted.searchsorted(found)
    (same,) = (wanted.take(numbers, mode="clip") == found).nonzero()
    at, numbers = at.take(same), numbers.take(same)
    owners = starts.searchsorted(at, side="right") - 1
    first = np.full(len(wanted) * len(starts), _FAR)
    # Where an n-gram stands more than once, what is written last stays.
    first[(numbers * len(starts) + owners)[::-1]] = np.minimum(at - starts.take(owners), _FAR)[::-1]
    return first.reshape(len(wanted), len(starts))


def _maybe_wanted(ngrams: Ngrams, wanted: Ngrams) -> tuple[NDArray[np.intp], Ngrams]:
    """Where n-grams stand that may be wanted, and these: all that are, and a few more."""
    maybe = np.zeros(1 << _HASH_BITS, bool)
    maybe[_hashes(wanted)] = True
    places, found = [], []
    for first in range(0, len(ngrams), _AT_ONCE):
        part = np.ascontiguousarray(ngrams[first : first + _AT_ONCE])
        (at,) = maybe.take(_hashes(part)).nonzero()
        found.append(part.take(at))
        at += first
        places.append(at)
    return np.concatenate(places), np.concatenate(found)


def _hashes(ngrams: Ngrams) -> Ngrams:
    hashes = ngrams * _HASH_MULTIPLIER
    hashes >>= np.uint32(32 - _HASH_BITS)
    return hashes
