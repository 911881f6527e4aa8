"""What is fuzzed: a function that is fed any bytes and must end in a result or in one of our own errors, and its seeds.

atheris instruments whatever of searchapp is imported after this module: keep imports of it here, and nowhere above.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from flask.testing import FlaskClient

from searchapp import open_index
from searchapp.errors import LimitExceeded, SearchAppError
from searchapp.indexing import IndexOptions, index_paths
from searchapp.ingest.extraction import extract
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage
from searchapp.query.parser import parse as parse_query
from searchapp.web import parameters
from searchapp.web.app import create_app
from tests.crash.workload import Silent
from tests.input_samples import COMPRESSED, RECORDS, SAMPLES, web_page

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST: Final = 20_000
"""Bytes of one input."""
SCRATCH: Final = Path(tempfile.gettempdir())
_PLAIN: Final = (".txt", ".html", *dict.fromkeys(Path(name).suffix for name in SAMPLES))
ENDINGS: Final = (*_PLAIN, *(f".jsonl{packed}" for packed in COMPRESSED), "")
"""Of the files that readers are given; the first byte of an input says which."""
PATHS: Final = ("/search", "/compare", "/suggest", "/search.json", "/search.csv", "/search.atom", "/compare.csv")
_PIECES: Final = (
    "عنوان المصدر: التاريخ ٢٠٢٤/٠٦/٢٥ 2024-06-25 ١٤٤٥هـ ـ http://a.example/2024/6/25/x <p> &amp; "
    'AND OR NOT ( ) " ~9 * ? = - title: source: date:2024.. « » : '
    "q= & page= per_page=999999999 when= from= % %ff %D8 + ; undated=1 sort= "
    '{ } [ ] "id": "text": "date": null 1e999 \\ud800 \\u0000 , '
    "<item> <title> <![CDATA[ <!DOCTYPE WARC/1.0 Content-Length: PAR1 PK\x03\x04 ustar"
)
_INVISIBLE: Final = ("\u200f", "\u064b", "\n", "\r", "\t", "\x00", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\U0001f600")
WORDS: Final = tuple(word.encode() for word in (*_PIECES.split(), *_INVISIBLE, "25 يونيو 2024"))


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed, and what with at first."""

    feed: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def feed_page(data: bytes) -> None:
    """A page of text, as the readers hand it to extraction."""
    text = data.decode("utf-8", "replace")
    page = RawPage("f.txt", "f.txt", 0, len(data), len(data), None, data, text, {"url": text[:80], "date": text[-40:]})
    with suppress(SearchAppError):
        extract(page)


@cache
def sample_pages() -> FlaskClient:
    """The site over the five sample pages."""
    directory = Path(tempfile.mkdtemp(prefix="fuzzed-", dir=SCRATCH))
    index_paths(directory, [ROOT / "seeds"], IndexOptions(), Silent())
    return create_app(open_index(directory)).test_client()


def feed_query(data: bytes) -> None:
    """A query; none but one that is too long is an error."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(LimitExceeded):
        parse_query(text).text.encode()


def feed_url(data: bytes) -> None:
    """The parameters of a URL: read, written, read again, and asked for, which searches five pages."""
    values = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)
    with suppress(SearchAppError):
        request = parameters.parse(values)
        again = parameters.parse(parse_qsl(parameters.query_string(request), keep_blank_values=True))
        assert again == request
    path = PATHS[len(data) % len(PATHS)]
    with sample_pages().get(path, query_string=data.decode("latin-1")) as response:
        assert response.status_code < 500, (path, response.status_code)


def feed_file(data: bytes) -> None:
    """A file of one of the kinds that the readers know; the first byte says which."""
    ending = ENDINGS[data[0] % len(ENDINGS)] if data else ".txt"
    path = SCRATCH / f"fuzzed-{os.getpid()}{ending}"
    path.write_bytes(data[1:])
    try:
        for source in find_sources([path]):
            for item in read(source, FieldMapping()):
                if isinstance(item, RawPage):
                    with suppress(SearchAppError):
                        extract(item)
    except SearchAppError:
        pass
    finally:
        path.unlink()


def page_seeds() -> list[bytes]:
    return [path.read_bytes()[:LONGEST] for path in sorted((ROOT / "seeds").glob("*.txt"))] + [b"", b"\n", b"a"]


def query_seeds() -> list[bytes]:
    queries = (
        '"وقف إطلاق النار"~3 OR (غزة -رفح)',
        "title:وزير source:سبق date:2024-06..2024-07",
        "مدا* =قرار م?ر سياس~2",
        "ما هي أسباب التضخم في الأردن؟ +غزة",
        "a" * 400,
    )
    return [query.encode() for query in queries]


def url_seeds() -> list[bytes]:
    return [
        b"q=%D8%BA%D8%B2%D8%A9&source=a&source=b&when=2024-06&undated=1&page=2",
        b"q=a&in=title&from=2024&to=2024-06-25&exact=1&sort=oldest&per_page=50&not_source=-",
        b"q=%D9%85%D8%AF%2A&interval=month&format=json&lang=en",
    ]


def file_seeds() -> list[bytes]:
    pages = page_seeds()
    seeds = [(".txt", page) for page in pages] + [(".html", web_page(record).encode()) for record in RECORDS[:1]]
    seeds += [(Path(name).suffix, make()) for name, make in SAMPLES.items()]
    seeds += [(f".jsonl{packed}", compress(SAMPLES["a.jsonl"]())) for packed, compress in COMPRESSED.items()]
    seeds += [("", make()) for make in SAMPLES.values()]
    return [bytes([ENDINGS.index(ending)]) + content[: LONGEST - 1] for ending, content in seeds]


TARGETS: Final = {
    "extraction": Target(feed_page, page_seeds),
    "query": Target(feed_query, query_seeds),
    "url": Target(feed_url, url_seeds),
    "readers": Target(feed_file, file_seeds),
}
