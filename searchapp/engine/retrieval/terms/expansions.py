"""Prefixes, wildcards and fuzzy words: the terms that they stand for, up to a cap, as one word at a constant score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import PREFIX_SCORE, TEXT_FIELDS, inverse_document_frequency
from searchapp.engine.retrieval.terms.form_unions import LemmaForms, lemma_forms
from searchapp.engine.retrieval.terms.term_lists import TermLists, encode
from searchapp.engine.retrieval.terms.term_matching import Numbers, TermLetters
from searchapp.engine.retrieval.terms.word_lists import Source
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import Counts, ExactTerms

TERMS_TO_FIND: Final = 64
"""Reading the postings of so many terms takes about the time that it takes to find the terms among all."""


class ExpansionMatcher:
    """Every story with one of the terms; words glued before a prefix must stand too."""

    def __init__(self, leaf: Leaf, lists: TermLists, limit: int) -> None:
        self._leaf, self._lists = leaf, lists
        terms, self.capped = expand(lists.snapshot, leaf, limit)
        self.expanded: tuple[str, ...] = tuple(term.decode("utf-8", "surrogatepass") for term in terms)

    @property
    def rarity(self) -> float:
        """What the word is worth in a snippet."""
        return inverse_document_frequency(self._lists.snapshot.documents, len(self.matches))

    @cached_property
    def matches(self) -> Matches:
        """What any of the terms matches."""
        # All is read before anything is marked: reading may find the index damaged, and marks are shared.
        found = list(self._documents())
        marks = self._lists.snapshot.marks()
        for documents in found:
            marks[documents] = True
        documents = np.flatnonzero(marks)
        marks[documents] = False
        for term in self._leaf.exact_terms[:-1]:
            standing = self._lists.find("exact", term, self._leaf.fields).documents()
            documents = np.intersect1d(documents, standing, assume_unique=True)
        return Matches.constant(documents, PREFIX_SCORE)

    def _documents(self) -> Iterator[NDArray[Any]]:
        """The documents of all the terms, piece by piece; one may come again."""
        if len(self._leaf.fields) < len(TEXT_FIELDS):
            yield from (self._lists.find("exact", term, self._leaf.fields).documents() for term in self.expanded)
            return
        snapshot = self._lists.snapshot
        for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
            for forms in self._forms_in(part.segment):
                yield forms.documents().astype(np.intp) + base

    def sources(self, segment: Segment) -> list[Source]:
        """Where the positions of all the terms are read in a segment."""
        return [source for forms in self._forms_in(segment) for source in forms.sources()]

    def _forms_in(self, segment: Segment) -> list[LemmaForms]:
        return lemma_forms(segment, map(encode, self.expanded))


class _Found(NamedTuple):
    """The terms of one segment that fit: their numbers, rising, and document frequencies."""

    form: ExactTerms
    numbers: Numbers
    counts: Counts


def expand(snapshot: Snapshot, leaf: Leaf, limit: int) -> tuple[list[bytes], bool]:
    """The terms that a word stands for, the most frequent first, and whether there are more than so many."""
    found = []
    for part in snapshot.parts:
        form = part.segment.exact
        if leaf.is_prefix:
            start, stop = form.dictionary.prefix_range(encode(leaf.exact_terms[-1]))
            found.append(_Found(form, np.arange(start, stop), form.document_counts(start, stop)))
        else:
            numbers = fitting(part.segment.derived("letters", _letters), leaf)
            found.append(_Found(form, numbers, form.document_counts(0, len(form.dictionary)).take(numbers)))
    return _most_frequent(found, limit)


def fitting(letters: TermLetters, leaf: Leaf) -> Numbers:
    """The numbers, rising, of the terms that a wildcard or a fuzzy word stands for."""
    (word,), fuzzy = leaf.exact_terms, leaf.expansion.fuzzy if leaf.expansion else 0
    return letters.like_word(word, fuzzy) if fuzzy else letters.like_wildcard(word)


def _letters(segment: Segment) -> TermLetters:
    text, offsets = (segment.file.touched(f"exact/{part}") for part in ("bytes", "offsets"))
    return TermLetters(text.tobytes(), offsets)


def _most_frequent(found: Sequence[_Found], limit: int) -> tuple[list[bytes], bool]:
    """The terms with the highest document frequencies over all segments, in the order of their bytes where equal.

    A term among the first `limit` of all segments is, in one of them, at least a fair share as frequent as the last of
    that segment's own first `limit`. Only such terms are read and added up.
    """
    lowest = max((_frequency_at(one.counts, limit) for one in found), default=0)
    if len(found) == 1 or lowest <= len(found):
        frequency = _added_up([_first(one, limit + 1) for one in found] if len(found) == 1 else found)
    else:
        likely = [one._replace(numbers=one.numbers[one.counts * len(found) >= lowest]) for one in found]
        terms = {one.form.dictionary.term(number) for one in likely for number in one.numbers.tolist()}
        frequency = Counter({term: sum(one.form.ordinal(term)[1] for one in found) for term in terms})
    ranked = sorted(frequency, key=lambda term: (-frequency[term], term))
    return ranked[:limit], len(ranked) > limit or any(len(one.numbers) > limit for one in found)


def _frequency_at(counts: Counts, rank: int) -> int:
    """The count at a rank from 1, by falling counts; 0 when there are fewer."""
    return int(np.partition(counts, len(counts) - rank)[len(counts) - rank]) if len(counts) >= rank else 0


def _first(found: _Found, limit: int) -> _Found:
    """The most frequent terms of a segment; of equal ones, those that come first."""
    lowest = _frequency_at(found.counts, limit)
    above = np.flatnonzero(found.counts > lowest)
    kept = np.concatenate([above, np.flatnonzero(found.counts == lowest)[: limit - len(above)]])
    return found._replace(numbers=found.numbers.take(kept), counts=found.counts.take(kept))


def _added_up(found: Sequence[_Found]) -> Counter[bytes]:
    frequency: Counter[bytes] = Counter()
    for one in found:
        for number, count in zip(one.numbers.tolist(), one.counts.tolist(), strict=True):
            frequency[one.form.dictionary.term(number)] += count
    return frequency
