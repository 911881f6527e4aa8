"""What the ranking costs: CPU time of a page of results with all its weights, beside plain BM25, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import percentile
from bench.relevance.product import open_reader
from bench.relevance.ranking_weights import only
from bench.relevance.report import table
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights
from searchapp.web.parameters import parse

QUERIES: Final = 300
ROUNDS: Final = 3
PLAIN: Final = frozenset({"k1", "b_title", "b_body", "body", "title", "lemma"})
"""The weights that plain BM25 keeps: the text of an article by one form of its words."""


def sample(queries: Mapping[str, str], count: int = QUERIES) -> list[str]:
    """So many queries, evenly out of all."""
    texts = list(queries.values())
    return [texts[at * len(texts) // count] for at in range(count)] if len(texts) > count else texts


def page_milliseconds(directory: Path, text: str, weights: Weights) -> float:
    """CPU time of this thread for a page with facets and snippets, as the web page asks for it."""
    request = parse([("q", text)])
    reader = open_reader(directory)
    began = time.thread_time_ns()
    reader.search(request, weights)
    return (time.thread_time_ns() - began) / 1e6


def measure(directory: Path, texts: Sequence[str], weights: Weights = WEIGHTS) -> dict[str, dict[str, float]]:
    """Ranking → "p50" and "p95" in milliseconds, medians of a few rounds in which both rankings take turns."""
    rankings = {"full": weights, "plain BM25": only(weights, PLAIN)}
    rounds: dict[str, list[list[float]]] = {name: [] for name in rankings}
    for number in range(ROUNDS + 1):
        times: dict[str, list[float]] = {name: [] for name in rankings}
        for text in texts:
            for name, one in rankings.items():
                times[name].append(page_milliseconds(directory, text, one))
        if number:  # the first round warms up
            for name, values in times.items():
                rounds[name].append(values)
    shares = {"p50": 0.50, "p95": 0.95}
    return {
        name: {key: statistics.median(percentile(one, share) for one in of_ranking) for key, share in shares.items()}
        for name, of_ranking in rounds.items()
    }


def cost_table(name: str, queries: int, times: Mapping[str, Mapping[str, float]]) -> str:
    """The times and their ratio as a table."""
    rows = [[ranking, *(f"{value:.2f}" for value in values.values())] for ranking, values in times.items()]
    full, plain = times["full"], times["plain BM25"]
    rows.append(["ratio", *(f"{full[share] / plain[share]:.2f}" for share in full)])
    return f"CPU milliseconds a page, {queries} queries of {name}\n\n" + table(["ranking", "p50", "p95"], rows)
