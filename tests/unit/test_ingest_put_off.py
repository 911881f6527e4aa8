"""What a reader puts off comes out as if it had been read at once, rejects too, whoever reads it."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import pytest

from searchapp.ingest.readers import FieldMapping, PutOffReader, Unread, put_off, read, read_later
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage, Reject
from tests import input_samples as samples

MORE_LINES = (
    "",
    "{broken",
    "[]",
    '{"title": 7}',
    '{"a": 1}',
    '{"text": "\\ud83d خبر", "id": 12345678901234567890123}',
    '{"html": "<!doctype html><html><body><article><p>خبر قصير</p></article>"}',
)
LINES = samples.json_lines() + "\n".join(MORE_LINES).encode()
PAGE = samples.web_page(samples.RECORDS[0]).encode()
MARKED = tuple(record | {"text": samples.web_page(record)} for record in map(dict, samples.RECORDS))
INPUTS = {
    "a.jsonl": LINES,
    "b.json": samples.json_array(),
    "c.warc": samples.warc(),
    "d.warc.gz": gzip.compress(samples.warc()[:-60]),
    "e.arc": samples.arc(),
    "f.html": PAGE,
    "g.html": b" ",
    "h.zip": samples.zipped({"x/p.html": PAGE, "q.jsonl": LINES, "r.html": b""}),
    "i.tar": samples.tarred({"x/p.html": PAGE, "q.jsonl": LINES}),
    "j.csv": samples.table(records=MARKED),
    "k.parquet": samples.parquet(MARKED),
    "l.csv": samples.table(),
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_put_off_is_read_as_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(INPUTS[name])
    (source,) = find_sources([path])
    reader, found, put = PutOffReader(FieldMapping()), list[RawPage | Reject](), 0
    for item in read_later(source, FieldMapping()):
        if isinstance(item, Unread):
            put += 1
            found.append(reader.read(pickle.loads(pickle.dumps(item))))  # noqa: S301 (our own)
        else:
            found.append(item)
    assert found == list(read(source, FieldMapping()))
    assert (put > 0) == (name != "l.csv")


def test_the_mapping_of_an_input_holds_for_what_is_put_off(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"content": "a", "text": "b"}\n')
    (source,), mapping = find_sources([path]), FieldMapping(text="content")
    (item,) = read_later(source, mapping)
    assert isinstance(item, Unread)
    page = PutOffReader(mapping).read(item)
    assert isinstance(page, RawPage)
    assert page.text == "a"


def test_nothing_is_put_off_where_pages_could_not_be_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put_off, "find_spec", lambda name: None if name == "trafilatura" else object())
    put_off.may_put_off.cache_clear()
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    (source,) = find_sources([path])
    read_at_once = list(read_later(source, FieldMapping()))
    put_off.may_put_off.cache_clear()
    assert not any(isinstance(item, Unread) for item in read_at_once)
