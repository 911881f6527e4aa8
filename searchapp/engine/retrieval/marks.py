"""Where the words of a query stand in the stories of one page of results, read from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

import numpy as np

from searchapp.engine.retrieval.expansions import ExpansionMatcher
from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import encode
from searchapp.engine.retrieval.windows import PLACE_SHIFT, Numbers, chains
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.retrieval.words import WordMatcher
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import TermPostings

Positions = list[int]
_POSITION: Final = (1 << PLACE_SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Marked:
    """What is marked in some documents: places (document << `PLACE_SHIFT` | position, rising, none twice) and words.

    The documents are numbered as they were given, positions as the index counts them. `words` are the numbers of the
    query's words that stand there.
    """

    places: Numbers
    words: Numbers


class PageMarks:
    """What is to be marked on a page: the words of a query, and what showing each of them in a snippet is `worth`."""

    def __init__(self, leaves: Sequence[Leaf], matchers: Sequence[object], worths: Sequence[int]) -> None:
        """`matchers` are the leaves' own: those of single words know their postings already, in all spellings."""
        self.worths = worths
        self._leaves, self._matchers = leaves, matchers
        self._sources = [
            [source for one in matcher.lists for source in one.sources] if isinstance(matcher, WordMatcher) else None
            for matcher in matchers
        ]
        # A single word is marked wherever it stands.
        self._plain = all((len(leaf.exact_terms) == 1 or leaf.expansion) and not leaf.title for leaf in leaves)

    def of_documents(self, segment: Segment, documents: Numbers) -> tuple[Marked, Marked]:
        """What is marked in the titles, and in the bodies, of some documents of a segment.

        Of a phrase all words that belong to an occurrence are marked; where it stands nowhere, in the body its words
        wherever they stand, its stop words only if it has no others. What stands in titles only is not marked in the
        body. Where two words of the query stand in one place, the first is taken.
        """
        wanted = [
            [[source for source in known if source.lemmas is segment.lemma]]
            if known is not None
            else _sources(leaf, matcher, segment)
            for leaf, matcher, known in zip(self._leaves, self._matchers, self._sources, strict=True)
        ]
        read = iter(_places([source for terms in wanted for term in terms for source in term], documents))
        places = [[_together([next(read) for _ in term]) for term in terms] for terms in wanted]
        if self._plain:
            everywhere = _join([one for (one,) in places])
            return everywhere, everywhere
        in_title, in_body = [], []
        for leaf, of_leaf in zip(self._leaves, places, strict=True):
            standing, apart = (of_leaf[0], of_leaf[0]) if len(of_leaf) == 1 else _of_phrase(leaf, of_leaf)
            in_title.append(standing)
            in_body.append(apart[:0] if leaf.title else apart)
        return _join(in_title), _join(in_body)


def _sources(leaf: Leaf, matcher: object, segment: Segment) -> list[list[Source]]:
    """Where the positions of each term of a phrase, or of all that a word stands for, are read in a segment."""
    if isinstance(matcher, ExpansionMatcher):
        return [matcher.sources(segment)]
    form = leaf.forms[-1]
    terms = [segment.form(form).find(encode(term)) for term in leaf.terms(form)]
    return [[] if found is None else [_source(found)] for found in terms]


def _source(found: TermPostings) -> Source:
    return Source(found.source, found.first, found.documents, found.kept, found.ordinal)


def _places(sources: Sequence[Source], documents: Numbers) -> list[Numbers]:
    """The places of each source; those of whole lemmas are read in one go, as they lie in the same flat arrays."""
    found: list[Numbers] = [documents[:0]] * len(sources)
    whole = [at for at, source in enumerate(sources) if source.ordinal is None]
    if whole:
        rows = [sources[at].rows_in(documents) for at in whole]
        counts, positions = sources[whole[0]].lemmas.positions(np.concatenate([row for row, _ in rows]), None)
        places = np.concatenate([owner for _, owner in rows]).repeat(counts) << PLACE_SHIFT | positions
        before = np.zeros(len(counts) + 1, np.int64)
        counts.cumsum(out=before[1:])
        ends = before.take([0, *accumulate(len(row) for row, _ in rows)]).tolist()
        for at, (start, stop) in zip(whole, pairwise(ends), strict=True):
            found[at] = places[start:stop]
    for at, source in enumerate(sources):
        if source.ordinal is not None:
            row, owners = source.rows_in(documents)
            counts, positions = source.lemmas.positions(row, source.ordinal)
            found[at] = owners.repeat(counts) << PLACE_SHIFT | positions
    return found


def _together(places: Sequence[Numbers]) -> Numbers:
    """The places of one term in all its spellings, rising."""
    if len(places) == 1:
        return places[0]
    return np.sort(np.concatenate(places)) if places else np.empty(0, np.int64)


def _join(places: Sequence[Numbers]) -> Marked:
    """The places of several words in one, the first word where two stand in one place."""
    every = np.concatenate(places) if places else np.empty(0, np.int64)
    words = np.arange(len(places)).repeat([len(one) for one in places])
    order = every.argsort(kind="stable")
    every, words = every.take(order), words.take(order)
    is_first = every[1:] != every[:-1]
    if is_first.all():
        return Marked(every, words)
    kept = np.concatenate([[True], is_first])
    return Marked(every[kept], words[kept])


def _of_phrase(leaf: Leaf, terms: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """The places that belong to an occurrence; and these, or where there is none the words by themselves."""
    standing: list[int] = []
    apart: list[int] = []
    by_document = [_by_document(places) for places in terms]
    for document in dict.fromkeys(document for of_term in by_document for document in of_term):
        positions = [of_term.get(document, []) for of_term in by_document]
        base = document << PLACE_SHIFT
        together = [base + at for at in chains(positions, leaf.slop)]
        standing += together
        content = [at for at, stop in zip(positions, leaf.stops, strict=True) if not stop] or positions
        apart += together or [base + at for of_term in content for at in of_term]
    return np.array(standing, np.int64), np.array(apart, np.int64)


def _by_document(places: Numbers) -> dict[int, Positions]:
    found: dict[int, Positions] = defaultdict(list)
    for place in places.tolist():
        found[place >> PLACE_SHIFT].append(place & _POSITION)
    return found
