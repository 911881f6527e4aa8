"""The compiled loop of `ranking.py`: the final scores of the best documents, and these in order."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Float32s, Float64s, Int32s, Int64s, loop, part


@loop(writes=("first", "final"))
def rank_together(
    documents: Int64s,
    scores: Float32s,
    gains: Float64s,
    coverage: float,
    letters: Float64s,
    ngrams: float,
    days: Int32s,
    stories: Int64s,
    first: Int64s,
    final: Float32s,
) -> None:
    """Put D documents into `first`, best first, and their scores by all into `final`.

    `scores` are those by the words alone, `gains` (3 × D) are as `rescoring.Together` has them and `letters` (D, or
    none) as `ngram_shares`; `coverage` and `ngrams` are weights. `days` and `stories` have one entry a document.
    """
    count = len(documents)
    for number in range(count):
        added = scores[number] + gains[number] + gains[count + number]
        score = np.float32(added * (1 + coverage * gains[2 * count + number]))
        if len(letters):
            score = np.float32(score * np.float32(1 + ngrams * letters[number]))
        to = number
        while to > 0 and _is_before(documents[number], score, first[to - 1], final[to - 1], days, stories):
            first[to], final[to] = first[to - 1], final[to - 1]
            to -= 1
        first[to], final[to] = documents[number], score


@part
def _is_before(
    document: int, score: np.float32, other: int, other_score: np.float32, days: Int32s, stories: Int64s
) -> bool:
    """Whether a document comes before another: by score, then the newest, then by story number."""
    if score != other_score:
        return bool(score > other_score)
    if days[document] != days[other]:
        return bool(days[document] > days[other])
    return bool(stories[document] < stories[other])
