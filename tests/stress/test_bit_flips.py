"""One flipped bit anywhere in a data directory is found if it touches content, and no search answers from it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from searchapp import SearchRequest, open_index
from searchapp.archive.reading import ArchiveReader
from searchapp.errors import IndexBroken, SearchAppError
from searchapp.indexing import IndexOptions, index_paths, verify
from tests.crash.workload import Silent, delete
from tests.stress.news import WORDS, write_news
from tests.stress.scale import note, scaled

FLIPS = scaled(60, 300)
ARTICLES = 300
NOT_CONTENT = (".toc", "write.lock", "README.md", "-shm")
"""Whoosh's table of contents, which is never read; the lock, of which only the kernel's part counts."""
QUERIES = (*WORDS[:6], f'"{WORDS[0]} {WORDS[1]}"', f"{WORDS[2][:3]}*", f"{WORDS[0]} -{WORDS[1]}", "")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with all that there may be: copies, older versions, deletions, rejects, two commits."""
    folder = tmp_path_factory.mktemp("bits")
    for number in range(2):
        source = write_news(folder / f"{number}.jsonl", ARTICLES, seed=number % 2, prefix="n")
        with source.open("a", encoding="utf-8") as file:
            file.write("{broken\n")
        index_paths(folder / "index", [source], IndexOptions(), Silent())
    delete(folder / "index", "n7")
    index_paths(
        folder / "index", [write_news(folder / "last.jsonl", 20, seed=9, prefix="last")], IndexOptions(), Silent()
    )
    assert verify(folder / "index").problems == ()
    return folder / "index"


def places(directory: Path, chance: random.Random) -> list[tuple[Path, int, int]]:
    """Places over all bytes of the files that hold anything, and as many over the small files alone."""
    files = [path for path in sorted(directory.rglob("*")) if path.is_file() and path.stat().st_size]
    files = [path for path in files if not path.name.endswith(NOT_CONTENT)]
    small = [path for path in files if path.stat().st_size < 5000]
    sizes = [path.stat().st_size for path in files]
    chosen = chance.choices(files, sizes, k=FLIPS * 5 // 6) + [chance.choice(small) for _ in range(FLIPS // 6)]
    return [(path, chance.randrange(path.stat().st_size), chance.randrange(8)) for path in chosen]


def flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def problems_of(directory: Path) -> tuple[str, ...]:
    try:
        return verify(directory).problems
    except SearchAppError as error:
        return (str(error),)


def answers(directory: Path) -> list[object]:
    """What searches and the archive say to a reader, or that they refuse."""
    try:
        index = open_index(directory)
    except IndexBroken as error:
        return [told(error, directory)] * (len(QUERIES) + 3)
    with index:
        given: list[object] = []
        for query in QUERIES:
            try:
                result = index.search(SearchRequest(q=query, per_page=50))
                given.append((result.total, result.hits, tuple(result.facets.items())))
            except IndexBroken as error:
                given.append(told(error, directory))
        for name in ("n0", "n150", "last3"):
            try:
                given.append((index.article(name), index.copies(name), index.raw(name)))
            except SearchAppError as error:
                given.append(told(error, directory))
    return given


def told(error: SearchAppError, directory: Path) -> str:
    """The message must name the file and say what to do."""
    assert str(directory) in str(error), error
    assert "searchapp " in str(error), error
    return "refused"


def rows(directory: Path) -> object:
    """All that the archive holds, read without a look at any checksum."""
    connection = sqlite3.connect(f"file:{directory / 'archive.sqlite'}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for (table,) in tables]  # noqa: S608
    finally:
        connection.close()


def test_every_flipped_bit_that_touches_content_is_reported_and_never_answered_from(
    tmp_path: Path, sound: Path
) -> None:
    chance = random.Random(11)
    directory = tmp_path / "index"
    shutil.copytree(sound, directory)
    right, content = answers(directory), rows(directory)
    rejects = (directory / "rejects.jsonl").read_bytes()
    outcomes = Counter[str]()
    for path, at, bit in places(directory, chance):
        flip(path, at, bit)
        for given, expected in zip(answers(directory), right, strict=True):
            assert given in ("refused", expected), (path.name, at, bit)
            outcomes["refused" if given == "refused" else "right answers"] += 1
        reported = bool(problems_of(directory))
        outcomes["reported" if reported else "touches no content"] += 1
        if not reported and path.name == "rejects.jsonl":
            assert (directory / "rejects.jsonl").read_bytes() != rejects  # derived, and written anew by each run
        elif not reported:
            assert rows(directory) == content, (path.name, at, bit)
        flip(path, at, bit)
        for helper in ("-wal", "-shm"):
            path.with_name(f"archive.sqlite{helper}").unlink(missing_ok=True)
    assert verify(directory).problems == ()
    assert answers(directory) == right
    note("bit flips", flips=FLIPS, **outcomes)


def test_an_article_that_is_damaged_is_refused_by_name(tmp_path: Path, sound: Path) -> None:
    directory = tmp_path / "index"
    shutil.copytree(sound, directory)
    connection = sqlite3.connect(directory / "archive.sqlite")
    connection.execute("UPDATE articles SET outlet = 'x' WHERE id = 'n5'")
    connection.commit()
    connection.close()
    with (
        ArchiveReader(directory / "archive.sqlite") as archive,
        pytest.raises(IndexBroken, match=r"article n5.*backup"),
    ):
        archive.article("n5")
    assert "article n5: does not fit its checksum" in verify(directory).problems
