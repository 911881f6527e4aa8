"""Taking in by several processes: the archive is the same row by row as by one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchapp.archive.page_work import BeginSource, PageWork, Step
from searchapp.archive.reading import SourceIdentity
from searchapp.archive.store import Dedupe
from searchapp.engine.storage import building_start
from searchapp.indexing import IndexOptions, index_paths, verify
from searchapp.ingest.outlets import default_outlets
from searchapp.ingest.readers import FieldMapping
from searchapp.ingest.sources import SourceFile
from searchapp.model import RawPage, Reject
from searchapp.taking_in import page_service, pages_ahead
from searchapp.taking_in.page_processes import PageProcesses
from searchapp.taking_in.pages_ahead import PagesAhead
from tests.taking_in_samples import (
    PROCESSES,
    Given,
    Silent,
    note_given,
    rows,
    run,
    take_small_steps,
    write_inputs,
    write_pages,
    write_records,
)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    take_small_steps(monkeypatch)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    return note_given(monkeypatch)


@pytest.mark.parametrize("dedupe", ["near", "off"])
def test_the_archive_is_that_of_one_process_row_by_row(tmp_path: Path, given: Given, dedupe: Dedupe) -> None:
    folder = write_inputs(tmp_path / "inputs")
    alone = run(tmp_path / "1", folder, 1, dedupe)
    assert not given.pages
    together = run(tmp_path / "2", folder, PROCESSES, dedupe)
    assert sum(given.pages) > 80
    assert rows(tmp_path / "2") == rows(tmp_path / "1")
    counts = [
        (one.read, one.accepted, one.updated, one.unchanged, one.folded, one.undated, one.rejected, one.stories)
        for one in (alone, together)
    ]
    assert counts[0] == counts[1]
    assert alone.rejected > 10
    assert alone.updated
    assert (tmp_path / "1/rejects.jsonl").read_bytes() == (tmp_path / "2/rejects.jsonl").read_bytes()
    assert verify(tmp_path / "2").problems == ()


def test_what_the_writing_process_does_rather_than_wait_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, take_back = page_service.PageMaker.make, PageProcesses.take_back
    taken: list[int] = []

    def slow(maker: page_service.PageMaker, order: page_service.Order) -> page_service.Made:
        time.sleep(0.05)
        return make(maker, order)

    def noting(processes: PageProcesses) -> int | None:
        number = take_back(processes)
        taken.extend([] if number is None else [number])
        return number

    monkeypatch.setattr(page_service.PageMaker, "make", slow)
    monkeypatch.setattr(PageProcesses, "take_back", noting)
    file = write_records(tmp_path / "news.jsonl", 60)
    for processes in (1, 2):
        run(tmp_path / str(processes), file, processes)
    assert taken
    assert rows(tmp_path / "2") == rows(tmp_path / "1")


def test_processes_that_are_started_fresh_do_the_same(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building_start, "may_fork", lambda: False)
    file = write_records(tmp_path / "news.jsonl")
    for processes in (1, 2):
        run(tmp_path / str(processes), file, processes)
    assert given.pages
    assert rows(tmp_path / "2") == rows(tmp_path / "1")


def test_what_changed_is_the_same_when_it_is_read_again(tmp_path: Path, given: Given) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    for count, version in ((20, "1"), (40, "another")):
        write_records(folder / "news.jsonl", count)
        write_pages(folder, version)
        for processes in (1, 2):
            run(tmp_path / str(processes), folder, processes)
    assert given.pages
    found = rows(tmp_path / "2")
    assert len(found["versions"]) > 5
    assert found == rows(tmp_path / "1")


def test_what_the_archive_has_already_is_not_prepared_again(tmp_path: Path, given: Given) -> None:
    file = write_records(tmp_path / "news.jsonl")
    run(tmp_path / "index", file, 1)
    os.utime(file, (1, 1))
    assert run(tmp_path / "index", file, 2).accepted == 0
    assert given.prepares[0]
    assert not given.prepares[-1]


def test_a_dry_run_counts_the_same(tmp_path: Path, given: Given) -> None:
    folder = write_inputs(tmp_path / "inputs")
    options = [IndexOptions(dry_run=True, processes=processes) for processes in (1, 2)]
    one, other = (index_paths(tmp_path / "none", [folder], each, Silent()) for each in options)
    assert given.pages
    assert (one.read, one.accepted, one.folded, one.rejected) == (
        other.read, other.accepted, other.folded, other.rejected,
    )  # fmt: skip


def test_little_input_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given) -> None:
    monkeypatch.setattr(pages_ahead, "ALONE_SECONDS", 600.0)
    assert run(tmp_path / "index", write_records(tmp_path / "news.jsonl")).accepted == 41
    assert not given.pages


def raw_page(number: int, size: int) -> RawPage:
    raw = b"x" * size
    return RawPage("a.txt", "a.txt", number, number + 1, number, None, raw, f"عنوان {number}\n\nخبر")


def steps_counted(count: int, size: int, read: list[int]) -> Iterator[Step]:
    source = SourceFile(Path("a.txt"), "a.txt", "a.txt", "page", "none", 1, 1)
    yield BeginSource(source, SourceIdentity(b"a", "a", 1, 1, b"", ""))
    for number in range(count):
        read.append(number)
        yield raw_page(number, size)
        if number % 10 == 0:
            yield Reject("a.txt", None, number, number + 1, number, "no page")


@pytest.mark.parametrize(("size", "most"), [(1, 42), (70, 20), (2000, 2)])
def test_no_more_is_read_ahead_than_keeps_the_processes_busy(
    size: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_ahead, "BATCH_BYTES", 100)
    monkeypatch.setattr(pages_ahead, "MOST_BYTES", 1000)
    read, places = list[int](), list[int]()
    with PagesAhead(PROCESSES, PageWork(FieldMapping(), default_outlets()), prepares=False) as ahead:
        for outcome in ahead.done(steps_counted(200, size, read)):
            if isinstance(outcome, tuple):
                places.append(outcome[0].offset)
            assert len(read) - len(places) <= most
    assert places == list(range(200))
