"""Where the words of a query stand in the stories of one page of results, read from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import TermLists
from searchapp.engine.retrieval.weights import Form as FormName
from searchapp.engine.retrieval.windows import chains
from searchapp.engine.storage.segment import Form

Positions = list[int]
Term = tuple[FormName, str]
"""A form and one of its terms; a prefix has a star."""


class PageMarks:
    """Positions of words in a few documents, looked up for all of them, and for all the words, at once."""

    def __init__(self, lists: TermLists, documents: Sequence[int], leaves: Sequence[Leaf]) -> None:
        self._snapshot = lists.snapshot
        self._documents = np.array(sorted(documents), np.int64)
        self._found: dict[Term, dict[int, Positions]] = defaultdict(dict)
        wanted = dict.fromkeys(term for leaf in leaves for term in _terms(leaf))
        for form in dict.fromkeys(form for form, _ in wanted):
            self._look_up(form, [term for kind, term in wanted if kind == form])

    def of_leaf(self, leaf: Leaf, document: int) -> tuple[Positions, Positions]:
        """The positions of all words that belong to an occurrence of a word, phrase or prefix in a document.

        Where a phrase stands nowhere, the second list has its words wherever they stand, its stop words only if it has
        no others.
        """
        terms = _terms(leaf)
        if len(terms) == 1:
            return self._found[terms[0]].get(document, []), []
        found = chains([self._found[term].get(document, []) for term in terms], leaf.slop)
        if found:
            return found, []
        content = [term for term, stop in zip(terms, leaf.stops, strict=True) if not stop] or terms
        return [], [at for term in content for at in self._found[term].get(document, [])]

    def _look_up(self, name: FormName, terms: Sequence[str]) -> None:
        """Find the postings of the terms in these documents, then read the positions of all of them in one go."""
        for part, base in zip(self._snapshot.parts, self._snapshot.bases, strict=False):
            first, last = self._documents.searchsorted((base, base + part.segment.documents)).tolist()
            local, form = self._documents[first:last] - base, part.segment.form(name)
            if first < last:
                found = [_places(form, term, local) for term in terms]
                self._read(form, name, terms, base, found)

    def _read(
        self,
        form: Form,
        name: FormName,
        terms: Sequence[str],
        base: int,
        found: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    ) -> None:
        starts, counts = form.position_bounds(np.concatenate([places for places, _ in found]))
        positions, sizes = form.positions(starts, counts).tolist(), iter(counts.tolist())
        at = 0
        for term, (_, documents) in zip(terms, found, strict=True):
            of_term = self._found[name, term]
            for document in documents.tolist():
                size = next(sizes)
                of_term.setdefault(document + base, []).extend(positions[at : at + size])
                at += size


def _terms(leaf: Leaf) -> list[Term]:
    """What has to be looked up for a leaf, in order."""
    form = leaf.forms[-1]
    if leaf.prefix:
        return [("exact", f"{leaf.exact_terms[-1]}*")]
    return [(form, term) for term in leaf.terms(form)]


def _places(form: Form, term: str, local: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where postings of a term (or of all that begin with a prefix) in some documents lie, and the document of each."""
    if term.endswith("*"):  # the terms with a prefix are one range of the dictionary
        start, stop = form.range_bounds(term[:-1].encode("utf-8", "surrogatepass"))
        documents = form.postings(start, stop).documents
        at = np.flatnonzero(np.isin(documents, local))
        return start + at, documents.take(at).astype(np.int64)
    start, stop = form.bounds(term.encode("utf-8", "surrogatepass"))
    if start == stop:
        return local[:0], local[:0]
    documents = form.postings(start, stop).documents
    at = documents.searchsorted(local)
    has = np.flatnonzero(documents.take(at, mode="clip") == local)
    return start + at.take(has), local.take(has)
