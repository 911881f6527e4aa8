"""Runs the bench: `python -m bench.run`. The peers must be installed with `python -m bench.setup`.

Each corpus is made and each index built where it is missing or its sources have changed; then come interleaved rounds
of queries, cold starts and memory. An interrupted run is taken up again with `--resume`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import machine
from bench.child import ChildError
from bench.corpus import CORPORA, ensure_additions, ensure_corpus
from bench.figures import spread
from bench.measure import Race, Rounds, build, cold_starts, commit_seconds, fingerprint, run_rounds, serving_memory
from bench.peers.registry import CONTESTANTS, Contestant
from bench.report import CorpusResult, RunResult, write_results
from bench.tasks import TASKS
from bench.workspace import DEFAULT_ARTICLES, DEFAULT_WORK, RESULTS, Workspace

ROUNDS: Final = 5
QUERIES: Final = 300
QUICK_QUERIES: Final = 30


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; `--quick` is one round of few queries."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--corpus", choices=CORPORA, action="append", help="only this one (may be repeated)")
    parser.add_argument("--engines", default=",".join(CONTESTANTS), help="names with commas between; all by default")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--queries", type=int, default=QUERIES, help="how many of the corpus's queries")
    parser.add_argument("--builds", type=int, default=1, help="build each index so often and take the median")
    parser.add_argument("--quick", action="store_true", help=f"one round of {QUICK_QUERIES} queries")
    parser.add_argument("--resume", action="store_true", help="go on with the rounds of an interrupted run")
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="corpora, indexes and records")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="the Saudi articles, JSON lines")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results are written")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.queries = 1, QUICK_QUERIES
    unknown = set(options.engines.split(",")) - set(CONTESTANTS)
    if unknown:
        parser.error(f"unknown engines {', '.join(sorted(unknown))}; known are {', '.join(CONTESTANTS)}")
    return options


def attempt(result: CorpusResult, contestants: Sequence[Contestant], work: Callable[[Contestant], None]) -> None:
    """Do `work` for each engine still in; one that fails is left out of what follows, and the results say so."""
    for contestant in contestants:
        if contestant.name in result.left_out:
            continue
        try:
            work(contestant)
        except (ChildError, FileNotFoundError) as error:
            result.left_out[contestant.name] = str(error)
            print(f"{contestant.name} is left out: {error}", flush=True)


def measure_corpus(work: Workspace, name: str, options: argparse.Namespace) -> CorpusResult:
    """Everything on one corpus."""
    result = CorpusResult(ensure_corpus(work, name, options.articles))
    contestants = [CONTESTANTS[one] for one in options.engines.split(",") if name in CONTESTANTS[one].corpora]

    def build_one(contestant: Contestant) -> None:
        result.builds[contestant.name] = build(work, contestant, result.facts, options.builds)
        print(f"{name}: the index of {contestant.name} is there", flush=True)

    attempt(result, contestants, build_one)
    rounds = measure_times(work, result, contestants, options)
    result.tasks = {
        task.name: {engine: spread(tasks[task.name]) for engine, tasks in rounds.items()} for task in TASKS if rounds
    }
    still_in = [one for one in contestants if one.name not in result.left_out]
    result.starts = cold_starts(work, still_in, name, options.rounds)
    additions = ensure_additions(work, options.articles)

    def serve_and_commit(contestant: Contestant) -> None:
        result.memory[contestant.name] = serving_memory(work, contestant, name)
        result.commits[contestant.name] = commit_seconds(work, contestant, name, additions)

    attempt(result, still_in, serve_and_commit)
    return result


def measure_times(
    work: Workspace, result: CorpusResult, contestants: Sequence[Contestant], options: argparse.Namespace
) -> Rounds:
    """The rounds of queries; fills in the versions and the proof of what was answered."""
    name = result.facts.name
    with Race(work, result.facts, options.queries) as race:
        attempt(result, contestants, race.enter)
        result.versions, result.answers = race.versions, race.answers
        if not race.versions:
            return {}
        prints = {one: fingerprint(CONTESTANTS[one], result.facts) for one in race.versions}
        key = {"queries": options.queries, "engines": prints}
        return run_rounds(race, options.rounds, work.record(f"rounds-{name}"), key, resume=options.resume)


def main() -> None:
    """Run the bench and write its results."""
    options = parse_arguments()
    work = Workspace(options.work.resolve())
    load_before = machine.load()
    corpora = {name: measure_corpus(work, name, options) for name in options.corpus or CORPORA}
    result = RunResult(
        date=datetime.now(tz=UTC).date().isoformat(),
        machine=machine.describe(load_before),
        rounds=options.rounds,
        queries=options.queries,
        peers=tuple(name for name in CONTESTANTS if CONTESTANTS[name].peer),
        corpora=corpora,
    )
    table = write_results(result, options.results.resolve())
    print(table.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
