"""Places to break things in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchapp import indexing
from searchapp.archive import intake
from searchapp.config import LIMITS
from searchapp.engine.storage import segment_writing
from tests.crash.workload import commit_often

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a thing: hundreds of commits are synced without a disk to wait for."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="searchapp-", dir=MEMORY))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def committing_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of a few articles is several transactions and commits, until the end of the test."""
    monkeypatch.setattr(intake, "LIMITS", LIMITS)
    monkeypatch.setattr(intake, "COMMIT_SECONDS", intake.COMMIT_SECONDS)
    monkeypatch.setattr(indexing, "STORIES_PER_COMMIT", indexing.STORIES_PER_COMMIT)
    monkeypatch.setattr(segment_writing, "SYNCED_AHEAD", segment_writing.SYNCED_AHEAD)
    commit_often()
