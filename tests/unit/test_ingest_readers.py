"""What the readers yield of whole, odd and broken files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from searchapp.config import LIMITS, Limits
from searchapp.errors import UsageError
from searchapp.ingest.extraction import extract
from searchapp.ingest.output import page_record
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage, Reject


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read_bytes(
    folder: Path,
    content: bytes,
    name: str = "a.jsonl",
    *,
    mapping: FieldMapping | None = None,
    limits: Limits = LIMITS,
    start: tuple[int, int] = (0, 1),
) -> list[RawPage | Reject]:
    path = folder / name
    path.write_bytes(content)
    (source,) = find_sources([path])
    return list(read(source, mapping or FieldMapping(), offset=start[0], line=start[1], limits=limits))


def page_of(items: Sequence[RawPage | Reject]) -> RawPage:
    (page,) = items
    assert isinstance(page, RawPage)
    return page


def reject_of(items: Sequence[RawPage | Reject]) -> Reject:
    (reject,) = items
    assert isinstance(reject, Reject)
    return reject


def lines_of(*records: object) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


class TestPages:
    def test_a_page_is_the_whole_file(self, folder: Path) -> None:
        raw = "نص\r\nآخر".encode()
        page = page_of(read_bytes(folder, raw, "p.txt"))
        assert (page.path, page.name, page.line) == (str(folder / "p.txt"), "p.txt", None)
        assert (page.offset, page.end_offset, page.consumed) == (0, len(raw), len(raw))
        assert (page.raw, page.text, dict(page.declared)) == (raw, "نص\r\nآخر", {})

    def test_a_byte_order_mark_is_not_text(self, folder: Path) -> None:
        assert page_of(read_bytes(folder, "\ufeffنص".encode(), "p.txt")).text == "نص"

    def test_what_a_crawler_left_escaped_is_undone_as_in_records(self, folder: Path) -> None:
        page = page_of(read_bytes(folder, "قال &quot;نعم&quot; &#8220;ثم&#8221; AT&T; &amp".encode(), "p.txt"))
        assert page.text == 'قال "نعم" “ثم” AT&T; &amp'

    def test_a_page_that_was_read_is_not_read_again(self, folder: Path) -> None:
        assert read_bytes(folder, b"x", "p.txt", start=(1, 1)) == []

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "the file is empty"),
            (b"abc\xff", "not UTF-8: invalid start byte (0xff) at byte 4; save it as UTF-8"),
            ("نص".encode("cp1256"), "not UTF-8: invalid continuation byte (0xe4) at byte 1; save it as UTF-8"),
            ("نص".encode("utf-16") + b"\0", "not UTF-16: truncated data (0x00) at byte 7; save it as UTF-8"),
        ],
    )
    def test_what_is_not_a_page_is_rejected_with_the_reason(self, folder: Path, content: bytes, reason: str) -> None:
        reject = reject_of(read_bytes(folder, content, "p.txt"))
        assert (reject.path, reject.line, reject.offset) == (str(folder / "p.txt"), None, 0)
        assert (reject.end_offset, reject.reason) == (len(content), reason)

    @pytest.mark.parametrize("name", ["p.txt", "p.txt.gz"])
    def test_a_page_over_the_limit_is_rejected(self, folder: Path, name: str) -> None:
        content = gzip.compress(b"x" * 1000) if name.endswith("gz") else b"x" * 1000
        limits = replace(LIMITS, page_bytes=999)
        reject = reject_of(read_bytes(folder, content, name, limits=limits))
        assert reject.reason == "larger than the limit page_bytes = 999"

    def test_a_page_may_be_compressed(self, folder: Path) -> None:
        content = gzip.compress("نص".encode())
        page = page_of(read_bytes(folder, content, "p.txt.gz"))
        assert (page.text, page.end_offset, page.consumed) == ("نص", 4, len(content))

    def test_a_file_that_is_gone_is_rejected(self, folder: Path) -> None:
        (folder / "p.txt").write_bytes(b"x")
        (source,) = find_sources([folder])
        source.path.unlink()
        assert "cannot be opened: No such file" in reject_of(list(read(source, FieldMapping()))).reason


class TestRecords:
    def test_records_come_with_their_places(self, folder: Path) -> None:
        content = lines_of({"id": "1", "text": "أ"}) + b"\n \r\n" + lines_of({"id": "2", "text": "ب"}).rstrip()
        items = read_bytes(folder, content)
        places = [(item.line, item.offset, item.end_offset, item.consumed) for item in items]
        second = content.index(b'{"id": "2"')
        assert places == [(1, 0, second - 4, second - 4), (4, second, len(content), len(content))]
        assert [item.text for item in items if isinstance(item, RawPage)] == ["أ", "ب"]

    def test_fields_that_are_absent_null_or_blank_are_left_out(self, folder: Path) -> None:
        record = {"id": "1", "title": None, "source": " ", "date": "\u00a0", "url": "", "text": "أ", "author": ["x"]}
        assert dict(page_of(read_bytes(folder, lines_of(record))).declared) == {"id": "1"}

    def test_numbers_are_ids_and_dates(self, folder: Path) -> None:
        declared = page_of(read_bytes(folder, lines_of({"id": 7, "date": 20240625}))).declared
        assert dict(declared) == {"id": "7", "date": "20240625"}

    def test_a_list_of_keywords_is_joined(self, folder: Path) -> None:
        declared = page_of(read_bytes(folder, lines_of({"keywords": ["غزة", " ", "لبنان"]}))).declared
        assert declared["keywords"] == "غزة، لبنان"

    def test_other_names_for_the_fields(self, folder: Path) -> None:
        mapping = FieldMapping.parse(" text=content, id=_id ")
        page = page_of(read_bytes(folder, lines_of({"_id": "1", "content": "أ", "id": "2"}), mapping=mapping))
        assert (page.declared["id"], page.text) == ("1", "أ")

    @pytest.mark.parametrize("text", ["content", "text=", "body=x", "text=a,text=b", "=x"])
    def test_a_mapping_that_cannot_be_read_is_a_usage_error(self, text: str) -> None:
        with pytest.raises(UsageError, match="mapping"):
            FieldMapping.parse(text)

    def test_an_empty_mapping_keeps_the_names(self) -> None:
        assert FieldMapping.parse("") == FieldMapping()

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (b'{"id": 1,}', "broken JSON: Expecting property name enclosed in double quotes at column 10"),
            (b'{"id": "1', "broken JSON: Unterminated string starting at at column 8"),
            (b'{"a": 1} {"b": 2}', "broken JSON: Extra data at column 10"),
            (b"[1]", "not a JSON object but a list"),
            (b'"x"', "not a JSON object but a string"),
            (b"null", "not a JSON object but null"),
            (b'{"text": "\xff"}', "not UTF-8: invalid start byte (0xff) at byte 11; save it as UTF-8"),
            (b'{"text": ["a"]}', "the field 'text' is a list, which is not what text can be"),
            (b'{"title": 5}', "the field 'title' is a number, which is not what title can be"),
            (b'{"source": {}}', "the field 'source' is an object, which is not what source can be"),
            (b'{"id": true}', "the field 'id' is true or false, which is not what id can be"),
            (b'{"id": NaN}', "the field 'id' is a number, which is not what id can be"),
            (b'{"keywords": [1]}', "the field 'keywords' is a list, which is not what keywords can be"),
            (b"[" * 100_000, "broken JSON: nested too deeply"),
        ],
    )
    def test_a_broken_line_is_rejected_and_the_rest_goes_on(self, folder: Path, line: bytes, reason: str) -> None:
        good = lines_of({"text": "أ"})
        before, reject, after = read_bytes(folder, good + line + b"\n" + good)
        assert isinstance(before, RawPage)
        assert isinstance(after, RawPage)
        assert isinstance(reject, Reject)
        assert (reject.line, reject.offset, reject.end_offset) == (2, len(good), len(good) + len(line) + 1)
        assert reject.reason == reason

    def test_a_number_of_thousands_of_digits_is_rejected(self, folder: Path) -> None:
        reject = reject_of(read_bytes(folder, b'{"id": ' + b"9" * 5000 + b"}"))
        assert reject.reason.startswith("broken JSON: ")

    @pytest.mark.parametrize("ending", [b"\n", b""])
    def test_a_line_over_the_limit_is_skipped(self, folder: Path, ending: bytes) -> None:
        long = b"x" * 200_000 + ending
        items = read_bytes(folder, lines_of({"text": "أ"}) + long, limits=replace(LIMITS, article_bytes=100))
        assert [item.line for item in items] == [1, 2]
        reject = items[1]
        assert isinstance(reject, Reject)
        assert reject.reason == "longer than the limit article_bytes = 100"
        assert reject.end_offset - reject.offset == len(long)

    def test_a_line_of_the_very_limit_is_taken(self, folder: Path) -> None:
        content = lines_of({"text": "a"})
        page_of(read_bytes(folder, content, limits=replace(LIMITS, article_bytes=len(content) - 1)))

    def test_what_follows_a_long_line_is_read(self, folder: Path) -> None:
        content = b"x" * 200_000 + b"\n" + lines_of({"text": "أ"})
        assert isinstance(read_bytes(folder, content, limits=replace(LIMITS, article_bytes=100))[1], RawPage)

    def test_a_byte_order_mark_is_skipped(self, folder: Path) -> None:
        assert page_of(read_bytes(folder, b"\xef\xbb\xbf" + lines_of({"text": "أ"}))).text == "أ"

    def test_of_a_name_given_twice_the_last_value_counts(self, folder: Path) -> None:
        assert page_of(read_bytes(folder, b'{"text": "a", "text": "b"}')).text == "b"

    def test_an_empty_file_holds_no_records(self, folder: Path) -> None:
        assert read_bytes(folder, b"") == []

    def test_surrogates_are_replaced_on_extraction(self, folder: Path) -> None:
        page = page_of(read_bytes(folder, b'{"text": "a\\ud800\\u0000", "title": "\\udfff", "id": "\\ud83d\\ude00"}'))
        article = extract(page).article
        assert (article.body, article.title, article.id) == ("a\ufffd\ufffd", "\ufffd", "\U0001f600")


class TestGzip:
    content = lines_of(*({"id": str(number), "text": f"نص {number} " * 50} for number in range(2000)))

    def test_records_are_those_of_the_plain_file(self, folder: Path) -> None:
        plain = read_bytes(folder, self.content)
        packed = gzip.compress(self.content)
        compressed = read_bytes(folder, packed, "a.jsonl.gz")
        assert [(item.line, item.offset) for item in compressed] == [(item.line, item.offset) for item in plain]
        assert all(item.consumed <= len(packed) for item in compressed)
        assert compressed[-1].consumed == len(packed)

    def test_files_of_several_members_are_read_whole(self, folder: Path) -> None:
        half = gzip.compress(lines_of({"text": "أ"}))
        assert len(read_bytes(folder, half + half, "a.jsonl.gz")) == 2

    def test_of_a_file_that_breaks_off_all_before_is_read(self, folder: Path) -> None:
        packed = gzip.compress(self.content)
        items = read_bytes(folder, packed[: len(packed) // 2], "a.jsonl.gz")
        *pages, reject = items
        assert len(pages) > 500
        assert all(isinstance(page, RawPage) for page in pages)
        assert isinstance(reject, Reject)
        assert reject.reason == "the gzip data break off: the file is incomplete from here on"
        assert (reject.line, reject.offset) == (len(pages) + 1, pages[-1].end_offset)

    def test_damage_is_rejected(self, folder: Path) -> None:
        packed = bytearray(gzip.compress(self.content))
        packed[-5] ^= 0xFF
        assert "the gzip data are damaged" in str(
            getattr(read_bytes(folder, bytes(packed), "a.jsonl.gz")[-1], "reason", "")
        )

    def test_what_follows_the_last_member_costs_no_record(self, folder: Path) -> None:
        *pages, reject = read_bytes(folder, gzip.compress(self.content) + b"trailing", "a.jsonl.gz")
        assert len(pages) == 2000
        assert isinstance(reject, Reject)
        assert len(read_bytes(folder, gzip.compress(self.content) + bytes(600), "a.jsonl.gz")) == 2000

    @pytest.mark.parametrize("name", ["a.jsonl.gz", "p.txt.gz"])
    def test_what_is_not_gzip_is_rejected(self, folder: Path, name: str) -> None:
        assert "the gzip data are damaged: Not a gzipped file" in reject_of(read_bytes(folder, b"plain", name)).reason

    def test_reading_goes_on_at_an_offset_of_the_plain_file(self, folder: Path) -> None:
        items = read_bytes(folder, gzip.compress(self.content), "a.jsonl.gz")
        middle = items[1000]
        start = (middle.offset, middle.line or 0)
        rest = read_bytes(folder, gzip.compress(self.content), "a.jsonl.gz", start=start)
        assert [(item.line, item.offset) for item in rest] == [(item.line, item.offset) for item in items[1000:]]


@pytest.mark.parametrize(
    ("name", "content", "page"),
    [
        ("000_02.txt", b"x", "000_02"),
        # Without a time inside: the tests' names are made of these bytes, and each worker makes them for itself.
        ("a.b.TXT.GZ", gzip.compress(b"x", mtime=0), "a.b"),
        ("news.jsonl.gz", gzip.compress(b'{"text": "x"}', mtime=0), "news:1"),
    ],
)
def test_a_printed_record_names_its_page(folder: Path, name: str, content: bytes, page: str) -> None:
    raw = page_of(read_bytes(folder, content, name))
    assert page_record(raw, extract(raw))["page"] == page
