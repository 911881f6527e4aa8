"""Makes the corpora: the Saudi articles as they are, and ten times as many recombined out of their sentences.

A third one, thirty times as many, is made only when it is asked for. All are JSON lines with the fields id, title,
text, source (the outlet) and date (`YYYY-MM-DD`). The same seed gives the same bytes. Memory is bounded:
articles stream, and recombining reads its sources by their place in the file.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bench.queries import draw_queries, write_queries
from bench.workspace import DEFAULT_ARTICLES, DEFAULT_WORK, Workspace, read_json, write_json

GROWTH: Final = {"saudi": 1, "tenfold": 10, "thirtyfold": 30}
"""How many times the Saudi articles each corpus holds, themselves included."""
CORPORA: Final = ("saudi", "tenfold")
"""Those that are measured unless others are asked for."""
SEED: Final = 20150721

NEW_FORM_RATE: Final = 0.008
"""Share of words that get a shape of their own, because in real text the vocabulary never stops growing."""
MOVED_WORD_RATE: Final = 0.02
"""Share of words that are swapped for another of the same article, so that no two texts share long passages."""
ADDITIONS: Final = 5
ADDITION_SIZE: Final = 100
"""Articles that are added to an existing index, and how often: the everyday commit."""
FIRST_DAY: Final = date(2010, 1, 1)
LAST_DAY: Final = date(2015, 7, 20)
RECENT_BIAS: Final = 0.7
"""Exponent below 1: later days get more articles, as in an archive that grows."""

PREFIXES: Final = ("و", "ب", "ل", "ف", "ال", "وال", "بال", "لل", "كال", "سي")
SUFFIXES: Final = ("ه", "ها", "هم", "نا", "ات", "ون", "ين", "ية", "تهم", "ان")
SENTENCE_END: Final = re.compile(r"(?<=[.؟!\n])\s+")


@dataclass(frozen=True, slots=True)
class CorpusFacts:
    """What the figures are related to. `text_bytes` counts title and text in UTF-8; `outlets` by falling count."""

    name: str
    articles: int
    text_bytes: int
    sha256: str
    first_day: str
    last_day: str
    outlets: dict[str, int]


@dataclass(frozen=True, slots=True)
class BenchArticle:
    """One article of a corpus; the attributes are the fields of its line."""

    id: str
    title: str
    text: str
    source: str
    date: str


def read_articles(path: Path) -> Iterator[BenchArticle]:
    """The articles of a corpus file or of the measuring data (plain or gzip), in order.

    Missing fields are read as empty, and of a date the day is kept.
    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            yield _article(line)


def _article(line: bytes) -> BenchArticle:
    fields: dict[str, Any] = json.loads(line)
    day = (fields.get("date") or "")[:10]
    return BenchArticle(
        fields["id"], fields.get("title") or "", fields.get("text") or "", fields.get("source") or "-", day
    )


def beginning(corpus: Path, articles: int, directory: Path) -> Path:
    """A file of the first articles of a corpus."""
    part = directory / corpus.name
    with corpus.open("rb") as lines, part.open("wb") as out:
        out.writelines(islice(lines, articles))
    return part


class ArticleFile:
    """The articles of a corpus file by number, read from the file each time; holds eight bytes an article."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._offsets = array("Q", [0])
        for line in self._file:
            self._offsets.append(self._offsets[-1] + len(line))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> BenchArticle:
        self._file.seek(self._offsets[number])
        return _article(self._file.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def recombine(sources: ArticleFile, count: int, seed: int = SEED) -> Iterator[BenchArticle]:
    """The source articles and then new ones, up to `count` in all.

    A new article has a run of half the sentences of each of two source articles, a title of both their titles, the
    outlet of the first, a date between `FIRST_DAY` and `LAST_DAY`, and a few changed words.
    """
    chance = random.Random(seed)  # noqa: S311 (a repeatable corpus is wanted, not a secret)
    for number in range(min(count, len(sources))):
        yield sources[number]
    for number in range(len(sources), count):
        first, second = sources[chance.randrange(len(sources))], sources[chance.randrange(len(sources))]
        sentences = _half(first.text, chance) + _half(second.text, chance)
        yield BenchArticle(
            id=f"recombined-{number:07d}",
            title=_joined_title(first.title, second.title),
            text=_vary(" ".join(sentences), chance),
            source=first.source,
            date=_day(chance).isoformat(),
        )


def _half(text: str, chance: random.Random) -> list[str]:
    """A run of half the sentences of a text, at least one."""
    sentences = SENTENCE_END.split(text)
    length = (len(sentences) + 1) // 2
    start = chance.randrange(len(sentences) - length + 1)
    return sentences[start : start + length]


def _joined_title(first: str, second: str) -> str:
    """The first two thirds of one title and the last third of another."""
    head, tail = first.split(), second.split()
    return " ".join(head[: max(2, len(head) * 2 // 3)] + tail[len(tail) * 2 // 3 :])


def _vary(text: str, chance: random.Random) -> str:
    """The text with some words moved and some given a prefix or a suffix that they had not.

    The distance to the next changed word is drawn, instead of a number for every word, because that is much cheaper.
    """
    words = text.split(" ")
    rate = NEW_FORM_RATE + MOVED_WORD_RATE
    place = int(chance.expovariate(rate))
    while place < len(words):
        if chance.random() * rate < NEW_FORM_RATE:
            words[place] = _new_form(words[place], chance)
        else:
            words[place] = words[chance.randrange(len(words))]
        place += 1 + int(chance.expovariate(rate))
    return " ".join(words)


def _new_form(word: str, chance: random.Random) -> str:
    return chance.choice(PREFIXES) + word if chance.random() < 0.5 else word + chance.choice(SUFFIXES)


def _day(chance: random.Random) -> date:
    return FIRST_DAY + timedelta(days=int((LAST_DAY - FIRST_DAY).days * chance.random() ** RECENT_BIAS))


def write_corpus(path: Path, name: str, articles: Iterable[BenchArticle]) -> CorpusFacts:
    """Write the articles as JSON lines in one step and tell what they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    digest, outlets, days, count, text_bytes = hashlib.sha256(), Counter[str](), set[str](), 0, 0
    with unfinished.open("wb") as out:
        for article in articles:
            line = json.dumps(asdict(article), ensure_ascii=False).encode() + b"\n"
            out.write(line)
            digest.update(line)
            outlets[article.source] += 1
            days.add(article.date)
            count += 1
            text_bytes += len(article.title.encode()) + len(article.text.encode())
    unfinished.replace(path)
    return CorpusFacts(name, count, text_bytes, digest.hexdigest(), min(days), max(days), dict(outlets.most_common()))


def ensure_additions(work: Workspace, source: Path = DEFAULT_ARTICLES) -> list[Path]:
    """Files of `ADDITION_SIZE` new articles each, to be added to an index that holds a corpus."""
    files = [work.additions(number) for number in range(ADDITIONS)]
    if files[-1].exists():
        return files
    ensure_corpus(work, "saudi", source)
    with ArticleFile(work.corpus("saudi")) as sources:
        # Another seed than the tenfold corpus's: these texts are in neither corpus.
        made = islice(recombine(sources, len(sources) + ADDITIONS * ADDITION_SIZE, SEED + 1), len(sources), None)
        new = (replace(article, id=f"added-{number}") for number, article in enumerate(made))
        for file in files:
            write_corpus(file, file.stem, islice(new, ADDITION_SIZE))
    return files


def ensure_corpus(work: Workspace, name: str, source: Path = DEFAULT_ARTICLES) -> CorpusFacts:
    """The facts of a corpus, which is made with its queries unless it is there.

    Raises:
        FileNotFoundError: `source`, the measuring data, is not there.
    """
    known = read_json(work.facts(name))
    if known is not None:
        return CorpusFacts(**known)
    if name == "saudi":
        facts = write_corpus(work.corpus(name), name, read_articles(source))
    else:
        saudi = ensure_corpus(work, "saudi", source)
        with ArticleFile(work.corpus("saudi")) as sources:
            facts = write_corpus(work.corpus(name), name, recombine(sources, GROWTH[name] * saudi.articles))
    # The words always come from the Saudi articles, so that all corpora are asked the same.
    words = ((article.title, article.text, article.source) for article in read_articles(work.corpus("saudi")))
    write_queries(work.queries(name), draw_queries(words, facts.first_day, facts.last_day))
    write_json(work.facts(name), asdict(facts))
    return facts


def main() -> None:
    """Make the corpora and print what they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where the corpora go")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="the Saudi articles, JSON lines")
    parser.add_argument("--corpus", choices=GROWTH, action="append", help="only this one (may be repeated)")
    options = parser.parse_args()
    for name in options.corpus or CORPORA:
        facts = ensure_corpus(Workspace(options.work), name, options.articles)
        print(f"{name}: {facts.articles:,} articles, {facts.text_bytes / 1e6:,.1f} MB of text, {facts.sha256[:12]}")


if __name__ == "__main__":
    main()
