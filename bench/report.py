"""The results of a run as JSON, as a Markdown table and as plots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.chart import bar_chart
from bench.child import Memory
from bench.corpus import CorpusFacts
from bench.figures import Spread, ratios
from bench.machine import Machine
from bench.measure import BuildFigures, Start
from bench.tasks import TASKS
from bench.workspace import write_json


@dataclass(slots=True)
class CorpusResult:
    """All that was measured on one corpus, by engine; `left_out` says why an engine has no figures."""

    facts: CorpusFacts
    versions: dict[str, str] = field(default_factory=dict)
    builds: dict[str, BuildFigures] = field(default_factory=dict)
    tasks: dict[str, dict[str, Spread]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    commits: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run: when, on what, how, and what came out. `peers` are the engines that ratios are taken to."""

    date: str
    machine: Machine
    rounds: int
    queries: int
    peers: tuple[str, ...]
    corpora: dict[str, CorpusResult]


def write_results(result: RunResult, folder: Path) -> Path:
    """Write the three forms of the results into `folder` and return the Markdown file."""
    name = f"{result.date}-{result.machine.slug}"
    write_json(folder / f"{name}.json", {**asdict(result), "ratios": all_ratios(result)})
    for corpus, of_corpus in result.corpora.items():
        if of_corpus.tasks:
            (folder / f"{name}-{corpus}.svg").write_text(plot(of_corpus), encoding="utf-8")
    table = folder / f"{name}.md"
    table.write_text(markdown(result), encoding="utf-8")
    return table


def all_ratios(result: RunResult) -> dict[str, Any]:
    """Corpus → task → "p50" and "p95" → engine → its CPU time over the best peer's."""
    return {
        corpus: {
            task: {share: _ratios_of(spreads, share, result.peers) for share in ("p50", "p95")}
            for task, spreads in of_corpus.tasks.items()
        }
        for corpus, of_corpus in result.corpora.items()
    }


def _ratios_of(spreads: Mapping[str, Spread], share: str, peers: Sequence[str]) -> dict[str, float]:
    return ratios({name: getattr(one, share) for name, one in spreads.items()}, peers)


def plot(result: CorpusResult) -> str:
    """The p50 of CPU time of every task and engine as SVG."""
    groups = [
        (task.title, {name: one.p50 for name, one in result.tasks[task.name].items()})
        for task in TASKS
        if task.name in result.tasks
    ]
    title = f"CPU time a query, p50, {result.facts.articles:,} articles"
    return bar_chart(title, "ms", list(result.versions), groups)


def markdown(result: RunResult) -> str:
    """All figures as Markdown tables."""
    machine = result.machine
    parts = [
        f"# Bench of {result.date}",
        f"{machine.processor}, {machine.cores} cores, {machine.memory_bytes / 2**30:.0f} GiB, {machine.system}, "
        f"Python {machine.python}; load average {machine.load_before} before and {machine.load_after} after. "
        f"{result.queries} queries, medians of {result.rounds} interleaved rounds. Times are CPU time, warm.",
    ]
    for of_corpus in result.corpora.values():
        parts += _corpus_parts(of_corpus, result.peers)
    if len(result.corpora) > 1:
        small, large = list(result.corpora.values())[:2]
        parts += [f"## {large.facts.name} over {small.facts.name}", "CPU time a query, p50 / p95", growth(small, large)]
    return "\n\n".join(parts) + "\n"


def _corpus_parts(result: CorpusResult, peers: Sequence[str]) -> list[str]:
    facts = result.facts
    parts = [f"## {facts.name}: {facts.articles:,} articles, {facts.text_bytes / 1e6:,.1f} MB of text"]
    if result.tasks:
        parts += ["CPU milliseconds a query, p50 / p95", _times_table(result)]
        parts += ["Times the best peer, p50 / p95", _ratio_table(result, peers)]
    parts += ["Index, memory and start", _engine_table(result)]
    if result.answers:
        parts += ["What was answered: median matches of a page, share of snippets with a mark", _answer_table(result)]
    parts += [f"{name} is left out: {reason}" for name, reason in result.left_out.items()]
    return parts


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _by_task(result: CorpusResult, cell: Callable[[str, str], str]) -> str:
    """A table of engines by tasks; `cell` is called with the task's and the engine's names."""
    tasks = [task for task in TASKS if task.name in result.tasks]
    rows = [[name, *(cell(task.name, name) for task in tasks)] for name in result.versions]
    return _table(["engine", *(task.title for task in tasks)], rows)


def _times_table(result: CorpusResult) -> str:
    def cell(task: str, engine: str) -> str:
        one = result.tasks[task].get(engine)
        return f"{one.p50:.3f} / {one.p95:.3f}" if one else "–"

    return _by_task(result, cell)


def _ratio_table(result: CorpusResult, peers: Sequence[str]) -> str:
    def cell(task: str, engine: str) -> str:
        both = [_ratios_of(result.tasks[task], share, peers).get(engine) for share in ("p50", "p95")]
        return " / ".join("–" if one is None else f"{one:.2f}" for one in both)

    return _by_task(result, cell)


def growth(small: CorpusResult, large: CorpusResult) -> str:
    """How many times more a query costs on the larger corpus, as a table."""

    def cell(task: str, engine: str) -> str:
        less, more = small.tasks[task].get(engine), large.tasks.get(task, {}).get(engine)
        return f"{more.p50 / less.p50:.2f} / {more.p95 / less.p95:.2f}" if less and more else "–"

    return _by_task(small, cell)


def _engine_table(result: CorpusResult) -> str:
    head = [
        *("engine", "version", "articles a CPU second", "index over text", "most memory building, MB"),
        *("private memory serving, MB", "of it no file's, MB", "cold start, ms", "opening, ms", "commit of 100, ms"),
    ]
    return _table(head, [_engine_row(result, name) for name in result.builds])


def _engine_row(result: CorpusResult, name: str) -> list[str]:
    build, memory, start = result.builds[name], result.memory.get(name), result.starts.get(name)
    return [
        name,
        result.versions.get(name, "–"),
        f"{build.articles / build.cpu_seconds:,.0f}",
        f"{build.index_bytes / result.facts.text_bytes:.2f}",
        f"{build.peak_bytes / 1e6:,.0f}",
        f"{memory.private / 1e6:,.0f}" if memory else "–",
        f"{memory.anonymous / 1e6:,.0f}" if memory else "–",
        f"{start.first_answer * 1e3:,.0f}" if start else "–",
        f"{start.opening * 1e3:,.1f}" if start else "–",
        f"{result.commits[name] * 1e3:,.0f}" if name in result.commits else "–",
    ]


def _answer_table(result: CorpusResult) -> str:
    pages = [task for task in TASKS if task.kind == "page"]
    rows = []
    for name, answers in result.answers.items():
        cells = [f"{answers[task.name]['median_matches']:,.0f}, {answers[task.name]['marked']:.0%}" for task in pages]
        rows.append([name, *cells])
    return _table(["engine", *(task.title for task in pages)], rows)
