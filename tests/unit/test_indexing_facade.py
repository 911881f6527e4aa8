"""One open index for many threads, while others write."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from searchapp import SearchRequest, open_index
from searchapp import index as facade
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.engine.protocol import Variants
from searchapp.errors import ArticleNotFound, IndexMissing, UsageError
from searchapp.indexing import IndexOptions, index_paths, rebuild
from searchapp.model import Article, Hit, Ranking, SearchResult, Statistics, Story, UnderstoodQuery
from tests.waiting import join, run_threads


class Silent:
    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


def add(directory: Path, *numbers: int) -> None:
    file = directory.parent / f"{numbers[0]}.jsonl"
    records = [
        {"id": f"n{n}", "title": f"خبر {n}", "text": f"وصل الوزير إلى المدينة رقم {n}", "date": "2015-07-21"}
        for n in numbers
    ]
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    index_paths(directory, [file], IndexOptions(), Silent())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    add(tmp_path / "index", 1, 2)
    return tmp_path / "index"


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facade, "SECONDS_BETWEEN_CHECKS", 0.0)


MINISTER = SearchRequest(q="الوزير")


def test_articles_come_with_copies_page_and_marks(directory: Path) -> None:
    with open_index(directory) as index:
        article = index.article("n1")
        assert index.copies("n1") == (article,)
        assert json.loads(index.raw("n1"))["id"] == "n1"
        title, body = index.mark(article, MINISTER)
        assert title is not None
        assert [body.text[slice(*span)] for span in body.spans] == ["الوزير"]
        with pytest.raises(ArticleNotFound, match="n9"):
            index.article("n9")


def test_statistics_carry_the_generation(directory: Path) -> None:
    with open_index(directory) as index:
        found = index.statistics()
        assert (found.articles, found.first, found.generation) == (2, date(2015, 7, 21), index.generation)


def test_the_index_counts_what_the_archive_does(directory: Path) -> None:
    add(directory, 3, 4)
    with open_index(directory) as index:
        assert index.statistics() == index.details().statistics


def test_new_commits_and_rebuilds_are_seen_and_the_generation_rises(directory: Path) -> None:
    with open_index(directory) as index:
        generations = [index.generation]
        add(directory, 3)
        assert index.search(MINISTER).total == 3
        generations.append(index.generation)
        rebuild(directory, Silent())
        assert index.search(MINISTER).total == 3
        generations.append(index.generation)
    assert generations == sorted(set(generations))


def test_a_closed_index_says_that_it_is_closed(directory: Path) -> None:
    index = open_index(directory)
    index.close()
    index.close()
    with pytest.raises(UsageError, match="closed"):
        index.search(MINISTER)


def test_a_stream_is_of_one_commit_to_its_end_whatever_is_written_meanwhile(directory: Path) -> None:
    with open_index(directory) as index:
        with index.stream(MINISTER) as (result, hits):
            first = next(hits)
            add(directory, 3)
            rebuild(directory, Silent())
            assert index.search(MINISTER).total == 3
            assert {first.id, *(hit.id for hit in hits)} == {"n1", "n2"}
            assert result.generation < index.generation
        with index.stream(MINISTER) as (result, hits):
            assert (result.total, len(list(hits))) == (3, 3)
        assert index.completions("وصل الو") == ("وصل الوزير",)


def test_an_index_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="no archive in"):
        open_index(tmp_path)


def test_searching_goes_on_in_many_threads_while_others_write_and_rebuild(directory: Path) -> None:
    errors: list[BaseException] = []
    done = threading.Event()

    def search(index: facade.Index) -> None:
        seen = 0, 0
        try:
            while not done.is_set():
                result = index.search(MINISTER)
                ids = {hit.id for hit in result.hits}
                assert {"n1", "n2"} <= ids
                assert (result.generation, result.total) >= seen
                seen = result.generation, result.total
                assert index.article("n1").id == "n1"
                index.statistics()
        except BaseException as error:
            errors.append(error)

    with open_index(directory) as index:
        threads = [threading.Thread(target=search, args=(index,), daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(3, 6):
                add(directory, number)
                rebuild(directory, Silent())
        finally:
            done.set()
            join(*threads)
        assert errors == []
        assert index.search(MINISTER).total == 5


class FakeReader:
    """Counts what is open, and can be made to look old."""

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.closed = False
        self.current = True
        self.entered, self.go_on = threading.Event(), threading.Event()

    def is_current(self) -> bool:
        return self.current

    def damage(self) -> list[str]:
        return []

    def absent_files(self) -> list[str]:
        return []

    def search(self, request: SearchRequest) -> SearchResult:
        self.entered.set()
        assert self.go_on.wait(10)
        assert not self.closed
        return SearchResult(
            total=0,
            exact=True,
            relaxed=False,
            hits=(),
            facets={},
            query=UnderstoodQuery(request.q),
            corrections=(),
            took=0.0,
            generation=self.generation,
        )

    def ranking(self, request: SearchRequest) -> Ranking:
        return Ranking((), self.search(request).generation)

    def stream(self, request: SearchRequest, **_: object) -> tuple[SearchResult, Iterator[Hit]]:
        return self.search(request), iter(())

    def completions(self, typed: str) -> tuple[str, ...]:
        return ()

    def similar(self, article: Article, count: int) -> tuple[Hit, ...]:
        return ()

    def statistics(self) -> Statistics:
        return Statistics(0, 0, 0, (), None, None, self.generation)

    def story_sequences(self) -> dict[int, int]:
        return {}

    def rest(self) -> None:
        """It holds nothing."""

    def close(self) -> None:
        self.closed = True


class FakeWriter:
    def replace(self, story: Story) -> None: ...

    def is_free(self) -> bool:
        return False

    def optimize(self) -> None: ...

    def commit(self, archive_sequence: int) -> None: ...

    def cancel(self) -> None: ...


class FakeBackend:
    def __init__(self) -> None:
        self.readers: list[FakeReader] = []
        self.broken = False

    def create(self, directory: Path) -> None: ...

    def open_reader(self, directory: Path, variants: Variants | None = None) -> FakeReader:
        if self.broken:
            raise OSError("gone")
        self.readers.append(FakeReader(len(self.readers)))
        return self.readers[-1]

    def open_writer(self, directory: Path, processes: int = 1, indexed: IndexedWords | None = None) -> FakeWriter:
        return FakeWriter()

    def finish(self, directory: Path) -> None: ...

    def archive_sequence(self, directory: Path) -> int:
        return 0


@pytest.fixture
def fake(directory: Path) -> Iterator[tuple[FakeBackend, facade.Index]]:
    backend = FakeBackend()
    with open_index(directory, backend=backend) as index:
        yield backend, index


def test_an_old_reader_is_closed_after_its_last_user_and_not_before(fake: tuple[FakeBackend, facade.Index]) -> None:
    backend, index = fake
    old = backend.readers[0]
    search = threading.Thread(target=index.search, args=(MINISTER,), daemon=True)
    search.start()
    assert old.entered.wait(10)
    old.current = False
    assert index.generation == 1
    closed_before = old.closed
    old.go_on.set()
    join(search)
    assert (closed_before, old.closed, backend.readers[1].closed) == (False, True, False)


def test_who_opened_the_index_is_told_when_an_older_reader_was_closed(directory: Path) -> None:
    backend = FakeBackend()
    told: list[list[bool]] = []
    with open_index(directory, backend=backend, on_replaced=lambda: told.append([r.closed for r in backend.readers])):
        pass
    assert told == []
    with open_index(
        directory, backend=backend, on_replaced=lambda: told.append([r.closed for r in backend.readers])
    ) as index:
        backend.readers[1].current = False
        assert index.generation == 2
        assert told == [[True, True, False]]
        search = threading.Thread(target=index.search, args=(MINISTER,), daemon=True)
        search.start()
        assert backend.readers[2].entered.wait(10)
        backend.readers[2].current = False
        assert index.generation == 3
        assert len(told) == 1
        backend.readers[2].go_on.set()
        join(search)
        assert told[1:] == [[True, True, True, False]]


def test_a_newer_reader_is_opened_once(fake: tuple[FakeBackend, facade.Index]) -> None:
    backend, index = fake
    backend.readers[0].current = False
    run_threads(*[lambda: index.generation] * 8)
    assert len(backend.readers) == 2


def test_what_cannot_be_opened_leaves_the_last_index_serving(
    fake: tuple[FakeBackend, facade.Index], caplog: pytest.LogCaptureFixture
) -> None:
    backend, index = fake
    backend.readers[0].current = False
    backend.broken = True
    assert [index.generation for _ in range(3)] == [0, 0, 0]
    (told,) = caplog.messages
    assert "the last one goes on serving" in told
    backend.broken = False
    assert index.generation == 1


def test_asking_for_something_newer_is_rare(
    fake: tuple[FakeBackend, facade.Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, index = fake
    now = time.monotonic()
    monkeypatch.setattr(facade, "SECONDS_BETWEEN_CHECKS", 0.2)
    monkeypatch.setattr(facade, "time", SimpleNamespace(monotonic=lambda: now))
    assert index.generation == 0
    backend.readers[0].current = False
    now += 0.19
    assert index.generation == 0
    now += 0.02
    assert index.generation == 1
