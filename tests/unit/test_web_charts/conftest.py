"""An application over a real index of articles of several years and outlets, some with copies, some without a date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchapp.index import Index, open_index
from searchapp.indexing import IndexOptions, index_paths
from searchapp.web import display
from searchapp.web.app import create_app
from searchapp.web.display import Display

OUTLETS = ("سبق", "عكاظ", "=الوطن")
FIRST = date(2022, 1, 1)


class Silence:
    """Progress that nobody watches."""

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


def records() -> Iterator[dict[str, str]]:
    """One article every ten days of two and a half years, each third of them of the moon, and one without a date."""
    for number in range(90):
        word = "القمر" if number % 3 == 0 else "النجم"
        day = FIRST + timedelta(days=10 * number)
        outlet = OUTLETS[number % 7 % 3]
        text = f"{word} مضيء {number} في سماء {number * 7}"
        yield {"id": f"n{number}", "title": f"خبر {number}", "text": text, "source": outlet, "date": day.isoformat()}
    yield {"id": "copy", "title": "خبر 0", "text": "القمر مضيء 0 في سماء 0", "source": "عكاظ", "date": "2022-01-03"}
    yield {"id": "bare", "title": "بلا تاريخ", "text": "القمر وحده", "source": "سبق"}


@pytest.fixture(scope="session")
def charted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    directory = tmp_path_factory.mktemp("charts") / "index"
    file = directory.with_name("records.jsonl")
    file.write_text("\n".join(json.dumps(record) for record in records()), encoding="utf-8")
    index_paths(directory, [file], IndexOptions(), Silence())
    with open_index(directory) as index:
        yield index


@pytest.fixture(scope="session")
def app(charted: Index) -> Flask:
    return create_app(charted)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(autouse=True)
def plain_display() -> None:
    """What one test's request chose is nothing to the next test, which runs in the same context."""
    display.use(Display())
