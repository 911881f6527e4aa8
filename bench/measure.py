"""The measurements: building indexes, interleaved rounds of queries, memory and cold starts."""

from __future__ import annotations

import hashlib
import shutil
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bench.child import Child, Memory
from bench.corpus import CorpusFacts
from bench.figures import Round
from bench.peers.registry import Contestant
from bench.queries import QUERY_COUNT
from bench.tasks import TASK_BY_NAME, TASKS, Task
from bench.workspace import Workspace, read_json, write_json

MEMORY_QUERIES: Final = 30
SOURCE_SUFFIXES: Final = frozenset({".py", ".java", ".txt", ".xml"})

Rounds = dict[str, dict[str, list[Round]]]
"""Engine → task → its rounds."""


@dataclass(frozen=True, slots=True)
class BuildFigures:
    """What building an index took: CPU of the whole process and its children, and the most memory it ever held."""

    articles: int
    index_bytes: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start in seconds: from starting the process to the first page, and the opening of the index in it."""

    first_answer: float
    opening: float


def fingerprint(contestant: Contestant, facts: CorpusFacts) -> str:
    """Changes when the corpus or any source of the engine does, so that an old index is not taken for a new one."""
    digest = hashlib.sha256(facts.sha256.encode())
    for source in contestant.sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.suffix in SOURCE_SUFFIXES:
                digest.update(file.read_bytes())
    return digest.hexdigest()


def start(work: Workspace, contestant: Contestant) -> Child:
    """Start an engine's process."""
    return Child(contestant.name, contestant.command(work), work.log(contestant.name))


def build(work: Workspace, contestant: Contestant, facts: CorpusFacts, times: int = 1) -> BuildFigures:
    """The figures of the engine's index of a corpus, which is built unless one of the same sources is there.

    Of several builds the one with the median CPU time counts; earlier ones of the same sources are counted in.

    Raises:
        ChildError: the engine could not build it.
    """
    record = work.record(f"build-{contestant.name}-{facts.name}")
    mark = fingerprint(contestant, facts)
    known = read_json(record)
    builds = known["builds"] if known is not None and known["fingerprint"] == mark else []
    while len(builds) < times:
        builds.append(asdict(build_once(work, contestant, facts.name)))
        write_json(record, {"fingerprint": mark, "builds": builds})
    ordered = sorted((BuildFigures(**one) for one in builds), key=lambda one: one.cpu_seconds)
    return ordered[(len(ordered) - 1) // 2]


def build_once(work: Workspace, contestant: Contestant, corpus: str) -> BuildFigures:
    """Build the engine's index of a corpus in a new process.

    Raises:
        ChildError: the engine could not build it.
    """
    with start(work, contestant) as child:
        began, cpu = time.perf_counter(), child.cpu_seconds()
        places = {"corpus": str(work.corpus(corpus)), "index": str(work.index(contestant.name, corpus))}
        answer = child.ask("build", **places)
        cpu, wall = child.cpu_seconds() - cpu, time.perf_counter() - began
        return BuildFigures(answer["articles"], answer["index_bytes"], cpu, wall, child.peak_bytes())


def commit_seconds(work: Workspace, contestant: Contestant, corpus: str, additions: Sequence[Path]) -> float:
    """Wall seconds of adding a small file to the index and committing: the median over the files, on a copy.

    Raises:
        ChildError: the engine could not add them.
    """
    copy = work.index(contestant.name, f"{corpus}-copy")
    shutil.rmtree(copy, ignore_errors=True)
    try:
        shutil.copytree(work.index(contestant.name, corpus), copy)
        with start(work, contestant) as child:
            taken = [child.ask("add", corpus=str(file), index=str(copy))["seconds"] for file in additions]
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    return float(statistics.median(taken))


class Race:
    """Engines side by side on one corpus, each with its index open in a process of its own.

    Use it as a context manager; leaving it ends the processes.
    """

    def __init__(self, work: Workspace, facts: CorpusFacts, count: int) -> None:
        """Nothing is started yet; `count` is how many of the corpus's queries are asked."""
        self._work = work
        self._queries = work.queries(facts.name)
        self._corpus = facts.name
        self._count = count
        self._stack = ExitStack()
        self._children: dict[str, Child] = {}
        self.versions: dict[str, str] = {}
        self.answers: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def enter(self, contestant: Contestant) -> None:
        """Start an engine, see that it answers every task, and warm it up, with all queries however few are measured.

        Raises:
            ChildError: it could not; it is then not in the race.
        """
        child = self._stack.enter_context(start(self._work, contestant))
        opened = child.ask("open", index=str(self._work.index(contestant.name, self._corpus)), serving=True)
        answers = {task.name: self._proof(child, task) for task in TASKS}
        for _ in range(contestant.warm_ups - 1):
            for task in TASKS:
                child.run(task, self._queries, QUERY_COUNT)
        self._children[contestant.name] = child
        self.versions[contestant.name] = opened["version"]
        self.answers[contestant.name] = answers

    def _proof(self, child: Child, task: Task) -> dict[str, Any]:
        """What the engine answers to a task: hits in all, the share with a mark, and the median of the matches."""
        digest = child.run(task, self._queries, self._count, digest=True)
        hits, matches = digest["hits"], digest["matches"]
        if task.kind == "top":
            return {"hits": hits}
        return {"hits": hits, "marked": digest["marked"] / max(1, hits), "median_matches": statistics.median(matches)}

    def round(self, number: int) -> dict[str, dict[str, Round]]:
        """One round: each task by all engines before the next task; another engine begins in each round."""
        names = list(self._children)
        turn = number % len(names)
        times: dict[str, dict[str, Round]] = {name: {} for name in names}
        for task in TASKS:
            for name in names[turn:] + names[:turn]:
                times[name][task.name] = self._timed(self._children[name], task)
        return times

    def _timed(self, child: Child, task: Task) -> Round:
        before = child.cpu_seconds()
        answer = child.run(task, self._queries, self._count)
        return Round(answer["cpu_us"], answer["wall_us"], (child.cpu_seconds() - before) * 1e6)


def run_rounds(race: Race, rounds: int, record: Path, key: Mapping[str, Any], *, resume: bool) -> Rounds:
    """Do the rounds, keeping each in `record`, and return all of them by engine and task.

    With `resume`, the rounds that an interrupted run of the same `key` left in the record count as done.
    """
    known = read_json(record) if resume else None
    done: list[Any] = known["rounds"] if known is not None and known["key"] == dict(key) else []
    for number in range(len(done), rounds):
        times = race.round(number)
        done.append({name: {task: asdict(one) for task, one in tasks.items()} for name, tasks in times.items()})
        write_json(record, {"key": dict(key), "rounds": done})
        print(f"round {number + 1} of {rounds} done", flush=True)
    record.unlink(missing_ok=True)
    gathered: Rounds = {}
    for one in done[:rounds]:
        for name, tasks in one.items():
            for task, times_of_task in tasks.items():
                gathered.setdefault(name, {}).setdefault(task, []).append(Round(**times_of_task))
    return gathered


def serving_memory(work: Workspace, contestant: Contestant, corpus: str) -> Memory:
    """The memory of one of two processes that serve the same index, after pages of every kind.

    With a second process at the same files, pages of mapped files are shared, as between the workers of a server, and
    what remains private is what each further worker costs.
    """
    with start(work, contestant) as first, start(work, contestant) as second:
        for child in (first, second):
            child.ask("open", index=str(work.index(contestant.name, corpus)), serving=True)
        for task in TASKS:
            for child in (first, second):
                child.run(task, work.queries(corpus), MEMORY_QUERIES)
        return first.memory()


def cold_start(work: Workspace, contestant: Contestant, corpus: str) -> Start:
    """Start a process, open the index and ask for one page; the files may still be in the system's cache."""
    began = time.perf_counter()
    with start(work, contestant) as child:
        opened = child.ask("open", index=str(work.index(contestant.name, corpus)))
        child.run(TASK_BY_NAME["page_or"], work.queries(corpus), 1)
        return Start(time.perf_counter() - began, opened["seconds"])


def cold_starts(work: Workspace, contestants: Sequence[Contestant], corpus: str, rounds: int) -> dict[str, Start]:
    """The medians of `rounds` cold starts an engine, interleaved."""
    starts: dict[str, list[Start]] = {one.name: [] for one in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            starts[contestant.name].append(cold_start(work, contestant, corpus))
    return {
        name: Start(
            statistics.median(one.first_answer for one in of_engine),
            statistics.median(one.opening for one in of_engine),
        )
        for name, of_engine in starts.items()
    }
