"""All hits of a request, made chunk by chunk out of one snapshot: the list itself is only a few numbers a hit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights
from searchapp.engine.retrieval.highlighting.pages import Found
from searchapp.engine.retrieval.requests import check
from searchapp.engine.retrieval.search import Matched, RunningSearch
from searchapp.engine.retrieval.understood import understood
from searchapp.model import Hit, SearchRequest, SearchResult

CHUNK: Final = 256
"""Hits made at once: enough to share the look-ups of the words to be marked, little enough to hold."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The documents of a whole result in order, with the score of each and whether it lacks words."""

    documents: NDArray[Any]
    scores: NDArray[np.float32]
    relaxed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.documents)

    def chunk(self, start: int, stop: int) -> Found:
        """The stories ranked [start, stop), counted from 0."""
        documents = np.ascontiguousarray(self.documents[start:stop], np.int64)
        return Found(start + 1, documents, self.scores[start:stop].tolist(), self.relaxed[start:stop].tolist())


def stream(
    snapshot: Snapshot,
    generation: int,
    request: SearchRequest,
    analyzer: ArabicAnalyzer,
    *,
    by_arrival: bool = False,
    start: int = 0,
    count: int | None = None,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
    variants: Variants | None = None,
) -> tuple[SearchResult, Iterator[Hit]]:
    """Answer a request with all its hits: a result without any, and the hits one by one.

    The hits are the ones that `total` counts, from number `start` (from 0) on, at most `count` of them; `page` and
    `per_page` play no part. `by_arrival` puts what changed last in the archive first, whatever `sort` says.

    Raises:
        InvalidRequest: one of its values makes no sense.
        LimitExceeded: it passes one of the limits.
        IndexBroken: something that it reads does not fit its checksum; also while hits are read.
    """
    started = time.perf_counter()
    request = replace(request, page=1, per_page=1)
    check(request, limits)
    running = _Stream.of(snapshot, request, analyzer, weights, limits, variants)
    matched = running.match()
    ranked = running.ranked(matched, by_arrival=by_arrival)
    result = SearchResult(
        total=len(ranked),
        exact=True,
        relaxed=matched.relaxed,
        hits=(),
        facets=running.facets(matched),
        query=understood(running.evaluator),
        corrections=(),
        took=time.perf_counter() - started,
        generation=generation,
        histogram=running.histogram(matched),
    )
    stop = len(ranked) if count is None else min(start + count, len(ranked))
    return result, running.made(ranked, start, stop)


class _Stream(RunningSearch):
    """A search that goes on to its last hit."""

    def ranked(self, matched: Matched, *, by_arrival: bool) -> Ranked:
        """Everything that is counted and passes the filters, in order.

        What lacks some words and is not counted is ranked with it, as on a page, and then left out.
        """
        together = self._filtering.that_pass(matched.ranked)
        first = self._in_order(together, len(together))
        lacking = ~np.isin(first.documents, matched.strict.documents)
        ranked = Ranked(first.documents, first.scores, lacking)
        if matched.ranked is not matched.counted:
            whole = ~lacking
            ranked = Ranked(first.documents[whole], first.scores[whole], lacking[whole])
        if by_arrival:
            sequences = self._snapshot.column("story/sequences").take(ranked.documents).astype(np.int64)
            order = np.argsort(-sequences, kind="stable")
            ranked = Ranked(ranked.documents.take(order), ranked.scores.take(order), ranked.relaxed.take(order))
        return ranked

    def made(self, ranked: Ranked, start: int, stop: int) -> Iterator[Hit]:
        """The hits ranked [start, stop)."""
        for first in range(start, stop, CHUNK):
            yield from self.hits(ranked.chunk(first, min(first + CHUNK, stop)))
