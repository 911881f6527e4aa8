"""The product's ranking and the anchor's on one set, measure by measure, and the targets they are held to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.relevance.collection import Collection
from bench.relevance.metrics import MEASURES, Interval, Measure, Run, Scores, paired_bootstrap, score
from bench.relevance.sets import Target
from bench.relevance.worst import WorstQuery

ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over some queries; `anchor` and `difference` are empty where the anchor did not run."""

    queries: int
    product: dict[Measure, float]
    anchor: dict[Measure, float]
    difference: dict[Measure, Interval]


@dataclass(frozen=True, slots=True)
class Row:
    """A target beside what was measured; `above` means that being equal is not enough."""

    set: str
    what: str
    wanted: float
    measured: float
    above: bool = False

    @property
    def met(self) -> bool:
        """Whether it was reached, at full precision."""
        return self.measured > self.wanted if self.above else self.measured >= self.wanted - ROUNDING


@dataclass(frozen=True, slots=True)
class SetResult:
    """All of one set. `parts` has the same figures for the parts of the set; `rejected` counts documents.

    `worst` are its worst queries, where they are asked for.
    """

    name: str
    documents: int
    rejected: int
    whole: Figures
    parts: dict[str, Figures]
    targets: tuple[Row, ...]
    worst: tuple[WorstQuery, ...] = ()


def figures(ours: Scores, theirs: Scores | None, places: Sequence[int] | None = None) -> Figures:
    """The figures of the queries at some places, of all for None."""
    chosen = slice(None) if places is None else np.array(places)
    product = {measure: ours[measure][chosen] for measure in MEASURES}
    anchor = {} if theirs is None else {measure: theirs[measure][chosen] for measure in MEASURES}
    return Figures(
        len(product[MEASURES[0]]),
        {measure: float(values.mean()) for measure, values in product.items()},
        {measure: float(values.mean()) for measure, values in anchor.items()},
        {measure: paired_bootstrap(product[measure], values) for measure, values in anchor.items()},
    )


def compare(
    collection: Collection, run: Run, anchor: Run | None, counts: tuple[int, int], target: Target | None
) -> SetResult:
    """Score both runs; `counts` are the documents that the product took in and those that it refused."""
    queries = list(collection.queries)
    ours = score(run, collection.judgements, queries)
    theirs = None if anchor is None else score(anchor, collection.judgements, queries)
    whole = figures(ours, theirs)
    parts = {name: figures(ours, theirs, places) for name, places in collection.parts().items()}
    rows = tuple(_rows(collection.name, whole, target or Target()))
    return SetResult(collection.name, *counts, whole, parts, rows)


def _rows(name: str, whole: Figures, target: Target) -> Iterator[Row]:
    ndcg = whole.product["ndcg@10"]
    if target.ndcg is not None:
        yield Row(name, "nDCG@10", target.ndcg, ndcg)
    if whole.anchor:
        if target.over_anchor is not None:
            yield Row(name, "nDCG@10", whole.anchor["ndcg@10"] + target.over_anchor, ndcg)
        yield Row(name, "lower bound of the nDCG@10 difference", 0.0, whole.difference["ndcg@10"].low, above=True)
        yield Row(name, "R@100", whole.anchor["recall@100"], whole.product["recall@100"])
