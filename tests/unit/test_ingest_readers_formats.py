"""Each input format gives the same articles, wherever reading begins and however the file is compressed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from searchapp.config import LIMITS, Limits
from searchapp.ingest.extraction import extract
from searchapp.ingest.output import page_record
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import Article, RawPage, Reject
from tests.input_samples import (
    COMPRESSED,
    RECORDS,
    SAMPLES,
    http_response,
    json_array,
    json_lines,
    parquet,
    table,
    warc,
    warc_info,
    warc_record,
    web_page,
    zipped,
)


def items_of(
    folder: Path, name: str, content: bytes, start: tuple[int, int] = (0, 1), limits: Limits = LIMITS
) -> list[RawPage | Reject]:
    path = folder / name
    path.write_bytes(content)
    (source,) = find_sources([path])
    return list(read(source, FieldMapping(), offset=start[0], line=start[1], limits=limits))


def articles_of(items: Sequence[RawPage | Reject]) -> list[Article]:
    rejects = [item.reason for item in items if isinstance(item, Reject)]
    assert not rejects
    return [extract(item).article for item in items if isinstance(item, RawPage)]


def fields_of(article: Article) -> dict[str, str | None]:
    return {
        "title": article.title,
        "text": article.body,
        "url": article.url,
        "date": str(article.date),
        "source": article.outlet,
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_gives_the_same_articles(tmp_path: Path, name: str) -> None:
    articles = articles_of(items_of(tmp_path, name, SAMPLES[name]()))
    assert [fields_of(article) for article in articles] == [dict(record) for record in RECORDS]
    assert {(article.date_origin, article.language) for article in articles} == {("declared", "ar")}


@pytest.mark.parametrize("ending", COMPRESSED)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_may_be_compressed(tmp_path: Path, name: str, ending: str) -> None:
    content = COMPRESSED[ending](SAMPLES[name]())
    articles = articles_of(items_of(tmp_path, name + ending, content))
    assert [article.title for article in articles] == [record["title"] for record in RECORDS]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("compressed", [False, True])
def test_reading_goes_on_after_any_item(tmp_path: Path, name: str, compressed: bool) -> None:
    content = gzip.compress(SAMPLES[name]()) if compressed else SAMPLES[name]()
    name = name + ".gz" if compressed else name
    items = items_of(tmp_path, name, content)
    for number, item in enumerate(items, start=1):
        rest = items_of(tmp_path, name, content, (item.end_offset, (item.line or 0) + 1))
        assert [(item.path, item.line, item.offset) for item in rest] == [
            (item.path, item.line, item.offset) for item in items[number:]
        ]


@pytest.mark.parametrize("name", SAMPLES)
def test_consumed_bytes_rise_to_no_more_than_the_file_has(tmp_path: Path, name: str) -> None:
    content = SAMPLES[name]()
    consumed = [item.consumed for item in items_of(tmp_path, name, content)]
    assert consumed == sorted(consumed)
    assert consumed[-1] <= len(content)


@pytest.mark.parametrize("ending", COMPRESSED)
def test_of_a_file_that_breaks_off_what_came_before_is_read(tmp_path: Path, ending: str) -> None:
    content = COMPRESSED[ending](SAMPLES["a.jsonl"]() * 1000)
    *pages, reject = items_of(tmp_path, "a.jsonl" + ending, content[: len(content) * 9 // 10])
    assert all(isinstance(page, RawPage) for page in pages)
    assert isinstance(reject, Reject)
    assert "break off: the file is incomplete from here on" in reject.reason
    assert reject.retry
    if ending != ".bz2":  # which is of blocks of 900 kB
        assert pages


@pytest.mark.parametrize("ending", COMPRESSED)
def test_several_compressed_members_in_a_row_are_one_file(tmp_path: Path, ending: str) -> None:
    half = COMPRESSED[ending](SAMPLES["a.jsonl"]())
    assert len(articles_of(items_of(tmp_path, "a.jsonl" + ending, half + half))) == 6


@pytest.mark.parametrize("ending", COMPRESSED)
def test_damage_in_compressed_data_is_told(tmp_path: Path, ending: str) -> None:
    content = bytearray(COMPRESSED[ending](SAMPLES["a.jsonl"]() * 50))
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    reject = items_of(tmp_path, "a.jsonl" + ending, bytes(content))[-1]
    assert isinstance(reject, Reject)
    assert "data are damaged" in reject.reason or "break off" in reject.reason


@pytest.mark.parametrize("name", ["page.bin", "noname"])
@pytest.mark.parametrize("sample", ["a.json", "a.parquet", "a.warc", "a.arc", "a.rss", "a.zip", "a.tar", "a.jsonl"])
def test_the_content_tells_the_format_where_the_name_does_not(tmp_path: Path, name: str, sample: str) -> None:
    articles = articles_of(items_of(tmp_path, name, SAMPLES[sample]()))
    assert [article.title for article in articles] == [record["title"] for record in RECORDS]


def test_a_web_archive_that_breaks_off_is_told_and_its_last_record_not_taken(tmp_path: Path) -> None:
    first, second, reject = items_of(tmp_path, "a.warc", warc()[:-300])
    assert isinstance(first, RawPage)
    assert isinstance(second, RawPage)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.retry) == ("the web archive breaks off within its last record", True)


def test_a_parquet_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    (reject,) = items_of(tmp_path, "a.parquet", parquet()[:-20])
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("the Parquet data cannot be read on: ")
    assert reject.retry


def test_members_are_named_in_messages_but_only_their_own_names_count(tmp_path: Path) -> None:
    first, second, third = items_of(tmp_path, "a.zip", SAMPLES["a.zip"]())
    assert [item.path for item in (first, second, third)] == [
        f"{tmp_path}/a.zip/day/1.json",
        f"{tmp_path}/a.zip/day/1.json",
        f"{tmp_path}/a.zip/day/2.json",
    ]
    assert isinstance(third, RawPage)
    assert (third.name, third.line, third.offset) == ("2.json", 1, third.offset)


class TestTables:
    @pytest.mark.parametrize("encoding", ["cp1256", "iso8859_6", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_encoding_and_the_delimiter_are_told_from_the_content(
        self, tmp_path: Path, encoding: str, delimiter: str
    ) -> None:
        articles = articles_of(items_of(tmp_path, "a.csv", table(encoding, delimiter)))
        assert [fields_of(article) for article in articles] == [dict(record) for record in RECORDS]

    def test_names_may_be_arabic(self, tmp_path: Path) -> None:
        content = "العنوان,النص,المصدر,التاريخ,الرابط\nعنوان,نص,الحرة,25/06/2024,http://x/1\n".encode()
        (article,) = articles_of(items_of(tmp_path, "a.csv", content))
        assert (article.title, article.body, article.outlet) == ("عنوان", "نص", "الحرة")
        assert (str(article.date), article.url) == ("2024-06-25", "http://x/1")

    def test_rows_are_counted_as_spreadsheets_do(self, tmp_path: Path) -> None:
        items = items_of(tmp_path, "a.csv", 'title,text\nأ,"ب\nج"\n\nد,ه\n'.encode())
        assert [item.line for item in items] == [2, 4]

    def test_a_table_without_known_names_is_rejected_with_those_it_has(self, tmp_path: Path) -> None:
        (reject,) = items_of(tmp_path, "a.csv", b"name,price\nx,1\ny,2\n")
        assert isinstance(reject, Reject)
        assert reject.line == 1
        assert "no field is known as text or title among: name, price" in reject.reason
        assert "--map text=NAME,title=NAME" in reject.reason

    def test_a_row_of_another_width_is_rejected_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        one, two, three = items_of(tmp_path, "a.csv", "title,text\nأ,ب,ج\nد\nه,و\n".encode())
        assert isinstance(one, Reject)
        assert isinstance(two, Reject)
        assert isinstance(three, RawPage)
        assert (one.line, one.reason) == (2, "the row cannot be read: 3 cells under 2 names")
        assert (two.line, two.reason) == (3, "the row cannot be read: 1 cells under 2 names")

    def test_a_quote_that_is_never_closed_costs_its_own_row_only(self, tmp_path: Path) -> None:
        items = items_of(tmp_path, "a.csv", 'title,text\nأ,"ب\nج,د\nه,و\n'.encode())
        assert [type(item) for item in items] == [Reject, RawPage, RawPage]
        assert [item.line for item in items] == [2, 3, 4]

    def test_cells_of_a_tsv_may_begin_with_a_quote_that_is_text(self, tmp_path: Path) -> None:
        content = 'title\ttext\nأ\t"ب" قال الوزير\nج\t"د\n'.encode()
        first, second = articles_of(items_of(tmp_path, "a.tsv", content))
        assert (first.body, second.body) == ('"ب" قال الوزير', '"د')

    def test_a_byte_that_is_no_text_rejects_its_row(self, tmp_path: Path) -> None:
        content = "title,text\nأ,ب\n".encode() + b"x,\xff\n" + "ج,د\n".encode()
        padding = "س,ص\n".encode() * 20_000
        items = items_of(tmp_path, "a.csv", b"title,text\n" + padding + content.split(b"\n", 1)[1])
        (reject,) = [item for item in items if isinstance(item, Reject)]
        assert reject.reason == "the row cannot be read: not utf-8: 0xff at byte 3"
        assert len(items) == 20_003


class TestRecords:
    @pytest.mark.parametrize(
        ("names", "date", "origin", "outlet"),
        [
            ({"text": "نص", "url": "http://x/1", "timestamp": "2019-03-01T00:00:00Z"}, "2019-03-01", "crawl", None),
            ({"content": "نص", "crawl_date": "2019-03-01", "source": "mC4"}, "2019-03-01", "crawl", None),
            ({"text": "نص", "dump": "CC-MAIN-2024-10", "date": "2024-03-01T00:00:00Z"}, "2024-03-01", "crawl", None),
            ({"maintext": "نص", "date_publish": "2024-01-02 03:04:05"}, "2024-01-02", "declared", None),
            ({"maintext": "نص", "date_download": "2024-05-05", "source_domain": "x.y"}, "2024-05-05", "crawl", "x.y"),
            ({"content": "نص", "publishedAt": "2024-01-02T23:00:00Z"}, "2024-01-02", "declared", None),
            ({"content": "نص", "source": {"id": None, "name": "الحرة"}}, "None", "none", "الحرة"),
            ({"text": "نص", "timestamp": "2024-05-05", "link": "https://x/2024/04/30/a"}, "2024-04-30", "url", None),
            ({"text": "نص", "timestamp": "2024-04-05", "link": "https://x/2024/04/30/a"}, "2024-04-05", "crawl", None),
            ({"content": "نص", "metadata": {"date": "2024-01-02"}}, "2024-01-02", "declared", None),
            ({"body": "نص", "published_at": {"$date": "2024-01-02T00:00:00Z"}}, "2024-01-02", "declared", None),
            ({"body": "نص", "date": {"$date": {"$numberLong": "1588762800000"}}}, "2020-05-06", "declared", None),
        ],
    )
    def test_crawl_dumps_call_their_fields_by_many_names(
        self, tmp_path: Path, names: dict[str, object], date: str, origin: str, outlet: str | None
    ) -> None:
        (article,) = articles_of(items_of(tmp_path, "a.jsonl", json.dumps(names).encode()))
        assert (str(article.date), article.date_origin, article.outlet) == (date, origin, outlet)
        assert article.body == "نص"

    def test_an_unknown_shape_is_rejected_with_what_was_found(self, tmp_path: Path) -> None:
        (reject,) = items_of(tmp_path, "a.jsonl", b'{"name": "x", "price": 1}\n')
        assert isinstance(reject, Reject)
        assert "no field is known as text or title among: name, price" in reject.reason

    def test_a_large_number_is_the_id_as_it_is_written(self, tmp_path: Path) -> None:
        (page,) = items_of(tmp_path, "a.jsonl", b'{"id": 123456789012345678901234567890, "text": "x"}\n')
        assert isinstance(page, RawPage)
        assert page.declared["id"] == "123456789012345678901234567890"

    def test_what_a_crawler_left_escaped_is_undone(self, tmp_path: Path) -> None:
        record = {
            "title": "قال &quot;نعم&quot; &amp; مضى",
            "text": "أ&nbsp;ب &#8211; ج &notit; AT&T; R&D",
            "url": "http://x/?a=1&copy;=2",
        }
        (article,) = articles_of(items_of(tmp_path, "a.jsonl", json.dumps(record).encode()))
        assert (article.title, article.body) == ('قال "نعم" & مضى', "أ\xa0ب – ج &notit; AT&T; R&D")
        assert article.url == "http://x/?a=1&copy;=2"

    def test_markup_in_a_text_is_taken_off(self, tmp_path: Path) -> None:
        record = {"text": "<p>أولا <b>كذا</b></p><script>x < 1</script><p>ثانيا &amp; ثالثا</p>", "title": "ع"}
        (article,) = articles_of(items_of(tmp_path, "a.jsonl", json.dumps(record).encode()))
        assert article.body == "أولا كذا\n\nثانيا & ثالثا"

    def test_a_text_with_angle_brackets_stays(self, tmp_path: Path) -> None:
        (article,) = articles_of(items_of(tmp_path, "a.jsonl", '{"text": "أ < ب > ج <نص>"}'.encode()))
        assert article.body == "أ < ب > ج <نص>"

    def test_a_whole_page_may_be_a_field(self, tmp_path: Path) -> None:
        record = {"html": web_page(RECORDS[0]), "url": RECORDS[0]["url"], "title": "ع"}
        (article,) = articles_of(items_of(tmp_path, "a.jsonl", json.dumps(record).encode()))
        assert article.body == RECORDS[0]["text"]

    def test_objects_of_an_array_are_numbered(self, tmp_path: Path) -> None:
        items = items_of(tmp_path, "a.json", b'[{"text": "a"},\n 7, {"text": "b"}\n]\n')
        assert [(item.line, type(item)) for item in items] == [(1, RawPage), (2, Reject), (3, RawPage)]

    @pytest.mark.parametrize("content", [b'{\n "text": "a"\n}\n{\n "text": "b"\n}', b'{"text": "a"}{"text": "b"}'])
    def test_objects_may_follow_one_another(self, tmp_path: Path, content: bytes) -> None:
        assert [page.body for page in articles_of(items_of(tmp_path, "a.json", content))] == ["a", "b"]

    def test_an_array_that_breaks_off_gives_what_came_before(self, tmp_path: Path) -> None:
        page, reject = items_of(tmp_path, "a.json", b'[{"text": "a"}, {"text": "b')
        assert isinstance(page, RawPage)
        assert isinstance(reject, Reject)
        assert reject.retry
        assert reject.reason == "the JSON data break off within the object that begins at byte 17"

    def test_what_is_no_json_is_told_once(self, tmp_path: Path) -> None:
        page, reject = items_of(tmp_path, "a.json", b'[{"text": "a"}, oops, {"text": "b"}]')
        assert isinstance(page, RawPage)
        assert isinstance(reject, Reject)
        assert "an object was to begin at byte 17" in reject.reason


class TestWebArchives:
    def test_only_pages_that_were_fetched_are_taken(self, tmp_path: Path) -> None:
        page = web_page(RECORDS[0]).encode()
        content = b"".join(
            (
                warc_info(),
                warc_record("http://x/gone", http_response(page, "404 Not Found")),
                warc_record("http://x/moved", http_response(page, "301 Moved")),
                warc_record("http://x/image", http_response(b"\x89PNG", headers="Content-Type: image/png")),
                warc_record("http://x/asked", b"GET / HTTP/1.1\r\n\r\n", "request"),
                warc_record(RECORDS[0]["url"], http_response(page)),
            )
        )
        (article,) = articles_of(items_of(tmp_path, "a.warc", content))
        assert article.title == RECORDS[0]["title"]

    def test_texts_that_were_taken_out_of_pages_are_taken(self, tmp_path: Path) -> None:
        text = f"{RECORDS[0]['title']}\n{RECORDS[0]['text']}".encode()
        record = warc_record(RECORDS[0]["url"], text, "conversion")
        record = record.replace(b"application/http; msgtype=conversion", b"text/plain")
        (article,) = articles_of(items_of(tmp_path, "a.warc.wet.gz", gzip.compress(warc_info() + record)))
        assert (article.url, article.body.split("\n\n")[0]) == (RECORDS[0]["url"], RECORDS[0]["title"])

    def test_pages_that_a_server_sent_as_text_are_taken_and_texts_for_machines_are_not(self, tmp_path: Path) -> None:
        page = f"العنوان\nتاريخ النشر: 25th, June 2024 GMT\n{RECORDS[0]['text']}\nالمصدر: الحرة".encode()
        plain = "Content-Type: text/plain; charset=utf-8"
        content = warc_record("http://x/robots.txt", http_response(b"User-agent: *\nDisallow: /", headers=plain))
        content += warc_record("http://x/1", http_response(page, headers=plain))
        (article,) = articles_of(items_of(tmp_path, "a.warc", content))
        assert (article.title, str(article.date), article.outlet) == ("العنوان", "2024-06-25", "الحرة")

    @pytest.mark.parametrize("coding", ["gzip", "chunked"])
    def test_what_the_server_packed_is_unpacked(self, tmp_path: Path, coding: str) -> None:
        page = web_page(RECORDS[0]).encode()
        body = gzip.compress(page) if coding == "gzip" else b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page)
        header = "Content-Encoding: gzip" if coding == "gzip" else "Transfer-Encoding: chunked"
        block = http_response(body, headers=f"Content-Type: text/html\r\n{header}")
        (article,) = articles_of(items_of(tmp_path, "a.warc", warc_record("http://x/1", block)))
        assert article.body == RECORDS[0]["text"]

    def test_the_day_of_the_crawl_dates_what_has_no_other_day(self, tmp_path: Path) -> None:
        page = b"<html><body><article><h1>a</h1><p>%s</p></article></body></html>" % RECORDS[0]["text"].encode()
        (article,) = articles_of(items_of(tmp_path, "a.warc", warc_record("http://x/1", http_response(page))))
        assert (str(article.date), article.date_origin, article.url) == ("2024-07-01", "crawl", "http://x/1")

    def test_the_servers_character_set_counts(self, tmp_path: Path) -> None:
        page = web_page(RECORDS[0]).replace("<meta charset='utf-8'>", "").encode("cp1256")
        block = http_response(page, headers="Content-Type: text/html; charset=windows-1256")
        (article,) = articles_of(items_of(tmp_path, "a.warc", warc_record("http://x/1", block)))
        assert article.body == RECORDS[0]["text"]


class TestFeeds:
    def test_a_feed_in_pieces_names_its_items_outlets(self, tmp_path: Path) -> None:
        content = (
            "<rss><channel><title>مجمّع</title><item><title>أ</title><source url='http://s/'>الحرة</source>"
            "<guid isPermaLink='true'>http://s/1</guid><category>غزة</category><category>لبنان</category>"
            "<description>&lt;p&gt;نص &amp;amp; آخر&lt;/p&gt;</description></item></channel></rss>"
        ).encode()
        (article,) = articles_of(items_of(tmp_path, "a.rss", content))
        assert (article.outlet, article.url, article.id) == ("الحرة", "http://s/1", "http://s/1")
        assert (article.keywords, article.body) == ("غزة، لبنان", "نص & آخر")

    def test_other_xml_is_no_feed(self, tmp_path: Path) -> None:
        (reject,) = items_of(tmp_path, "a.rss", b"<urlset><url/></urlset>")
        assert isinstance(reject, Reject)
        assert reject.reason == "not a feed: the XML is neither RSS nor Atom"


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a.zip"])
def test_a_text_may_be_a_page_in_the_samples_layout(tmp_path: Path, name: str, seeds: Path) -> None:
    pages = sorted(seeds.glob("*.txt"))
    records = tuple({"text": page.read_text(encoding="utf-8"), "url": f"http://x/{page.stem}"} for page in pages)
    content = {
        "a.jsonl": lambda: json_lines(records),
        "a.json": lambda: json_array(records),
        "a.csv": lambda: table(records=records),
        "a.parquet": lambda: parquet(tuple(record | {"date": ""} for record in records)),
        "a.zip": lambda: zipped({"x.json": json_array(records)}),
    }[name]()
    found = [extract(item) for item in items_of(tmp_path, name, content) if isinstance(item, RawPage)]
    for page, extracted in zip(pages, found, strict=True):
        (source,) = find_sources([page])
        (raw,) = read(source, FieldMapping())
        assert isinstance(raw, RawPage)
        expected = extract(raw)
        told = page_record(raw, extracted)
        assert {**told, "page": None} == {**page_record(raw, expected), "page": None}
