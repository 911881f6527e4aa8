"""The queries that every engine is asked: 2–4 words, phrases and single words of titles, each with two filters."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

QUERY_COUNT: Final = 300
QUERY_SEED: Final = 7
STOP_WORD_COUNT: Final = 160
"""So many of the most frequent words are no content words: the size of the peers' own stop lists."""
FREQUENT_WORD_COUNT: Final = 1500
"""Single-term queries take one of so many most frequent content words: the expensive case."""
LEAST_ARTICLES: Final = 3
"""A content word is in at least so many articles."""
WINDOW_SHARE: Final = 5
"""A date filter spans the n-th part of the corpus's days, and at least `LEAST_WINDOW_DAYS`."""
LEAST_WINDOW_DAYS: Final = 10
TRIES: Final = 200
"""Titles looked at for each query wanted, before there are held to be no more."""
LETTERS: Final = re.compile(r"[\u0621-\u064a]{3,}")


@dataclass(frozen=True, slots=True)
class Query:
    """One question in all its kinds. `words` and `phrase` are parted by blanks; both dates are inclusive."""

    words: str
    phrase: str
    term: str
    outlet: str
    date_from: str
    date_to: str


def draw_queries(
    articles: Iterable[tuple[str, str, str]],
    first_day: str,
    last_day: str,
    *,
    count: int = QUERY_COUNT,
    seed: int = QUERY_SEED,
) -> Iterator[Query]:
    """Draw queries from articles given as (title, text, outlet); no words, phrase or term comes twice.

    The outlet of a query is that of the article whose title gave the words: a filter that a reader would choose.

    Args:
        articles: what the words are drawn from.
        first_day: the corpus's first day, `YYYY-MM-DD`.
        last_day: its last day.
        count: how many; fewer come if the titles do not give so many.
        seed: the same seed draws the same queries.
    """
    titles, in_articles = _count_words(articles)
    # Words of equal count in an order of their own: the order of a set differs from process to process.
    ranked = sorted(in_articles, key=lambda word: (-in_articles[word], word))
    content = {word for word in ranked[STOP_WORD_COUNT:] if in_articles[word] >= LEAST_ARTICLES}
    frequent = {word for word in ranked[STOP_WORD_COUNT : STOP_WORD_COUNT + FREQUENT_WORD_COUNT] if word in content}
    chance = random.Random(seed)  # noqa: S311 (repeatable queries are wanted, not a secret)
    words = _distinct(_several, content, titles, count, chance)
    phrases = _distinct(_adjacent, content, titles, count, chance)
    terms = _distinct(_single, frequent, titles, count, chance)
    windows = _windows(date.fromisoformat(first_day), date.fromisoformat(last_day), chance)
    for question, phrase, term, window in zip(words, phrases, terms, windows, strict=False):
        yield Query(question.text, phrase.text, term.text, question.outlet, *window)


@dataclass(frozen=True, slots=True)
class _Title:
    words: Sequence[str]
    outlet: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    text: str
    outlet: str


def _count_words(articles: Iterable[tuple[str, str, str]]) -> tuple[list[_Title], Counter[str]]:
    """The titles as words, and in how many articles each word is. Memory grows with the vocabulary, not the text."""
    titles: list[_Title] = []
    in_articles: Counter[str] = Counter()
    for title, text, outlet in articles:
        titles.append(_Title(title.split(), outlet))
        in_articles.update(set(LETTERS.findall(title)) | set(LETTERS.findall(text)))
    return titles, in_articles


Draw = Callable[[Sequence[str], set[str], random.Random], str | None]
"""Draws a query from a title's words, of which only the allowed ones are taken; None where the title has none."""


def _several(title: Sequence[str], allowed: set[str], chance: random.Random) -> str | None:
    found = [word for word in title if word in allowed]
    size = chance.choice((2, 3, 3, 4))
    if len(found) < size:
        return None
    return " ".join(found[place] for place in sorted(chance.sample(range(len(found)), size)))


def _adjacent(title: Sequence[str], allowed: set[str], chance: random.Random) -> str | None:
    pairs = [f"{first} {second}" for first, second in pairwise(title) if first in allowed and second in allowed]
    return chance.choice(pairs) if pairs else None


def _single(title: Sequence[str], allowed: set[str], chance: random.Random) -> str | None:
    found = [word for word in title if word in allowed]
    return chance.choice(found) if found else None


def _distinct(
    draw: Draw, allowed: set[str], titles: Sequence[_Title], count: int, chance: random.Random
) -> list[_Drawn]:
    """Up to `count` different queries, in the order drawn."""
    drawn: dict[str, _Drawn] = {}
    for _ in range(count * TRIES):
        if len(drawn) == count:
            break
        title = chance.choice(titles)
        query = draw(title.words, allowed, chance)
        if query is not None:
            drawn.setdefault(query, _Drawn(query, title.outlet))
    return list(drawn.values())


def _windows(first: date, last: date, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Date filters within the corpus's days, without end."""
    days = (last - first).days
    length = min(days, max(LEAST_WINDOW_DAYS, days // WINDOW_SHARE))
    while True:
        start = first + timedelta(days=chance.randrange(days - length + 1))
        yield start.isoformat(), (start + timedelta(days=length - 1)).isoformat()


def write_queries(path: Path, queries: Iterable[Query]) -> None:
    """Write the queries as JSON lines; the Java peer reads the same file."""
    lines = [json.dumps(asdict(query), ensure_ascii=False) + "\n" for query in queries]
    path.write_text("".join(lines), encoding="utf-8")


def read_queries(path: Path) -> list[Query]:
    """The queries of a file that `write_queries` wrote."""
    with path.open(encoding="utf-8") as lines:
        return [Query(**json.loads(line)) for line in lines]
