"""Pages under load: wrk asks a server on this machine for a mix of results pages (`python -m bench.load --index DIR`).

Apart from requests a second, which depend on what else the machine does, it tells the processor time that the server's
workers spent on a page. With `--while-indexing FILE` articles of that file are written, batch after batch, into a copy
of the index meanwhile, and wrk asks for 70 per cent of the pages that the server gave without that.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.child import Memory, parse_smaps
from bench.corpus import read_articles
from bench.feeding import feeding
from bench.queries import Query, draw_queries
from bench.workspace import DEFAULT_ARTICLES
from searchapp.engine.storage.segment import SUFFIX

CLIENT_THREADS: Final = 2
ENCODINGS: Final = "zstd, gzip"
CAPACITY_SECONDS: Final = 15
"""How long the server is asked for all that it can, to know what its capacity is and to be warm."""
SHARE_OF_CAPACITY: Final = 0.7
SETTLING_SECONDS: Final = 3
"""After the last batch: a worker lets go of the state before it with the next request that it answers."""
BEFORE_THE_END: Final = 1
"""So many seconds before the last request memory is read at work: half a second after it, a worker may rest."""
RESTING_SECONDS: Final = 2
"""Without a request: a worker then gives back what it can do without. Memory is read at work, and after this."""

SCRIPT: Final = """
local ffi = require("ffi")
ffi.cdef[[typedef struct { long seconds; long microseconds; } moment; int gettimeofday(moment *now, void *zone);]]
local addresses, at, due, apart = {}, 0, nil, %(apart)s
for line in io.lines("%(addresses)s") do addresses[#addresses + 1] = line end
function request()
  at = at + 1
  return wrk.format("GET", addresses[at %% #addresses + 1], {["Accept-Encoding"] = "%(encodings)s"})
end
local function now()
  local moment = ffi.new("moment")
  ffi.C.gettimeofday(moment, nil)
  return tonumber(moment.seconds) * 1000 + tonumber(moment.microseconds) / 1000
end
if apart > 0 then
  function delay()
    local time = now()
    due = math.max((due or time) + apart, time)
    return due - time
  end
end
function done(summary, latency)
  local failed = summary.errors
  print(string.format('{"requests": %%d, "seconds": %%f, "broken": %%d, "refused": %%d, "late": %%d, ' ..
    '"p50": %%f, "p90": %%f, "p99": %%f, "max": %%f}', summary.requests, summary.duration / 1e6,
    failed.connect + failed.read + failed.write, failed.status, failed.timeout, latency:percentile(50) / 1000,
    latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""
"""What wrk runs. `apart` is the time in milliseconds from a thread's request to its next; 0 for as many as it can."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What wrk saw: requests, errors of connections, of statuses and by time, and latencies in milliseconds."""

    requests: int
    seconds: float
    broken: int
    refused: int
    late: int
    p50: float
    p90: float
    p99: float
    max: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def __str__(self) -> str:
        """The figures in two lines."""
        return (
            f"{self.requests:,} pages, {self.rate:.1f} a second; "
            f"errors: {self.broken} of connections, {self.refused} of statuses, {self.late} timeouts\n"
            f"milliseconds: p50 {self.p50:.1f}  p90 {self.p90:.1f}  p99 {self.p99:.1f}  max {self.max:.1f}"
        )


def addresses(queries: Iterable[Query]) -> Iterator[str]:
    """A results page for each query, of six kinds in turn."""
    kinds = cycle(range(6))
    for query, kind in zip(queries, kinds, strict=False):
        parameters: dict[str, str] = (
            {"q": query.words},
            {"q": f'"{query.phrase}"'},
            {"q": query.term},
            {"q": query.words, "source": query.outlet},
            {"q": query.words, "from": query.date_from, "to": query.date_to},
            {"q": query.term, "sort": "newest", "page": "2"},
        )[kind]
        yield f"/search?{urlencode(parameters)}"


def mix(articles: Path) -> list[str]:
    """The pages that are asked for, drawn from the titles of some articles."""
    found = list(read_articles(articles))
    days = sorted(article.date for article in found if article.date)
    words = ((article.title, article.text, article.source) for article in found)
    return list(addresses(draw_queries(words, days[0], days[-1])))


@contextmanager
def serving(index: Path, workers: int) -> Iterator[tuple[str, int]]:
    """A server on this machine: its address and its process."""
    command = [sys.executable, "-m", "searchapp", "serve", "--index", str(index), "--port", "0"]
    with subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip(), server.pid
        finally:
            server.terminate()


def family(process: int) -> list[int]:
    """A process and its children."""
    return [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]


def processor_seconds(process: int) -> float:
    """The processor time of a process and its children so far."""
    ticks = 0
    for member in family(process):
        fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> Memory:
    """The memory of a process and its children, in bytes."""
    each = [parse_smaps(Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")) for one in family(process)]
    return Memory(*(sum(values) for values in zip(*map(astuple, each), strict=True)))


def memory_at_rest(process: int) -> Memory:
    """The memory of a server when nobody has asked for anything for a while."""
    time.sleep(RESTING_SECONDS)
    return memory(process)


def count_segments(index: Path) -> int:
    """How many segments an index has; what workers know of a word they know of each of them."""
    return sum(1 for _ in index.glob(f"**/*{SUFFIX}"))


def requests_served(address: str) -> float:
    """How many results pages the server has counted."""
    with urlopen(f"{address}metrics", timeout=30) as answer:  # noqa: S310 - an address on this machine
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if "requests_total{" in line and 'view="results"' in line)


@dataclass(frozen=True, slots=True)
class Asking:
    """wrk, the pages that it asks for, and how many connections it keeps."""

    wrk: str
    folder: Path
    connections: int

    @classmethod
    def of(cls, options: argparse.Namespace, wrk: str, folder: Path) -> Asking:
        """Write down what will be asked for."""
        (folder / "addresses.txt").write_text("\n".join(mix(options.articles)) + "\n", encoding="utf-8")
        return cls(wrk, folder, options.connections)

    def __call__(self, address: str, seconds: int, rate: float = 0) -> Answers:
        """Ask for so many pages a second, or for all that come."""
        apart = 1000 * CLIENT_THREADS / rate if rate else 0
        script = self.folder / "mix.lua"
        values = {"addresses": self.folder / "addresses.txt", "encodings": ENCODINGS, "apart": apart}
        script.write_text(SCRIPT % values, encoding="utf-8")
        size = [f"-t{CLIENT_THREADS}", f"-c{self.connections}", f"-d{seconds}s"]
        command = [self.wrk, *size, "-s", str(script), address]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        figures: dict[str, Any] = json.loads(told[told.index("{") :])
        return Answers(**figures)

    def watched(self, address: str, seconds: int, rate: float, process: int) -> tuple[Answers, Memory]:
        """As a call, and the server's memory while it is still being asked."""
        read: list[Memory] = []
        reading = threading.Timer(seconds - BEFORE_THE_END, lambda: read.append(memory(process)))
        reading.start()
        answers = self(address, seconds, rate)
        reading.join()
        return answers, read[0]


def run(options: argparse.Namespace, wrk: str) -> None:
    """Load one server and print what it did."""
    with tempfile.TemporaryDirectory() as folder, serving(options.index, options.workers) as (address, process):
        asking = Asking.of(options, wrk, Path(folder))
        before = processor_seconds(process)
        print(asking(address, options.seconds))
        spent, served = processor_seconds(process) - before, requests_served(address)
        print(f"{served:,.0f} pages; {1000 * spent / max(served, 1):.2f} ms of processor time a page")


def run_while_indexing(options: argparse.Namespace, wrk: str) -> None:
    """Load one server while its index is written to, and print what became of both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = Path(shutil.copytree(options.index, folder / "index"))
        with serving(index, options.workers) as (address, process):
            asking = Asking.of(options, wrk, folder)
            capacity = asking(address, CAPACITY_SECONDS)
            print(f"alone, as many as it can:\n{capacity}")
            rate = SHARE_OF_CAPACITY * capacity.rate
            answers, at_work = asking.watched(address, options.seconds, rate, process)
            print(f"alone, {SHARE_OF_CAPACITY:.0%} of that:\n{answers}")
            before, segments = (at_work, memory_at_rest(process)), count_segments(index)
            with feeding(options.while_indexing, index, folder) as fed:
                answers, at_work = asking.watched(address, options.seconds, rate, process)
            asking(address, SETTLING_SECONDS, rate)
            after = at_work, memory_at_rest(process)
        print(f"while indexing:\n{answers}")
        print(f"indexed meanwhile: {fed.articles:,} articles in {fed.batches} batches, {fed.failures} failures")
        print(f"segments of the index: {segments}, then {count_segments(index)}")
        for when, earlier, later in zip(("at work", "at rest"), before, after, strict=True):
            for one in fields(Memory):
                was, now = (getattr(figures, one.name) / 2**20 for figures in (earlier, later))
                print(f"memory {when}, {one.name}: {was:.1f} MiB, then {now:.1f} ({now / was - 1:+.1%})")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--while-indexing", type=Path, help="JSON lines of articles that the index does not have")
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("bench.load: wrk is not installed; it is in most systems' packages under that name")
    options = parser.parse_args()
    (run_while_indexing if options.while_indexing else run)(options, wrk)


if __name__ == "__main__":
    main()
