"""What each part of ranking gave to a hit: its score is linear in the weights of the forms, so each is asked alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.proximity import proximity
from searchapp.engine.retrieval.term_lists import TermLists
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.words import Matches, WordMatcher
from searchapp.model import ScorePart, ScorePartName

_FORMS: Final[tuple[ScorePartName, ...]] = ("stem", "exact", "light", "variant")


def explain(
    evaluator: Evaluator, lists: TermLists, leaves: Sequence[Leaf], words: Sequence[WordMatcher], documents: list[int]
) -> list[tuple[ScorePart, ...]]:
    """For each of some documents, what the words gave by each form, and what their nearness gave (0 is left out).

    `words` are those whose nearness counts.
    """
    found: list[list[ScorePart]] = [[] for _ in documents]
    for leaf in leaves:
        matcher = evaluator.matcher(leaf)
        if not isinstance(matcher, WordMatcher):
            _add(found, documents, matcher.matches, ScorePart(leaf.text, "prefix" if leaf.prefix else "phrase", 0.0))
            continue
        for form in _FORMS:
            alone = TermLists.of(lists.snapshot, _only(lists.weights, form))
            _add(found, documents, WordMatcher(leaf, alone).matches, ScorePart(leaf.text, form, 0.0))
    if words:
        near = proximity(lists.snapshot, words, np.array(documents, np.intp), lists.weights)
        for parts, score in zip(found, near.tolist(), strict=True):
            if score:
                parts.append(ScorePart("", "proximity", score))
    return [tuple(parts) for parts in found]


def _only(weights: Weights, form: ScorePartName) -> Weights:
    nothing = {name: 0.0 for name in _FORMS if name != form}
    return replace(weights, **nothing)


def _add(found: list[list[ScorePart]], documents: Sequence[int], matches: Matches, part: ScorePart) -> None:
    rows = matches.documents.searchsorted(documents)
    for parts, row, document in zip(found, rows.tolist(), documents, strict=True):
        if row < len(matches) and matches.documents.item(row) == document and (score := matches.scores.item(row)):
            parts.append(replace(part, score=score))
