"""Whether taking in stays as fast at the end of a large corpus as at its beginning: `python -m bench.ingest`.

A corpus goes through the whole product, from the file into archive and index. Of each tenth of the articles: how many a
second of CPU time and of the clock, the share of CPU time that finding copies takes, and the most memory held. The
stories are indexed after the last one, all at once.
"""

from __future__ import annotations

import argparse
import functools
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, get_args

from bench.corpus import GROWTH, beginning, ensure_corpus
from bench.parallel import cpu_seconds
from bench.workspace import DEFAULT_ARTICLES, DEFAULT_WORK, Workspace
from searchapp.archive.copies import CopyFinder
from searchapp.archive.folding import Folding
from searchapp.archive.store import Dedupe
from searchapp.dedupe.preparation import Preparer
from searchapp.indexing import IndexOptions, index_paths

TENTHS: Final = 10
_STATUS: Final = Path("/proc/self/status")
_PEAK_RESET: Final = Path("/proc/self/clear_refs")
_KILO: Final = 1024
_FINDING_COPIES: Final = (
    (Preparer, "prepare"),
    *((CopyFinder, name) for name in ("compare", "compare_again", "finish", "note_places")),
    *((Folding, name) for name in ("load_keys", "load_linked", "settle", "promoted")),
)
"""What de-duplication consists of; what writing its results costs is counted with the archive."""


@dataclass(frozen=True, slots=True)
class Tenth:
    """What one tenth took: articles or stories, CPU and wall seconds, those of CPU for copies, and peak bytes."""

    count: int
    cpu: float
    wall: float
    copies: float
    peak: int

    @property
    def speed(self) -> float:
        """Articles or stories a second of CPU time."""
        return self.count / max(self.cpu, 1e-9)


@dataclass(slots=True)
class Stopwatch:
    """CPU seconds inside some functions, those inside one another counted once."""

    seconds: float = 0.0
    _depth: int = 0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time noted."""

        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            self._depth += 1
            try:
                return function(*arguments, **named)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.process_time() - began

        return run

    @contextmanager
    def over(self, methods: tuple[tuple[type, str], ...]) -> Iterator[None]:
        """Note the time of these methods of classes."""
        plain = [(owner, name, getattr(owner, name)) for owner, name in methods]
        try:
            for owner, name, method in plain:
                setattr(owner, name, self.timed(method))
            yield
        finally:
            for owner, name, method in plain:
                setattr(owner, name, method)


@dataclass(slots=True)
class Meter:
    """A progress that notes what each tenth of the articles took, and then what indexing them did."""

    articles: int
    copies: Stopwatch
    tenths: list[Tenth] = field(default_factory=list)
    indexing: Tenth | None = None
    _done: int = 0
    _noted: int = 0
    _began: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def start(self, total_bytes: int) -> None:
        """As `Progress.start`."""
        self._begin()

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """As `Progress.advance`."""
        self._done += articles
        if self._done * TENTHS >= self.articles * (len(self.tenths) + 1) and len(self.tenths) < TENTHS - 1:
            self._note()

    def phase(self, name: str, done: int, total: int) -> None:
        """As `Progress.phase`: where indexing begins, the last tenth ends, whatever was left out of it."""
        if name == "index" and len(self.tenths) == TENTHS - 1:
            self._note()
        if name == "index" and total and done >= total:
            self.indexing = self._spent(total)

    def _note(self) -> None:
        self.tenths.append(self._spent(self._done - self._noted))
        self._noted = self._done
        self._begin()

    def _spent(self, count: int) -> Tenth:
        cpu, wall, copies = (end - start for start, end in zip(self._began, self._now(), strict=True))
        return Tenth(count, cpu, wall, copies, peak_bytes())

    def _begin(self) -> None:
        self._began = self._now()
        forget_peak()

    def _now(self) -> tuple[float, float, float]:
        return cpu_seconds(), time.monotonic(), self.copies.seconds


def peak_bytes() -> int:
    """The most memory that the process held since `forget_peak`; where that cannot be told, since it began."""
    if _STATUS.exists():
        for line in _STATUS.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * _KILO
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILO


def forget_peak() -> None:
    """Count the most memory held from now on, where the system can."""
    if _PEAK_RESET.exists():
        _PEAK_RESET.write_text("5", "ascii")


def measure(corpus: Path, articles: int, directory: Path, dedupe: Dedupe) -> Meter:
    """Ingest a corpus of so many articles into a new directory, and print what came of it."""
    stopwatch = Stopwatch()
    meter = Meter(articles, stopwatch)
    began = cpu_seconds()
    with stopwatch.over(_FINDING_COPIES):
        summary = index_paths(directory, [corpus], IndexOptions(dedupe=dedupe), meter)
    seconds = cpu_seconds() - began
    print(f"{summary.accepted:,} articles in {summary.stories:,} stories, {summary.folded:,} folded")
    print(
        f"whole ingest: {seconds:.1f} s of CPU, {summary.accepted / seconds:,.0f} articles a CPU second, "
        f"{summary.articles_per_second:,.0f} a second; de-duplication's share {stopwatch.seconds / seconds:.0%}"
    )
    return meter


def print_tenths(meter: Meter) -> None:
    """A line for each tenth, and how fast the last is beside the first, without indexing and with its even share."""
    print("taking in, a tenth each line: articles a CPU second, a second, share for copies, peak MB")
    for tenth in meter.tenths:
        print(_line(tenth))
    first, last = meter.tenths[0], meter.tenths[-1]
    print(f"last tenth to first: {last.speed / first.speed:.2f}")
    if meter.indexing is not None:
        print(f"indexing, by stories:\n{_line(meter.indexing)}")
        share = meter.indexing.cpu / TENTHS
        speeds = [tenth.count / (tenth.cpu + share) for tenth in (first, last)]
        print(f"last tenth to first, each with a tenth of the indexing: {speeds[1] / speeds[0]:.2f}")


def _line(tenth: Tenth) -> str:
    wall = tenth.count / max(tenth.wall, 1e-9)
    return f"{tenth.speed:8,.0f} {wall:8,.0f} {tenth.copies / max(tenth.cpu, 1e-9):6.0%} {tenth.peak / 1e6:8,.0f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where the corpora go")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="the Saudi articles, JSON lines")
    parser.add_argument("--corpus", choices=GROWTH, default="tenfold")
    parser.add_argument("--limit", type=int, help="only so many articles of it, the first ones")
    parser.add_argument("--dedupe", choices=get_args(Dedupe), default="near")
    options = parser.parse_args()
    work = Workspace(options.work)
    articles = ensure_corpus(work, options.corpus, options.articles).articles
    corpus = work.corpus(options.corpus)
    with TemporaryDirectory() as scratch:
        if options.limit is not None and options.limit < articles:
            articles = options.limit
            corpus = beginning(corpus, articles, Path(scratch))
        print_tenths(measure(corpus, articles, Path(scratch) / "index", options.dedupe))


if __name__ == "__main__":
    main()
