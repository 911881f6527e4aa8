"""The first of many matches in the order that was asked for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import Matches, Scores, not_below
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.facets.copies import LATEST, UNDATED
from searchapp.engine.retrieval.ranking.rescoring_loops import rank_together
from searchapp.engine.retrieval.ranking.together import Together
from searchapp.model import Sort

_NO_LETTERS: Final = np.empty(0)


def best(matches: Matches, days: NDArray[np.int32], stories: NDArray[Any], sort: Sort, count: int) -> Matches:
    """The first `count` of the matches, best first; `days` and `stories` have one entry a document.

    By relevance: score, then the newest. By date: the undated last both ways, then score. What is still equal goes by
    story number, so that pages never overlap.
    """
    if sort == "relevance":
        highest = matches.highest(count)
        return highest.take(in_order(highest.documents, highest.scores, days, stories)[:count])
    day = days.take(matches.documents)
    key = day if sort == "newest" else -np.where(day == UNDATED, LATEST, day)
    kept = not_below(key, count)
    first = matches.take(kept)
    return first.take(np.lexsort((stories.take(first.documents), -first.scores, -key.take(kept)))[:count])


def in_order(
    documents: NDArray[np.intp], scores: NDArray[np.float32], days: NDArray[np.int32], stories: NDArray[Any]
) -> NDArray[np.intp]:
    """The order of hits by relevance."""
    falling = -scores
    order = falling.argsort()
    ordered = falling.take(order)
    # Two hits seldom score the same: sorting by three keys takes several times as long as by one.
    if (ordered[1:] != ordered[:-1]).all():
        return order
    return np.lexsort((stories.take(documents), -days.take(documents), falling))


def rescored(
    matches: Matches,
    weighed: Together,
    letters: NDArray[np.float64] | None,
    weights: Weights,
    factors: Scores | None,
    days: NDArray[np.int32],
    stories: NDArray[Any],
) -> Matches:
    """The matches by relevance, with their scores by all: what their words give alone and together, and letters.

    `letters` are as `ngram_shares` has them, None for none. `factors` say how newer ones are preferred, if that is
    asked for; the scores of the matches have them already.
    """
    documents, scores = matches.documents, matches.scores
    if factors is None and (rank := rank_together.ready()) is not None:
        first, final = np.empty(len(documents), np.int64), np.empty(len(documents))
        shares = _NO_LETTERS if letters is None else letters
        rank(
            np.ascontiguousarray(documents, np.int64),
            np.ascontiguousarray(scores, np.float32),
            weighed.flat,
            float(weights.coverage),
            shares,
            float(weights.ngrams),
            days,
            stories,
            first,
            final,
        )
        return Matches(first, final.astype(np.float32))
    if factors is None:
        scores = weighed.rescored(scores, weights)
    else:
        scores = weighed.rescored(scores / factors, weights) * factors
    if letters is not None:
        scores *= (1 + weights.ngrams * letters).astype(np.float32)
    order = in_order(documents, scores, days, stories)
    return Matches(documents.take(order), scores.take(order))
