"""The queries with the worst answers, each with why: the rank of its answer, the words that this lacks, a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.relevance.collection import Collection, read_documents
from bench.relevance.metrics import Run, score
from bench.relevance.product import open_reader, request_of
from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.errors import LimitExceeded
from searchapp.model import UnderstoodTerm

SEQUENCE: Final = 5
"""Words of the sequences by which copies are told."""
COPIED: Final = 0.5
"""A text that shares so much of the sequences of the shorter one is a copy."""
FEW_WORDS: Final = 2

JUDGED_FIRST: Final = "the first hit is judged, others stand too low"
NOTHING: Final = "nothing is found"
COPY: Final = "the first hit is a copy of the answer that is not judged"
SHORT: Final = "the query has one or two words"
LACKS_MOST: Final = "the answer lacks most of the words"
LACKS_SOME: Final = "the answer lacks some of the words"
HAS_ALL: Final = "the answer has all of the words, and another ranks higher"


@dataclass(frozen=True, slots=True)
class WorstQuery:
    """A query with its answer's rank (None below the hundredth), the words that its answer lacks, and a class."""

    query: str
    text: str
    ndcg: float
    rank: int | None
    words: int
    lacking: tuple[str, ...]
    why: str


def worst_queries(
    collection: Collection, run: Run, count: int, directory: Path, weights: Weights
) -> tuple[WorstQuery, ...]:
    """So many queries, the lowest nDCG@10 first, and of equal ones those whose best judged document ranks lowest."""
    queries = list(collection.queries)
    values = dict(zip(queries, score(run, collection.judgements, queries)["ndcg@10"].tolist(), strict=True))
    ranks = {query: _best_rank(run.get(query, ()), collection.judgements[query]) for query in queries}
    chosen = sorted(queries, key=lambda query: (values[query], -(ranks[query] or len(run[query]) + 1), query))[:count]
    answers = {query: _answer(run.get(query, ()), collection.judgements[query]) for query in chosen}
    first = {query: next(iter(run.get(query, ())), "") for query in chosen}
    wanted = {*answers.values(), *first.values()}
    texts = {one: f"{title}\n{text}" for one, title, text in read_documents(collection.corpora) if one in wanted}
    found = []
    for query in chosen:
        words = _words(directory, collection.queries[query], weights)
        answer = texts.get(answers[query], "")
        lacking = _lacking(words, answer)
        is_judged = collection.judgements[query].get(first[query], 0) > 0
        why = _class(texts.get(first[query]), is_judged, answer, (len(words), len(lacking)))
        text = collection.queries[query]
        found.append(WorstQuery(query, text, values[query], ranks[query], len(words), lacking, why))
    return tuple(found)


def _best_rank(ranked: Sequence[str], grades: Mapping[str, int]) -> int | None:
    return next((rank for rank, one in enumerate(ranked, start=1) if grades.get(one, 0) > 0), None)


def _answer(ranked: Sequence[str], grades: Mapping[str, int]) -> str:
    """The document of the highest grade, of several the one that ranks highest."""
    places = {one: place for place, one in enumerate(ranked)}
    return min(grades, key=lambda one: (-grades[one], places.get(one, len(places))))


def _words(directory: Path, text: str, weights: Weights) -> list[UnderstoodTerm]:
    try:
        result = open_reader(directory).search(request_of(text, 1), weights)
    except LimitExceeded:
        return []
    return [term for term in result.query.terms if not term.dropped]


def _lacking(words: Iterable[UnderstoodTerm], answer: str) -> tuple[str, ...]:
    occurring = {form for _, _, forms in default_analyzer().occurrences(answer) for form in (forms.lemma, forms.exact)}
    return tuple(dict.fromkeys(word.text for word in words if not _stands(word, occurring)))


def _stands(word: UnderstoodTerm, occurring: set[str]) -> bool:
    if any(occurring.issuperset(form.split()) for form in word.forms):
        return True
    return not occurring.isdisjoint(word.variants)


def _class(first: str | None, is_judged: bool, answer: str, counts: tuple[int, int]) -> str:
    words, lacking = counts
    if first is None:
        return NOTHING
    if is_judged:
        return JUDGED_FIRST
    if is_copy(first, answer):
        return COPY
    if words <= FEW_WORDS:
        return SHORT
    if not lacking:
        return HAS_ALL
    return LACKS_MOST if lacking * 2 > words else LACKS_SOME


def is_copy(one: str, other: str) -> bool:
    """Whether two texts share so many sequences of words that one is a copy of the other."""
    sequences = [set(_sequences(text)) for text in (one, other)]
    shorter = min(map(len, sequences))
    return shorter > 0 and len(sequences[0] & sequences[1]) >= COPIED * shorter


def _sequences(text: str) -> Iterator[tuple[str, ...]]:
    words = [forms.exact for _, _, forms in default_analyzer().occurrences(text)]
    return zip(*(words[start:] for start in range(SEQUENCE)), strict=False)
