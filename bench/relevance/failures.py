"""The queries on which the product does worst against the anchor, with what is needed to see why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.relevance.collection import Collection, read_documents
from bench.relevance.metrics import Run, score
from bench.relevance.product import open_reader, request_of
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.errors import LimitExceeded
from searchapp.model import SearchResult

START: Final = 160
"""Characters of a text that are shown."""
RELEVANT: Final = 4
"""Relevant documents that are shown of each query."""
TOP: Final = 2


def losses(
    collection: Collection, runs: tuple[Run, Run], count: int, directory: Path, weights: Weights
) -> Iterator[str]:
    """A description of each of the worst queries, worst first; `runs` are the product's and the anchor's."""
    queries = list(collection.queries)
    ours, theirs = (score(run, collection.judgements, queries)["ndcg@10"] for run in runs)
    order = sorted(range(len(queries)), key=lambda at: (ours[at] - theirs[at], ours[at], queries[at]))[:count]
    texts = {one: f"{title} | {text}" for one, title, text in read_documents(collection.corpora)}
    for at in order:
        query = queries[at]
        yield f"## {query}: nDCG@10 {ours[at]:.3f}, anchor {theirs[at]:.3f}\n   {collection.queries[query]}"
        yield from _understood(directory, collection.queries[query], weights)
        yield from _documents(collection.judgements[query], [run.get(query, ()) for run in runs], texts)


def _understood(directory: Path, text: str, weights: Weights) -> Iterator[str]:
    try:
        result = open_reader(directory).search(request_of(text), weights)
    except LimitExceeded as error:
        yield f"   refused: {error}"
        return
    relaxed = sum(hit.relaxed for hit in result.hits)
    yield f"   {len(result.hits) - relaxed} of {len(result.hits)} hits strict, total {result.total:,}; {terms(result)}"


def terms(result: SearchResult) -> str:
    """The words of a query with their index terms, those in brackets left out, and the notes on it."""
    words = [f"({term.text})" if term.dropped else f"{term.text}→{'/'.join(term.forms)}" for term in result.query.terms]
    notes = [f"{note.code} {note.detail}".strip() for note in result.query.notes]
    return " ".join(words) + (f"; {'; '.join(notes)}" if notes else "")


def _documents(grades: Mapping[str, int], ranked: Sequence[Sequence[str]], texts: Mapping[str, str]) -> Iterator[str]:
    relevant = [one for one, grade in sorted(grades.items(), key=lambda item: -item[1]) if grade > 0]
    shown = [*relevant[:RELEVANT], *(one for one in ranked[0][:TOP] if one not in relevant)]
    for document in shown:
        ranks = ", ".join(_rank(document, hits) for hits in ranked)
        kind = "relevant" if document in relevant else "found first"
        start = " ".join(texts.get(document, "not in the corpus").split())[:START]
        yield f"   {kind} {document} at {ranks}: {start}"
    if len(relevant) > RELEVANT:
        yield f"   … and {len(relevant) - RELEVANT} more that are relevant"


def _rank(document: str, hits: Sequence[str]) -> str:
    return str(hits.index(document) + 1) if document in hits else "–"
