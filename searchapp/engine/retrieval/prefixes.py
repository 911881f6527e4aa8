"""Prefixes: the terms that begin with it, up to a cap, as one word at a constant score."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import numpy as np

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.term_lists import TermLists
from searchapp.engine.retrieval.weights import PREFIX_SCORE, inverse_document_frequency
from searchapp.engine.retrieval.words import Matches


class PrefixMatcher:
    """Every story with a word that begins so; words glued before the prefix must stand too."""

    def __init__(self, leaf: Leaf, lists: TermLists, limit: int) -> None:
        self._leaf, self._lists = leaf, lists
        ranked = expand(lists.snapshot, leaf.exact_terms[-1])
        self.expanded: tuple[str, ...] = tuple(term.decode("utf-8", "surrogatepass") for term in ranked[:limit])
        self.capped = len(ranked) > limit

    @property
    def rarity(self) -> float:
        """What the prefix is worth in a snippet."""
        return inverse_document_frequency(self._lists.snapshot.documents, len(self.matches))

    @cached_property
    def matches(self) -> Matches:
        """What any of the terms matches."""
        # All is read before anything is marked: reading may find the index damaged, and marks are shared.
        found = [self._lists.find("exact", term, self._leaf.fields).documents() for term in self.expanded]
        marks = self._lists.snapshot.marks()
        for documents in found:
            marks[documents] = 1
        documents = np.flatnonzero(marks != 0)
        marks[documents] = 0
        for term in self._leaf.exact_terms[:-1]:
            standing = self._lists.find("exact", term, self._leaf.fields).documents()
            documents = np.intersect1d(documents, standing, assume_unique=True)
        return Matches.constant(documents, PREFIX_SCORE)


def expand(snapshot: Snapshot, prefix: str) -> list[bytes]:
    """All terms that begin with a prefix, the most frequent first."""
    frequency: Counter[bytes] = Counter()
    for part in snapshot.parts:
        form = part.segment.exact
        start, stop = form.dictionary.prefix_range(prefix.encode("utf-8", "surrogatepass"))
        counts = form.document_counts(start, stop).tolist()
        frequency.update(dict(zip(form.dictionary.terms(start, stop), counts, strict=True)))
    return sorted(frequency, key=lambda term: (-frequency[term], term))
