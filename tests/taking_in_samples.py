"""Inputs for taking in by several processes, and what the archive holds afterwards."""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from searchapp.archive.store import Dedupe
from searchapp.config import Limits
from searchapp.engine.storage import building_start
from searchapp.indexing import IndexOptions, IndexSummary, index_paths
from searchapp.ingest.readers import Unread
from searchapp.model import RawPage
from searchapp.taking_in import pages_ahead
from searchapp.taking_in.page_processes import PageProcesses
from tests import input_samples as samples

PROCESSES: Final = 3
TIMES: Final = frozenset({"accepted", "changed", "deleted", "modified_ns", "checksum"})
BODY: Final = (
    "وصل وزير المدينة {0} صباح اليوم إلى العاصمة واجتمع مع نظيره رقم {1} ثم زار الجامعة الكبيرة وافتتح فيها مكتبة "
)


class Silent:
    """A progress that nobody sees."""

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


def take_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every process get some of a few articles, and a run be several transactions.

    Processes are forked where that can be, though the tests may have threads: what is patched holds there, too.
    """
    if sys.platform.startswith("linux"):
        monkeypatch.setattr(building_start, "may_fork", lambda: True)
    monkeypatch.setattr(pages_ahead, "ALONE_SECONDS", 0.0)
    monkeypatch.setattr(pages_ahead, "WORKING_SHARE", 0.0)
    monkeypatch.setattr(pages_ahead, "BATCH_ITEMS", 3)
    monkeypatch.setattr("searchapp.archive.intake.LIMITS", Limits(batch_articles=7))
    monkeypatch.setattr("searchapp.archive.intake.COMMIT_SECONDS", 0.0)


@dataclass(slots=True)
class Given:
    """What was given to other processes: of each batch how many pages, and whether to prepare them; and to which."""

    pages: list[int] = field(default_factory=list)
    prepares: list[bool] = field(default_factory=list)
    processes: set[int] = field(default_factory=set)

    @property
    def are_gone(self) -> bool:
        """Whether none of the processes is there any more, not even as one that nobody has waited for."""
        return not any(Path(f"/proc/{process}").exists() for process in self.processes)


def note_given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Note what is given to other processes from now on; none of it is taken back."""
    noted, give = Given(), PageProcesses.give

    def noting(processes: PageProcesses, pages: Sequence[RawPage | Unread], *, prepares: bool) -> int:
        noted.pages.append(len(pages))
        noted.prepares.append(prepares)
        noted.processes.update(processes.ids)
        return give(processes, pages, prepares=prepares)

    monkeypatch.setattr(PageProcesses, "give", noting)
    monkeypatch.setattr(PageProcesses, "take_back", lambda _: None)
    return noted


def article(number: int, **fields: str) -> dict[str, str]:
    text = BODY.format(number, number % 5) * (1 + number % 3)
    return {"id": f"n{number}", "title": f"خبر {number}", "text": text, "source": "سبق", "date": "2024-06-25"} | fields


def write_records(path: Path, count: int = 40) -> Path:
    """Articles; among them copies, an id that comes again with another text, and what cannot be read."""
    lines = [json.dumps(article(at), ensure_ascii=False) for at in range(count)]
    lines[5:5] = ["{broken", json.dumps({"title": 7}), json.dumps({"unknown": "x"}), ""]
    lines += [json.dumps(article(at, text=BODY.format(at, 0) + "عند نهر \ud83d")) for at in range(0, count, 9)]
    lines.append(json.dumps(article(3, id="html", text=samples.web_page(samples.RECORDS[0]))))
    lines.append(json.dumps(article(4, id="empty", text="", title="")))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_pages(folder: Path, version: str) -> None:
    """Page files of two articles each, of which the second is another one in another version."""
    head = "عنوان الخبر\n\nتاريخ النشر: 2024-06-25"
    trailer = "المصدر: سبق\n\nكلمات دلالية: خبر\n\nإقرأ أيضاً:\n\nخبر آخر"
    for at in range(5):
        bodies = BODY.format(at, 1) * 2, BODY.format(at, version)
        text = f"{head}\n\n{bodies[0]}\n\n{trailer}\n\n{bodies[1]}\n"
        (folder / f"l{at}.txt").write_text(text, encoding="utf-8")


def write_inputs(folder: Path) -> Path:
    """Inputs of many formats."""
    folder.mkdir()
    write_records(folder / "a.jsonl")
    (folder / "b.warc.gz").write_bytes(gzip.compress(samples.warc() + samples.warc()[:-200]))
    (folder / "c.warc").write_bytes(samples.warc())
    (folder / "d.arc").write_bytes(samples.arc())
    (folder / "e.json").write_bytes(samples.json_array())
    (folder / "f.csv").write_bytes(samples.table())
    (folder / "g.parquet").write_bytes(samples.parquet())
    (folder / "h.rss").write_bytes(samples.rss())
    page, other = (samples.web_page(record).encode() for record in samples.RECORDS[:2])
    packed = {"x.html": page, "y.jsonl": samples.json_lines(), "z.html": b"", "bad.jsonl": b"[1]\n{}\n"}
    (folder / "i.zip").write_bytes(samples.zipped(packed))
    (folder / "j.tar").write_bytes(samples.tarred({"q/x.html": other}))
    for at in range(5):
        (folder / f"k{at}.html").write_bytes(page if at % 2 else b" ")
    write_pages(folder, "1")
    (folder / "m.txt").write_bytes(b"\xff\xfe\x00")
    return folder


def run(directory: Path, source: Path, processes: int = PROCESSES, dedupe: Dedupe = "near") -> IndexSummary:
    return index_paths(directory, [source], IndexOptions(dedupe=dedupe, processes=processes), Silent())


def rows(directory: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the archive, in their order, but the times at which things were done, and the checksums over them."""
    connection = sqlite3.connect(directory / "archive.sqlite")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for table in sorted(tables):
        names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        lasting = ", ".join(name for name in names if name not in TIMES)
        found[table] = connection.execute(f"SELECT {lasting} FROM {table}").fetchall()  # noqa: S608
    connection.close()
    return found
