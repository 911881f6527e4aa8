"""The measures of a ranking against judgements, as trec_eval defines them, and how sure a difference is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Measure = Literal["ndcg@10", "mrr@10", "recall@100"]
MEASURES: Final[tuple[Measure, ...]] = ("ndcg@10", "mrr@10", "recall@100")
DEPTH: Final = 100
"""How many hits of each query are looked at."""
PAGE: Final = 10

Run = Mapping[str, Sequence[str]]
"""Query id → document ids, best first."""
Judgements = Mapping[str, Mapping[str, int]]
"""Query id → document id → grade; a grade of 0 or below is not relevant, as is a document without one."""
Scores = dict[Measure, NDArray[np.float64]]
"""For each measure, a value in [0, 1] for each query of a list of queries, in its order."""

SAMPLES: Final = 10_000
SEED: Final = 20_220_620
_CHUNK: Final = 500


def discounted_gain(grades: Sequence[int]) -> float:
    """Σ grade / log2(rank + 1) over the first ten, as Järvelin and Kekäläinen (2002) and trec_eval have it."""
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades[:PAGE], start=1))


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Discounted gain of the first ten over that of the best possible ten."""
    best = discounted_gain(sorted((max(grade, 0) for grade in grades.values()), reverse=True))
    return discounted_gain([max(grades.get(document, 0), 0) for document in ranked]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / rank of the first relevant document among the first ten, else 0."""
    return next((1 / rank for rank, one in enumerate(ranked[:PAGE], start=1) if grades.get(one, 0) > 0), 0.0)


def recall(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """The share of the relevant documents that are among the first hundred."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:DEPTH])) / len(relevant) if relevant else 0.0


_FUNCTIONS: Final = {"ndcg@10": ndcg, "mrr@10": reciprocal_rank, "recall@100": recall}


def score(run: Run, judgements: Judgements, queries: Sequence[str]) -> Scores:
    """Every measure of every query; a query without an answer scores 0."""
    return {
        measure: np.array([_FUNCTIONS[measure](run.get(one, ()), judgements[one]) for one in queries], np.float64)
        for measure in MEASURES
    }


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference and the bounds within which it lies with 95 % confidence."""

    mean: float
    low: float
    high: float


def paired_bootstrap(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Interval:
    """The mean of `ours` − `theirs`, query by query, with the percentile bootstrap interval (Efron, 1979).

    Both arrays have one entry a query. The random numbers start from a fixed seed, so the same input gives the same
    interval.

    Raises:
        ValueError: there are no queries, or not equally many.
    """
    differences = ours - theirs
    if not len(differences):
        raise ValueError("no queries, so no difference")
    random = np.random.default_rng(SEED)
    means = [
        differences[random.integers(0, len(differences), (_CHUNK, len(differences)))].mean(axis=1)
        for _ in range(SAMPLES // _CHUNK)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5]).tolist()
    return Interval(float(differences.mean()), low, high)
