"""What a second process gains where an index is built: `python -m bench.parallel`.

An index of a corpus is built by one process and by two, in turn, by the clock, each time in a new `python` whose start
counts. `engine` is the index alone, through the engine protocol, and `ready` the same without the start: by a process
that has built a small one before. `off` and `near` are the whole product without and with the folding of copies, and
`web` is `near` from a web archive with the first articles as pages in HTML, which take long to be taken apart. What
other programs took of the machine meanwhile is told: they distort the clock, and where the system shares by session
(Linux's autogroups), two processes get no more of a busy machine than one. Then the CPU seconds of the process that
worked longest are the least that the clock would show on a machine of its own.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final, Literal, get_args

from bench.child import CLOCK_TICKS
from bench.corpus import CORPORA, beginning, ensure_corpus, read_articles
from bench.stories import bench_story
from bench.web_archive import write_web_archive
from bench.workspace import DEFAULT_ARTICLES, DEFAULT_WORK, PROJECT_ROOT, Workspace
from searchapp import compiled
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.storage.commits import latest_number, read_commit
from searchapp.engine.storage.segment import SUFFIX

Way = Literal["engine", "ready", "off", "near", "web"]
_INDEX_ALONE: Final = ("engine", "ready")
WEB_PAGES: Final = 3_000
_SETTINGS: Final = MappingProxyType({"OPENBLAS_NUM_THREADS": "1"})
"""As the command has it: numpy would start a thread a core as it is loaded."""
FIRST_ARTICLES: Final = 600
"""Of the small index that makes a process ready."""
_STATISTICS: Final = Path("/proc/stat")
_IDLE: Final = slice(3, 5)
"""Among the figures of /proc/stat: idle, and waiting for a disk."""
_WORK: Final = slice(0, 8)
"""The figures after these are counted in these, too."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: wall seconds, CPU seconds of all its processes and of the one that worked longest, and its sizes.

    `others` is the share of the machine that other programs took; `segments` are in bytes.
    """

    wall: float
    cpu: float
    longest: float
    others: float
    articles: int
    segments: Sequence[int]


def build(way: Way, corpus: Path, index: Path, processes: int) -> tuple[float, float, float]:
    """Build an index in a folder that is empty; returns wall seconds, CPU seconds of all processes and of this one."""
    if way == "ready":
        with TemporaryDirectory(dir=index.parent) as folder:
            _build_engine(corpus, Path(folder), processes, FIRST_ARTICLES)
    began, cpu, here = time.monotonic(), cpu_seconds(), time.process_time()
    if way in _INDEX_ALONE:
        _build_engine(corpus, index, processes)
    else:
        _build_product(way, corpus, index, processes)
    return time.monotonic() - began, cpu_seconds() - cpu, time.process_time() - here


def _build_product(way: Way, corpus: Path, index: Path, processes: int) -> None:
    # The index alone needs none of it, and its start counts.
    from bench.searchapp_engine import Silence  # noqa: PLC0415
    from searchapp.indexing import IndexOptions, index_paths  # noqa: PLC0415

    options = IndexOptions(dedupe="off" if way == "off" else "near", processes=processes)
    index_paths(index, [corpus], options, Silence())


def _build_engine(corpus: Path, index: Path, processes: int, most: int | None = None) -> None:
    compiled.prepare(at_once=True)
    backend, number = SegmentBackend(), 0
    backend.create(index)
    writer = backend.open_writer(index, processes)
    for number, article in enumerate(islice(read_articles(corpus), most), 1):
        writer.replace(bench_story(number, article))
    writer.commit(number)


def cpu_seconds() -> float:
    """CPU time of this process and of those that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(way: Way, corpus: Path, processes: int, scratch: Path) -> Build:
    """Build an index in a new process, in a folder of its own, and let it go.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    with TemporaryDirectory(dir=scratch) as folder:
        index = Path(folder)
        command = [sys.executable, "-m", "bench.parallel", "--one", way, str(corpus), folder, str(processes)]
        before, began = _busy_seconds(), time.monotonic()
        child = subprocess.Popen(command, cwd=PROJECT_ROOT, env={**os.environ, **_SETTINGS}, stdout=subprocess.PIPE)
        said = child.communicate()[0]
        wall, busy = time.monotonic() - began, _busy_seconds() - before
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
        inner, cpu, here, all_cpu, all_here = json.loads(said)
        others = max(busy - all_cpu, 0.0) / wall / (os.cpu_count() or 1)
        segments = sorted((file.stat().st_size for file in index.rglob(f"*{SUFFIX}")), reverse=True)
        if way != "ready":
            inner, cpu, here = wall, all_cpu, all_here
        return Build(inner, cpu, max(here, cpu - here), others, _documents(index), segments)


def _documents(index: Path) -> int:
    (directory,) = {file.parent for file in index.rglob(f"*{SUFFIX}")}
    return sum(entry.documents for entry in read_commit(directory, latest_number(directory)).segments)


def _busy_seconds() -> float:
    """CPU seconds of all programs since the machine was started; 0 where the system does not tell."""
    if not _STATISTICS.exists():
        return 0.0
    figures = list(map(int, _STATISTICS.read_text("ascii").split("\n", 1)[0].split()[1:]))[_WORK]
    return (sum(figures) - sum(figures[_IDLE])) / CLOCK_TICKS


def compare(way: Way, corpus: Path, articles: int, rounds: int, scratch: Path) -> None:
    """Build with one process and with two in turn, and print each build and the medians."""
    builds: dict[int, list[Build]] = {1: [], 2: []}
    for number in range(rounds):
        for processes in (1, 2) if number % 2 == 0 else (2, 1):
            one = timed(way, corpus, processes, scratch)
            builds[processes].append(one)
            print(f"{way:>6} {processes} {_line(one, articles)}", flush=True)
    walls, cpus, longest = (
        {count: statistics.median(getattr(one, name) for one in builds[count]) for count in builds}
        for name in ("wall", "cpu", "longest")
    )
    ratios = [first.wall / second.wall for first, second in zip(builds[1], builds[2], strict=True)]
    print(
        f"{way:>6}: two processes {walls[1] / walls[2]:.2f} times as fast by medians, "
        f"{statistics.median(ratios):.2f} by rounds, "
        f"at most {longest[1] / longest[2]:.2f} by the process that worked longest; "
        f"{cpus[2] / cpus[1] - 1:+.0%} CPU time"
    )


def _line(one: Build, articles: int) -> str:
    sizes = " + ".join(f"{size / 1e6:.1f}" for size in one.segments)
    return (
        f"{one.wall:6.2f} s, {articles / one.wall:7,.0f} articles a second; CPU {one.cpu:6.2f} s, "
        f"the longest {one.longest:6.2f} s; "
        f"others {one.others:4.0%}; segments {sizes} MB, {one.articles:,} documents"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where the corpora go")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="the Saudi articles, JSON lines")
    parser.add_argument("--corpus", choices=CORPORA, default="saudi")
    parser.add_argument("--limit", type=int, help="only so many articles of it, the first ones")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=get_args(Way), default=list(get_args(Way)))
    parser.add_argument("--one", nargs=4, metavar=("WAY", "CORPUS", "INDEX", "PROCESSES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        atexit.register(gc.freeze)  # as the command has it: the end of the process counts, too
        way, corpus, index, processes = options.one
        print(json.dumps([*build(way, Path(corpus), Path(index), int(processes)), cpu_seconds(), time.process_time()]))
        return
    work = Workspace(options.work)
    articles = ensure_corpus(work, options.corpus, options.articles).articles
    corpus = work.corpus(options.corpus)
    with TemporaryDirectory(dir=work.root) as scratch:
        if options.limit is not None and options.limit < articles:
            articles = options.limit
            corpus = beginning(corpus, articles, Path(scratch))
        for way in options.ways:
            source, count = corpus, articles
            if way == "web":
                source = Path(scratch) / "pages.warc"
                count = write_web_archive(islice(read_articles(corpus), min(articles, WEB_PAGES)), source)
            compare(way, source, count, options.rounds, Path(scratch))


if __name__ == "__main__":
    main()
