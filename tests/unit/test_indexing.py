"""From files to a searchable archive: what is taken, what is skipped, what is said."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from searchapp import SearchRequest, indexing, open_index
from searchapp.archive.directory import DataDirectory
from searchapp.archive.store import Archive, Dedupe, ReadPage, Stored
from searchapp.config import Limits
from searchapp.engine.backend import SegmentBackend
from searchapp.errors import IndexBroken, IndexBusy, IndexMissing
from searchapp.indexing import IndexOptions, IndexSummary, index_paths, optimize, rebuild, split, verify
from searchapp.ingest.readers import FieldMapping
from tests.waiting import PATIENCE

EXACT = IndexOptions()


class Told:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.total = self.bytes = self.articles = 0
        self.phases: list[tuple[str, int, int]] = []

    def start(self, total_bytes: int) -> None:
        self.total = total_bytes

    def advance(self, consumed_bytes: int, articles: int) -> None:
        self.bytes += consumed_bytes
        self.articles += articles

    def phase(self, name: str, done: int, total: int) -> None:
        self.phases.append((name, done, total))


def record(number: int, text: str | None = None, **fields: object) -> dict[str, object]:
    body = text if text is not None else f"وصل الوزير إلى المدينة رقم {number} واجتمع مع المسؤولين فيها"
    return {"id": f"n{number}", "title": f"خبر {number}", "text": body, "source": "الرياض"} | fields


def write_records(path: Path, *records: dict[str, object] | str) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records]
    data = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def run(directory: Path, *paths: Path, options: IndexOptions = EXACT) -> IndexSummary:
    return index_paths(directory, list(paths), options, Told())


def found(directory: Path, query: str) -> set[str]:
    with open_index(directory) as index:
        return {hit.id for hit in index.search(SearchRequest(q=query, per_page=100)).hits}


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz"])
def test_what_is_indexed_is_found(tmp_path: Path, name: str) -> None:
    file = write_records(tmp_path / name, record(1), record(2, "هطلت الأمطار على المدينة"))
    told = Told()
    summary = index_paths(tmp_path / "index", [file], EXACT, told)
    assert (summary.read, summary.accepted, summary.stories, summary.files) == (2, 2, 2, 1)
    assert (told.total, told.bytes, told.articles) == (file.stat().st_size, file.stat().st_size, 2)
    assert told.phases[-1] == ("index", 2, 2)
    assert found(tmp_path / "index", "أمطار") == {"n2"}


def test_running_again_does_nothing_twice(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1), record(2))
    run(tmp_path / "index", file)
    again = run(tmp_path / "index", file)
    assert (again.read, again.accepted, again.unchanged, again.files_skipped, again.stories) == (0, 0, 0, 1, 2)


def test_an_appended_file_brings_only_what_is_new(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1))
    run(tmp_path / "index", file)
    write_records(file, record(1), record(2))
    again = run(tmp_path / "index", file)
    assert (again.accepted, again.unchanged, again.stories) == (1, 1, 2)


def test_a_changed_record_is_found_by_its_new_words_alone(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1, "هطلت الأمطار على المدينة"))
    run(tmp_path / "index", file)
    write_records(file, record(1, "أشرقت الشمس على القرية"))
    assert run(tmp_path / "index", file).updated == 1
    assert found(tmp_path / "index", "أمطار") == set()
    assert found(tmp_path / "index", "الشمس") == {"n1"}
    assert verify(tmp_path / "index").problems == ()


def test_copies_are_one_story_unless_that_is_off(tmp_path: Path) -> None:
    text = "وصل وزير الخارجية إلى العاصمة اليوم واجتمع مع نظيره " * 5
    file = write_records(tmp_path / "news.jsonl", record(1, text), record(2, text, source="عكاظ"))
    exact = run(tmp_path / "exact", file)
    assert (exact.folded, exact.stories) == (1, 1)
    off = run(tmp_path / "off", file, options=IndexOptions(dedupe="off"))
    assert (off.folded, off.stories) == (0, 2)


def test_near_copies_are_one_story_that_every_copys_words_outlets_and_dates_find(tmp_path: Path) -> None:
    names = [f"كلمة{letter}{other}" for letter in "بتثجحخدذر" for other in "سشصضطظعغ"]
    body, shorter = " ".join(names), " ".join([*names[:50], "الفريدة"])
    file = write_records(
        tmp_path / "news.jsonl",
        record(1, body, source="الرياض", date="2015-07-22"),
        record(2, shorter, source="عكاظ", date="2015-07-20"),
        record(3, "خبر آخر عن كلمةبس وحدها", source="عكاظ", date="2015-07-21"),
    )
    summary = run(tmp_path / "index", file)
    assert (summary.folded, summary.stories) == (1, 2)
    with open_index(tmp_path / "index") as index:
        (hit,) = index.search(SearchRequest(q="الفريدة")).hits
        assert (hit.id, hit.outlets) == ("n1", ("الرياض", "عكاظ"))
        assert [copy.id for copy in hit.copies] == ["n1", "n2"]
        mixed = SearchRequest(q="الفريدة", sources=("الرياض",), date_to=date(2015, 7, 20))
        assert index.search(mixed).total == 0
        assert index.search(SearchRequest(q="كلمةبس", sources=("عكاظ",), date_to=date(2015, 7, 20))).total == 1
        oldest = index.search(SearchRequest(q="كلمةبس", sort="oldest"))
        assert [hit.id for hit in oldest.hits] == ["n1", "n3"]
        counts = {bucket.value: bucket.count for bucket in oldest.facets["outlet"]}
        assert counts == {"الرياض": 1, "عكاظ": 2}


def test_a_split_is_indexed_and_survives_reading_and_rebuilding(tmp_path: Path) -> None:
    text = "وصل وزير الخارجية إلى العاصمة اليوم واجتمع مع نظيره " * 5
    file = write_records(tmp_path / "news.jsonl", record(1, text), record(2, text, source="عكاظ"))
    run(tmp_path / "index", file)
    split(tmp_path / "index", "n1", "n2", Told())
    write_records(file, record(1, text), record(2, text, source="عكاظ"), record(3, text + " جديد"))
    run(tmp_path / "index", file)
    rebuild(tmp_path / "index", Told())
    assert verify(tmp_path / "index").problems == ()
    with open_index(tmp_path / "index") as index:
        stories = [{copy.id for copy in hit.copies} for hit in index.search(SearchRequest(q="الخارجية")).hits]
    assert not any({"n1", "n2"} <= story for story in stories)


def test_what_is_not_taken_is_told_with_file_line_and_reason_every_time(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1), "{broken", record(2, "", title=""), record(3))
    first, again = run(tmp_path / "index", file), run(tmp_path / "index", file)
    assert (first.accepted, first.rejected, again.rejected) == (2, 2, 2)
    assert first.rejects_file == tmp_path / "index" / "rejects.jsonl"
    rejects = [json.loads(line) for line in first.rejects_file.read_text(encoding="utf-8").splitlines()]
    assert [(reject["file"], reject["line"]) for reject in rejects] == [(str(file), 2), (str(file), 3)]
    assert rejects[0].keys() == {"file", "line", "offset", "reason"}
    assert "JSON" in rejects[0]["reason"]


def test_rejects_go_when_their_file_is_mended(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", "{broken")
    run(tmp_path / "index", file)
    write_records(file, record(1))
    mended = run(tmp_path / "index", file)
    assert (mended.accepted, mended.rejected, mended.rejects_file) == (1, 0, None)
    assert not (tmp_path / "index" / "rejects.jsonl").exists()


def test_other_field_names_read_a_file_again(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", {"key": "x", "prose": "وصل الوزير إلى المدينة"})
    assert run(tmp_path / "index", file).accepted == 0
    mapped = run(tmp_path / "index", file, options=IndexOptions(FieldMapping.parse("text=prose,id=key")))
    assert (mapped.accepted, mapped.rejected) == (1, 0)
    assert found(tmp_path / "index", "الوزير") == {"x"}


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1), record(2), "{broken")
    dry = run(tmp_path / "index", file, options=replace(EXACT, dry_run=True))
    assert (dry.accepted, dry.rejected, dry.undated, dry.rejects_file) == (2, 1, 2, None)
    assert not (tmp_path / "index").exists()


def test_a_dry_run_knows_what_the_archive_has(tmp_path: Path) -> None:
    run(tmp_path / "index", write_records(tmp_path / "a.jsonl", record(1), record(2)))
    file = write_records(tmp_path / "b.jsonl", record(1), record(2, "نص آخر"), record(3))
    dry = run(tmp_path / "index", tmp_path, options=replace(EXACT, dry_run=True))
    assert (dry.files_skipped, dry.unchanged, dry.updated, dry.accepted) == (1, 1, 1, 1)
    done = run(tmp_path / "index", file)
    assert (done.unchanged, done.updated, done.accepted) == (1, 1, 1)


def test_pages_in_many_files_share_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=3))
    monkeypatch.setattr("searchapp.archive.intake.COMMIT_SECONDS", 0)
    commits: list[Archive] = []
    plain = Archive.commit

    def commit(self: Archive) -> None:
        commits.append(self)
        plain(self)

    monkeypatch.setattr(Archive, "commit", commit)
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(7):
        (pages / f"{number}.txt").write_text(f"عنوان الخبر {number}\n\nنص الخبر رقم {number} في المدينة\n", "utf-8")
    assert run(tmp_path / "index", pages).files == 7
    assert len(commits) == 3


def test_batches_that_come_quickly_share_a_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=2))
    clock = count(0.0, 0.4)
    monkeypatch.setattr("searchapp.archive.intake.monotonic", lambda: next(clock))
    added: list[int] = []
    commits: list[int] = []
    add, commit = Archive.add_pages, Archive.commit

    def add_pages(self: Archive, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        added.append(len(pages))
        return add(self, pages, dedupe)

    def committed(self: Archive) -> None:
        commits.append(len(added))
        commit(self)

    monkeypatch.setattr(Archive, "add_pages", add_pages)
    monkeypatch.setattr(Archive, "commit", committed)
    run(tmp_path / "index", write_records(tmp_path / "news.jsonl", *(record(number) for number in range(12))))
    assert len(found(tmp_path / "index", "الوزير")) == 12
    assert [each for each in commits if each] == [3, 6, 7]


def test_the_index_follows_in_commits_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "STORIES_PER_COMMIT", 4)
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=2))
    monkeypatch.setattr("searchapp.archive.intake.COMMIT_SECONDS", 0)
    file = write_records(tmp_path / "news.jsonl", *(record(number) for number in range(10)))
    run(tmp_path / "index", file)
    assert len(found(tmp_path / "index", "الوزير")) == 10
    assert verify(tmp_path / "index").problems == ()


class Interrupting(Told):
    """Ctrl-C after so many articles."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def advance(self, consumed_bytes: int, articles: int) -> None:
        super().advance(consumed_bytes, articles)
        if self.articles == self.after:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_after_its_last_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=4))
    monkeypatch.setattr("searchapp.archive.intake.COMMIT_SECONDS", 0)
    monkeypatch.setattr("searchapp.archive.intake.ITEMS_PER_REPORT", 1)
    file = write_records(tmp_path / "news.jsonl", *(record(number) for number in range(10)))
    with pytest.raises(KeyboardInterrupt):
        index_paths(tmp_path / "index", [file], EXACT, Interrupting(6))
    again = run(tmp_path / "index", file)
    assert (again.accepted, again.unchanged, again.stories) == (6, 0, 10)
    assert len(found(tmp_path / "index", "الوزير")) == 10


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    file = write_records(tmp_path / "news.jsonl", record(1))
    with DataDirectory(tmp_path / "index").writing(create=True), pytest.raises(IndexBusy, match="is writing to"):
        run(tmp_path / "index", file)


def test_rebuild_gives_the_same_hits(tmp_path: Path) -> None:
    run(tmp_path / "index", write_records(tmp_path / "news.jsonl", record(1), record(2)))
    before = found(tmp_path / "index", "الوزير")
    summary = rebuild(tmp_path / "index", Told())
    assert (summary.stories, summary.number) == (2, 2)
    assert found(tmp_path / "index", "الوزير") == before == {"n1", "n2"}
    assert verify(tmp_path / "index").problems == ()


def test_optimize_leaves_one_segment_and_the_same_hits(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    for number in range(1, 4):
        run(directory, write_records(tmp_path / "news.jsonl", record(1, f"وصل الوزير {number}"), record(number)))
    _, path = DataDirectory(directory).current_index()
    assert len(list(path.glob("*.seg"))) > 1
    before = found(directory, "الوزير")
    optimize(directory)
    assert (len(list(path.glob("*.seg"))), list(path.glob("*.del"))) == (1, [])
    assert found(directory, "الوزير") == before
    assert verify(directory).problems == ()


def test_a_lost_index_is_made_again_by_rebuild(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run(directory, write_records(tmp_path / "news.jsonl", record(1)))
    (directory / "CURRENT").write_text("nonsense")
    assert "CURRENT holds no number" in verify(directory).problems[0]
    with pytest.raises(IndexBroken, match="searchapp rebuild"):
        open_index(directory)
    rebuild(directory, Told())
    assert found(directory, "الوزير") == {"n1"}


def test_rebuild_and_verify_without_an_archive_make_nothing(tmp_path: Path) -> None:
    for work in (
        lambda: rebuild(tmp_path / "index", Told()),
        lambda: verify(tmp_path / "index"),
        lambda: open_index(tmp_path / "index"),
    ):
        with pytest.raises(IndexMissing, match="searchapp index PATH…"):
            work()
    assert not (tmp_path / "index").exists()


def test_verify_names_stories_that_the_index_lacks_or_has_too_many(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run(directory, write_records(tmp_path / "news.jsonl", record(1), record(2), record(3)))
    backend, (_, path) = SegmentBackend(), DataDirectory(directory).current_index()
    with Archive(directory / "archive.sqlite") as archive:
        first, second, _ = list(archive.stories())
    writer = backend.open_writer(path)
    writer.replace(replace(first, articles=()))
    writer.replace(replace(second, sequence=1000))
    writer.replace(replace(second, number=99))
    writer.commit(3)
    problems = verify(directory).problems
    assert problems == (
        "index: story 1 is missing",
        "index: story 2 is stale (holds change 1000, the archive 2)",
        "index: story 99 is there, but not in the archive",
    )


def test_verify_says_when_a_stopped_run_left_the_index_behind(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run(directory, write_records(tmp_path / "news.jsonl", record(1), record(2)))
    with Archive(directory / "archive.sqlite") as archive, archive.transaction():
        archive.delete("n1")
    assert "lacks the last 1 changed stories" in verify(directory).problems[0]
    with DataDirectory(directory).writing(create=False):
        assert verify(directory).problems == ()
    run(directory, tmp_path / "news.jsonl")
    assert verify(directory).problems == ()
    assert found(directory, "الوزير") == {"n2"}


def test_verify_finds_a_flipped_bit_in_an_articles_bytes(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run(directory, write_records(tmp_path / "news.jsonl", record(1), record(2)))
    with Archive(directory / "archive.sqlite") as archive:
        (data,) = archive._connection.execute("SELECT data FROM articles WHERE id = 'n1'").fetchone()
    content = bytearray((directory / "archive.sqlite").read_bytes())
    content[content.index(data) + 20] ^= 4
    (directory / "archive.sqlite").write_bytes(content)
    assert verify(directory).problems == ("article n1: does not fit its checksum",)
    with open_index(directory) as index, pytest.raises(IndexBroken, match="article n1"):
        index.article("n1")


def test_an_index_that_is_newer_than_its_archive_is_not_written_to(tmp_path: Path) -> None:
    directory, file = tmp_path / "index", write_records(tmp_path / "news.jsonl", record(1))
    run(directory, file)
    for name in os.listdir(directory):  # noqa: PTH208
        if name.startswith("archive"):
            (directory / name).unlink()
    with pytest.raises(IndexBroken, match="newer than the archive"):
        run(directory, file)


READING_AS_NOBODY = """
import os, sys
from pathlib import Path
from searchapp import SearchRequest, open_index
from searchapp.errors import UsageError
from searchapp.indexing import IndexOptions, index_paths, verify
import searchapp.archive.intake  # what is imported when it is needed
directory, writable = Path(sys.argv[1]), Path(sys.argv[2])
if os.geteuid() == 0:  # root may write anywhere; nobody may not, but may not load modules of root's either
    with open_index(writable) as index:
        index.search(SearchRequest(q="الوزير"))
    os.setuid(65534)
with open_index(directory) as index:
    print([hit.id for hit in index.search(SearchRequest(q="الوزير")).hits], index.article("n1").id)
print(verify(directory).problems)
try:
    index_paths(directory, [], IndexOptions(), None)
except UsageError as error:
    print(error)
"""


def test_a_read_only_directory_can_be_searched_and_verified(tmp_path: Path, project_root: Path) -> None:
    directory = tmp_path / "index"
    run(directory, write_records(tmp_path / "news.jsonl", record(1)))
    shutil.copytree(directory, tmp_path / "writable")
    for path in (*directory.rglob("*"), directory):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("test_", "popen-", "pytest-")):  # only root may look into those by default
            parent.chmod(0o755)
    reader = subprocess.run(
        [sys.executable, "-B", "-c", READING_AS_NOBODY, str(directory), str(tmp_path / "writable")],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert reader.stderr == ""
    said = reader.stdout.splitlines()
    assert said[:2] == ["['n1'] n1", "()"]
    assert "cannot be written to" in said[2]
