"""Reads postings out of a stock Whoosh index into numpy arrays, and keeps those that are asked for often."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

import numpy as np

from searchapp.engine.postings import POSITION_BITS, Expansion, IntArray, Postings
from searchapp.engine.weights import FloatArray

POSTINGS_CACHE_BYTES: Final = 64_000_000
PLACES_CACHE_BYTES: Final = 64_000_000
LENGTHS_CACHE_BYTES: Final = 64_000_000
EXPANSIONS_CACHE_BYTES: Final = 4_000_000

Value = TypeVar("Value")


class _Cache(Generic[Value]):
    """The values used last, up to a sum of bytes."""

    def __init__(self, capacity: int, size: Callable[[Value], int]) -> None:
        self._capacity, self._size = capacity, size
        self._values: OrderedDict[object, Value] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, key: object, make: Callable[[], Value]) -> Value:
        """The value of a key, made now if it is not there; two threads may both make it."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._used += self._size(value)
            while self._used > self._capacity and len(self._values) > 1:
                self._used -= self._size(self._values.popitem(last=False)[1])
        return value


def segments(reader: Any) -> list[tuple[Any, int]]:
    """The readers of the segments that hold documents, each with its first document number."""
    return [(segment, base) for segment, base in reader.leaf_readers() if segment.doc_count_all()]


class WhooshTerms:
    """A `TermSource` over the segments of one opened Whoosh reader.

    Whoosh's readers make no promise about threads, so they are only touched under a lock; arrays are made once, kept,
    and shared without one.
    """

    def __init__(self, reader: Any, lock: threading.Lock) -> None:
        self._lock = lock
        self._segments = segments(reader)
        self._document_count: int = reader.doc_count_all()
        self._postings: _Cache[Postings] = _Cache(POSTINGS_CACHE_BYTES, lambda value: 16 * len(value.documents) + 200)
        self._places: _Cache[IntArray] = _Cache(PLACES_CACHE_BYTES, lambda value: value.nbytes + 200)
        self._lengths: _Cache[FloatArray] = _Cache(LENGTHS_CACHE_BYTES, lambda value: value.nbytes)
        self._expansions: _Cache[Expansion] = _Cache(EXPANSIONS_CACHE_BYTES, lambda value: 100 * len(value.terms) + 200)

    @property
    def document_count(self) -> int:
        """One more than the highest document number, deleted documents included."""
        return self._document_count

    def postings(self, field: str, term: str) -> Postings:
        """Where a term stands, without the deleted."""
        return self._postings.get((field, term), lambda: self._read_postings(field, term))

    def places(self, field: str, term: str) -> IntArray:
        """Every occurrence of a term as document << 32 | position, rising."""
        return self._places.get((field, term), lambda: self._read_places(field, term))

    def lengths(self, field: str) -> FloatArray:
        """The length of the field in words as Whoosh keeps it (one byte: exact up to about a hundred), by document."""
        return self._lengths.get(field, lambda: self._read_lengths(field))

    def average_length(self, field: str) -> float:
        """The mean length over all documents, as the exact sums of the segments give it."""
        total = sum(segment.field_length(field) for segment, _ in self._segments)
        return float(total / self._document_count) if self._document_count else 0.0

    def expand(self, fields: Sequence[str], prefix: str, limit: int) -> Expansion:
        """The terms of all these fields that begin with a prefix, the most frequent first, at most `limit`."""
        return self._expansions.get((*fields, prefix, limit), lambda: self._expand(fields, prefix, limit))

    def _matchers(self, field: str, term: str) -> Iterator[tuple[Any, int]]:
        """Whoosh's matcher of a term and the first document number, segment by segment."""
        for segment, base in self._segments:
            if (field, term.encode()) in segment:
                yield segment.postings(field, term.encode()), base

    def _read_postings(self, field: str, term: str) -> Postings:
        documents: list[int] = []
        frequencies: list[float] = []
        with self._lock:
            for matcher, base in self._matchers(field, term):
                while matcher.is_active():
                    documents.append(matcher.id() + base)
                    frequencies.append(matcher.weight())
                    matcher.next()
        return Postings(np.array(documents, dtype=np.int64), np.array(frequencies, dtype=np.float64))

    def _read_places(self, field: str, term: str) -> IntArray:
        documents: list[int] = []
        packed: list[bytes] = []
        with self._lock:
            for matcher, base in self._matchers(field, term):
                while matcher.is_active():
                    documents.append(matcher.id() + base)
                    packed.append(matcher.value())
                    matcher.next()
        positions = np.frombuffer(b"".join(packed), dtype=np.uint32).astype(np.int64)
        counts = [len(value) // 4 for value in packed]
        result: IntArray = np.repeat(np.array(documents, dtype=np.int64) << POSITION_BITS, counts) | positions
        return result

    def _read_lengths(self, field: str) -> FloatArray:
        lengths = np.zeros(self._document_count, dtype=np.float64)
        with self._lock:
            for segment, base in self._segments:
                for number in range(segment.doc_count_all()):
                    lengths[base + number] = segment.doc_field_length(number, field) or 0
        return lengths

    def _expand(self, fields: Sequence[str], prefix: str, limit: int) -> Expansion:
        frequency: Counter[str] = Counter()
        with self._lock:
            for segment, _ in self._segments:
                for field in fields:
                    for term in segment.expand_prefix(field, prefix):
                        frequency[term.decode()] += segment.doc_frequency(field, term)
        ranked = sorted(frequency, key=lambda term: (-frequency[term], term))
        return Expansion(tuple(ranked[:limit]), len(ranked) > limit)
