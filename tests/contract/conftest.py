"""What every engine's contract tests need: a backend, and a way to put a few stories into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from searchapp import compiled
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.model import Article, Story

Build = Callable[[Iterable[Story]], IndexReader]
MakeCopy = Callable[..., Article]
MakeStory = Callable[..., Story]


@pytest.fixture(scope="session", params=[False, True], ids=["segments", "segments-compiled"])
def with_loops(request: pytest.FixtureRequest) -> Iterator[bool]:
    if request.param and not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed, or switched off")
    yield bool(request.param)
    compiled.stop()


@pytest.fixture(scope="session")
def backend(with_loops: bool) -> EngineBackend:
    return SegmentBackend()


@pytest.fixture(autouse=True)
def in_one_way(request: pytest.FixtureRequest) -> None:
    """Tests of other folders, which may run in between, can leave the process in the other way."""
    if "with_loops" not in request.fixturenames:
        return
    with_loops = request.getfixturevalue("with_loops")
    if with_loops and not compiled.is_prepared():
        compiled.prepare(at_once=True)
    elif not with_loops:
        compiled.stop()


@pytest.fixture
def directory(tmp_path: Path, backend: EngineBackend) -> Path:
    """The directory of an empty index, as the first rebuild of a data directory names it."""
    path = tmp_path / "segments" / "1"
    path.mkdir(parents=True)
    backend.create(path)
    return path


@pytest.fixture
def build(backend: EngineBackend, directory: Path) -> Build:
    """Commits stories and opens a reader on them."""

    def build(stories: Iterable[Story]) -> IndexReader:
        writer = backend.open_writer(directory)
        last = 0
        for made in stories:
            writer.replace(made)
            last = max(last, made.sequence)
        writer.commit(last)
        return backend.open_reader(directory)

    return build


@pytest.fixture(scope="session")
def copy() -> MakeCopy:
    """Makes an article from what a test cares about; its date as "2024-06-25"."""

    def make(body: str, outlet: str | None = None, day: str | None = None, **fields: object) -> Article:
        when = date.fromisoformat(day) if day else None
        values: dict[str, object] = {"id": f"{outlet}-{day}", "title": None, "body": body, "outlet": outlet}
        values |= {"date": when, "date_origin": "declared" if when else "none"} | fields
        return Article(**values)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def story(copy: MakeCopy) -> MakeStory:
    """Makes a story of one article, or of the copies that are given."""

    def make(number: int, body: str = "", *copies: Article, sequence: int | None = None, **fields: object) -> Story:
        articles = copies or (copy(body, **({"id": f"a{number}"} | fields)),)
        return Story(number, sequence if sequence is not None else number, articles)

    return make
