"""The postings of one word of a query in one segment, scored by all forms of the word in one pass.

A posting's score is table[code] · factor[form]: the table says what its frequencies and lengths give, the factor what
the exact form that stands there counts beside the lemma. In a mixed posting, where several exact forms stand, each form
that counts more than the lemma adds what its own occurrences give: forms of one light stem never more together than if
they were one form, or BM25 would take a repeated word for several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import Matches, Scores, not_below
from searchapp.engine.retrieval.core.recent import Recent
from searchapp.engine.retrieval.terms.flat_postings import FlatWord
from searchapp.engine.retrieval.terms.form_factors import FormFactors
from searchapp.engine.storage.pointers import distinct, narrow
from searchapp.engine.storage.terms import LemmaTerms, TermPostings
from searchapp.frozen import dataclass

HEAD: Final = 50
"""How many of the best postings of a word are kept apart: as many as are looked at more closely."""
_HEAD_BYTES: Final = 16
_ARRAY_BYTES: Final = 256
"""What an array takes beside its entries, and its place among those kept."""


class Head(NamedTuple):
    """The postings whose score is not below the `HEAD`-th highest, and maybe some more; documents numbered through."""

    matches: Matches
    highest: float
    lowest: float


class Kept(NamedTuple):
    """What was found out of late of the postings of lists, under a mark of each list's own."""

    scores: Recent[object, Scores]
    bounds: Recent[object, NDArray[Any]]
    heads: Recent[object, Head]
    counts: Recent[object, NDArray[Any]]


FEW: Final = 32
"""The scores of so few postings stay with their list: kept among others, each would take as much again."""
READ_THROUGH: Final = 1 << 13
"""Of a list that is not longer, scores and where positions begin are found out for all postings, and kept, once they
are asked for; of a longer one, only of those postings that are asked for, if these are few."""


Stretch = tuple[int, int]
"""Where postings lie among all of their segment: from the first to before the second."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where the positions of a word are read: postings of a lemma, and which of its forms is meant (None: all).

    Where positions begin is kept in `bounds` for a while, if that is given.
    """

    lemmas: LemmaTerms
    first: int
    documents: NDArray[Any]
    kept: NDArray[np.int64] | None
    ordinal: int | None = None
    bounds: Recent[object, NDArray[Any]] | None = None
    _mark: object = field(default_factory=object)

    def stretch(self) -> Stretch | None:
        """Where its postings lie among all of the segment; None where they are picked out of others."""
        if self.ordinal is not None or self.kept is not None:
            return None
        return self.first, self.first + len(self.documents)

    def find(self, local: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Whether each of some documents, rising, has a posting, and which posting it is where it has."""
        if not len(self.documents):
            return np.zeros(len(local), bool), np.zeros(len(local), np.intp)
        # A needle of another width would have numpy convert the whole haystack.
        rows = self.documents.searchsorted(local.astype(self.documents.dtype, copy=False))
        return self.documents.take(rows, mode="clip") == local, rows

    def places(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """The places of some of the postings among all of the segment."""
        return self.first + (rows if self.kept is None else self.kept.take(rows))

    def rows_in(self, local: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of the postings of some documents (rising), and which of the documents they are of."""
        standing, rows = self.find(local)
        (has,) = standing.nonzero()
        return self.places(rows.take(has)), has

    def position_bounds(self, rows: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where the positions of some of the postings, of all forms, begin and end; they are checked."""
        if self.bounds is None or self.kept is not None or len(self.documents) > READ_THROUGH:
            starts, counts = self.lemmas.position_bounds(self.places(rows))
            stops = starts + counts
            self.lemmas.check_positions(starts, stops)
            return starts, stops
        bounds = self.bounds.get(self._mark)
        if bounds is None:
            bounds = self.lemmas.all_position_bounds(self.first, self.first + len(self.documents))
            self.bounds.put(self._mark, bounds, bounds.nbytes)
        return bounds.take(rows), bounds.take(rows + 1)


class WordList:
    """A word's postings in one segment; `base` is the number of the segment's first document.

    `table` is code → score at weight 1; each posting counts `weight`, or what `factors` says of its form. The scores
    of all postings are kept in `kept` for a while. `flat` are all postings of the lemma, for loops; `whole` the same,
    where these are all of them.
    """

    __slots__ = ("_few", "_mark", "base", "kept")
    documents: NDArray[Any]
    table: Scores
    weight: float
    source: Source
    """Where its positions are read."""
    flat: FlatWord | None
    whole: FlatWord | None

    def __init__(self, base: int, kept: Kept) -> None:
        self.base, self.kept = base, kept
        self._mark = object()
        self._few: Scores | None = None

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def codes(self) -> NDArray[Any]:
        """The code of each posting; they are read for its scores, which are kept for a while."""
        raise NotImplementedError

    @property
    def lemmas(self) -> LemmaTerms:
        """The lemmas of its segment."""
        return self.source.lemmas

    @property
    def factors(self) -> FormFactors | None:
        """What each posting counts by its form, where that is not the same for all."""
        return None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its positions are read."""
        return (self.source,)

    def stretches(self) -> tuple[Stretch, ...] | None:
        """The same, where loops may read them: None where its postings are picked out of others."""
        stretch = self.source.stretch()
        return None if stretch is None else (stretch,)

    def scores(self) -> Scores:
        """The score of every posting; not to be changed."""
        scores = self._known_scores()
        if scores is None:
            scores = self._made()
            scores.flags.writeable = False
            if len(scores) <= FEW:
                self._few = scores
            else:
                self.kept.scores.put(self._mark, scores, scores.nbytes)
        return scores

    def _known_scores(self) -> Scores | None:
        return self.kept.scores.get(self._mark) if self._few is None else self._few

    def head(self) -> Head:
        """The best of the postings."""
        head: Head | None = self.kept.heads.get(self._mark)
        if head is None:
            head = _head(self)
            if self.whole is not None:
                self.whole.best = head.highest, head.lowest
            self.kept.heads.put(self._mark, head, _HEAD_BYTES * (len(head.matches) + 16))
        return head

    def bounds(self) -> tuple[float, float]:
        """The highest score of its postings, and the `HEAD`-th highest or a little less."""
        whole = self.whole
        if whole is not None and whole.best is not None:
            return whole.best
        head = self.head()
        return head.highest, head.lowest

    def count(self, values: NDArray[Any], width: int) -> NDArray[Any]:
        """How many of the documents have each value in [0, width); always to be asked of the same values."""
        counts: NDArray[Any] | None = self.kept.counts.get(self._mark)
        if counts is None:
            counts = _count(self, values, width)
            self.kept.counts.put(self._mark, counts, counts.nbytes + _ARRAY_BYTES)
        return counts

    def _made(self) -> Scores:
        if (factors := self.factors) is not None:
            return factors.scores(self.table, self.codes)
        scores: Scores = self.table.take(self.codes)
        scores *= np.float32(self.weight)
        return scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        if len(rows) >= len(self) // 4:
            return self.scores().take(rows)
        known = self._known_scores()
        if known is None and (flat := self.whole or self.flat) is not None:
            some = flat.scores_at(self.source.places(rows))
            if some is not None:
                return some
        if known is None and len(self) > READ_THROUGH and (factors := self.factors) is not None:
            return factors.scores_at(rows, self.table, self.codes)
        return (self.scores() if known is None else known).take(rows)


class WholeList(WordList):
    """All postings of a lemma. Loops are asked for most of them, to which `whole` is enough.

    The rest is made anew whenever it is asked for: a server knows thousands of words at a time, and each anew in every
    segment, where what is kept of them would add up to more than what is found.
    """

    __slots__ = ("whole",)
    whole: FlatWord

    def __init__(self, whole: FlatWord, base: int, kept: Kept) -> None:
        """The documents and codes of `whole` must have been checked."""
        super().__init__(base, kept)
        self.whole = whole

    def __getattr__(self, name: str) -> Any:
        whole = self.whole
        match name:
            case "documents":
                return whole.documents()
            case "source":
                bounds = self.kept.bounds
                return Source(whole.lemmas, whole.start, whole.documents(), None, None, bounds, self._mark)
            case "flat":
                return whole
            case "table":
                return whole.table
            case "weight":  # the lemma's alone
                return whole.by_form().item(-1)
            case _:
                raise AttributeError(name)

    def __len__(self) -> int:
        return self.whole.count

    def stretches(self) -> tuple[Stretch, ...]:
        """Where its postings lie."""
        whole = self.whole
        return ((whole.start, whole.start + whole.count),)

    @property
    def codes(self) -> NDArray[Any]:
        """The code of each posting."""
        return self.whole.codes()

    @property
    def lemmas(self) -> LemmaTerms:
        """The lemmas of its segment."""
        return self.whole.lemmas

    @property
    def factors(self) -> FormFactors | None:
        """What each posting counts by its form, where that is not the same for all."""
        whole = self.whole
        if not whole.has_forms:
            return None
        return FormFactors(whole.lemmas, whole.start, whole.start + whole.count, whole.by_form(), whole.light, None)


class PartialList(WordList):
    """Some postings of a lemma: those of one form, or those that stand in some fields."""

    __slots__ = ("_codes", "_factors", "documents", "flat", "source", "table", "weight")
    whole = None

    def __init__(
        self,
        postings: TermPostings,
        base: int,
        table: Scores,
        weight: float,
        kept: Kept,
        source: Source,
        factors: FormFactors | None = None,
        flat: FlatWord | None = None,
    ) -> None:
        super().__init__(base, kept)
        self.table, self.weight = table, weight
        self.documents, self._codes, self.source = postings.documents, postings.codes, source
        self._factors, self.flat = factors, flat

    @property
    def codes(self) -> NDArray[Any]:
        """The code of each posting."""
        return self._codes

    @property
    def factors(self) -> FormFactors | None:
        """What each posting counts by its form, where that is not the same for all."""
        return self._factors


@dataclass(frozen=True)
class UnitedList:
    """One word in several spellings: each document once, with the sum of what they give. The word as asked is first."""

    parts: Sequence[WordList]
    base: int
    whole: None = None

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def lemmas(self) -> LemmaTerms:
        """The lemmas of its segment."""
        return self.parts[0].lemmas

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its positions are read."""
        return tuple(part.source for part in self.parts)

    def stretches(self) -> tuple[Stretch, ...] | None:
        """The same, where loops may read them: None where postings are picked out of others."""
        found: tuple[Stretch, ...] = ()
        for part in self.parts:
            if (of_part := part.stretches()) is None:
                return None
            found += of_part
        return found

    @cached_property
    def _united(self) -> tuple[NDArray[Any], Scores]:
        every = np.concatenate([part.documents for part in self.parts])
        scores = np.concatenate([part.scores() for part in self.parts])
        documents = distinct(every)
        sums = np.bincount(documents.searchsorted(every), weights=scores, minlength=len(documents))
        return documents, sums.astype(np.float32)

    @property
    def documents(self) -> NDArray[Any]:
        """The documents, rising."""
        return self._united[0]

    def scores(self) -> Scores:
        """The score of every document; not to be changed."""
        return self._united[1]

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some documents."""
        return self._united[1].take(rows)

    @cached_property
    def _head(self) -> Head:
        return _head(self)

    def head(self) -> Head:
        """The best of the documents."""
        return self._head

    def bounds(self) -> tuple[float, float]:
        """The highest score of its documents, and the `HEAD`-th highest or a little less."""
        return self._head.highest, self._head.lowest

    def count(self, values: NDArray[Any], width: int) -> NDArray[Any]:
        """How many of the documents have each value in [0, width)."""
        return _count(self, values, width)


AnyList = WordList | UnitedList


def _head(of: AnyList) -> Head:
    rows = not_below(of.scores(), HEAD)
    matches = Matches(of.documents.take(rows).astype(np.intp) + of.base, of.scores().take(rows))
    return Head(matches, float(matches.scores.max(initial=0.0)), float(matches.scores.min(initial=np.inf)))


def _count(of: AnyList, values: NDArray[Any], width: int) -> NDArray[Any]:
    own = values[of.base :] if of.base else values
    return narrow(np.bincount(own.take(of.documents), minlength=width))
