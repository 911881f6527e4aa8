"""Three articles, written in every format that is read."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

Record = Mapping[str, str]

RECORDS: Final[tuple[Record, ...]] = (
    {
        "title": "وزير الخارجية يصل إلى القاهرة",
        "text": "وصل وزير الخارجية إلى القاهرة اليوم في زيارة تستمر يومين.\n\nويلتقي الوزير نظيره المصري صباح الغد.",
        "url": "https://akhbar.example/news/1",
        "date": "2024-06-25",
        "source": "أخبار اليوم",
    },
    {
        "title": "ارتفاع أسعار النفط في الأسواق",
        "text": "ارتفعت أسعار النفط في الأسواق العالمية بعد اجتماع أوبك.\n\nوقال محللون إن الأسعار ستستقر قريبا.",
        "url": "https://akhbar.example/news/2",
        "date": "2024-06-26",
        "source": "أخبار اليوم",
    },
    {
        "title": "أمطار غزيرة على شمال المغرب",
        "text": "شهد شمال المغرب أمطارا غزيرة أدت إلى ارتفاع منسوب الأودية.\n\nودعت السلطات السكان إلى الحذر.",
        "url": "https://akhbar.example/news/3",
        "date": "2024-06-27",
        "source": "أخبار اليوم",
    },
)


def json_lines(records: tuple[Record, ...] = RECORDS) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def json_array(records: tuple[Record, ...] = RECORDS) -> bytes:
    return json.dumps(records, ensure_ascii=False, indent=2).encode()


def table(encoding: str = "utf-8", delimiter: str = ",", records: tuple[Record, ...] = RECORDS) -> bytes:
    out = io.StringIO()
    rows = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
    rows.writeheader()
    rows.writerows(records)
    return out.getvalue().encode(encoding)


def parquet(records: tuple[Record, ...] = RECORDS, *, group_rows: int = 2) -> bytes:
    out = io.BytesIO()
    columns = {name: [record[name] for record in records] for name in records[0]}
    moments = [
        datetime.fromisoformat(record["date"]).replace(tzinfo=UTC) if record["date"] else None for record in records
    ]
    pq.write_table(pa.table({**columns, "date": moments}), out, row_group_size=group_rows)
    return out.getvalue()


def web_page(record: Record, *, head: str = "") -> str:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in record["text"].split("\n\n"))
    return (
        "<!DOCTYPE html><html lang='ar'><head><meta charset='utf-8'>"
        f"<title>{record['title']} | {record['source']}</title>"
        f"<meta property='og:title' content='{record['title']}'>"
        f"<meta property='og:site_name' content='{record['source']}'>"
        f"<meta property='article:published_time' content='{record['date']}T23:30:00+03:00'>"
        f"<link rel='canonical' href='{record['url']}'>{head}</head><body><nav><a href='/'>الرئيسية</a></nav>"
        f"<article><h1>{record['title']}</h1>{paragraphs}</article><footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def http_response(
    body: bytes, status: str = "200 OK", headers: str = "Content-Type: text/html; charset=utf-8"
) -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body


def warc_record(url: str, block: bytes, kind: str = "response") -> bytes:
    header = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-07-01T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return header.encode() + block + b"\r\n\r\n"


def warc(records: tuple[Record, ...] = RECORDS) -> bytes:
    return warc_info() + b"".join(
        warc_record(record["url"], http_response(web_page(record).encode())) for record in records
    )


def warc_info() -> bytes:
    return warc_record("urn:info", b"software: example\r\n", "warcinfo")


def arc(records: tuple[Record, ...] = RECORDS) -> bytes:
    about = b"1 0 example\nURL IP-address Archive-date Content-type Archive-length\n"
    parts = [b"filedesc://a.arc 0.0.0.0 20240701100000 text/plain %d\n" % len(about), about, b"\n"]
    for record in records:
        block = http_response(web_page(record).encode())
        parts += [f"{record['url']} 192.0.2.1 20240701100000 text/html {len(block)}\n".encode(), block, b"\n"]
    return b"".join(parts)


def rss(records: tuple[Record, ...] = RECORDS) -> bytes:
    items = "".join(
        f"<item><title>{record['title']}</title><link>{record['url']}</link>"
        f"<pubDate>{datetime.fromisoformat(record['date']):%a, %d %b %Y} 10:00:00 +0000</pubDate>"
        f"<description>موجز</description><content:encoded><![CDATA["
        + "".join(f"<p>{paragraph}</p>" for paragraph in record["text"].split("\n\n"))
        + "]]></content:encoded></item>"
        for record in records
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{records[0]['source']}</title><language>ar</language>{items}</channel></rss>"
    ).encode()


def atom(records: tuple[Record, ...] = RECORDS) -> bytes:
    entries = "".join(
        f"<entry><title>{record['title']}</title><link rel='alternate' href='{record['url']}'/>"
        f"<published>{record['date']}T10:00:00Z</published><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in record["text"].split("\n\n"))
        + "</div></content></entry>"
        for record in records
    )
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='ar'><title>{records[0]['source']}</title>{entries}</feed>"
    ).encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as file:  # type: ignore[call-overload]
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return out.getvalue()


COMPRESSED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}

SAMPLES: Final[Mapping[str, Callable[[], bytes]]] = {
    "a.jsonl": json_lines,
    "a.json": json_array,
    "a.csv": table,
    "a.tsv": lambda: table(delimiter="\t"),
    "a.parquet": parquet,
    "a.warc": warc,
    "a.arc": arc,
    "a.rss": rss,
    "a.xml": atom,
    "a.zip": lambda: zipped({"day/1.json": json_array(RECORDS[:2]), "day/2.json": json_array(RECORDS[2:])}),
    "a.tar": lambda: tarred(
        {
            "1.jsonl": json_lines(RECORDS[:1]),
            "2.html": web_page(RECORDS[1]).encode(),
            "3.csv": table(records=RECORDS[2:]),
        }
    ),
}
