"""Tunes ranking weights one after the other on half of the queries, and tells what that gives on the other half."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.relevance.collection import Collection, Half
from bench.relevance.metrics import PAGE, paired_bootstrap, score
from bench.relevance.product import Searcher
from bench.relevance.ranking_weights import changed, flat, full_name
from bench.relevance.report import interval, number
from searchapp.engine.retrieval.core.weights import Weights

FACTORS: Final = (0.0, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0)
"""What a weight is multiplied by to try other values."""
FROM_ZERO: Final = (0.05, 0.1, 0.2, 0.4)
"""What is tried of a weight that is 0."""
LEAST_GAIN: Final = 0.0002
"""Less than this of mean nDCG@10 is no reason to change a weight."""
PASSES: Final = 4

Say = Callable[[str], None]
Objective = Callable[[Weights], float]


@dataclass(frozen=True, slots=True)
class Tuner:
    """The sets that are tuned on, with the product's data directory of each."""

    searcher: Searcher
    sets: Sequence[tuple[Collection, Path]]

    def scores(self, weights: Weights, half: Half) -> list[NDArray[np.float64]]:
        """nDCG@10 of every query of a half, set by set."""
        found = []
        for collection, directory in self.sets:
            queries = collection.of_half(half).queries
            run = self.searcher.run(directory, queries, weights, PAGE)
            found.append(score(run, collection.judgements, list(queries))["ndcg@10"])
        return found

    def objective(self, weights: Weights) -> float:
        """Mean nDCG@10 of the sets on half a, each set counting the same."""
        return float(np.mean([values.mean() for values in self.scores(weights, "a")]))

    def report(self, before: Weights, after: Weights) -> Iterator[str]:
        """A line for each half of each set."""
        for half in ("a", "b"):
            pairs = zip(self.scores(before, half), self.scores(after, half), strict=True)
            for (collection, _), (old, new) in zip(self.sets, pairs, strict=True):
                gain = interval(paired_bootstrap(new, old))
                yield f"half {half} {collection.name}: {number(old.mean())} → {number(new.mean())}, {gain}"


def ascend(weights: Weights, names: Sequence[str], objective: Objective, say: Say) -> Weights:
    """Coordinate ascent: each weight in turn takes the best value near its own, until none gains any more.

    Raises:
        BadWeights: there is no such weight.
    """
    paths = [full_name(weights, name.strip()) for name in names]
    known = cache(objective)  # a later pass asks for much that an earlier one has tried
    best = known(weights)
    say(f"start: {number(best)}")
    for _ in range(PASSES):
        before = best
        for name in paths:
            weights, best = _tuned(weights, name, best, known, say)
        if best < before + LEAST_GAIN:
            break
    return weights


def _tuned(weights: Weights, name: str, best: float, objective: Objective, say: Say) -> tuple[Weights, float]:
    value = flat(weights)[name]
    tried = dict.fromkeys(round(value * factor, 4) for factor in FACTORS) if value else dict.fromkeys(FROM_ZERO)
    results = {one: objective(changed(weights, {name: one})) for one in tried}
    say(f"{name} {value:g} ({number(best)}): {_listed(results)}")
    chosen = max(results, key=lambda one: results[one])
    if results[chosen] < best + LEAST_GAIN:
        return weights, best
    say(f"→ {name} = {chosen:g}: {number(results[chosen])}")
    return changed(weights, {name: chosen}), results[chosen]


def _listed(results: Mapping[float, float]) -> str:
    return ", ".join(f"{value:g} {number(result)}" for value, result in sorted(results.items()))
