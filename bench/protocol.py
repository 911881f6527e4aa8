"""The engine's side of the bench: what an engine must do, and how its process is talked to.

Every engine runs in a process of its own. A request is one JSON object a line on its standard input, the answer one
JSON object a line on its standard output; an answer with the key `error` says that the request failed.

| request | answer |
| --- | --- |
| `{"command": "build", "corpus": FILE, "index": FOLDER}` | `articles`, `index_bytes` |
| `{"command": "add", "corpus": FILE, "index": FOLDER}` | `seconds` of wall time until the articles are durable |
| `{"command": "open", "index": FOLDER}` | `version`, `seconds` that opening took |
| the same with `"serving": true` | the same, of a process that goes on to answer many searches |
| `{"command": "run", "task": TASK, "queries": FILE, "count": N, "digest": false}` | `cpu_us`, `wall_us`, one a query |
| the same with `"digest": true` | besides, `matches` (a list, or null for a top), `hits` and `marked`: see `Digest` |
| `{"command": "quit"}` | `{}` |

TASK is a `Task` as an object. Time is measured in here, around the engine's work alone: the protocol costs nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from bench.queries import Query, read_queries
from bench.tasks import Mode, Task

HITS: Final = 10
SNIPPET_CHARACTERS: Final = 220
"""How long a snippet should be, for engines that let it be said in characters."""
TITLE_WEIGHT: Final = 2.0
"""What a word in the title weighs against one in the text, for all engines."""
MARK_START: Final = "<b>"
MARK_END: Final = "</b>"
MARK_SIGN: Final = "<b"
"""What shows that a snippet has a mark; Whoosh writes attributes into the tag."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page is narrowed to. `dates` are the first and the last day, inclusive, as `YYYY-MM-DD`."""

    outlet: str | None = None
    dates: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PageHit:
    """One hit as a page shows it; `snippet` is HTML with the words between `MARK_START` and `MARK_END`."""

    id: str
    title: str
    outlet: str
    date: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a page: `total` matches, and how many of them by outlet and by month (`YYYY-MM`)."""

    total: int
    hits: list[PageHit]
    outlets: dict[str, int]
    months: dict[str, int]


@dataclass(slots=True)
class Digest:
    """Proof that the work was done: matches of each page, hits in all, and how many of their snippets have a mark."""

    matches: list[int] = field(default_factory=list)
    hits: int = 0
    marked: int = 0


class Engine(ABC):
    """One engine, with its own Arabic analysis, over title and text with positions."""

    @abstractmethod
    def version(self) -> str:
        """Name and version of what is measured, as it is to be printed."""

    @abstractmethod
    def build(self, corpus: Path, index: Path) -> int:
        """Index a corpus file into an empty folder, durably, in one process; returns how many articles it holds."""

    @abstractmethod
    def add(self, corpus: Path, index: Path) -> None:
        """Add the articles of a file to an index that is not open, in one durable commit."""

    @abstractmethod
    def open(self, index: Path) -> None:
        """Open the index for the searches that follow."""

    @abstractmethod
    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        """The page for a query string; `mode` is "or" or "and"."""

    @abstractmethod
    def top(self, words: str, mode: Mode) -> list[str]:
        """The ids, or the engine's own numbers as text, of the ten best hits, without texts, facets or total."""

    def prepare(self) -> None:  # noqa: B027 - most engines have nothing to do
        """Do what a process does that goes on to answer many searches; mostly nothing."""

    def index_bytes(self, index: Path) -> int:
        """What the index takes on disk; an engine that keeps other things in the folder leaves them out."""
        return folder_bytes(index)


def folder_bytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def work_of(engine: Engine, task: Task, query: Query) -> Callable[[], Page | list[str]]:
    """The call that a task makes of a query, with everything prepared that is not the engine's work."""
    if task.kind == "page":
        filters = Filters(
            query.outlet if task.by_outlet else None,
            (query.date_from, query.date_to) if task.by_date else None,
        )
        return lambda: engine.page(query.words, task.mode, filters)
    text = {"phrase": query.phrase, "term": query.term}.get(task.mode, query.words)
    return lambda: engine.top(text, task.mode)


def run_task(engine: Engine, task: Task, queries: Iterable[Query], *, digest: bool) -> dict[str, Any]:
    """Do a task for each query and time it: CPU of all threads of this process, and wall time, in microseconds."""
    cpu_us: list[float] = []
    wall_us: list[float] = []
    proof = Digest()
    for query in queries:
        work = work_of(engine, task, query)
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        answer = work()
        cpu_us.append((time.process_time_ns() - cpu) / 1e3)
        wall_us.append((time.perf_counter_ns() - wall) / 1e3)
        if digest:
            add_to_digest(proof, answer)
    return {"cpu_us": cpu_us, "wall_us": wall_us, **(asdict(proof) if digest else {})}


def add_to_digest(proof: Digest, answer: Page | list[str]) -> None:
    """Count an answer in."""
    if isinstance(answer, Page):
        proof.matches.append(answer.total)
        proof.hits += len(answer.hits)
        proof.marked += sum(MARK_SIGN in hit.snippet for hit in answer.hits)
    else:
        proof.hits += len(answer)


def answer(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    match request["command"]:
        case "build":
            index = Path(request["index"])
            shutil.rmtree(index, ignore_errors=True)
            index.mkdir(parents=True)
            return {"articles": engine.build(Path(request["corpus"]), index), "index_bytes": engine.index_bytes(index)}
        case "add":
            started = time.perf_counter()
            engine.add(Path(request["corpus"]), Path(request["index"]))
            return {"seconds": time.perf_counter() - started}
        case "open":
            started = time.perf_counter()
            engine.open(Path(request["index"]))
            seconds = time.perf_counter() - started
            if request.get("serving"):
                engine.prepare()
            return {"seconds": seconds, "version": engine.version()}
        case "run":
            queries = read_queries(Path(request["queries"]))[: request["count"]]
            return run_task(engine, Task(**request["task"]), queries, digest=request["digest"])
        case unknown:
            raise ValueError(f"unknown command {unknown!r}")


def serve(engine: Engine, requests: Iterable[str], answers: TextIO) -> None:
    """Answer requests until one says quit or there are no more. A failure is answered and does not end the process."""
    for line in requests:
        request = json.loads(line)
        if request["command"] == "quit":
            answers.write("{}\n")
            answers.flush()
            return
        try:
            reply = answer(engine, request)
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply, ensure_ascii=False) + "\n")
        answers.flush()


def main(engine: Engine) -> None:
    """Serve on this process's standard streams. What the engine prints goes to the error stream."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        serve(engine, sys.stdin, answers)
