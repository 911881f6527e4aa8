"""How good the learnt spelling variants are: `python -m bench.variants`.

Learns them from the Saudi articles of the measuring data and tells which of the hand-checked pairs are found, which
pairs of `variants_pairs.tsv` and, held out, of `variants_held_out.tsv` are linked that must not be, how much time and
memory it takes, and a random sample of links, to be judged by eye.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.workspace import DEFAULT_ARTICLES
from searchapp.analysis.batch import BatchAnalyzer
from searchapp.variants.building import JudgedPairs, judge_texts
from searchapp.variants.refresh import are_known, is_name, term_of
from searchapp.variants.table import VariantTable
from searchapp.variants.table_writing import pair_rows, write_table

DEFAULT_GOLD: Final = DEFAULT_ARTICLES.parent.parent / "variants" / "hand_checked_variants.tsv"
PAIRS: Final = Path(__file__).with_name("variants_pairs.tsv")
HELD_OUT: Final = Path(__file__).with_name("variants_held_out.tsv")
SAMPLE: Final = 200
SEED: Final = 20150721
_MEBIBYTE: Final = 1 << 10  # ru_maxrss counts KiB

Linked = Callable[[str, str], str]


class Cost(NamedTuple):
    """Seconds of CPU for the analysis alone and for all, and MiB of memory at the peak before and after."""

    analysis: float
    whole: float
    memory_before: int
    memory_after: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES)
    parser.add_argument("--gold", type=Path, default=DEFAULT_GOLD)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--table", type=Path, default=Path("build/bench/variants.bin"))
    options = parser.parse_args()
    judged, cost = measure(list(texts(options.articles)))
    options.table.parent.mkdir(parents=True, exist_ok=True)
    write_table(options.table, pair_rows(judged), {}, stories=1, user_checksum=0)
    began = time.perf_counter()
    table = VariantTable(options.table)
    table.variants("")
    opened = time.perf_counter() - began
    print(f"analysis {cost.analysis:.2f} s CPU; variants {cost.whole - cost.analysis:.2f} s more")
    print(f"peak memory {cost.memory_before} MiB before, {cost.memory_after} MiB after")
    print(f"table {options.table.stat().st_size:,} bytes, opened in {opened * 1000:.1f} ms")
    print(f"{len(judged.accepted):,} pairs judged, {len(table):,} links")
    report_gold(read_gold(options.gold), state_of(table))
    report_pairs(read_pairs(PAIRS), state_of(table))
    print(f"{HELD_OUT.name}, which no rule was tuned on:")
    report_pairs(read_pairs(HELD_OUT), state_of(table))
    report_sample(judged, options.sample, options.seed)


def texts(articles: Path) -> Iterator[str]:
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield f"{record['title']}\n{record['text']}"


def measure(articles: Sequence[str]) -> tuple[JudgedPairs, Cost]:
    """Judge the pairs; the analyzer has met the texts before, as at the end of an indexing run."""
    analyzer = BatchAnalyzer()
    analyze(analyzer, articles)
    began, before = time.process_time(), peak_memory()
    analyze(analyzer, articles)
    analysis = time.process_time() - began
    began = time.process_time()
    judged = judge_texts(articles, are_known, is_name=is_name, analyzer=analyzer)
    return judged, Cost(analysis, time.process_time() - began, before, peak_memory())


def analyze(analyzer: BatchAnalyzer, articles: Sequence[str]) -> None:
    for start in range(0, len(articles), 256):
        analyzer.analyze(articles[start : start + 256])


def peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEBIBYTE


def state_of(table: VariantTable) -> Linked:
    """Tells of two words whether they are "same" (one term), "linked" or "apart"."""

    def state(one: str, other: str) -> str:
        first, second = term_of(one) or "", term_of(other) or ""
        if first == second:
            return "same"
        return "linked" if second in dict(table.variants(first)) else "apart"

    return state


def read_gold(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [(row["form_a"], row["form_b"]) for row in rows if row["type"] == "spelling"]


def read_pairs(path: Path) -> list[tuple[str, str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(one, other, wanted) for one, other, wanted in rows]


def report_gold(gold: Sequence[tuple[str, str]], state: Linked) -> None:
    states = [state(*pair) for pair in gold]
    same, linked = states.count("same"), states.count("linked")
    share = (same + linked) / len(gold)
    print(f"hand-checked spellings: {same + linked} of {len(gold)} found ({share:.1%}), {same} of them as one term")
    missing = [f"{one}/{other}" for (one, other), found in zip(gold, states, strict=True) if found == "apart"]
    print("  not found:", " ".join(missing))


def report_pairs(pairs: Sequence[tuple[str, str, str]], state: Linked) -> None:
    for wanted in ("yes", "no"):
        chosen = [(one, other) for one, other, decision in pairs if decision == wanted]
        print(f"pairs that {'should' if wanted == 'yes' else 'must not'} be linked: {len(chosen)}")
        for found in ("same", "linked", "apart"):
            those = [f"{one}/{other}" for one, other in chosen if state(one, other) == found]
            print(f"  {found} {len(those)}:", " ".join(those if found != "apart" or wanted == "yes" else ()))


def report_sample(judged: JudgedPairs, size: int, seed: int) -> None:
    accepted = judged.accepted.nonzero()[0].tolist()
    print(f"a sample of links, drawn with seed {seed}")
    for place in random.Random(seed).sample(accepted, min(size, len(accepted))):  # noqa: S311
        print(" ", describe(judged, place))


def describe(judged: JudgedPairs, place: int) -> str:
    evidence, words = judged.evidence, judged.words
    one, other = int(evidence.pairs.first[place]), int(evidence.pairs.second[place])
    return (
        f"{words.name(one):14} {words.name(other):14} ({words.term(one)}, {words.term(other)}) "
        f"{judged.similarity[place]:.2f} known {int(evidence.known[0][place]) + int(evidence.known[1][place])} "
        f"counts {evidence.counts[0][place]}/{evidence.counts[1][place]} frames {evidence.frames[place]}"
        f"/{evidence.narrow_frames[place]} cosine {evidence.cosine[place]:.2f} gain {evidence.gain[place]:.2f} "
        f"{evidence.pairs.changes[place].tolist()}"
    )


if __name__ == "__main__":
    main()
