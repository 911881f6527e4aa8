"""Pages rendered with the traps of real ones are read without a mistake."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest

from searchapp.ingest.extraction import extract
from searchapp.model import ExtractedPage, RawPage
from tests.page_generator import Expected, Text, make_page, make_text, token_f1

LEAST_F1 = 0.995
CORPUS_ARTICLES = 900


def raw_page(text: str) -> RawPage:
    return RawPage("pages/p.txt", "p.txt", 0, len(text), len(text), None, text.encode(), text)


def fields_of(read: ExtractedPage) -> dict[str, object]:
    article = read.article
    return {
        "title": None if article.title_inferred else article.title,
        "date": article.date.isoformat() if article.date else None,
        "outlet": article.outlet,
        "agency": article.agency,
        "keywords": article.keywords,
        "related": [related.title for related in read.related],
        "second": [(str(related.date), related.outlet) for related in read.related[:1]],
        "similar": list(article.similar_headlines),
    }


def expected_fields(expected: Expected) -> dict[str, object]:
    return {
        "title": expected.title,
        "date": expected.date,
        "outlet": expected.outlet,
        "agency": expected.agency,
        "keywords": expected.keywords,
        "related": [*([expected.related_title] if expected.related_title else []), *expected.further_titles],
        "second": [(str(expected.related_date), expected.related_outlet)] if expected.related_title else [],
        "similar": expected.similar,
    }


def related_f1(read: ExtractedPage, expected: Expected) -> float:
    return token_f1(read.related[0].body if read.related else "", "\n\n".join(expected.related_body))


@pytest.mark.parametrize("seed", range(400))
def test_a_page_with_traps_is_read_as_it_was_meant(seed: int) -> None:
    random = Random(seed)
    headlines = [make_text(random).title for _ in range(random.randint(1, 10))]
    text, expected = make_page(random, make_text(random), make_text(random), headlines)
    read = extract(raw_page(text))
    assert fields_of(read) == expected_fields(expected)
    assert read.article.body == "\n\n".join(expected.body)
    assert related_f1(read, expected) == 1.0


@cache
def news_texts(data: Path, count: int) -> tuple[Text, ...]:
    """Articles of a real corpus that have a title and a text."""
    texts = []
    with gzip.open(data / "news" / "saudinews.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            title = " ".join(record["title"].split())
            paragraphs = tuple(filter(None, (" ".join(part.split()) for part in record["text"].splitlines())))
            if number % 31 == 0 and title and paragraphs:
                texts.append(Text(title, tuple(dict.fromkeys(paragraphs))))
            if len(texts) == count:
                break
    return tuple(texts)


@pytest.mark.corpus
@pytest.mark.parametrize("seed", [2, 7, 8, 9])
def test_pages_from_real_articles_are_read_as_they_were_meant(
    shared_data: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    random = Random(seed)
    texts = news_texts(shared_data, CORPUS_ARTICLES)
    wrong, body_f1, second_f1 = 0, 0.0, 0.0
    for text in texts:
        headlines = [random.choice(texts).title for _ in range(10)]
        page, expected = make_page(random, text, random.choice(texts), headlines)
        read = extract(raw_page(page))
        wrong += fields_of(read) != expected_fields(expected)
        body_f1 += token_f1(read.article.body, "\n\n".join(expected.body))
        second_f1 += related_f1(read, expected)
    record_property("pages read wrongly", wrong)
    assert len(texts) == CORPUS_ARTICLES
    assert wrong / len(texts) <= 0.005
    assert body_f1 / len(texts) >= LEAST_F1
    assert second_f1 / len(texts) >= LEAST_F1
