"""Where the words of a query stand in the stories of one page of results, read from the postings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import TermLists
from searchapp.engine.retrieval.weights import Form as FormName
from searchapp.engine.retrieval.windows import chains
from searchapp.engine.storage.segment import Form

Positions = list[int]


class PageMarks:
    """Positions of words in a few documents, looked up for all of them at once."""

    def __init__(self, lists: TermLists, documents: Sequence[int]) -> None:
        self._lists, self._snapshot = lists, lists.snapshot
        self._sorted = np.array(sorted(documents), np.int64)
        self._known: dict[tuple[FormName, str], dict[int, Positions]] = {}

    def of_leaf(self, leaf: Leaf, document: int) -> tuple[Positions, Positions]:
        """The positions of all words that belong to an occurrence of a word, phrase or prefix in a document.

        Where a phrase stands nowhere, the second list has its words wherever they stand, its stop words only if it has
        no others.
        """
        if leaf.prefix:
            return self._beginning_with(leaf.exact_terms[-1]).get(document, []), []
        form = leaf.forms[-1]
        terms = leaf.terms(form)
        if len(terms) == 1:
            return self._of_term(form, terms[0]).get(document, []), []
        found = chains([self._of_term(form, term).get(document, []) for term in terms], leaf.slop)
        if found:
            return found, []
        content = [term for term, stop in zip(terms, leaf.stops, strict=True) if not stop] or terms
        return [], [at for term in content for at in self._of_term(form, term).get(document, [])]

    def _of_term(self, form: FormName, term: str) -> dict[int, Positions]:
        """Document → the positions of a term, for the documents of this page that have it."""
        if (form, term) not in self._known:
            self._known[form, term] = self._look_up(form, term.encode("utf-8", "surrogatepass"))
        return self._known[form, term]

    def _look_up(self, name: FormName, term: bytes) -> dict[int, Positions]:
        found: dict[int, Positions] = {}
        for part, base in zip(self._snapshot.parts, self._snapshot.bases, strict=False):
            form = part.segment.form(name)
            start, stop = form.bounds(term)
            local = self._local(base, part.segment.documents)
            if start < stop and len(local):
                documents = form.postings(start, stop).documents
                at = documents.searchsorted(local)
                np.minimum(at, len(documents) - 1, out=at)
                has = documents.take(at) == local
                _read(form, start + at[has], local[has] + base, found)
        return found

    def _beginning_with(self, prefix: str) -> dict[int, Positions]:
        """Document → the positions of all words with a prefix: they are one range of the dictionary."""
        key: tuple[FormName, str] = ("exact", prefix + "*")
        if key not in self._known:
            found: dict[int, Positions] = {}
            for part, base in zip(self._snapshot.parts, self._snapshot.bases, strict=False):
                form = part.segment.exact
                start, stop = form.range_bounds(prefix.encode("utf-8", "surrogatepass"))
                documents = form.postings(start, stop).documents
                places = np.flatnonzero(np.isin(documents, self._local(base, part.segment.documents)))
                _read(form, start + places, documents.take(places).astype(np.int64) + base, found)
            self._known[key] = found
        return self._known[key]

    def _local(self, base: int, documents: int) -> NDArray[np.int64]:
        first, last = np.searchsorted(self._sorted, (base, base + documents))
        return self._sorted[first:last] - base


def _read(form: Form, places: NDArray[np.int64], documents: NDArray[np.int64], found: dict[int, Positions]) -> None:
    """Add the positions of postings at some places to those of their documents."""
    starts, counts = form.position_bounds(places)
    positions, first = form.positions(starts, counts).tolist(), 0
    for document, count in zip(documents.tolist(), counts.tolist(), strict=True):
        found.setdefault(document, []).extend(positions[first : first + count])
        first += count
