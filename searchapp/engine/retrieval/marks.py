"""Where the words of a query stand in the stories of one page of results, read from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import TermLists, encode
from searchapp.engine.retrieval.weights import Form as FormName
from searchapp.engine.retrieval.windows import chains
from searchapp.engine.storage.terms import ExactTerms, StemTerms, TermPostings

Positions = list[int]
Marked = Mapping[int, int]
"""Position, as the index counts it → the number of the word of the query that stands there."""
Term = tuple[FormName, str]
"""A form and one of its terms; a prefix has a star."""


class PageMarks:
    """Positions of words in a few documents, looked up for all of them, and for all the words, at once."""

    def __init__(self, lists: TermLists, documents: Sequence[int], leaves: Sequence[Leaf]) -> None:
        self._snapshot = lists.snapshot
        self._documents = np.array(sorted(documents), np.int64)
        self._found: dict[Term, dict[int, Positions]] = defaultdict(dict)
        wanted = [_terms(leaf) for leaf in leaves]
        for form in ("exact", "stem"):
            terms = dict.fromkeys(term for terms in wanted for kind, term in terms if kind == form)
            if terms:
                self._look_up(form, list(terms))
        # (number of the leaf, the leaf, document → positions for each of its terms)
        self._leaves = [
            (number, leaf, [self._found[term] for term in terms])
            for number, (leaf, terms) in enumerate(zip(leaves, wanted, strict=True))
        ]

    def of_document(self, document: int) -> tuple[Marked, Marked]:
        """What is marked in a document's title, and in its body: position → number of the leaf that stands there.

        Of a phrase all words that belong to an occurrence are marked; where it stands nowhere, in the body its words
        wherever they stand, its stop words only if it has no others. What stands in titles only is not marked in the
        body.
        """
        in_title: dict[int, int] = {}
        in_body = in_title
        for number, leaf, found in self._leaves:
            if len(found) == 1 and not leaf.title:
                for position in found[0].get(document, ()):
                    in_title.setdefault(position, number)
                    in_body.setdefault(position, number)
                continue
            if in_body is in_title:
                in_body = dict(in_title)
            standing, apart = _of_phrase(leaf, [of_term.get(document, []) for of_term in found])
            in_title |= dict.fromkeys(standing, number) | in_title
            if not leaf.title:
                in_body |= dict.fromkeys(standing or apart, number) | in_body
        return in_title, in_body

    def _look_up(self, name: FormName, terms: Sequence[str]) -> None:
        """Find the postings of the terms in these documents, and read their positions."""
        for part, base in zip(self._snapshot.parts, self._snapshot.bases, strict=False):
            first, last = self._documents.searchsorted((base, base + part.segment.documents)).tolist()
            local = self._documents[first:last] - base
            if first == last:
                continue
            if name == "stem":
                self._read_stems(part.segment.stem, terms, local, base)
            else:
                self._read_exact(part.segment.exact, terms, local, base)

    def _read_stems(self, stems: StemTerms, terms: Sequence[str], local: NDArray[np.int64], base: int) -> None:
        """All terms in one go: their postings lie in the same flat arrays."""
        bounds = [stems.bounds(encode(term)) for term in terms]
        rows = [_rows_in(stems.postings(start, stop), local) for start, stop in bounds]
        places = np.concatenate([start + row for (start, _), (row, _) in zip(bounds, rows, strict=True)])
        counts, positions = stems.positions(places, None)
        found, sizes, at = positions.tolist(), iter(counts.tolist()), 0
        for term, (_, documents) in zip(terms, rows, strict=True):
            of_term = self._found["stem", term]
            for document in documents.tolist():
                size = next(sizes)
                of_term[document + base] = found[at : at + size]
                at += size

    def _read_exact(self, exact: ExactTerms, terms: Sequence[str], local: NDArray[np.int64], base: int) -> None:
        for term in terms:
            for one in _written_out(exact, term):
                postings = exact.find(one)
                if postings is not None:
                    self._add("exact", term, postings, local, base)

    def _add(self, form: FormName, term: str, postings: TermPostings, local: NDArray[np.int64], base: int) -> None:
        rows, documents = _rows_in(postings, local)
        counts, positions = postings.positions(rows)
        found, at = positions.tolist(), 0
        for document, size in zip(documents.tolist(), counts.tolist(), strict=True):
            self._found[form, term].setdefault(document + base, []).extend(found[at : at + size])
            at += size


def _of_phrase(leaf: Leaf, positions: Sequence[Positions]) -> tuple[Positions, Positions]:
    """The positions that belong to an occurrence; where there is none, those of the words by themselves."""
    standing = positions[0] if len(positions) == 1 else chains(positions, leaf.slop)
    if standing:
        return standing, []
    content = [at for at, stop in zip(positions, leaf.stops, strict=True) if not stop] or positions
    return [], [position for at in content for position in at]


def _terms(leaf: Leaf) -> list[Term]:
    """What has to be looked up for a leaf, in order."""
    form = leaf.forms[-1]
    if leaf.prefix:
        return [("exact", f"{leaf.exact_terms[-1]}*")]
    return [(form, term) for term in leaf.terms(form)]


def _written_out(exact: ExactTerms, term: str) -> Iterator[bytes]:
    """The term, or all terms with the prefix."""
    if not term.endswith("*"):
        return iter((encode(term),))
    return exact.dictionary.terms(*exact.dictionary.prefix_range(encode(term[:-1])))


def _rows_in(postings: TermPostings, local: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the postings stand in some documents, and in which."""
    if not len(postings):
        return local[:0], local[:0]
    rows = postings.documents.searchsorted(local.astype(postings.documents.dtype))
    has = np.flatnonzero(postings.documents.take(rows, mode="clip") == local)
    return rows.take(has), local.take(has)
