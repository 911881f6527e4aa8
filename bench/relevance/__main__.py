"""Measures how well the product finds: `python -m bench.relevance`.

Without options, all known sets are measured beside Lucene, and the figures are printed next to what is aimed at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.relevance import cost
from bench.relevance.anchor import AnchorMissing, anchor_run
from bench.relevance.collection import BadCollection, Collection, load
from bench.relevance.comparison import SetResult, compare
from bench.relevance.failures import losses
from bench.relevance.product import Searcher, build, command_line_run
from bench.relevance.ranking_weights import BadWeights, changed, flat, parse_values
from bench.relevance.report import Report, markdown, write
from bench.relevance.sets import ANCHOR_TOLERANCE, DEFAULT_DATA, KNOWN
from bench.relevance.tuning import Tuner, ascend
from bench.relevance.worst import worst_queries
from bench.workspace import DEFAULT_WORK, RESULTS, Workspace
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights

CHECKED: Final = 20


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.relevance", description=__doc__)
    add = parser.add_argument
    add("--set", choices=KNOWN, action="append", dest="sets", help="only this set (may be repeated)")
    add("--collection", type=Path, action="append", default=[], metavar="DIR", help="a folder in the layout of BEIR")
    add("--qrels", help="the file of judgements of --collection, where there are several")
    add("--half", choices=["a", "b"], help="only one half of the queries, by a hash of their ids")
    add("--weights", default="", metavar="NAME=VALUE,…", help="other ranking weights")
    add("--no-anchor", action="store_true", help="without Lucene")
    add("--worst", type=int, default=0, metavar="N", help="list the N queries with the worst answers, and why")
    add("--losses", type=int, default=0, metavar="N", help="describe the N queries that lose most to the anchor")
    add("--tune", metavar="NAME,…", help="tune these weights on half a and show half b")
    add("--cost", action="store_true", help="measure the CPU time of a page beside plain BM25")
    add("--check", action="store_true", help=f"compare {CHECKED} queries a set with what the command line answers")
    add("--output", type=Path, nargs="?", const=RESULTS, metavar="FOLDER", help="write JSON and Markdown there")
    add("--data", type=Path, default=DEFAULT_DATA, metavar="FOLDER", help="where the known sets are")
    add("--work", type=Path, default=DEFAULT_WORK, metavar="FOLDER", help="where indexes and runs are kept")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class Bench:
    """What one run of the command has at hand."""

    options: argparse.Namespace
    work: Workspace
    weights: Weights
    searcher: Searcher
    collections: tuple[Collection, ...]

    def report(self) -> Report:
        """Measure every set."""
        sets = tuple(self._measured(collection.of_half(self.options.half)) for collection in self.collections)
        return Report(datetime.now(tz=UTC).date().isoformat(), self.options.half, flat(self.weights), sets)

    def _measured(self, collection: Collection) -> SetResult:
        built = build(self.work, collection)
        run = self.searcher.run(built.directory, collection.queries, self.weights)
        anchor = self._anchor(collection)
        known = KNOWN.get(collection.name)
        counts = (built.documents, built.rejected)
        result = compare(collection, run, anchor, counts, known.target if known else None)
        if known and known.anchor and anchor and not self.options.half:
            _warn_if_far(collection.name, result.whole.anchor["ndcg@10"], known.anchor)
        if self.options.losses:
            for line in losses(collection, (run, anchor or {}), self.options.losses, built.directory, self.weights):
                print(line)
        if self.options.worst:
            listed = worst_queries(collection, run, self.options.worst, built.directory, self.weights)
            result = replace(result, worst=listed)
        return result

    def _anchor(self, collection: Collection) -> dict[str, list[str]] | None:
        if self.options.no_anchor:
            return None
        try:
            return anchor_run(self.work, collection)
        except AnchorMissing as error:
            print(f"Lucene is left out: {error}", file=sys.stderr)
            return None

    def tune(self) -> Weights:
        """Tune the weights that are asked for."""
        tuner = Tuner(self.searcher, [(one, build(self.work, one).directory) for one in self.collections])
        names = self.options.tune.split(",")
        tuned = ascend(self.weights, names, tuner.objective, lambda line: print(line, flush=True))
        print("\n".join(tuner.report(self.weights, tuned)))
        return tuned

    def costs(self) -> Iterator[str]:
        """The cost of the ranking on each set."""
        for collection in self.collections:
            texts = cost.sample(collection.queries)
            times = cost.measure(build(self.work, collection).directory, texts, self.weights)
            yield cost.cost_table(collection.name, len(texts), times)

    def differences(self) -> int:
        """How many queries the command line answers otherwise."""
        differing = 0
        for collection in self.collections:
            queries = dict(list(collection.queries.items())[:CHECKED])
            directory = build(self.work, collection).directory
            ours = self.searcher.run(directory, queries, WEIGHTS)
            theirs = command_line_run(directory, queries, self.work.root / "relevance" / "check")
            wrong = [query for query in queries if ours[query] != theirs.get(query, [])]
            print(f"{collection.name}: {len(wrong)} of {len(queries)} queries differ from the command line {wrong}")
            differing += len(wrong)
        return differing


def _collections(options: argparse.Namespace) -> tuple[Collection, ...]:
    names = options.sets or ([] if options.collection else list(KNOWN))
    known = [KNOWN[name].read(options.data) for name in names]
    return (*known, *(load(folder, qrels=options.qrels) for folder in options.collection))


def _warn_if_far(name: str, measured: float, known: float) -> None:
    if abs(measured - known) > ANCHOR_TOLERANCE:
        print(f"{name}: Lucene reaches {measured:.4f} where {known} is known: is the set the same?", file=sys.stderr)


def main() -> int:
    """Do what the command line asks for; 1 when the command line of the product answers otherwise."""
    options = parse_arguments()
    try:
        weights, collections = changed(WEIGHTS, parse_values(options.weights)), _collections(options)
        with Searcher() as searcher:
            return _run(Bench(options, Workspace(options.work.resolve()), weights, searcher, collections))
    except (BadCollection, BadWeights) as error:
        print(error, file=sys.stderr)
        return 2


def _run(bench: Bench) -> int:
    options = bench.options
    if options.check:
        return 1 if bench.differences() else 0
    if options.cost:
        print("\n\n".join(bench.costs()))
        return 0
    if options.tune:
        bench.tune()
        return 0
    report = bench.report()
    print(markdown(report))
    if options.output:
        print(write(report, options.output.resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
