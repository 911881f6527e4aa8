"""How conflation is measured, and that the lemmas keep what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.conflation import SYSTEMS, Score, failed_probes, gold_lemmas, in_first_half, pairs, score
from searchapp.analysis.analyzer import default_analyzer


def test_every_two_words_of_one_group_are_a_pair() -> None:
    assert pairs({"a": "1", "b": "1", "c": "1", "d": "2"}) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_precision_and_recall_are_over_pairs() -> None:
    gold = {"a": "1", "b": "1", "c": "1", "d": "2"}
    assert score(gold, gold) == Score(1.0, 1.0)
    assert score(gold, {"a": "x", "b": "x", "c": "y", "d": "y"}) == Score(0.5, 1 / 3)
    assert score(gold, dict(zip("abcd", "abcd", strict=True))) == Score(1.0, 0.0)
    assert Score(0.5, 1 / 3).f1 == pytest.approx(0.4)


@pytest.mark.corpus
def test_both_halves_of_the_treebank_are_conflated_as_measured(shared_data: Path) -> None:
    gold = gold_lemmas(shared_data / "stem" / "pud_surface.tsv")
    for half in (True, False):
        chosen = {word: lemma for word, lemma in gold.items() if in_first_half(word) is half}
        found = score(chosen, {word: default_analyzer().forms(word).lemma for word in chosen})
        assert found.precision >= 0.87
        assert found.f1 >= 0.87


@pytest.mark.corpus
def test_pairs_that_must_not_meet_do_not_and_nearly_all_others_do(shared_data: Path) -> None:
    failed = failed_probes(shared_data / "stem" / "probes.tsv", SYSTEMS["lemma"])
    assert not failed["not"]
    assert len(failed["must"]) <= 2
