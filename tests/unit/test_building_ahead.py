"""Other processes build stories while more are taken in: what is found is the same, and what fails leaves nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from searchapp import SearchRequest, open_index
from searchapp.archive.directory import DataDirectory
from searchapp.archive.store import Dedupe
from searchapp.config import Limits
from searchapp.engine.storage import index_writer
from searchapp.engine.storage.building_process import BuildingProcesses
from searchapp.indexing import IndexOptions, index_paths
from searchapp.model import Story
from tests.index_samples import file_names
from tests.waiting import next_line, started

ARTICLES = 90
PATIENCE_SECONDS = 20.0
QUERIES = ("الوزير", '"وزير المدينة"', "خبر 7", "مدين*", "نهر", "")


class Silent:
    """A progress that may fail when so many articles have been read."""

    def __init__(self, fails_at: int = ARTICLES * 2) -> None:
        self._left = fails_at

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None:
        self._left -= articles
        if self._left < 0:
            raise KeyboardInterrupt

    def phase(self, name: str, done: int, total: int) -> None: ...


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 4)
    monkeypatch.setattr("searchapp.following.MANY_ARTICLES", 20)
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=10))
    monkeypatch.setattr("searchapp.archive.intake.ITEMS_PER_REPORT", 5)
    monkeypatch.setattr("searchapp.archive.intake.COMMIT_SECONDS", 0.0)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The stories of each batch that was given to another process."""
    given: list[int] = []
    offer = BuildingProcesses.offer

    def noting(processes: BuildingProcesses, stories: list[Story]) -> int | None:
        given.append(len(stories))
        return offer(processes, stories)

    monkeypatch.setattr(BuildingProcesses, "offer", noting)
    return given


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Articles, the last of which change what earlier ones say."""
    texts = {at: f"وصل وزير المدينة {at} واجتمع {'الوزير ' * (at % 4)}مع {at % 7}" for at in range(ARTICLES)}
    lines = [{"id": f"n{at}", "title": f"خبر {at}", "text": text} for at, text in texts.items()]
    lines += [{"id": f"n{at}", "title": f"خبر {at}", "text": f"{texts[at]} عند نهر"} for at in range(0, 30, 3)]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def found(directory: Path) -> list[list[str]]:
    with open_index(directory) as index:
        return [sorted(hit.id for hit in index.search(SearchRequest(q=query, per_page=100)).hits) for query in QUERIES]


def take_in(
    directory: Path, news: Path, processes: int, dedupe: Dedupe = "off", progress: Silent | None = None
) -> None:
    index_paths(directory, [news], IndexOptions(dedupe=dedupe, processes=processes), progress or Silent())


def test_what_is_built_ahead_is_found_as_if_it_were_not(tmp_path: Path, news: Path, offered: list[int]) -> None:
    take_in(tmp_path / "1", news, 1)
    assert not offered
    take_in(tmp_path / "2", news, 2)
    assert offered
    assert found(tmp_path / "2") == found(tmp_path / "1")
    assert len(found(tmp_path / "2")[-1]) == ARTICLES


def test_a_run_that_ends_early_leaves_nothing_that_was_built_ahead(
    tmp_path: Path, news: Path, offered: list[int]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        take_in(tmp_path / "2", news, 2, progress=Silent(fails_at=60))
    assert offered
    _, index = DataDirectory(tmp_path / "2").current_index()
    assert not [name for name in file_names(index) if name.endswith((".part", ".seg"))]
    take_in(tmp_path / "1", news, 1)
    take_in(tmp_path / "2", news, 2)
    assert found(tmp_path / "2") == found(tmp_path / "1")


RUN_AND_WAIT = """
import sys
from pathlib import Path
import searchapp.following
from searchapp.archive import intake
from searchapp.config import Limits
from searchapp.engine.storage import index_writer
from searchapp.engine.storage.building_process import BuildingProcesses
from searchapp.indexing import IndexOptions, index_paths
from tests.unit.test_building_ahead import Silent

class Waiting(Silent):
    def advance(self, consumed_bytes, articles):
        if processes:
            print(*(process.pid for process in processes[0]._processes), flush=True)
            sys.stdin.read()

processes = []
start = BuildingProcesses._start
BuildingProcesses._start = lambda self, part: (processes.append(self), start(self, part))
index_writer.BATCH_STORIES = 4
searchapp.following.MANY_ARTICLES = 20
intake.LIMITS, intake.ITEMS_PER_REPORT, intake.COMMIT_SECONDS = Limits(batch_articles=10), 5, 0.0
index_paths(Path(sys.argv[1]), [Path(sys.argv[2])], IndexOptions(dedupe="off", processes=2), Waiting())
"""


def test_a_run_that_is_killed_while_it_builds_ahead_can_be_run_again_at_once(
    tmp_path: Path, news: Path, project_root: Path
) -> None:
    command = [sys.executable, "-c", RUN_AND_WAIT, str(tmp_path / "2"), str(news)]
    with started(command, cwd=project_root, stdin=subprocess.PIPE) as parent:
        built_by = int(next_line(parent))
        parent.kill()
        parent.wait(PATIENCE_SECONDS)
        take_in(tmp_path / "2", news, 2)
        take_in(tmp_path / "1", news, 1)
        assert found(tmp_path / "2") == found(tmp_path / "1")
        end = time.monotonic() + PATIENCE_SECONDS
        while Path(f"/proc/{built_by}").exists() and "Z" not in Path(f"/proc/{built_by}/stat").read_text("utf-8"):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_nothing_is_built_ahead_while_copies_may_still_join_a_story(
    tmp_path: Path, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_writer.SegmentedIndexWriter, "is_free", None)
    take_in(tmp_path / "2", news, 2, dedupe="near")
    assert found(tmp_path / "2")[-1]
