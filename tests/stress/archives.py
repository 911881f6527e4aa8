"""The archives that stress tests search: made-up news in seconds, 31,000 real articles in the long form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from searchapp.indexing import IndexOptions, index_paths
from tests.crash.workload import Silent
from tests.stress.news import write_news
from tests.stress.scale import LONG

MADE_UP = 800


@pytest.fixture(scope="session")
def large_archive(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A data directory to be read only: all of the Saudi news in the long form (or the one that
    SEARCHAPP_STRESS_ARCHIVE names), else made-up news in a few commits."""  # noqa: D205,D209 - one thought
    if LONG and "SEARCHAPP_STRESS_ARCHIVE" in os.environ:
        return Path(os.environ["SEARCHAPP_STRESS_ARCHIVE"])
    directory = tmp_path_factory.mktemp("large") / "index"
    if LONG:
        shared: Path = request.getfixturevalue("shared_data")
        index_paths(directory, [shared / "news" / "saudinews.jsonl.gz"], IndexOptions(), Silent())
        return directory
    for number in range(3):
        source = write_news(directory.with_name(f"{number}.jsonl"), MADE_UP // 3, seed=number, prefix=f"n{number % 2}-")
        index_paths(directory, [source], IndexOptions(), Silent())
    return directory
