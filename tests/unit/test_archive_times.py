"""When articles came into the archive and when they changed."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchapp import open_index
from searchapp.archive.opening import open_for_writing
from searchapp.archive.schema import COLUMNS
from searchapp.archive.store import Archive
from searchapp.cli.program import program
from searchapp.indexing import verify
from searchapp.model import ArticleTimes

FIRST, LATER = 1_719_316_800, 1_719_400_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the archive takes for now."""
    now = [FIRST]
    monkeypatch.setattr("searchapp.archive.store.time.time", lambda: now[-1] + 0.7)
    return now


def run(directory: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(program, [*map(str, arguments), "--index", str(directory)])


def index(directory: Path, **texts: str) -> None:
    file = directory.parent / "news.jsonl"
    records = [{"id": name, "text": text} for name, text in texts.items()]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    assert run(directory, "index", file).exit_code == 0


def at(first: int, last: int) -> ArticleTimes:
    return ArticleTimes(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC))


def test_an_update_changes_when_an_article_changed_and_not_when_it_came(tmp_path: Path, clock: list[int]) -> None:
    directory = tmp_path / "index"
    index(directory, a="هطلت الأمطار على المدينة", b="وصل الوزير إلى العاصمة")
    clock.append(LATER)
    index(directory, a="هطلت الأمطار على المدينة", b="وصل الوزير إلى القرية", c="فاز الفريق في المباراة")
    with open_index(directory) as opened:
        times = opened.times(["a", "b", "c", "nobody"])
    assert times == {"a": at(FIRST, FIRST), "b": at(FIRST, LATER), "c": at(LATER, LATER)}


def test_a_renamed_outlet_is_no_change_of_the_article(tmp_path: Path, clock: list[int]) -> None:
    directory = tmp_path / "index"
    index(directory, a="هطلت الأمطار على المدينة")
    clock.append(LATER)
    (directory / "outlets.tsv").write_text("المرآة\tMRA\n", "utf-8")
    assert run(directory, "rebuild").exit_code == 0
    with open_index(directory) as opened:
        assert opened.times(["a"]) == {"a": at(FIRST, FIRST)}


def test_show_and_export_tell_the_times(tmp_path: Path, clock: list[int]) -> None:
    directory = tmp_path / "index"
    index(directory, a="هطلت الأمطار على المدينة")
    clock.append(LATER)
    index(directory, a="هطلت الأمطار على القرية")
    wanted = {"first_seen": "2024-06-25T12:00:00Z", "last_changed": "2024-06-26T11:06:40Z"}
    shown = json.loads(run(directory, "show", "a", "--format", "json").stdout)
    assert shown.items() >= wanted.items()
    text = run(directory, "show", "a").stdout
    assert "first seen: 2024-06-25T12:00:00Z" in text
    assert "last changed: 2024-06-26T11:06:40Z" in text
    exported = tmp_path / "out.jsonl"
    run(directory, "export", "--output", exported)
    assert json.loads(exported.read_text("utf-8").splitlines()[1]).items() >= wanted.items()
    run(tmp_path / "copy", "index", exported)
    with open_index(tmp_path / "copy") as opened:
        assert opened.times(["a"]) == {"a": at(FIRST, LATER)}


def test_an_archive_from_before_times_were_kept_is_brought_up_to_date(tmp_path: Path, clock: list[int]) -> None:
    directory = tmp_path / "index"
    index(directory, a="هطلت الأمطار على المدينة", b="وصل الوزير إلى العاصمة")
    as_version_2(directory / "archive.sqlite")
    assert "rebuild" in run(directory, "stats").stderr
    assert run(directory, "rebuild").exit_code == 0
    assert verify(directory).problems == ()
    with open_index(directory) as opened:
        assert opened.times(["a"]) == {"a": ArticleTimes(None, None)}
    assert json.loads(run(directory, "show", "a", "--format", "json").stdout)["first_seen"] is None
    clock.append(LATER)
    index(directory, a="هطلت الأمطار على القرية", b="وصل الوزير إلى العاصمة")
    with Archive(directory / "archive.sqlite") as archive:
        changed = archive.times(["a"])["a"]
    assert (changed.first_seen, changed.last_changed) == (None, datetime.fromtimestamp(LATER, UTC))


def as_version_2(path: Path) -> None:
    """Turn an archive into one as it was before it kept times."""
    connection: sqlite3.Connection = open_for_writing(path)
    connection.execute("DROP TABLE deletions")
    connection.execute("DROP TABLE IF EXISTS sketches")
    connection.execute("DROP INDEX articles_leading")
    connection.execute("DROP INDEX copies_low")
    connection.execute("CREATE INDEX copies_high ON copies (high)")
    added = ("accepted", "changed", "language", "date_origin")
    for column in added:
        connection.execute(f"ALTER TABLE articles DROP COLUMN {column}")
    columns = ", ".join(f"CAST({name} AS BLOB)" for name in COLUMNS["articles"] if name not in added)
    connection.execute(f"UPDATE articles SET checksum = checksum({columns})")  # noqa: S608
    connection.execute("UPDATE settings SET value = 'before', checksum = x'00' WHERE name = 'fingerprints'")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
