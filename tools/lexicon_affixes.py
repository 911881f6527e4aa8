"""How likely each prefix and suffix is, learnt by expectation maximisation from plain text.

Words are counted; each word's count is shared out over its analyses by their scores, the shares give new probabilities,
and so on (Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm"). Nothing of the
text but these probabilities is kept.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.lemmatizer import Analysis, Lemmatizer

ROUNDS: Final = 8
Probabilities = dict[tuple[str, str], float]


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each exact form occurs."""
    analyzer = default_analyzer()
    return Counter(forms.exact for text in texts for _, _, forms in analyzer.occurrences(text) if forms.kind == "word")


def learn(
    counts: Mapping[str, int], lemmatizer: Lemmatizer, rounds: int = ROUNDS
) -> tuple[Probabilities, Probabilities]:
    """The probabilities of prefixes and suffixes; `lemmatizer` has a lexicon with the same for all."""
    words = [(count, lemmatizer.analyses(word)) for word, count in sorted(counts.items())]
    prefixes: Probabilities = {}
    suffixes: Probabilities = {}
    for _ in range(rounds):
        prefix_counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        suffix_counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        for count, analyses in words:
            scores = [_score(analysis, prefixes, suffixes) for analysis in analyses]
            total = sum(scores)
            for analysis, score in zip(analyses, scores, strict=True):
                share = count * score / total
                prefix_counts[_prefix(analysis)] += share
                suffix_counts[_suffix(analysis)] += share
        prefixes, suffixes = _normalised(prefix_counts, str), _normalised(suffix_counts, _part_of_speech)
    return prefixes, suffixes


def _prefix(analysis: Analysis) -> tuple[str, str]:
    return analysis.stem_class.name, analysis.prefix


def _suffix(analysis: Analysis) -> tuple[str, str]:
    return analysis.stem_class.name, analysis.suffix


_UNSEEN: Final = 1e-6
_VERB: Final = "verb"


def _score(analysis: Analysis, prefixes: Probabilities, suffixes: Probabilities) -> float:
    if not prefixes:
        return analysis.score
    return analysis.score * prefixes.get(_prefix(analysis), _UNSEEN) * suffixes.get(_suffix(analysis), _UNSEEN)


def _part_of_speech(stem_class: str) -> str:
    """Past and present share a verb's frequency; every other class has a frequency of its own."""
    return _VERB if StemClass[stem_class].verbal else stem_class


def _normalised(counts: Mapping[tuple[str, str], float], whole: Callable[[str], str]) -> Probabilities:
    totals: defaultdict[str, float] = defaultdict(float)
    for (stem_class, _), count in counts.items():
        totals[whole(stem_class)] += count
    return {affix: count / totals[whole(affix[0])] for affix, count in counts.items()}


def read_affixes(path: Path) -> tuple[Probabilities, Probabilities]:
    """The probabilities of prefixes and suffixes that `write_affixes` wrote."""
    kinds: tuple[Probabilities, Probabilities] = {}, {}
    with path.open(encoding="utf-8", newline="") as file:
        for affix, kind, text, probability in csv.reader(file, delimiter="\t"):
            kinds[affix == "suffix"][kind, text] = float(probability)
    return kinds


def write_affixes(path: Path, prefixes: Probabilities, suffixes: Probabilities) -> None:
    """Write a table: prefix or suffix, kind or class of the word, its letters, probability."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        for name, probabilities in (("prefix", prefixes), ("suffix", suffixes)):
            for (kind, text), probability in sorted(probabilities.items()):
                if probability >= _UNSEEN:
                    table.writerow([name, kind, text, f"{probability:.3g}"])
