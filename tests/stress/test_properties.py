"""What holds for any text, query, URL, page and date: 60 examples each in `make test`, 10,000 in `make stress`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp import SearchRequest, open_index
from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.char_filters import clean
from searchapp.analysis.tokenizer import Tokenizer
from searchapp.errors import LimitExceeded, RejectedInput, UsageError
from searchapp.index import Index
from searchapp.ingest.dates import parse_date
from searchapp.ingest.extraction import extract
from searchapp.model import Article, RawPage, Snippet
from searchapp.query.dates import format_date_range, parse_date_range
from searchapp.query.parser import parse
from searchapp.web import parameters
from tests.stress.news import WORDS
from tests.stress.scale import note, scaled

EXAMPLES = scaled(60, 10_000)
settings.register_profile("reliability", max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
reliability = settings.get_profile("reliability")

LETTERS = 'ابتةهويىأإآؤئلمنكفق ـ٠١٢۳45.,٫:_-#«»"()|*~=\n\x00\u064b\u0651\u0670\u200b\u200c\u200f\ufeff\u06cc\ufefb'
TEXTS = st.text(st.one_of(st.sampled_from(LETTERS), st.characters(codec=None, exclude_categories=())), max_size=120)
PIECES = st.sampled_from(
    [*WORDS, "AND", "OR", "NOT", "(", ")", '"', "~3", "*", "-", "=", "title:", "source:", "date:2023", "«", "»", "و"]
)
QUERIES = TEXTS | st.lists(PIECES, max_size=20).map(" ".join) | st.lists(PIECES, max_size=20).map("".join)
LINES = st.lists(
    TEXTS | st.sampled_from(["المصدر: سبق", "كلمات دلالية: غزة", "اقرأ أيضا", "تاريخ النشر: 25 يونيو 2024", "- خبر"]),
    max_size=20,
).map("\n".join)
VALUES = TEXTS | st.sampled_from(["1", "0", "٢", "2024", "2024-06", "2024-06-31", "title", "newest", "-", " "])
PAIRS = st.lists(st.tuples(st.sampled_from([*parameters.NAMES, "utm"]), VALUES), max_size=12)
DATE_TEXTS = TEXTS | st.text("0123456789٠١٢٣-/: .,يونيوjuneTGMT+هـ", max_size=40)


@pytest.fixture(scope="module", autouse=True)
def _noted() -> Iterator[None]:
    yield
    note("properties", examples_each=EXAMPLES)


@pytest.fixture(scope="module")
def index(large_archive: Path) -> Iterator[Index]:
    with open_index(large_archive) as opened:
        yield opened


@reliability
@given(TEXTS)
def test_the_spans_of_the_tokenizer_slice_the_text_in_order(text: str) -> None:
    spans = list(Tokenizer().spans(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before <= start for (_, before), (start, _) in pairwise(spans))


@reliability
@given(TEXTS)
def test_the_offsets_of_tokens_slice_the_original(text: str) -> None:
    tokens = default_analyzer().analyze(text)
    assert all(before.end <= after.start for before, after in pairwise(tokens))
    for token in tokens:
        surface = text[token.start : token.end]
        assert surface
        assert token.exact
        assert token.exact.split() == [token.exact]


@reliability
@given(TEXTS)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@reliability
@given(QUERIES)
def test_the_query_parser_raises_nothing_and_reads_what_it_writes(query: str) -> None:
    with suppress(LimitExceeded):
        parsed = parse(query)
        parsed.text.encode("utf-8")
        with suppress(LimitExceeded):  # written out in full it may be longer than what was typed
            assert parse(parsed.text).expression == parsed.expression


@reliability
@given(PAIRS)
def test_a_request_and_its_url_say_the_same(pairs: list[tuple[str, str]]) -> None:
    try:
        request = parameters.parse(pairs)
    except UsageError:
        return
    with suppress(UnicodeEncodeError):  # half a character cannot stand in a URL, and cannot come from one
        url = parameters.query_string(request)
        assert parameters.parse(parse_qsl(url, keep_blank_values=True)) == request
        assert parameters.query_string(parameters.parse(parse_qsl(url, keep_blank_values=True))) == url


def check_spans(snippet: Snippet) -> None:
    assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.spans)
    assert all(before <= start for (_, before), (start, _) in pairwise(snippet.spans))


@reliability
@given(QUERIES, TEXTS | st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_marked_spans_are_in_order_and_inside_the_text(index: Index, query: str, body: str) -> None:
    with suppress(LimitExceeded):
        title, marked = index.mark(Article(id="a", title=body[:50], body=body), SearchRequest(q=query))
        check_spans(marked)
        assert marked.text == body
        assert title is not None
        check_spans(title)


@reliability
@given(QUERIES)
def test_snippets_are_pieces_of_the_article_with_their_words_marked(index: Index, query: str) -> None:
    with suppress(LimitExceeded):
        for hit in index.search(SearchRequest(q=query, per_page=5)).hits:
            for snippet in (hit.title, hit.snippet):
                if snippet is not None:
                    check_spans(snippet)


@reliability
@given(LINES, st.none() | st.just(1), st.dictionaries(st.sampled_from(["id", "title", "source", "date", "url"]), TEXTS))
def test_extraction_raises_nothing_but_a_rejection(text: str, line: int | None, declared: dict[str, str]) -> None:
    with suppress(RejectedInput):
        page = extract(RawPage("p", "p", 0, 1, 1, line, b"", text, declared))
        for article in (page.article, *page.related):
            assert article.id
            assert article.title or article.body
            assert (article.date is None) == (article.date_origin == "none")


@reliability
@given(DATE_TEXTS)
def test_a_date_is_read_in_full_or_not_at_all(text: str) -> None:
    day = parse_date(text)
    assert day is None or isinstance(day, date)
    written = parse_date_range(text)
    if written is not None:
        assert parse_date_range(format_date_range(written)) == written
