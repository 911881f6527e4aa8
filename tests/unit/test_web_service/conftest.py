"""An application over a real index of articles of every kind, for what is no page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchapp.index import Index, open_index
from searchapp.indexing import IndexOptions, index_paths
from searchapp.web.app import create_app
from searchapp.web.settings import WebSettings

HOSTILE = "=cmd|'/c calc'!A1 <b>&amp;]]>\u202eكلمة\u0001\ufffe😀"
RECORDS: tuple[dict[str, str], ...] = (
    {"id": "h", "title": HOSTILE, "text": f"نص غريب {HOSTILE}", "source": "+SUM(1)", "date": "2024-06-25"},
    {"id": "script", "title": "رابط", "text": "نص فيه غريب", "url": "javascript:alert(1)", "source": "س"},
    {"id": "web", "title": "رابط الشبكة", "text": "خبر آخر", "url": "https://news.example/a?b=1&c=2", "source": "س"},
    {"id": "..", "title": "بلا نص", "text": "", "date": "1999-12-31", "source": "س"},
)
MANY = 130


def many() -> Iterator[dict[str, str]]:
    """The nth of them is dated on the nth day; the first of them came last into the archive."""
    for number in range(MANY, 0, -1):
        day = f"2024-{1 + number // 28:02}-{1 + number % 28:02}"
        yield {"id": f"m{number}", "title": f"قمر {number}", "text": f"القمر مضيء {number}", "date": day, "source": "ص"}


class Silence:
    """Progress that nobody watches."""

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


def put_in(directory: Path, name: str, records: Iterator[dict[str, Any]]) -> None:
    """Index some records."""
    file = directory.with_name(name)
    file.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    index_paths(directory, [file], IndexOptions(), Silence())


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with all the records; to be read only."""
    directory = tmp_path_factory.mktemp("service") / "index"
    put_in(directory, "records.jsonl", iter([*RECORDS, *many()]))
    return directory


@pytest.fixture(scope="session")
def opened(archive: Path) -> Iterator[Index]:
    with open_index(archive) as index:
        yield index


MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session")
def make_app(opened: Index) -> MakeApp:
    """Makes an application over the archive with these settings."""

    def make(**settings: Any) -> Flask:
        return create_app(opened, settings=WebSettings(**settings))

    return make


@pytest.fixture(scope="session")
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
