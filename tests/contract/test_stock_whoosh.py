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
from functools import cache, partial
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
from searchapp.engine.retrieval.core.weights import FORMS, TEXT_FIELDS, WEIGHTS, Form, TextFieldName
from searchapp.engine.storage.commits import latest_number, read_commit
from searchapp.engine.storage.norms import DECODED, encode_lengths
from searchapp.engine.whoosh_codec.schema import index_field
from searchapp.engine.whoosh_codec.scoring import FieldedBM25
from searchapp.engine.whoosh_codec.table_of_contents import write_table_of_contents
from searchapp.model import UNKNOWN_OUTLET, Article, SearchRequest, Story
from tests.stress.scale import scaled

# ("word", w) ("prefix", p) ("wildcard", p) ("fuzzy", w, edits) ("phrase", words, slop) ("source", name)
# ("dates", first, last) ("not", q) ("and", q, …) ("or", q, …)
Query = tuple[Any, ...]
Scores = dict[int, float]


class Word(NamedTuple):
    exact: str
    lemma: str


ROOTS: Final = (
    "كتاب", "مدرس", "شارع", "قمر", "نجم", "بحر", "جبل", "سوق", "ملعب", "مطار", "قطار", "جسر", "نهر",
    "متحف", "مسرح", "صحيف", "بنك", "مصنع", "ميناء", "سفير", "حقل",
)  # fmt: skip
WORDS: Final = tuple(dict.fromkeys(form for root in ROOTS for form in (root, "ال" + root, "وال" + root, root + "ات")))
COMMON: Final = tuple(1 / (rank + 2) for rank in range(len(WORDS)))
OUTLETS: Final = ("سبق", "عكاظ الجديدة", "الوطن", "الرياض", None)
FIRST_DAY: Final = date(2014, 11, 1)
NEAR: Final = 1e-4
SCORED_ALIKE: Final = {"word", "prefix", "wildcard", "fuzzy", "and", "or"}
"""What Whoosh, too, scores as the fast path does, however it is joined."""
LAYER: Final = replace(WEIGHTS, lead=0, light=0, variant=0, proximity=0, coverage=0, ngrams=0)
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
        self.forms = {word.exact for fields in self.fields.values() for words in fields.values() for word in words}
        self.averages = {
            field: sum(lengths) / max(sum(length > 0 for length in lengths), 1)
            for field in TEXT_FIELDS
            for lengths in [[len(self.fields[at][field]) for at in self.numbers]]
        }
        self.expansion = cache(self._expansion)
        self._found: dict[object, Scores] = {}

    @staticmethod
    def _fields(story: Story) -> dict[TextFieldName, list[Word]]:
        def words(*texts: str | None) -> list[Word]:
            tokens = (token for text in texts for token in default_analyzer().analyze(text or ""))
            return [Word(token.exact, token.lemma) for token in tokens]

        titles = [None if article.title_inferred else article.title for article in story.articles]
        first, *others = story.articles
        shown = words(titles[0]), words(first.body), words(first.keywords)
        known = {word.exact for field in shown for word in field}
        copied = words(*titles[1:], *(copy.body for copy in others), *(copy.keywords for copy in others))
        new = {word.exact: word for word in copied if word.exact not in known}
        return dict(zip(TEXT_FIELDS, (*shown, list(new.values())), strict=True))

    def score(self, word: str, fields: Sequence[TextFieldName]) -> Scores:
        forms = default_analyzer().forms(word)
        scores: Scores = dict.fromkeys(self._standing("lemma", forms.lemma, fields), 0.0)
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
                lemmas = [default_analyzer().forms(word).lemma for word in words]
                return any(
                    self._stands([word.lemma for word in self.fields[at][f]], lemmas, slop)
                    for f in fields
                    if f != "copies"
                )
        wanted = self.expansion(asked)
        return any(word.exact in wanted for f in fields for word in self.fields[at][f])

    def _expansion(self, asked: Query) -> set[str]:
        """The exact forms that a prefix, a wildcard or a fuzzy word stands for."""
        kind, text, *edits = asked
        if kind == "fuzzy":
            return {form for form in self.forms if edit_distance(text, form) <= edits[0]}
        pattern = re.compile(fnmatch.translate(text + "*" if kind == "prefix" else text))
        return set(filter(pattern.fullmatch, self.forms))

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
    return str(parts[0]) + {"prefix": "*", "fuzzy": f"~{parts[-1]}"}.get(kind, "")


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
        lemmas = [default_analyzer().forms(word).lemma for word in parts[0]]
        return query.Or([query.Phrase(index_field(f, "lemma"), lemmas, slop=parts[1] + 1) for f in fields])
    fuzzy_word = partial(query.FuzzyTerm, maxdist=parts[-1], prefixlength=0)
    make = {"prefix": query.Prefix, "wildcard": query.Wildcard, "fuzzy": fuzzy_word}[kind]
    return query.ConstantScoreQuery(query.Or([make(index_field(f, "exact"), parts[0]) for f in fields]), 1.0)


def edit_distance(first: str, second: str, *, swaps: bool = True) -> int:
    """Letters put in, taken out or changed, and neighbours swapped if that is one edit (optimal string alignment)."""
    rows = [list(range(len(second) + 1))]
    for at, letter in enumerate(first, start=1):
        row = [at]
        for place, other in enumerate(second, start=1):
            best = min(rows[-1][place] + 1, row[-1] + 1, rows[-1][place - 1] + (letter != other))
            if swaps and at > 1 and place > 1 and (letter, first[at - 2]) == (second[place - 2], other):
                best = min(best, rows[-2][place - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def word(chance: random.Random) -> Query:
    return ("word", chance.choice(WORDS))


def prefix(chance: random.Random) -> Query:
    return ("prefix", chance.choice(WORDS)[: chance.randint(2, 4)])


def wildcard(chance: random.Random) -> Query:
    chosen = chance.choice([word for word in WORDS if len(word) > 3])
    at = chance.randrange(1, len(chosen) - 1)
    patterns = (
        f"{chosen[:at]}?{chosen[at + 1 :]}",
        f"{chosen[:at]}*{chosen[at + 1 :]}",
        f"{chosen[0]}*{chosen[-1]}",
        f"*{chosen[-3:]}",
        f"*{chosen[at : at + 2]}*",
        f"?{chosen[1:3]}*{chosen[-1]}",
        f"{chosen[:2]}??*",
    )
    return ("wildcard", chance.choice(patterns))


def fuzzy(chance: random.Random) -> Query:
    """A word with a mistake. To Whoosh, two neighbours swapped are two edits: only words where that is the same."""
    while True:
        _, wrong, edits = asked = mistaken(chance)
        if all((edit_distance(wrong, w) <= edits) == (edit_distance(wrong, w, swaps=False) <= edits) for w in WORDS):
            return asked


def mistaken(chance: random.Random) -> Query:
    chosen = chance.choice([word for word in WORDS if len(word) > 4])
    at = chance.randrange(len(chosen) - 1)
    wrong = chance.choice((
        chosen[:at] + chance.choice("بتثج") + chosen[at + chance.randint(0, 1) :],
        chosen[:at] + chosen[at + 1] + chosen[at] + chosen[at + 2 :],
        chosen[:at] + chosen[at + 1 :],
    ))  # fmt: skip
    return ("fuzzy", wrong, chance.randint(1, 2) if len(wrong) > 5 else 1)


def phrase(chance: random.Random) -> Query:
    slop = chance.choice((0, 0, 1, 2, 5))
    return ("phrase", tuple(chance.choices(WORDS[:24], k=chance.choice((2, 2, 3)))), slop)


def condition(chance: random.Random) -> Query:
    first, last = sorted(FIRST_DAY + timedelta(days=chance.randrange(120)) for _ in range(2))
    return chance.choice((("source", chance.choice(OUTLETS[:-1])), ("dates", first, last)))


def negated(chance: random.Random) -> Query:
    return ("not", boolean(chance, (word, phrase, wildcard, fuzzy, condition), 1))


EVERY_KIND: Final = (word, word, word, prefix, wildcard, fuzzy, phrase, condition, negated)


def boolean(chance: random.Random, leaves: Sequence[Any], depth: int = 2) -> Query:
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(leaves)(chance)  # type: ignore[no-any-return]
    members = [boolean(chance, leaves, depth - 1) for _ in range(chance.randint(2, 3))]
    return (chance.choice(("and", "or")), *members)


def kinds(asked: Query) -> set[str]:
    members = (kinds(part) for part in asked[1:] if asked[0] in ("and", "or", "not"))
    return {asked[0]}.union(*members)


def check(built: Built, asked: Query) -> None:
    """The same stories; the same scores and ranking as far as they are comparable (see the module)."""
    expected = built.of_reference(asked)
    fast, stock = built.of_fast_path(written(asked)), built.of_whoosh(to_whoosh(asked))
    for hits, scored in ((fast, "phrase" not in kinds(asked)), (stock, kinds(asked) <= SCORED_ALIKE)):
        assert sorted(story for story, _ in hits) == sorted(expected), asked
        if scored:
            assert dict(hits) == pytest.approx(expected, abs=NEAR), asked
            scores = [expected[story] for story, _ in hits]
            assert all(after <= before + NEAR for before, after in itertools.pairwise(scores)), asked


def check_facets(built: Built, asked: Query) -> None:
    matching = built.of_reference(asked)
    facets = built.reader.search(SearchRequest(q=written(asked), snippets=False)).facets
    outlets = buckets(built, matching, lambda copy: copy.outlet or UNKNOWN_OUTLET)
    assert {bucket.value: bucket.count for bucket in facets["outlet"]} == outlets, asked
    by_outlet = sorting.FieldFacet("outlet", allow_overlap=True, maptype=sorting.Count)
    assert built.searcher.search(to_whoosh(asked), groupedby=by_outlet).groups() == outlets, asked
    months = buckets(built, matching, lambda copy: copy.date and copy.date.isoformat()[:7])
    assert {bucket.value: bucket.count for bucket in facets["month"]} == months, asked


def check_filtered(built: Built, asked: Query, filtered: Query) -> None:
    """Under a filter the totals are those of the query and the condition, the scores those of the query."""
    scores, passing = built.of_reference(asked), built.of_reference(filtered)
    expected = {story: score for story, score in scores.items() if story in passing}
    kind, *values = filtered
    filters = (
        {"sources": (values[0],)} if kind == "source" else dict(zip(("date_from", "date_to"), values, strict=True))
    )
    fast = built.of_fast_path(written(asked), **filters)
    stock = built.of_whoosh(to_whoosh(asked), filter=to_whoosh(filtered))
    for hits, scored in ((fast, "phrase" not in kinds(asked)), (stock, kinds(asked) <= SCORED_ALIKE)):
        assert sorted(story for story, _ in hits) == sorted(expected), (asked, filtered)
        if scored:
            assert dict(hits) == pytest.approx(expected, abs=NEAR), (asked, filtered)


@pytest.mark.parametrize("seed", range(scaled(3, 10)))
def test_queries_of_every_kind_have_the_same_totals_facets_and_ranking(built: Built, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(50):
        asked = boolean(chance, EVERY_KIND, 1 + number % 2)
        check(built, asked)
        if number % 5 == 0:
            check_facets(built, asked)
        if number % 5 == 1:
            check_filtered(built, asked, condition(chance))


@pytest.mark.parametrize("kind", [word, prefix, wildcard, fuzzy, phrase, condition, negated])
def test_each_kind_by_itself_matches_the_same(built: Built, kind: Any) -> None:
    chance = random.Random(11)
    found = 0
    for _ in range(25):
        asked = kind(chance)
        check(built, asked)
        found += len(built.of_reference(asked)) > 0
    assert found > 12


def test_two_neighbours_swapped_are_one_edit(built: Built) -> None:
    chance = random.Random(13)
    for _ in range(50):
        asked = mistaken(chance)
        assert dict(built.of_fast_path(written(asked))) == built.of_reference(asked), asked


def test_wildcards_and_fuzzy_words_in_titles_only_match_the_same(built: Built) -> None:
    chance = random.Random(12)
    for _ in range(20):
        asked = chance.choice((prefix, wildcard, fuzzy))(chance)
        expected = built.of_reference(asked, fields=("title",))
        assert dict(built.of_fast_path(f"title:{written(asked)}")) == expected, asked
        assert dict(built.of_whoosh(to_whoosh(asked, ("title",)))) == expected, asked


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
