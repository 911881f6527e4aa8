"""What is not in UTF-8 is read when it can be told beyond doubt what it is in, and refused otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.ingest.encodings import encoding_of, in_utf8, is_nearly_utf8, reads_as_arabic
from searchapp.ingest.extraction import extract
from searchapp.ingest.html_text import decoded_page
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import Article, RawPage, Reject
from tests.input_samples import RECORDS, SAMPLES, json_array, json_lines, web_page

PAGE = "\n".join((RECORDS[0]["title"], "تاريخ النشر: 25 يونيو 2024", RECORDS[0]["text"], "المصدر: أخبار اليوم"))
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "iso8859_6"]
TEXT_FORMATS = ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.rss", "a.xml"]


def items_of(path: Path, content: bytes, start: tuple[int, int] = (0, 1)) -> list[RawPage | Reject]:
    path.write_bytes(content)
    (source,) = find_sources([path])
    return list(read(source, FieldMapping(), offset=start[0], line=start[1]))


def articles_of(items: list[RawPage | Reject]) -> list[Article]:
    assert not [item.reason for item in items if isinstance(item, Reject)]
    return [extract(item).article for item in items if isinstance(item, RawPage)]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_an_export_in_another_encoding_gives_the_same_articles(tmp_path: Path, name: str, encoding: str) -> None:
    text = SAMPLES[name]().decode()
    articles = articles_of(items_of(tmp_path / name, text.encode(encoding)))
    assert articles == articles_of(items_of(tmp_path / name, text.encode()))
    assert len(articles) == len(RECORDS)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_reading_goes_on_at_any_item_of_it(tmp_path: Path, name: str, encoding: str) -> None:
    content = SAMPLES[name]().decode().encode(encoding)
    items = items_of(tmp_path / name, content)
    for number, item in enumerate(items, start=1):
        rest = items_of(tmp_path / name, content, (item.end_offset, (item.line or 0) + 1))
        assert articles_of(rest) == articles_of(items[number:])


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_in_a_code_page_positions_are_those_of_the_file_as_stored(tmp_path: Path, name: str) -> None:
    content = SAMPLES[name]().decode().encode("cp1256")
    for item in items_of(tmp_path / name, content):
        assert RECORDS[(item.line or 0) - (2 if name == "a.csv" else 1)]["title"] in content[
            item.offset : item.end_offset
        ].decode("cp1256")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_page_is_kept_as_it_was_published(tmp_path: Path, encoding: str) -> None:
    content = PAGE.encode(encoding)
    (item,) = items_of(tmp_path / "p.txt", content)
    assert isinstance(item, RawPage)
    assert (item.raw, item.text) == (content, PAGE)


def test_a_record_is_kept_in_utf8(tmp_path: Path) -> None:
    for item in items_of(tmp_path / "a.jsonl", json_lines().decode().encode("cp1256")):
        assert isinstance(item, RawPage)
        assert json.loads(item.raw)["text"] == item.text


def test_beyond_the_beginning_a_file_may_break_its_encoding_and_only_that_record_is_refused(tmp_path: Path) -> None:
    lines = json_lines(RECORDS * 200).decode().encode("iso8859_6").split(b"\n")
    lines[-2] = b'{"text": "\xff"}'
    *sound, broken = items_of(tmp_path / "a.jsonl", b"\n".join(lines))
    assert len(articles_of(sound)) == 3 * 200 - 1
    assert isinstance(broken, Reject)
    assert broken.reason.startswith("not ISO-8859-6: character maps to <undefined> (0xff) at byte 11")


def test_records_below_a_beginning_in_ascii_are_told_one_by_one(tmp_path: Path) -> None:
    ascii_first = b'{"title": "a", "text": "%s"}\n' % (b"x" * (1 << 17))
    content = ascii_first + json_lines(RECORDS[:1]).decode().encode("cp1256") + json_lines(RECORDS[1:2])
    _, first, second = articles_of(items_of(tmp_path / "a.jsonl", content))
    assert (first.title, second.title) == (RECORDS[0]["title"], RECORDS[1]["title"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1256"])
def test_such_files_are_found_in_folders_too(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.json").write_bytes(json_array().decode().encode(encoding))
    (tmp_path / "a.xml").write_bytes(SAMPLES["a.xml"]().decode().encode(encoding))
    (tmp_path / "p").write_bytes(PAGE.encode(encoding))
    assert [source.name for source in find_sources([tmp_path])] == ["a.json", "a.xml", "p"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "p.txt"])
def test_damage_does_not_turn_utf8_into_a_code_page(tmp_path: Path, name: str) -> None:
    content = PAGE.encode() if name == "p.txt" else SAMPLES[name]()
    content = content.replace("الأسواق".encode(), "الأسواق".encode()[:-1]).replace(
        "القاهرة".encode(), "القاهرة".encode()[:-1]
    )
    rejects = [item for item in items_of(tmp_path / name, content) if isinstance(item, Reject)]
    assert len(rejects) == (1 if name == "p.txt" else 2)
    assert all(reject.reason.startswith("not UTF-8: ") for reject in rejects)


@pytest.mark.parametrize(
    "content",
    [
        "Élysée: le président français a été reçu à Téhéran".encode("cp1252"),
        "Привет из Москвы, где прошла встреча министров".encode("cp1251"),
        PAGE.encode("cp720"),
        bytes(range(256)) * 40,
        b"\xff\xfe" + b"\x00" * 3,
        bytes((n * 7919) % 251 for n in range(4000)),
    ],
)
def test_what_does_not_read_as_arabic_is_refused(tmp_path: Path, content: bytes) -> None:
    (item,) = items_of(tmp_path / "p.txt", content)
    assert isinstance(item, Reject)


@pytest.mark.parametrize(("one", "other"), [("cp1256", "iso8859_6"), ("iso8859_6", "cp1256"), ("utf-8", "cp1256")])
def test_text_in_one_code_page_does_not_read_as_arabic_in_the_other(one: str, other: str) -> None:
    assert reads_as_arabic(PAGE)
    assert not reads_as_arabic(PAGE.encode(one).decode(other, "replace"))


@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8", "windows-1252", "us-ascii"])
def test_a_web_page_that_declares_a_wrong_encoding_is_read_by_its_letters(declared: str) -> None:
    page = web_page(RECORDS[0]).replace("charset='utf-8'", f"charset='{declared}'")
    assert decoded_page(page.encode("cp1256"), declared) == page


def test_a_damaged_web_page_in_utf8_is_read_as_such() -> None:
    page = web_page(RECORDS[0]).encode()
    assert RECORDS[0]["title"] in decoded_page(page.replace("نظيره".encode(), b"\xd9"), "windows-1256")


def test_the_feed_that_declares_another_encoding_is_in_utf8_where_it_can_be(tmp_path: Path) -> None:
    content = SAMPLES["a.rss"]().decode().replace("utf-8", "windows-1256").encode()
    assert [article.title for article in articles_of(items_of(tmp_path / "a.rss", content))] == [
        record["title"] for record in RECORDS
    ]


@given(st.text())
def test_valid_utf8_is_always_utf8(text: str) -> None:
    text = text.replace("\0", "").replace("\x06", "")
    data = text.encode()
    assert encoding_of(data) in ({None} if data.isascii() else {"utf-8"})
    assert is_nearly_utf8(data)
    assert in_utf8(data, encoding_of(data)) is data


@given(st.binary(max_size=300))
def test_any_bytes_are_told_without_an_error(data: bytes) -> None:
    in_utf8(data, encoding_of(data))


def test_copies_of_a_page_in_two_encodings_are_one_article_but_for_where_they_were_read(tmp_path: Path) -> None:
    one, other = (
        articles_of(items_of(tmp_path / "p.txt", PAGE.encode(encoding)))[0] for encoding in ("cp1256", "utf-16")
    )
    assert replace(one, id="") == replace(other, id="")
    assert one.id == other.id
