"""What each part of ranking gave to a hit.

By its words alone a score is linear in the weights of the forms, so each form is asked alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.ranking.together import Gains
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.model import ScorePart, ScorePartName

_FORMS: Final[tuple[ScorePartName, ...]] = ("lemma", "exact", "light", "variant")


def explain(
    evaluator: Evaluator,
    lists: TermLists,
    leaves: Sequence[Leaf],
    documents: list[int],
    gains: Sequence[Gains],
    factors: Sequence[float] | None = None,
) -> list[tuple[ScorePart, ...]]:
    """For each of some documents, what the words gave by each form, and what they gave together (0 is left out).

    `gains` are what the words gave together to each document, `factors` what its score was multiplied by for its day.
    """
    found: list[list[ScorePart]] = [[] for _ in documents]
    for leaf in leaves:
        matcher = evaluator.matcher(leaf)
        if not isinstance(matcher, WordMatcher):
            _add(found, documents, matcher.matches, ScorePart(leaf.text, _whole(leaf), 0.0))
            continue
        for form in _FORMS:
            alone = TermLists.of(lists.snapshot, _only(lists.weights, form))
            _add(found, documents, WordMatcher(leaf, alone).matches, ScorePart(leaf.text, form, 0.0))
    for parts, gained, factor in zip(found, gains, factors or [1.0] * len(documents), strict=True):
        added = gained.proximity + gained.kindred
        covered = lists.weights.coverage * gained.share * (sum(part.score for part in parts) + added)
        spelled = lists.weights.ngrams * gained.ngrams * (sum(part.score for part in parts) + added + covered)
        recent = (factor - 1) * (sum(part.score for part in parts) + added + covered + spelled)
        together: dict[ScorePartName, float] = {
            "proximity": gained.proximity,
            "kindred": gained.kindred,
            "coverage": covered,
            "ngrams": spelled,
            "recency": recent,
        }
        parts.extend(ScorePart("", name, score) for name, score in together.items() if score)
    return [tuple(parts) for parts in found]


def _whole(leaf: Leaf) -> ScorePartName:
    """What a score that no form takes part in is for."""
    if leaf.expansion is None:
        return "phrase"
    return "prefix" if leaf.is_prefix else "fuzzy" if leaf.expansion.fuzzy else "wildcard"


def _only(weights: Weights, form: ScorePartName) -> Weights:
    nothing = {name: 0.0 for name in _FORMS if name != form}
    return replace(weights, **nothing)


def _add(found: list[list[ScorePart]], documents: Sequence[int], matches: Matches, part: ScorePart) -> None:
    rows = matches.documents.searchsorted(documents)
    for parts, row, document in zip(found, rows.tolist(), documents, strict=True):
        if row < len(matches) and matches.documents.item(row) == document and (score := matches.scores.item(row)):
            parts.append(replace(part, score=score))
