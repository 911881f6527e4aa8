"""The bench's corpora and queries, on a few made-up articles."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.corpus import ArticleFile, BenchArticle, ensure_corpus, read_articles, recombine, write_corpus
from bench.queries import draw_queries, read_queries
from bench.workspace import Workspace
from tests.waiting import PATIENCE

ALPHABET = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A hundred articles over a vocabulary large enough to have content words beside the most frequent ones."""
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices(ALPHABET, k=5)) for _ in range(400)]
    path = tmp_path / "source.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(100):
            article = {
                "id": f"a{number}",
                "source": "sabq" if number % 3 else "okaz",
                "date": f"2015-07-{1 + number % 28:02d}T10:00:00",
                "title": " ".join(chance.choices(vocabulary, k=8)),
                "text": ". ".join(" ".join(chance.choices(vocabulary, k=10)) for _ in range(6)),
            }
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    return path


def test_the_same_seed_makes_the_same_bytes(source: Path, tmp_path: Path) -> None:
    digests = [ensure_corpus(Workspace(tmp_path / name), "tenfold", source).sha256 for name in ("one", "two")]

    assert digests[0] == digests[1]


def test_the_tenfold_corpus_begins_with_the_articles_themselves(source: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    facts = ensure_corpus(work, "tenfold", source)

    made = list(read_articles(work.corpus("tenfold")))

    assert facts.articles == len(made) == 1000
    assert made[:100] == list(read_articles(source))
    assert len({article.id for article in made}) == 1000


def test_recombining_brings_new_forms_and_keeps_most_words(source: Path) -> None:
    with ArticleFile(source) as sources:
        made = list(recombine(sources, 1000))

    known = {word for article in made[:100] for word in article.text.split()}
    words = [word for article in made[100:] for word in article.text.split()]
    new = sum(word not in known for word in words) / len(words)

    assert 0.002 < new < 0.03


def test_an_article_without_text_can_be_recombined(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    write_corpus(path, "empty", [BenchArticle("1", "", "", "sabq", "2015-07-21")])

    with ArticleFile(path) as sources:
        made = list(recombine(sources, 3))

    assert [article.source for article in made] == ["sabq"] * 3


def test_a_complete_corpus_is_not_made_again(source: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    facts = ensure_corpus(work, "saudi", source)
    source.unlink()

    assert ensure_corpus(work, "saudi", source) == facts


def test_queries_are_drawn_from_titles_and_filter_within_the_corpus(source: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    ensure_corpus(work, "saudi", source)
    titles = [article.title for article in read_articles(source)]

    queries = read_queries(work.queries("saudi"))

    assert 30 < len(queries) <= 300
    assert len({query.words for query in queries}) == len(queries)
    for query in queries:
        assert 2 <= len(query.words.split()) <= 4
        assert any(set(query.words.split()) <= set(title.split()) for title in titles)
        assert any(query.phrase in title for title in titles)
        assert "2015-07-01" <= query.date_from < query.date_to <= "2015-07-28"
        assert query.outlet in {"sabq", "okaz"}


def test_queries_do_not_depend_on_the_process(source: Path, tmp_path: Path, project_root: Path) -> None:
    drawn = []
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "bench.corpus", "--corpus", "saudi"]
        places = ["--work", str(tmp_path / hash_seed), "--articles", str(source)]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(
            [*command, *places],
            check=True,
            cwd=project_root,
            env=environment,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        drawn.append(Workspace(tmp_path / hash_seed).queries("saudi").read_bytes())

    assert drawn[0] == drawn[1]


def test_titles_without_content_words_give_no_queries() -> None:
    assert list(draw_queries([("", "", "sabq")], "2015-07-01", "2015-07-28")) == []
