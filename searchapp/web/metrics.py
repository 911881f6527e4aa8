"""Counts for Prometheus, over all worker processes together where the server has several."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from searchapp.web.settings import MULTIPROCESS_DIRECTORY

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_HITS: Final = (0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_KINDS: Final = ("counter", "histogram", "gauge_livemin")
_ROOM: Final = 1 << 17
"""Bytes for each kind: twice what all views and statuses take."""


class Metrics:
    """The counts of one application. With several workers they lie in files of the temporary folder.

    Raises:
        OSError: there is no room for those files.
    """

    def __init__(self) -> None:
        if MULTIPROCESS_DIRECTORY in os.environ:
            _reserve(Path(os.environ[MULTIPROCESS_DIRECTORY]))
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "searchapp_requests", "Requests answered, by view and status.", ["view", "status"], registry=registry
        )
        self._seconds = Histogram(
            "searchapp_request_seconds",
            "Seconds until the answer begins, by view.",
            ["view"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._hits = Histogram(
            "searchapp_search_hits", "Stories found by a search; the lowest bucket found none.", buckets=_HITS,
            registry=registry,
        )  # fmt: skip
        self._generation = Gauge(
            "searchapp_generation",
            "The generation of the index that is searched; of several workers, the oldest.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def observe(self, view: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(view, str(status)).inc()
        self._seconds.labels(view).observe(seconds)

    def searched(self, total: int, generation: int) -> None:
        """Count a search."""
        self._hits.observe(total)
        self.at_generation(generation)

    def at_generation(self, generation: int) -> None:
        """Note which generation of the index is searched."""
        self._generation.set(generation)

    def text(self) -> bytes:
        """All counts, of all workers, in Prometheus' text format."""
        if MULTIPROCESS_DIRECTORY not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def _reserve(folder: Path) -> None:
    """Take room for the files in which this process will count.

    Prometheus' client makes them without, and maps them: where the disk is full when it counts, the system kills the
    process (SIGBUS), and each that is started in its place.
    """
    for kind in _KINDS:
        path = folder / f"{kind}_{os.getpid()}.db"
        if path.exists():  # of a process that had the same number, or of another application in this one
            continue
        try:
            path.write_bytes(bytes(_ROOM))
        except OSError as error:
            path.unlink(missing_ok=True)
            error.filename = str(path)
            raise
