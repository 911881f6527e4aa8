"""Writes articles into an index, batch after batch, each in a process of its own, while something else is measured."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

BATCH: Final = 500
"""Articles that are indexed and committed at once: what some hours bring to a large archive."""


DONE: Final = (0, 3)
"""Exit codes: all was taken, or all but what was rejected."""


@dataclass(slots=True)
class Fed:
    """What has been indexed so far."""

    articles: int = 0
    batches: int = 0
    failures: int = 0


@contextmanager
def feeding(source: Path, index: Path, folder: Path) -> Iterator[Fed]:
    """Index the articles of a file of JSON lines until the block ends; a batch that is under way is finished."""
    fed, enough = Fed(), threading.Event()
    writer = threading.Thread(target=_feed, args=(source, index, folder / "batch.jsonl", fed, enough))
    writer.start()
    try:
        yield fed
    finally:
        enough.set()
        writer.join()


def _feed(source: Path, index: Path, batch: Path, fed: Fed, enough: threading.Event) -> None:
    with source.open("rb") as lines:
        while not enough.is_set() and (wanted := list(islice(lines, BATCH))):
            batch.write_bytes(b"".join(wanted))
            command = [sys.executable, "-m", "searchapp", "index", str(batch), "--index", str(index)]
            code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
            fed.articles, fed.batches, fed.failures = (
                fed.articles + len(wanted), fed.batches + 1, fed.failures + (code not in DONE),
            )  # fmt: skip
