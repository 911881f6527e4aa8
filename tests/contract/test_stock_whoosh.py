"""The fast path, Whoosh's own searcher over our codec, and a plain reference: one index, asked the same three times.

What is compared is the BM25 layer. Whoosh scores a phrase by its words and the fast path by how often it stands there,
so for phrases only what matches is compared; the same holds for what Whoosh's `Not` scores beside an `Or`.
"""

from __future__ import annotations

import fnmatch
import itertools
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
import whoosh.index
from whoosh import query, sorting
from whoosh.searching import Searcher

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.weights import FORMS, TEXT_FIELDS, WEIGHTS, Form, TextFieldName
from searchapp.engine.storage.commits import latest_number, read_commit
from searchapp.engine.storage.norms import DECODED, encode_lengths
from searchapp.engine.whoosh_codec.schema import index_field
from searchapp.engine.whoosh_codec.scoring import FieldedBM25
from searchapp.engine.whoosh_codec.table_of_contents import write_table_of_contents
from searchapp.model import UNKNOWN_OUTLET, Article, SearchRequest, Story

# ("word", w) ("prefix", p) ("wildcard", p) ("fuzzy", w) ("phrase", words, slop) ("source", name) ("dates", first, last)
# ("not", q) ("and", q, …) ("or", q, …)
Query = tuple[Any, ...]
Scores = dict[int, float]


class Word(NamedTuple):
    exact: str
    stem: str


ROOTS: Final = (
    "كتاب", "مدرس", "شارع", "قمر", "نجم", "بحر", "جبل", "سوق", "ملعب", "مطار", "قطار", "جسر", "نهر",
    "متحف", "مسرح", "صحيف", "بنك", "مصنع", "ميناء", "سفير", "حقل",
)  # fmt: skip
WORDS: Final = tuple(dict.fromkeys(form for root in ROOTS for form in (root, "ال" + root, "وال" + root, root + "ات")))
COMMON: Final = tuple(1 / (rank + 2) for rank in range(len(WORDS)))
OUTLETS: Final = ("سبق", "عكاظ الجديدة", "الوطن", "الرياض", None)
FIRST_DAY: Final = date(2014, 11, 1)
NEAR: Final = 1e-4
LAYER: Final = replace(WEIGHTS, lead=0, light=0, variant=0, proximity=0)
"""What all three can compute: BM25 over fields and two forms. Ranking by the rest is in test_ranking."""


def make_text(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(WORDS, COMMON, k=chance.randint(least, most)))


def make_story(number: int, sequence: int) -> Story:
    chance = random.Random(sequence)
    articles = []
    for copy in range(chance.choice((1, 1, 1, 2, 3))):
        day = chance.choice((None, *(FIRST_DAY + timedelta(days=chance.randrange(120)) for _ in range(5))))
        article = Article(
            id=f"{number}-{sequence}-{copy}",
            title=make_text(chance, 1, 7) if chance.random() < 0.8 else None,
            title_inferred=chance.random() < 0.2,
            body=make_text(chance, 0, 60),
            keywords=make_text(chance, 1, 6) if chance.random() < 0.5 else None,
            outlet=chance.choice(OUTLETS),
            date=day,
            date_origin="declared" if day else "none",
        )
        articles.append(article)
    return Story(number, sequence, tuple(articles))


class Reference:
    """Looks through all documents one by one. Deleted ones count in the statistics, as they do in the index."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self.stories = stories
        last = {story.number: at for at, story in enumerate(stories)}
        self.live = {at for at in last.values() if stories[at].articles}
        self.numbers = [at for at, story in enumerate(stories) if story.articles]
        self.fields = {at: self._fields(stories[at]) for at in self.numbers}
        self.averages = {
            field: sum(lengths) / max(sum(length > 0 for length in lengths), 1)
            for field in TEXT_FIELDS
            for lengths in [[len(self.fields[at][field]) for at in self.numbers]]
        }
        self._found: dict[object, Scores] = {}

    @staticmethod
    def _fields(story: Story) -> dict[TextFieldName, list[Word]]:
        def words(*texts: str | None) -> list[Word]:
            tokens = (token for text in texts for token in default_analyzer().analyze(text or ""))
            return [Word(token.exact, token.stem) for token in tokens]

        titles = [None if article.title_inferred else article.title for article in story.articles]
        first, *others = story.articles
        shown = words(titles[0]), words(first.body), words(first.keywords)
        known = {word.exact for field in shown for word in field}
        copied = words(*titles[1:], *(copy.body for copy in others), *(copy.keywords for copy in others))
        new = {word.exact: word for word in copied if word.exact not in known}
        return dict(zip(TEXT_FIELDS, (*shown, list(new.values())), strict=True))

    def score(self, word: str, fields: Sequence[TextFieldName]) -> Scores:
        forms = default_analyzer().forms(word)
        scores: Scores = dict.fromkeys(self._standing("stem", forms.stem, fields), 0.0)
        for form in FORMS:
            term = getattr(forms, form)
            documents = self._standing(form, term, fields)
            idf = math.log(1 + (len(self.numbers) - len(documents) + 0.5) / (len(documents) + 0.5))
            for at in documents:
                scores[at] += idf * sum(self._saturation(at, field, form, term) for field in fields)
        return scores

    def _standing(self, form: str, term: str, fields: Sequence[TextFieldName]) -> list[int]:
        return [at for at in self.numbers if any(getattr(w, form) == term for f in fields for w in self.fields[at][f])]

    def _saturation(self, at: int, field: TextFieldName, form: Form, term: str) -> float:
        words = self.fields[at][field]
        frequency = sum(getattr(word, form) == term for word in words)
        share = getattr(WEIGHTS, f"b_{field}", 0.0)
        length = int(DECODED[encode_lengths(np.array(len(words)))])
        norm = WEIGHTS.k1 * (1 - share + share * length / self.averages[field])
        return float(WEIGHTS.of(field) * WEIGHTS.of_form(form) * frequency / (frequency + norm))

    def evaluate(self, asked: Query, fields: Sequence[TextFieldName] = TEXT_FIELDS) -> Scores:
        if (asked, fields) not in self._found:
            self._found[asked, fields] = self._evaluate(asked, fields)
        return self._found[asked, fields]

    def _evaluate(self, asked: Query, fields: Sequence[TextFieldName]) -> Scores:
        """What matches, deleted documents among it, and the score of each."""
        kind, *parts = asked
        if kind == "word":
            return self.score(parts[0], fields)
        if kind in ("not", "and", "or"):
            members = [self.evaluate(member, fields) for member in parts]
            if kind == "not":
                return {at: 0.0 for at in self.numbers if at not in members[0]}
            join = set.intersection if kind == "and" else set.union
            return {at: sum(m.get(at, 0.0) for m in members) for at in join(*(set(m) for m in members))}
        score = 1.0 if kind in ("prefix", "fuzzy", "wildcard") else 0.0
        return {at: score for at in self.numbers if self._matches(at, asked, fields)}

    def _matches(self, at: int, asked: Query, fields: Sequence[TextFieldName]) -> bool:
        match asked:
            case ("source", name):
                return any(copy.outlet == name for copy in self.stories[at].articles)
            case ("dates", first, last):
                return any(copy.date is not None and first <= copy.date <= last for copy in self.stories[at].articles)
            case ("phrase", words, slop):
                stems = [default_analyzer().forms(word).stem for word in words]
                return any(
                    self._stands([word.stem for word in self.fields[at][f]], stems, slop)
                    for f in fields
                    if f != "copies"
                )
        wanted = self.pattern(asked)
        return any(wanted.fullmatch(word.exact) for f in fields for word in self.fields[at][f])

    @staticmethod
    def pattern(asked: Query) -> re.Pattern[str]:
        """Prefixes, wildcards and words one edit away, as expressions over exact forms."""
        kind, text = asked
        if kind != "fuzzy":
            return re.compile(fnmatch.translate(text + "*" if kind == "prefix" else text))
        # Whoosh takes a fuzzy word's first letter as right.
        edits = [rf"{text[:at]}.?{text[at + 1 :]}" for at in range(1, len(text))]
        edits += [rf"{text[:at]}.{text[at:]}" for at in range(1, len(text) + 1)]
        return re.compile("|".join(edits))

    @staticmethod
    def _stands(words: Sequence[str], phrase: Sequence[str], slop: int) -> bool:
        reached = {at for at, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            reached = {
                at
                for at, word in enumerate(words)
                if word == wanted and any(before in reached for before in range(at - slop - 1, at))
            }
        return bool(reached)


@dataclass(frozen=True)
class Built:
    """One index, three ways to ask it."""

    directory: Path
    reader: SegmentReader
    searcher: Searcher
    reference: Reference

    def of_fast_path(self, text: str, **parameters: Any) -> list[tuple[int, float]]:
        plain = SearchRequest(q=text, per_page=100, facets=False, snippets=False, **parameters)
        results = [self.reader.search(replace(plain, page=page), LAYER) for page in (1, 2, 3)]
        hits = [(hit.story, hit.score) for result in results for hit in result.hits]
        assert all(result.total == len(hits) for result in results)
        return hits

    def of_whoosh(self, asked: query.Query, **parameters: Any) -> list[tuple[int, float]]:
        column = self.searcher.reader().column_reader("story")
        results = self.searcher.search(asked, **{"limit": None, **parameters})
        return [(int(column[document]), score) for score, document in results.top_n]

    def of_reference(self, asked: Query, **parameters: Any) -> Scores:
        found = self.reference.evaluate(asked, **parameters)
        return {self.reference.stories[at].number: score for at, score in found.items() if at in self.reference.live}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    directory = tmp_path_factory.mktemp("index")
    backend = SegmentBackend()
    backend.create(directory)
    numbers = [*range(1, 121)], [*range(121, 221), *range(5, 100, 6)], [*range(221, 301), *range(8, 200, 9)]
    removed: tuple[Sequence[int], ...] = (), (3, 33, 63), (130, 240, 4, 7)
    stories: list[Story] = []
    for changed, gone in zip(numbers, removed, strict=True):
        batch = [make_story(number, len(stories) + at) for at, number in enumerate(changed, start=1)]
        batch = [story for story in batch if story.number not in gone]
        batch += [Story(number, len(stories) + len(batch) + at, ()) for at, number in enumerate(gone, start=1)]
        stories += batch
        writer = backend.open_writer(directory)
        for story in batch:
            writer.replace(story)
        writer.commit(len(stories))
    commit = read_commit(directory, latest_number(directory))
    assert len(commit.segments) == 3
    assert any(entry.deleted for entry in commit.segments)
    write_table_of_contents(directory, commit)
    reader = backend.open_reader(directory)
    with whoosh.index.open_dir(str(directory)).searcher(weighting=FieldedBM25()) as searcher:
        yield Built(directory, reader, searcher, Reference(stories))
    reader.close()


def written(asked: Query) -> str:
    kind, *parts = asked
    match kind:
        case "phrase":
            return f'"{" ".join(parts[0])}"~{parts[1]}'
        case "source":
            return f'source:"{parts[0]}"'
        case "dates":
            return f"date:{parts[0]}..{parts[1]}"
        case "not":
            return f"-({written(parts[0])})"
        case "and" | "or":
            return "(" + f" {kind.upper()} ".join(written(part) for part in parts) + ")"
    return str(parts[0]) + ("*" if kind == "prefix" else "")


def to_whoosh(asked: Query, fields: Sequence[TextFieldName] = TEXT_FIELDS) -> query.Query:
    kind, *parts = asked
    if kind == "source":
        return query.Term("outlet", parts[0])
    if kind == "dates":
        return query.TermRange("date", *(part.isoformat() for part in parts))
    if kind in ("and", "or"):
        return (query.And if kind == "and" else query.Or)([to_whoosh(part, fields) for part in parts])
    if kind == "not":
        # Whoosh's matcher for a Not by itself may give deleted documents.
        return query.And([query.Every(), query.Not(to_whoosh(parts[0], fields))])
    return leaf_to_whoosh(asked, fields)


def leaf_to_whoosh(asked: Query, fields: Sequence[TextFieldName]) -> query.Query:
    kind, *parts = asked
    if kind == "word":
        forms = default_analyzer().forms(parts[0])
        return query.Or([query.Term(index_field(f, form), getattr(forms, form)) for f in fields for form in FORMS])
    if kind == "phrase":
        stems = [default_analyzer().forms(word).stem for word in parts[0]]
        return query.Or([query.Phrase(index_field(f, "stem"), stems, slop=parts[1] + 1) for f in fields])
    make = {"prefix": query.Prefix, "wildcard": query.Wildcard, "fuzzy": query.FuzzyTerm}[kind]
    return query.ConstantScoreQuery(query.Or([make(index_field(f, "exact"), parts[0]) for f in fields]), 1.0)


def word(chance: random.Random) -> Query:
    return ("word", chance.choice(WORDS))


def prefix(chance: random.Random) -> Query:
    return ("prefix", chance.choice(WORDS)[: chance.randint(2, 4)])


def phrase(chance: random.Random) -> Query:
    slop = chance.choice((0, 0, 1, 2, 5))
    return ("phrase", tuple(chance.choices(WORDS[:24], k=chance.choice((2, 2, 3)))), slop)


def boolean(chance: random.Random, leaves: Sequence[Any], depth: int = 2) -> Query:
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(leaves)(chance)  # type: ignore[no-any-return]
    members = [boolean(chance, leaves, depth - 1) for _ in range(chance.randint(2, 3))]
    return (chance.choice(("and", "or")), *members)


def check(built: Built, asked: Query, *, scored: bool) -> None:
    expected = built.of_reference(asked)
    fast, stock = built.of_fast_path(written(asked)), built.of_whoosh(to_whoosh(asked))
    for hits in (fast, stock):
        assert sorted(story for story, _ in hits) == sorted(expected), asked
        if scored:
            assert dict(hits) == pytest.approx(expected, abs=NEAR), asked
            scores = [expected[story] for story, _ in hits]
            assert all(after <= before + NEAR for before, after in itertools.pairwise(scores)), asked


def test_words_and_prefixes_under_and_and_or_have_the_same_totals_scores_and_ranking(built: Built) -> None:
    chance = random.Random(1)
    for _ in range(130):
        check(built, boolean(chance, (word, word, word, prefix)), scored=True)


def test_what_is_left_out_is_left_out_everywhere(built: Built) -> None:
    chance = random.Random(2)
    for _ in range(30):
        check(built, ("not", boolean(chance, (word, prefix))), scored=False)
        check(built, ("or", word(chance), ("not", boolean(chance, (word, phrase), 1))), scored=False)


def test_phrases_with_slop_match_the_same(built: Built) -> None:
    chance = random.Random(3)
    for _ in range(50):
        check(built, phrase(chance), scored=False)
        check(built, boolean(chance, (word, phrase), 1), scored=False)


def test_conditions_on_outlet_and_date_match_the_same(built: Built) -> None:
    chance = random.Random(4)
    for _ in range(40):
        first, last = sorted(FIRST_DAY + timedelta(days=chance.randrange(120)) for _ in range(2))
        condition = chance.choice((("source", chance.choice(OUTLETS[:-1])), ("dates", first, last)))
        check(built, ("and", boolean(chance, (word,), 1), condition), scored=False)
        asked = word(chance)
        expected = built.of_reference(("and", asked, condition))
        assert dict(built.of_whoosh(to_whoosh(asked), filter=to_whoosh(condition))) == pytest.approx(expected, abs=NEAR)


def test_wildcards_and_fuzzy_words_match_the_same_in_whoosh(built: Built) -> None:
    chance = random.Random(5)
    for _ in range(30):
        chosen = chance.choice(WORDS)
        at = chance.randrange(1, len(chosen))
        wrong = chosen[:at] + chance.choice("بتثج") + chosen[at + chance.randint(0, 1) :]
        for asked in (
            ("wildcard", f"{chosen[:at]}?{chosen[at + 1 :]}"),
            ("wildcard", f"*{chosen[at:]}"),
            ("fuzzy", wrong),
        ):
            assert dict(built.of_whoosh(to_whoosh(asked))) == built.of_reference(asked), asked


def test_the_first_ten_are_those_of_all_and_the_total_stays(built: Built) -> None:
    chance = random.Random(6)
    for _ in range(40):
        asked = boolean(chance, (word,))
        every = built.of_whoosh(to_whoosh(asked))
        results = built.searcher.search(to_whoosh(asked), limit=10)
        assert [score for score, _ in results.top_n] == pytest.approx([score for _, score in every[:10]])
        assert len(results) == len(every), asked


def test_words_in_titles_only_are_rare_by_titles_only(built: Built) -> None:
    searcher = whoosh.index.open_dir(str(built.directory)).searcher(weighting=FieldedBM25(fields=("title",)))
    titles = Built(built.directory, built.reader, searcher, built.reference)
    chance = random.Random(7)
    for _ in range(20):
        asked = word(chance)
        expected = built.of_reference(asked, fields=("title",))
        assert dict(built.of_fast_path(written(asked), field="title")) == pytest.approx(expected, abs=NEAR)
        assert dict(titles.of_whoosh(to_whoosh(asked, ("title",)))) == pytest.approx(expected, abs=NEAR)
    searcher.close()


def buckets(built: Built, stories: Iterable[int], values: Any) -> Counter[str]:
    articles = {built.reference.stories[at].number: built.reference.stories[at].articles for at in built.reference.live}
    return Counter(value for story in stories for value in {values(copy) for copy in articles[story]} if value)


def test_facets_are_the_same(built: Built) -> None:
    chance = random.Random(8)
    by_outlet = sorting.FieldFacet("outlet", allow_overlap=True, maptype=sorting.Count)
    for _ in range(30):
        asked = boolean(chance, (word,))
        matching = built.of_reference(asked)
        facets = built.reader.search(SearchRequest(q=written(asked))).facets
        outlets = buckets(built, matching, lambda copy: copy.outlet or UNKNOWN_OUTLET)
        assert {bucket.value: bucket.count for bucket in facets["outlet"]} == outlets
        assert built.searcher.search(to_whoosh(asked), groupedby=by_outlet).groups() == outlets
        months = buckets(built, matching, lambda copy: copy.date and copy.date.isoformat()[:7])
        assert {bucket.value: bucket.count for bucket in facets["month"]} == months
