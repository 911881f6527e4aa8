"""Killed with -9 at any moment, nothing acknowledged is lost, and running again ends at the same archive."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from searchapp import SearchRequest, open_index
from searchapp.archive.reading import ArchiveReader
from searchapp.errors import IndexMissing
from searchapp.indexing import verify
from tests.waiting import PATIENCE, next_line, started

RECORDS = 700
KILLS = 5
WORDS = (
    "وزير", "الخارجية", "وصل", "العاصمة", "اجتمع", "رئيس", "الحكومة", "أعلن", "قرار", "مدينة", "اقتصاد", "سوق", "نفط",
    "رياضة", "فريق", "مباراة", "طقس", "أمطار",
)  # fmt: skip

RUN = """
import sys
from pathlib import Path
from searchapp import indexing
from searchapp.archive import intake
from searchapp.config import Limits
from searchapp.indexing import IndexOptions, index_paths, rebuild

class Silent:
    def start(self, total_bytes): pass
    def advance(self, consumed_bytes, articles): pass
    def phase(self, name, done, total): pass

intake.LIMITS = Limits(batch_articles=40)
intake.COMMIT_SECONDS = 0
indexing.STORIES_PER_COMMIT = 300
directory, *paths = map(Path, sys.argv[1:])
print("started", flush=True)
if paths:
    index_paths(directory, paths, IndexOptions(), Silent())
else:
    rebuild(directory, Silent())
"""


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Records with copies, ids that come twice with other texts, and broken lines, in a file; and some pages."""
    chosen = random.Random(7)
    lines = []
    for number in range(RECORDS):
        text = " ".join(chosen.choices(WORDS, k=40)) if number % 7 else "خبر منقول عن الوكالة " * 10
        name = f"n{number if number % 11 else number // 2}"
        lines.append(json.dumps({"id": name, "title": f"خبر {number}", "text": text, "source": chosen.choice(WORDS)}))
        if number % 50 == 0:
            lines.append("{broken")
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(60):
        (pages / f"{number:03}.txt").write_text(f"عنوان {number}\n\n{' '.join(chosen.choices(WORDS, k=30))}\n", "utf-8")
    return [file, pages]


def run(root: Path, directory: Path, sources: list[Path], *, kill_after: float | None = None) -> None:
    """Index the sources, or rebuild where there are none; to the end, or killed after so many seconds."""
    command = [sys.executable, "-c", RUN, str(directory), *map(str, sources)]
    with started(command, cwd=root) as process:
        assert next_line(process) == "started"
        if kill_after is None:
            assert process.wait(PATIENCE) == 0
        else:
            time.sleep(kill_after)
            process.kill()
            process.wait(PATIENCE)


def everything(directory: Path) -> dict[str, object]:
    """All that must be equal: articles (but not when they came), pages, stories, old versions, rejects, searches."""
    connection = sqlite3.connect(directory / "archive.sqlite")
    kept = {
        "articles": "SELECT number, id, state, page, story, leads, content, fold_key FROM articles ORDER BY number",
        "pages": "SELECT number, line, offset, digest, checksum FROM pages ORDER BY number",
        "stories": "SELECT number, sequence, alive FROM stories ORDER BY number",
        "versions": "SELECT article, content FROM versions ORDER BY number",
        "rejects": "SELECT line, offset, reason FROM rejects ORDER BY source, offset",
        "sources": "SELECT path, complete FROM sources ORDER BY path",
    }
    dump: dict[str, object] = {name: connection.execute(statement).fetchall() for name, statement in kept.items()}
    connection.close()
    dump["rejects.jsonl"] = (directory / "rejects.jsonl").read_text(encoding="utf-8")
    with open_index(directory) as index:
        for word in WORDS:
            dump[word] = index.search(SearchRequest(q=word)).total
    return dump


def acknowledged(directory: Path) -> set[str]:
    """The ids that a killed run had committed; the archive always opens, or says that there is nothing in it yet."""
    try:
        with ArchiveReader(directory / "archive.sqlite") as archive:
            return {article.id for story in archive.stories() for article in story.articles}
    except IndexMissing:
        return set()


def test_a_run_killed_again_and_again_ends_where_an_undisturbed_one_does(
    tmp_path: Path, project_root: Path, sources: list[Path]
) -> None:
    began = time.monotonic()
    run(project_root, tmp_path / "calm", sources)
    whole_run = time.monotonic() - began
    moments = random.Random(time.time_ns())
    seen: set[str] = set()
    for _ in range(KILLS):
        run(project_root, tmp_path / "killed", sources, kill_after=moments.uniform(0, whole_run * 0.4))
        now = acknowledged(tmp_path / "killed")
        assert seen <= now
        seen = now
    run(project_root, tmp_path / "killed", sources)
    assert everything(tmp_path / "killed") == everything(tmp_path / "calm")
    assert verify(tmp_path / "killed").problems == ()


def test_a_killed_rebuild_leaves_the_old_index_serving_and_nothing_behind(
    tmp_path: Path, project_root: Path, sources: list[Path]
) -> None:
    directory = tmp_path / "index"
    run(project_root, directory, sources)
    before = everything(directory)
    moments = random.Random(time.time_ns())
    with open_index(directory) as index:
        for _ in range(3):
            run(project_root, directory, [], kill_after=moments.uniform(0, 0.5))
            assert index.search(SearchRequest(q=WORDS[0])).total == before[WORDS[0]]
            assert verify(directory).problems == ()
        run(project_root, directory, [])
    run(project_root, directory, sources)
    assert len(list((directory / "segments").iterdir())) == 1
    assert everything(directory) == before
