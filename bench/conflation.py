"""How well words are conflated: `python -m bench.conflation`.

Every two distinct content words (exact forms) of UD Arabic-PUD are a pair that belongs together when their lemmas are
the same, letters folded, and one that is put together when their terms are. Precision and recall are over these pairs;
a word with several lemmas counts with the first, and what the tokenizer parts is left out. Words are halved by a hash:
the lexicon was tuned on one half.

`probes.tsv` has pairs that must and must not meet; of `kabi.tsv` (words with all their lemmas out of context) it is
told for how many words the lemma is among those given.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

from searchapp.analysis.analyzer import Forms, default_analyzer
from searchapp.analysis.lexicon import key_of

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "stem"
SYSTEMS: Final[Mapping[str, Callable[[Forms], str]]] = {
    "exact": lambda forms: forms.exact,
    "light10 (Lucene)": lambda forms: forms.light,
    "lemma": lambda forms: forms.lemma,
}


class Score(NamedTuple):
    """Precision and recall of pairs."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table with tabs."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def gold_lemmas(path: Path) -> dict[str, str]:
    """Content word → lemma, both in exact form."""
    forms = default_analyzer().forms
    lemmas: dict[str, str] = {}
    for row in rows(path):
        if row["is_content"] == "1" and _is_one_word(row["word"]):
            lemmas.setdefault(forms(row["word"]).exact, forms(row["lemma"]).exact)
    return lemmas


def _is_one_word(word: str) -> bool:
    return [(token.start, token.end) for token in default_analyzer().analyze(word)] == [(0, len(word))]


def in_first_half(word: str) -> bool:
    """Whether a word is of the half that the lexicon was tuned on."""
    return hashlib.sha256(word.encode()).digest()[0] % 2 == 0


def score(gold: Mapping[str, str], terms: Mapping[str, str]) -> Score:
    """The pairs that `terms` puts together against those of `gold`; both map the same words."""
    wanted, found = pairs(gold), pairs(terms)
    right = len(wanted & found)
    return Score(right / len(found) if found else 1.0, right / len(wanted) if wanted else 1.0)


def pairs(groups: Mapping[str, str]) -> set[tuple[str, str]]:
    """Every two words of one group."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(groups):
        members[groups[word]].append(word)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def failed_probes(path: Path, term: Callable[[Forms], str]) -> dict[str, list[tuple[str, str]]]:
    """The pairs of each kind that are not as they must be, and under "all" every pair."""
    forms = default_analyzer().forms
    failed: dict[str, list[tuple[str, str]]] = {"must": [], "not": [], "all must": [], "all not": []}
    for row in rows(path):
        pair, together = (row["a"], row["b"]), term(forms(row["a"])) == term(forms(row["b"]))
        failed[f"all {row['kind']}"].append(pair)
        if together != (row["kind"] == "must"):
            failed[row["kind"]].append(pair)
    return failed


def lemmas_among_given(path: Path) -> tuple[int, int]:
    """For how many words of `kabi.tsv` the lemma is among those given, by key; and of how many."""
    forms = default_analyzer().forms
    words = {row["word"]: {key_of(forms(lemma).exact) for lemma in row["lemma"].split(";")} for row in rows(path)}
    return sum(key_of(forms(word).lemma) in given for word, given in words.items()), len(words)


def report(data: Path) -> Iterator[str]:
    """The lines of the report."""
    gold = gold_lemmas(data / "pud_surface.tsv")
    halves = {"all": list(gold), "tuned on": [*filter(in_first_half, gold)]}
    halves["other half"] = [word for word in gold if not in_first_half(word)]
    for system, term in SYSTEMS.items():
        terms = {word: term(default_analyzer().forms(word)) for word in gold}
        for half, words in halves.items():
            yield f"PUD {half:10}  {len(words):5} words  {system:16}  {_figures(_score_of(gold, terms, words))}"
    for system, term in SYSTEMS.items():
        probes = failed_probes(data / "probes.tsv", term)
        for kind in ("must", "not"):
            yield f"probes {kind:4}  {system:16}  {len(probes[kind])} of {len(probes[f'all {kind}'])} wrong" + (
                f": {_listed(probes[kind])}" if system == "lemma" else ""
            )
    right, count = lemmas_among_given(data / "kabi.tsv")
    yield f"kabi  lemma among those given for {right} of {count} words ({right / count:.1%})"


def _score_of(gold: Mapping[str, str], terms: Mapping[str, str], words: Iterable[str]) -> Score:
    chosen = set(words)
    return score({word: gold[word] for word in chosen}, {word: terms[word] for word in chosen})


def _figures(figures: Score) -> str:
    return f"precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f}"


def _listed(words: Iterable[tuple[str, str]]) -> str:
    return ", ".join("/".join(pair) for pair in words)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="python -m bench.conflation", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the three tables")
    for line in report(parser.parse_args().data):
        print(line)


if __name__ == "__main__":
    main()
