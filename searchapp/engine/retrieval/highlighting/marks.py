"""Where the words of a query stand in the stories of one page of results, read from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.highlighting.marks_read import marks_read
from searchapp.engine.retrieval.highlighting.windows import PLACE_SHIFT, Numbers, chains
from searchapp.engine.retrieval.marked_words import MarkedWords
from searchapp.engine.retrieval.ranking.proximity import WORDS, occurrences_at, places_and_words, renumbered, stretches
from searchapp.engine.retrieval.ranking.rescoring import read_occurrences
from searchapp.engine.retrieval.ranking.rescoring_loops import KNOWN
from searchapp.engine.retrieval.ranking.together import Read, packed
from searchapp.engine.retrieval.terms.expansions import ExpansionMatcher
from searchapp.engine.retrieval.terms.term_lists import encode
from searchapp.engine.retrieval.terms.word_lists import Source, Stretch
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.engine.storage.pointers import run_starts
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import TermPostings

Positions = list[int]
_POSITION: Final = (1 << PLACE_SHIFT) - 1


class Marked(NamedTuple):
    """What is marked in some documents: places (document << `PLACE_SHIFT` | position, rising, none twice) and words.

    Positions are as the index counts them, and `words` the numbers of the query's words that stand there. Documents
    have any numbers; `bounds` says for each, in the order given, where its places begin and end.
    """

    places: Numbers
    words: Numbers
    bounds: Sequence[tuple[int, int]]


Known = tuple[Numbers, Numbers]
"""Occurrences to be marked in titles and in bodies, as `rescoring.packed` has them: where no documents are told, they
are known of all, numbered as they were given."""


class PageMarks:
    """What is to be marked on a page: the words of a query, and what showing each of them in a snippet is `worth`."""

    def __init__(self, words: MarkedWords, read: Sequence[Read]) -> None:
        """`read` is what was read of the single words when stories were ranked."""
        self.worths = words.worths
        self._leaves, self._matchers, self._plain = words.leaves, words.matchers, words.anywhere
        self._read = read if len(words.words) == len(words.matchers) else ()

    def of_documents(self, segment: Segment, documents: Numbers) -> tuple[Marked, Marked]:
        """What is marked in the titles, and in the bodies, of some documents of a segment.

        Of a phrase all words that belong to an occurrence are marked; where it stands nowhere, in the body its words
        wherever they stand, its stop words only if it has no others. What stands in titles only is not marked in the
        body. Where two words of the query stand in one place, the first is taken.
        """
        if self._plain:
            everywhere = self._everywhere(segment, documents)
            return everywhere, everywhere
        in_title, in_body = self._of_leaves(segment, documents)
        return _join(in_title, len(documents)), _join(in_body, len(documents))

    def known(self, segment: Segment, documents: Numbers) -> Iterator[Known]:
        """The same, for loops: at first as far as it is known already, then what is asked for; none of many words."""
        if self._plain:
            for read in self._read:
                if read.segment is segment and read.packed.item(KNOWN):
                    yield read.packed, read.packed
            everywhere = self._by_loops(segment, documents)
            if everywhere is None:
                everywhere = self._occurrences(segment, documents)
            of_all = packed(everywhere)
            yield of_all, of_all
        elif len(self._leaves) <= WORDS:
            in_title, in_body = map(_occurrences, self._of_leaves(segment, documents))
            yield packed(in_title), packed(in_body)

    def _of_leaves(self, segment: Segment, documents: Numbers) -> tuple[list[Numbers], list[Numbers]]:
        """For each leaf, the places to be marked in titles and those in bodies."""
        wanted = self._wanted(segment)
        read = iter(_places(segment, [source for terms in wanted for term in terms for source in term], documents))
        places = [[_together([next(read) for _ in term]) for term in terms] for terms in wanted]
        in_title, in_body = [], []
        for leaf, of_leaf in zip(self._leaves, places, strict=True):
            standing, apart = (
                (of_leaf[0], of_leaf[0]) if len(of_leaf) == 1 else _of_phrase(leaf, of_leaf, len(documents))
            )
            in_title.append(standing)
            in_body.append(apart[:0] if leaf.title else apart)
        return in_title, in_body

    def _wanted(self, segment: Segment) -> list[list[list[Source]]]:
        """Where the positions of each term of each leaf are read in a segment."""
        return [
            [[source for one in matcher.lists if one.lemmas is segment.lemma for source in one.sources]]
            if isinstance(matcher, WordMatcher)
            else _sources(leaf, matcher, segment)
            for leaf, matcher in zip(self._leaves, self._matchers, strict=True)
        ]

    def _everywhere(self, segment: Segment, documents: Numbers) -> Marked:
        """Where any of the words stands."""
        for read in self._read:
            if read.segment is segment:
                at, known = _known(read, documents)
                if known.all():
                    return _read_all(read, at)
        return _without_repeats(*places_and_words(self._occurrences(segment, documents)), len(documents))

    def _by_loops(self, segment: Segment, documents: Numbers) -> Numbers | None:
        """The same as `_occurrences`, read by compiled loops; None where these are not to be had."""
        words: list[Sequence[Stretch]] = []
        for leaf, matcher in zip(self._leaves, self._matchers, strict=True):
            if isinstance(matcher, WordMatcher):
                of_lists = [one.stretches() for one in matcher.lists if one.lemmas is segment.lemma]
            else:
                of_lists = [_lying(term) for term in _sources(leaf, matcher, segment)]
            if None in of_lists:
                return None
            words.append([stretch for of_list in of_lists if of_list for stretch in of_list])
        return marks_read(segment, words, documents)

    def _occurrences(self, segment: Segment, documents: Numbers) -> Numbers:
        """Where any of the words stands, documents numbered as given: what was read before, and the rest read now."""
        found, left = documents[:0], np.arange(len(documents))
        for read in self._read:
            if read.segment is segment:
                found, left = _read_before(read, *_known(read, documents))
        if len(left):
            found = np.concatenate([found, renumbered(self._reading(segment, documents.take(left)), left)])
        found.sort()
        return found

    def _reading(self, segment: Segment, documents: Numbers) -> Numbers:
        """The occurrences in some documents, read now."""
        return read_occurrences(
            [
                (number, source, *source.find(documents))
                for number, (term,) in enumerate(self._wanted(segment))
                for source in term
            ]
        )


def _occurrences(places: Sequence[Numbers]) -> Numbers:
    """The places of several words as occurrences."""
    return np.sort(
        np.concatenate([occurrences_at(one, word) for word, one in enumerate(places)] or [np.empty(0, np.int64)])
    )


def _known(read: Read, documents: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """The place of each document among those that were read before, and whether its occurrences were."""
    at = read.documents.searchsorted(documents)
    known = read.documents.take(at, mode="clip") == documents
    known &= read.several.take(at, mode="clip")
    return at, known


def _read_all(read: Read, at: Numbers) -> Marked:
    """What is marked in documents that were all read before; they keep the numbers that they had there."""
    starts, stops = stretches(read.occurrences, at)
    numbers = at.tolist()
    rising = sorted(range(len(numbers)), key=numbers.__getitem__)
    places, words = places_and_words(np.concatenate([read.occurrences[starts[one] : stops[one]] for one in rising]))
    if not _all_differ(places):
        return _without_repeats(places, words, 0, at)
    bounds, end = [(0, 0)] * len(numbers), 0
    for one in rising:
        bounds[one] = end, (end := end + stops[one] - starts[one])
    return Marked(places, words, bounds)


def _read_before(read: Read, at: Numbers, known: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """The occurrences in those of the documents that were read before, and which documents are left."""
    (places,) = known.nonzero()
    numbers = np.full(len(read.documents), -1)
    numbers[at.take(places)] = places
    return renumbered(read.occurrences, numbers), (~known).nonzero()[0]


def _sources(leaf: Leaf, matcher: object, segment: Segment) -> list[list[Source]]:
    """Where the positions of each term of a phrase, or of all that a word stands for, are read in a segment."""
    if isinstance(matcher, ExpansionMatcher):
        return [matcher.sources(segment)]
    form = leaf.forms[-1]
    terms = [segment.form(form).find(encode(term)) for term in leaf.terms(form)]
    return [[] if found is None else [_source(found)] for found in terms]


def _source(found: TermPostings) -> Source:
    return Source(found.source, found.first, found.documents, found.kept, found.ordinal)


def _lying(sources: Sequence[Source]) -> tuple[Stretch, ...] | None:
    """Where the postings of some sources lie; None where those of one are picked out of others."""
    found = tuple([stretch for source in sources if (stretch := source.stretch()) is not None])
    return found if len(found) == len(sources) else None


def _places(segment: Segment, sources: Sequence[Source], documents: Numbers) -> list[Numbers]:
    """The places of each source; those of whole lemmas are read in one go, as they lie in the same flat arrays."""
    lying = _lying(sources) if len(sources) <= WORDS else None
    marks = None if lying is None else marks_read(segment, [(one,) for one in lying], documents)
    if marks is not None:
        places, numbers = places_and_words(marks)
        return [places[numbers == number] for number in range(len(sources))]
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


def _join(places: Sequence[Numbers], documents: int) -> Marked:
    """The places of several words in one, the first word where two stand in one place."""
    every = np.concatenate(places) if places else np.empty(0, np.int64)
    words = np.arange(len(places)).repeat([len(one) for one in places])
    order = every.argsort(kind="stable")
    return _without_repeats(every.take(order), words.take(order), documents)


def _without_repeats(places: Numbers, words: Numbers, documents: int, numbers: Numbers | None = None) -> Marked:
    """The first word of those in one place; places that are equal follow each other.

    `numbers` are those of the documents, None where they are numbered through.
    """
    if not _all_differ(places):
        kept = run_starts(places)
        places, words = places.take(kept), words.take(kept)
    if numbers is None:
        numbers = np.arange(documents)
    starts, stops = (places.searchsorted(one << PLACE_SHIFT).tolist() for one in (numbers, numbers + 1))
    return Marked(places, words, list(zip(starts, stops, strict=True)))


def _all_differ(places: Numbers) -> bool:
    return bool((places[1:] != places[:-1]).all())


def _of_phrase(leaf: Leaf, terms: Sequence[Numbers], documents: int) -> tuple[Numbers, Numbers]:
    """The places that belong to an occurrence; and these, or where there is none the words by themselves."""
    if not leaf.slop:
        return _side_by_side(leaf, terms, documents)
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


def _side_by_side(leaf: Leaf, terms: Sequence[Numbers], documents: int) -> tuple[Numbers, Numbers]:
    """The same, of a phrase whose words follow each other: all documents at once."""
    starts = terms[0].tolist()
    for step, places in enumerate(terms[1:], start=1):
        following = set(places.tolist())
        starts = [start for start in starts if start + step in following]
    first = np.array(starts, np.int64)
    standing = np.concatenate([first + step for step in range(len(terms))])
    content = [places for places, stop in zip(terms, leaf.stops, strict=True) if not stop] or terms
    words = np.concatenate(content)
    without = np.ones(documents, bool)
    without[first >> PLACE_SHIFT] = False
    apart = words[without[words >> PLACE_SHIFT]]
    return standing, np.concatenate([standing, apart])


def _by_document(places: Numbers) -> dict[int, Positions]:
    found: dict[int, Positions] = defaultdict(list)
    for place in places.tolist():
        found[place >> PLACE_SHIFT].append(place & _POSITION)
    return found
