"""How well copies are told from templates, and what it costs: `python -m bench.dedupe`.

Quality is measured on the labelled pairs (both halves apart: the first was used for tuning) and on all pairs of the
Saudi articles whose shingles have a Jaccard index of 0.8 or more. Cost is CPU time: of a whole ingest with and without
near copies, and of the first and the last tenth of a tenfold archive.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.corpus import ensure_corpus
from bench.workspace import DEFAULT_ARTICLES, DEFAULT_WORK, Workspace
from searchapp.archive.intake import Intake, identify
from searchapp.archive.judging import judge_pairs
from searchapp.archive.page_work import OneByOne, PageWork
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.store import Archive, Dedupe
from searchapp.indexing import IndexOptions, IndexSummary, index_paths
from searchapp.ingest.outlets import default_outlets
from searchapp.ingest.readers import FieldMapping
from searchapp.ingest.sources import find_sources

ALIKE: Final = 0.8
TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two ids of the Saudi articles and whether a reader took them for copies."""

    one: str
    other: str
    is_copy: bool

    @property
    def half(self) -> int:
        """0 or 1, by a hash of the pair."""
        ids = " ".join(sorted((self.one, self.other)))
        return hashlib.sha256(ids.encode()).digest()[-1] % 2


class Clock:
    """A progress that notes the CPU time at each tenth of the articles."""

    def __init__(self, articles: int = 0) -> None:
        self._step = articles // TENTHS
        self._done = 0
        self.marks = [time.process_time()]

    def start(self, total_bytes: int) -> None:
        """As `Progress.start`."""

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """As `Progress.advance`."""
        self._done += articles
        if self._step and self._done >= self._step * len(self.marks):
            self.marks.append(time.process_time())

    def phase(self, name: str, done: int, total: int) -> None:
        """As `Progress.phase`."""


def read_labels(path: Path) -> list[LabelledPair]:
    """The labelled pairs."""
    with path.open(encoding="utf-8") as file:
        return [
            LabelledPair(row["id1"], row["id2"], row["label"] == "1") for row in csv.DictReader(file, delimiter="\t")
        ]


def read_alike(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of the derived list that are alike."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if float(row["jaccard"]) >= ALIKE:
                yield row["id1"], row["id2"]


def print_quality(archive: ArchiveReader, labels: list[LabelledPair]) -> None:
    """Precision, recall and F1 of the judgement on labelled pairs, and where it errs."""
    judged = dict(judge_pairs(archive, [(each.one, each.other) for each in labels]))
    for name, halves in (("all", {0, 1}), ("half 1", {0}), ("half 2", {1})):
        chosen = [each for each in labels if each.half in halves]
        verdicts = [(each.is_copy, bool((found := judged[each.one, each.other]) and found.is_copy)) for each in chosen]
        right = sum(label and verdict for label, verdict in verdicts)
        precision = right / max(sum(verdict for _, verdict in verdicts), 1)
        recall = right / max(sum(label for label, _ in verdicts), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"labelled pairs, {name}: {len(chosen)}, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    for each in labels:
        found = judged[each.one, each.other]
        if found is None or found.is_copy != each.is_copy:
            print(f"  {each.one} {each.other} label {int(each.is_copy)}: {found.reason if found else 'missing'}")


def print_folded(archive: ArchiveReader, pairs: list[tuple[str, str]]) -> None:
    """How many of the pairs that are alike ended in one story, and why the others did not."""
    story = {fold.id: number for number, folds in archive.folds() for fold in folds}
    apart = [pair for pair in pairs if story.get(pair[0], pair[0]) != story.get(pair[1], pair[1])]
    print(f"pairs with Jaccard >= {ALIKE}: {len(pairs):,}, in one story: {1 - len(apart) / max(len(pairs), 1):.2%}")
    for (one, other), found in judge_pairs(archive, apart):
        print(f"  {one} {other}: {found.reason if found else 'missing'}")


def ingest(articles: Path, directory: Path, dedupe: Dedupe) -> tuple[IndexSummary, float]:
    """A whole ingest, and its CPU seconds."""
    began = time.process_time()
    summary = index_paths(directory, [articles], IndexOptions(dedupe=dedupe), Clock())
    return summary, time.process_time() - began


def print_tenths(corpus: Path, articles: int, directory: Path) -> None:
    """Articles per CPU second of the first and the last tenth, from the file into the archive."""
    clock = Clock(articles)
    sources = [(source, identify(source, FieldMapping())) for source in find_sources([corpus])]
    directory.mkdir()
    with Archive(directory / "archive.sqlite") as archive:

        def checkpoint() -> None:
            archive.commit()
            archive.begin()

        with archive.transaction():
            work = OneByOne(PageWork(FieldMapping(), default_outlets()))
            Intake(archive, FieldMapping(), "near", clock, checkpoint, work).take_all(sources)
    clock.marks.append(time.process_time())
    speeds = [
        articles / TENTHS / max(end - start, 1e-9) for start, end in zip(clock.marks, clock.marks[1:], strict=False)
    ]
    first, last = speeds[0], speeds[TENTHS - 1]
    print(f"tenfold archive, {articles:,} articles: " + " ".join(f"{speed:,.0f}" for speed in speeds[:TENTHS]))
    print(f"first tenth {first:,.0f} articles per CPU second, last {last:,.0f}: {last / first:.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where the corpora go")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="the Saudi articles, JSON lines")
    parser.add_argument("--quick", action="store_true", help="leave out the tenfold archive")
    options = parser.parse_args()
    pairs = options.articles.parent.parent / "dedup"
    with TemporaryDirectory() as scratch:
        directory = Path(scratch)
        _, without = ingest(options.articles, directory / "off", "off")
        summary, seconds = ingest(options.articles, directory / "near", "near")
        with ArchiveReader(directory / "near" / "archive.sqlite") as archive:
            print_quality(archive, read_labels(pairs / "pairs.tsv"))
            print_folded(archive, list(read_alike(pairs / "saudi_pairs_j20.tsv.gz")))
        print(f"{summary.accepted:,} articles in {summary.stories:,} stories, {summary.folded:,} folded")
        print(f"whole ingest: {seconds:.1f} s of CPU, {summary.accepted / seconds:,.0f} articles per CPU second")
        print(f"without de-duplication: {without:.1f} s; its share: {1 - without / seconds:.0%}")
        if not options.quick:
            work = Workspace(options.work)
            facts = ensure_corpus(work, "tenfold", options.articles)
            print_tenths(work.corpus("tenfold"), facts.articles, directory / "tenfold")


if __name__ == "__main__":
    main()
