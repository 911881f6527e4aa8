"""The queries that cost an engine most: many words, long phrases, deep pages, prefixes, brackets, stop words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from searchapp.model import SearchRequest

STOP_WORDS = ("في", "من", "على", "إلى", "عن", "أن", "التي", "الذي", "هذا", "هذه", "كان", "ما", "لا", "مع", "بين", "كل")
PREFIXES = ("ا", "ال", "و", "م", "ت", "ي", "الم", "وال", "ب", "ل")
FREQUENT = ("السعودية", "الملك", "وزير", "محمد", "العام", "مدير", "الأمير", "عبدالله", "المملكة", "الرياض")


def queries(vocabulary: Sequence[str]) -> list[tuple[str, SearchRequest]]:
    """All of them, each with its kind; `vocabulary` are words of the archive, the most frequent first."""
    made = [*_many_words(vocabulary), *_phrases(vocabulary), *_prefixes(vocabulary), *_brackets(vocabulary)]
    made += [*_stop_words(), *_deep(vocabulary), *_filters(vocabulary)]
    assert len(made) == 103, len(made)
    return made


def _q(kind: str, q: str) -> tuple[str, SearchRequest]:
    return kind, SearchRequest(q=q)


def _many_words(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    chance = random.Random(1)
    for count in (50, 100, 200, 400, 512, 600, 1000, 5000):
        yield _q(f"{count} frequent words", " ".join((list(words) * 10)[:count]))
        yield _q(f"{count} words in an OR", " OR ".join((list(words) * 10)[:count]))
    for count in (100, 300, 500):
        yield _q(f"{count} rare words", " ".join(chance.choices(words[len(words) // 2 :], k=count)))
        yield _q(f"{count} words without", f"{words[0]} " + " ".join(f"-{word}" for word in words[1:count]))
    yield _q("one word 500 times", f"{words[0]} " * 500)
    yield _q("exact words", " ".join(f"={word}" for word in words[:300]))


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    for count in (2, 10, 50, 200, 500):
        yield _q(f"phrase of {count}", f'"{" ".join(words[:count])}"')
        yield _q(f"phrase of {count} with gaps", f'"{" ".join(words[:count])}"~50')
        yield _q(f"phrase of one word {count} times", f'"{" ".join([words[0]] * count)}"~50')
    yield _q("phrase of stop words", f'"{" ".join(STOP_WORDS)}"~50')
    yield _q("100 phrases", " OR ".join(f'"{words[n]} {words[n + 1]}"' for n in range(100)))
    gapped = [f'"{words[n]} {words[n + 1]}"~50' for n in range(100)]
    yield _q("100 phrases with gaps", " ".join(gapped))
    yield _q("100 phrases with gaps in an OR", " OR ".join(gapped))
    yield _q("all pairs of 12 words", " OR ".join(f'"{one} {other}"~50' for one in words[:12] for other in words[:12]))
    yield _q("100 doubled words", " OR ".join(f'"{word} {word}"~50' for word in words[:100]))


def _prefixes(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    for prefix in PREFIXES:
        yield _q(f"prefix {prefix}", f"{prefix}*")
    yield _q("all prefixes", " ".join(f"{prefix}*" for prefix in PREFIXES))
    yield _q("100 prefixes", " OR ".join(f"{word[:2]}*" for word in words[:100]))
    yield _q("prefixes without", f"{words[0]} " + " ".join(f"-{prefix}*" for prefix in PREFIXES))
    yield _q("a bare star", "* ** ***")


def _brackets(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    for depth in (10, 64, 500, 2000):
        yield _q(f"{depth} brackets", "(" * depth + words[0] + ")" * depth)
        yield _q(f"{depth} open brackets", "(" * depth + words[0])
    for depth in (10, 100):
        nested = words[0]
        for level in range(depth):
            nested = f"({nested} {'OR' if level % 2 else 'AND'} {words[level % 50]})"
        yield _q(f"{depth} nested operators", nested)
        yield _q(f"{depth} nested negations", "NOT (" * depth + words[0] + ")" * depth)
    yield _q("only operators", "AND OR NOT " * 300)
    yield _q("only quotes", '"' * 4000)
    yield _q("only minus", "-" * 4000)
    yield _q("one word of 4,000 letters", "م" * 4000)
    yield _q("marks alone", "\u064b" * 4000)
    yield _q("all but one word", f"-{words[0]}")


def _stop_words() -> Iterator[tuple[str, SearchRequest]]:
    yield _q("stop words", " ".join(STOP_WORDS))
    yield _q("stop words in an OR", " OR ".join(STOP_WORDS))
    yield _q("each stop word exact", " ".join(f"={word}" for word in STOP_WORDS))
    yield _q("300 stop words", " ".join(STOP_WORDS * 20))
    for word in STOP_WORDS[:4]:
        yield _q(f"stop word {word}", word)


def _deep(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    for page in (10, 50, 100, 101, 1000, 999_999_999):
        yield f"page {page}", SearchRequest(q=words[0], page=page, per_page=100)
    yield "page 100 of everything", SearchRequest(page=100, per_page=100, sort="newest")
    yield "page 100 of an OR", SearchRequest(q=" OR ".join(words[:50]), page=100, per_page=100)


def _filters(words: Sequence[str]) -> Iterator[tuple[str, SearchRequest]]:
    many = SearchRequest(q=" ".join(words[:3]), per_page=100)
    yield "everything", SearchRequest(per_page=100)
    yield "200 outlets", replace(many, sources=tuple(f"outlet {n}" for n in range(200)))
    yield "200 outlets left out", replace(many, not_sources=tuple(f"outlet {n}" for n in range(200)))
    yield "200 days", replace(many, when=tuple(f"20{n % 100:02}-01-{n % 28 + 1:02}" for n in range(200)))
    yield "5,000 outlets", replace(many, sources=tuple(f"outlet {n}" for n in range(5000)))
    yield _q("100 outlets in the query", f"{words[0]} " + " ".join(f"source:{word}" for word in words[:100]))
    yield _q("100 ranges of dates", f"{words[0]} " + " OR ".join(f"date:20{n:02}..20{n:02}-06" for n in range(100)))
    yield _q("title alone", " ".join(f"title:{word}" for word in words[:200]))
    yield "oldest of an OR", replace(many, q=" OR ".join(FREQUENT), sort="oldest")
    yield "exact of an OR", replace(many, q=" OR ".join(FREQUENT), exact=True)
