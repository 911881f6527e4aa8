"""Pages under load: wrk asks a server on this machine for a mix of results pages (`python -m bench.load --index DIR`).

Apart from requests a second, which depend on what else the machine does, it tells the processor time that the server's
workers spent on a page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.corpus import read_articles
from bench.queries import Query, draw_queries
from bench.workspace import DEFAULT_ARTICLES

CLIENT_THREADS: Final = 2
ENCODINGS: Final = "zstd, gzip"
SCRIPT: Final = """
local addresses, at = {}, 0
for line in io.lines("%s") do addresses[#addresses + 1] = line end
function request()
  at = at + 1
  return wrk.format("GET", addresses[at %% #addresses + 1], {["Accept-Encoding"] = "%s"})
end
function done(summary, latency)
  local failed = summary.errors
  print(string.format("errors: %%d of connections, %%d of statuses, %%d timeouts",
    failed.connect + failed.read + failed.write, failed.status, failed.timeout))
  print(string.format("milliseconds: p50 %%.1f  p90 %%.1f  p99 %%.1f  max %%.1f", latency:percentile(50) / 1000,
    latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


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


def processor_seconds(process: int) -> float:
    """The processor time of a process and its children so far."""
    family = [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]
    ticks = 0
    for member in family:
        fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def requests_served(address: str) -> float:
    """How many results pages the server has counted."""
    with urlopen(f"{address}metrics", timeout=30) as answer:  # noqa: S310 - an address on this machine
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if "requests_total{" in line and 'view="results"' in line)


def run(options: argparse.Namespace, wrk: str) -> None:
    """Load one server and print what it did."""
    with tempfile.TemporaryDirectory() as folder, serving(options.index, options.workers) as (address, process):
        listed = Path(folder, "addresses.txt")
        listed.write_text("\n".join(mix(options.articles)) + "\n", encoding="utf-8")
        script = Path(folder, "mix.lua")
        script.write_text(SCRIPT % (listed, ENCODINGS), encoding="utf-8")
        before = processor_seconds(process)
        size = [f"-t{CLIENT_THREADS}", f"-c{options.connections}", f"-d{options.seconds}s"]
        subprocess.run([wrk, *size, "-s", str(script), address], check=True)
        spent, served = processor_seconds(process) - before, requests_served(address)
        print(f"{served:,.0f} pages; {1000 * spent / max(served, 1):.2f} ms of processor time a page")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=60)
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("bench.load: wrk is not installed; it is in most systems' packages under that name")
    run(parser.parse_args(), wrk)


if __name__ == "__main__":
    main()
