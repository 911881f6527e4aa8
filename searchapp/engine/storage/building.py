"""From batches of documents to sources of a segment: runs are inverted as they fill, and merged when it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.analysis.growing_arrays import ScratchArrays
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.analysis.spelled_terms import NumberedTerms, SpelledTerms
from searchapp.engine.storage.codes import CodeAssigner, CodeTable
from searchapp.engine.storage.documents import DocumentBatch, build_batch
from searchapp.engine.storage.gathered_stories import GatheredStories
from searchapp.engine.storage.inversion import invert
from searchapp.engine.storage.light_hashes import light_hashes
from searchapp.engine.storage.postings import TokenStream
from searchapp.engine.storage.runs import ShelvedDocuments, ShelvedRun, total_of
from searchapp.engine.storage.shelf import Shelf
from searchapp.engine.storage.sources import DocumentPiece
from searchapp.engine.storage.term_order import order_keys, sorted_order
from searchapp.engine.storage.vocabulary import JoinedTerms, UsedTerms

RUN_TOKENS: Final = 1 << 20
"""Tokens inverted at once: the sort's working set stays in the processor's cache."""
SOURCE_TOKENS: Final = 1 << 27
"""Tokens after which words are numbered anew, which lets go of those that the analyzer has met: 400,000 articles."""


class SegmentBuilder:
    """Collects documents of one segment to come."""

    def __init__(self, analyzer: BatchAnalyzer, shelf: Shelf) -> None:
        """Terms are numbered by `analyzer`; what does not fit into memory goes to `shelf`."""
        self.analyzer = analyzer
        self.documents = 0
        self.tokens = 0
        self._shelf = shelf
        self._batches: list[ShelvedDocuments] = []
        self._runs: list[ShelvedRun] = []
        self._outlets: dict[str, int] = {}
        self._codes = CodeAssigner()
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._is_met: NDArray[np.bool_] = np.empty(0, bool)
        """Exact form → whether it occurs."""
        self._waiting: list[TokenStream] = []
        self._waiting_tokens = 0
        self._inverted = 0
        self._scratch = ScratchArrays()

    def add(self, batch: DocumentBatch) -> None:
        """Take documents in; they get the next numbers."""
        number = self._outlets
        outlets = [number.setdefault(name, len(number)) for name in batch.copy_outlets]
        self._batches.append(ShelvedDocuments.of(batch, np.array(outlets, np.int64), self._shelf))
        self._waiting.append(batch.tokens)
        self.documents += len(batch.numbers)
        self.tokens += len(batch.tokens.lemma)
        self._waiting_tokens += len(batch.tokens.lemma)
        if self._waiting_tokens >= RUN_TOKENS:
            self._invert()

    def is_full(self) -> bool:
        """True when a new one should be begun before more is added."""
        return self.tokens >= SOURCE_TOKENS

    def _invert(self) -> None:
        self._make_room_for_terms()
        postings = invert(self._waiting, self._inverted, self._codes, self._is_met, self._keys, self._scratch)
        self._runs.append(ShelvedRun(postings, self._shelf))
        self._inverted = self.documents
        self._waiting, self._waiting_tokens = [], 0

    def _make_room_for_terms(self) -> None:
        """For the exact forms that were numbered since the last time, and for the keys by which lemmas are ordered."""
        new = len(self.analyzer.exact_terms) - len(self._is_met)
        self._is_met = np.concatenate([self._is_met, np.zeros(new, bool)])
        lemmas = self.analyzer.lemma_terms
        terms = lemmas.between(len(self._keys), len(lemmas))
        self._keys = np.concatenate([self._keys, order_keys(terms)])

    def finish(self) -> BuiltSource:
        """All of it, to be written; nothing can be added any more."""
        if self._waiting:
            self._invert()
        self._scratch = ScratchArrays()  # room is scarcest where all is put together
        lemmas = self.analyzer.all_lemmas()[: len(self._is_met)]
        return BuiltSource(
            self._batches,
            self._runs,
            list(self._outlets),
            self._codes.table(),
            self.analyzer,
            np.where(self._is_met, lemmas, np.int32(-1)),
            self._keys,
        )


class SourceBuilder:
    """Stories in, sources of a segment out: a new one is begun whenever a builder is full."""

    def __init__(self, part: Path, held_bytes: int | None = None, indexed: IndexedWords | None = None) -> None:
        """What does not fit into `held_bytes` of memory goes to the file `part`, made when it is needed.

        `indexed` is given the words of the stories.
        """
        self._indexed = indexed
        self._shelf = Shelf(part, held_bytes)
        self._builder = SegmentBuilder(default_batch_analyzer(), self._shelf)
        self._done: list[BuiltSource] = []
        self.documents = 0

    def add(self, stories: GatheredStories) -> int:
        """Take stories in; returns the number of the first one's document."""
        first = self.documents
        batch = build_batch(stories, self._builder.analyzer)
        self._builder.add(batch)
        if self._indexed is not None:
            self._indexed.keep(self._builder.analyzer, batch.sequences.tolist(), *batch.shown_words())
        self.documents += len(batch.numbers)
        if self._builder.is_full():
            self._next()
        return first

    def _next(self) -> None:
        self._done.append(self._builder.finish())
        self._builder = SegmentBuilder(default_batch_analyzer(), self._shelf)

    def finish(self) -> list[BuiltSource]:
        """All of it, to be written before this is closed; nothing can be added any more."""
        if self._builder.documents:
            self._next()
        return self._done

    def close(self) -> None:
        """Let go of the file."""
        self._shelf.close()


class BuiltSource:
    """What a builder has collected; a `sources.Source`."""

    def __init__(
        self,
        batches: list[ShelvedDocuments],
        runs: list[ShelvedRun],
        outlets: Sequence[str],
        codes: CodeTable,
        analyzer: BatchAnalyzer,
        lemma_of_exact: NDArray[np.int32],
        keys: NDArray[np.uint64],
    ) -> None:
        """`lemma_of_exact` are the analyzer's numbers of the lemmas of the exact forms that occur, −1 for others.

        `keys` are the `order_keys` of its lemmas.
        """
        self._batches = batches
        self.documents, self.outlets, self.codes = total_of(batches), outlets, codes
        exact = np.flatnonzero(lemma_of_exact >= 0)
        is_used = np.zeros(int(lemma_of_exact.max(initial=-1)) + 1, bool)
        is_used[lemma_of_exact.take(exact)] = True
        lemmas = _SortedTerms.of(analyzer.lemma_terms, np.flatnonzero(is_used), keys)
        forms = _SortedTerms.of(analyzer.exact_terms, exact)
        self.lemmas, self.exact = (UsedTerms(JoinedTerms.of(each.terms, each.order)) for each in (lemmas, forms))
        self.form_numbers = forms.ranks
        self.lemma_of_exact = lemmas.ranks.take(lemma_of_exact.take(exact.take(forms.order)))
        self.lights = light_hashes(forms.terms).take(forms.order)
        for run in runs:
            run.lemmas = lemmas.ranks.take(run.lemmas)
        self.postings = runs

    def pieces(self) -> Iterator[DocumentPiece]:
        """The documents in order."""
        return (batch.piece() for batch in self._batches)


class _SortedTerms(NamedTuple):
    """Terms as they are numbered, the order that sorts them, and each number's place in it.

    They stay as they are numbered, since so they lie in memory: to go through them as they are sorted takes long.
    """

    terms: SpelledTerms
    order: NDArray[np.int64]
    ranks: NDArray[np.int64]

    @classmethod
    def of(cls, names: NumberedTerms, used: NDArray[np.int64], keys: NDArray[np.uint64] | None = None) -> _SortedTerms:
        """The terms with these numbers, which rise; `keys` are the `order_keys` of all, where they are known."""
        terms = names.of(used)
        order = sorted_order(terms, None if keys is None else keys.take(used))
        ranks = np.zeros(len(names), np.int64)
        ranks[used.take(order)] = np.arange(len(order))
        return cls(terms, order, ranks)
