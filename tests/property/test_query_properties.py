"""What holds for every query, however odd."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchapp.analysis.tokenizer import Tokenizer
from searchapp.config import LIMITS
from searchapp.query.dates import format_date_range, parse_date_range
from searchapp.query.parser import ParsedQuery, parse, parse_in_full
from searchapp.query.pasted import pasted_words
from searchapp.query.plain import plain_query
from searchapp.query.shape import shape_of, visible
from searchapp.query.text import write
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words
from searchapp.query.walk import positive_leaves, positive_words

WIDE = replace(LIMITS, query_characters=1_000_000)

# Seconds of processor time for the queries below, which take a tenth of it; a quadratic step would take far more.
TIME_ALLOWED = 1.0

PIECES = (
    *("AND", "OR", "NOT", "and", "و", "أو", "ليس", "a", "غزة", "الـقُدس", "كوفيد-19", "3.5", "٣٫٥", "u.n.", "_"),
    *("عبد", "الله", "أبو", "بكر", "عبد الله", "الدين"),
    *("م*سة", "غ?زة", "كتاب", "فلسطين~2", "?", "؟", "**", "~2"),
    *("(", ")", "+", "-", "=", "*", "~", "~3", "|", "||", "&&", "&", "#", "@", ":", "،", "؛", "؟", ".", "..", "/"),
    *(
        '"',
        "«",
        "»",
        "“",
        "”",
        "„",
        "‟",
        "‹",
        "›",
        "（",
        "）",
        "＂",
        "٭",
        "−",
        "\u200f",
        "\u200c",
        "\ufeff",
        "ـ",
        "\u064b",
    ),
    *("title:", "source:", "date:", "عنوان:", "مصدر:", "تاريخ:", "foo:", "date:2024", "date:2024-06..", "date:٢٠٢٤-١٣"),
    *(" ", "  ", "\n", "\x00", "\ud800", "🇵🇸", "\u0301", "½", "Ⅷ"),
)

queries = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
)

# What looks like plain words, and what is nearly so: operators, marks without a letter, spaces that are none.
NEARLY_PLAIN = (
    *("AND", "OR", "NOT", "and", "ORs", "a", "b", "غزة", "السَّلام", "الـعـرب", "بيروت", "پاریس", "7", "٣", "۴", "1a"),
    *(" ", " ", " ", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\x00", "\x1f"),
    *("\u0640", "\u064b", "\u0670", "\u0610", "\u06d4", "\u06dd", "\u0600", "\u061c", "\u200c", "\u00ad", "\u0301"),
    *(".", ",", "٫", "*", ":", "-", "_", "é", "ﻻ", "½", "²", "\U0001d552"),
)
nearly_plain_queries = st.one_of(
    st.lists(st.sampled_from(NEARLY_PLAIN), max_size=12).map("".join),
    st.lists(st.sampled_from(NEARLY_PLAIN[3:16]), max_size=8).map(" ".join),
    st.text(st.sampled_from("ANDORT اب\u0640\u064b٣"), max_size=12),
)


def members_of(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case And(members) | Or(members) | Words(members):
            return members
        case Not(member):
            return (member,)
        case _:
            return ()


def nodes(expression: Expression | None) -> list[Expression]:
    found: list[Expression] = []
    pending = [expression] if expression is not None else []
    while pending:
        node = pending.pop()
        found.append(node)
        pending.extend(members_of(node))
    return found


def height(expression: Expression) -> int:
    return 1 + max((height(member) for member in members_of(expression)), default=0)


@given(queries)
def test_no_query_is_an_error_and_its_text_reads_as_the_same_expression(query: str) -> None:
    parsed = parse(query)
    again = parse(parsed.text, limits=WIDE)
    assert again.expression == parsed.expression
    assert again.text == parsed.text
    assert {note.code for note in again.notes} <= {"only_negative"}


@settings(max_examples=300)
@given(nearly_plain_queries, st.sampled_from([0, 1, 2, 3, LIMITS.query_terms]))
@example("a b c", 2)
def test_the_short_way_of_plain_queries_reads_what_the_long_way_reads(query: str, words: int) -> None:
    limits = replace(LIMITS, query_terms=words)
    assert parse(query, limits=limits) == parse_in_full(query, limits)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(("غزة", "a", "OR", "AND", " ", '"', "NOT")), max_size=9), st.booleans())
def test_the_short_way_of_operators_and_phrases_reads_what_the_long_way_reads(pieces: list[str], quoted: bool) -> None:
    query = '"' + " ".join(pieces) + '"' if quoted else " ".join(pieces)
    plain = plain_query(query, len(pieces))
    if plain is not None:
        assert ParsedQuery(*plain, ()) == parse_in_full(query, LIMITS) == parse(query)
        assert isinstance(plain[0], Word | Words) or pasted_words(query) is None


@given(st.lists(st.sampled_from(["غزة", "السَّلام", "الـعـرب", "پاریس", "a1", "٣", "or"]), min_size=1, max_size=6))
def test_plain_words_take_the_short_way(words: list[str]) -> None:
    assert plain_query(" ".join(words), len(words)) is not None


def test_every_character_of_plain_words_is_part_of_a_word_to_the_lexer() -> None:
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        if character != " " and plain_query(f"a{character}", 1):
            assert visible(character) == character
            assert shape_of(character) in ("m" if plain_query(character, 1) is None else "a0")


@given(queries)
def test_the_words_are_the_leaves_that_are_no_filters(query: str) -> None:
    leaves = positive_leaves(parse(query).expression)
    assert positive_words(parse(query).expression) == tuple(leaf for leaf in leaves if isinstance(leaf, Word | Phrase))


@given(queries)
@example('":\x00')
@example('date:\ud800"')
def test_what_is_written_can_be_printed_and_stays_on_one_line(query: str) -> None:
    parsed = parse(query)
    for text in (parsed.text, *(note.detail for note in parsed.notes)):
        text.encode("utf-8")
        assert "\x00" not in text
        assert len(text.splitlines()) <= 1


@given(queries)
def test_a_word_of_a_query_is_a_word_of_a_text(query: str) -> None:
    tokenizer = Tokenizer()
    for node in nodes(parse(query).expression):
        if isinstance(node, Word):
            assert len(list(tokenizer.spans(node.text.replace("*", "").replace("?", "")))) == 1
            assert node.wildcard == (not {"*", "?"}.isdisjoint(node.text))
            assert node.prefix + node.wildcard + (node.fuzzy > 0) <= 1
        if isinstance(node, Phrase):
            assert len(list(tokenizer.spans(node.text))) == len(node.text.split())


@given(queries)
def test_trees_are_simple(query: str) -> None:
    for node in nodes(parse(query).expression):
        members = members_of(node)
        assert not any(type(member) is type(node) for member in members)
        assert isinstance(node, Not) or len(members) != 1


@given(queries)
def test_something_is_said_when_nothing_can_be_searched(query: str) -> None:
    parsed = parse(query)
    codes = [note.code for note in parsed.notes]
    assert len(set(parsed.notes)) == len(parsed.notes)
    assert (parsed.expression is None) == (parsed.text == "")
    if parsed.expression is None and any(character.isalnum() for character in query):
        assert "nothing_to_search" in codes


@given(queries, st.integers(1, 8))
def test_no_more_words_are_read_than_allowed(query: str, allowed: int) -> None:
    parsed = parse(query, limits=replace(LIMITS, query_terms=allowed))
    words = [node.text for node in nodes(parsed.expression) if isinstance(node, Word | Phrase)]
    assert len(" ".join(words).split()) <= allowed


@given(queries)
def test_a_bidi_mark_at_either_end_changes_nothing(query: str) -> None:
    assert parse(f"\u200f{query}\u200f").expression == parse(query).expression


@given(st.lists(st.sampled_from(["غزة", "رفح", "12", "السلام"]), min_size=1, max_size=8), st.sampled_from("،؛؟.!,"))
def test_punctuation_between_words_is_as_good_as_none(words: list[str], sign: str) -> None:
    assert parse(f"{sign} ".join(words)).expression == parse(" ".join(words)).expression


@given(st.dates(), st.dates(), st.sampled_from(["both", "start", "end"]))
def test_a_written_range_of_dates_reads_as_the_same(first: date, second: date, ends: str) -> None:
    start, end = sorted((first, second))
    dates = DateRange(None if ends == "end" else start, None if ends == "start" else end)
    assert parse_date_range(format_date_range(dates)) == dates


def leaves() -> st.SearchStrategy[Expression]:
    words = st.sampled_from(["غزة", "رفح", "and", "19", "3.5"])
    phrases = st.sampled_from(["AND", "a OR b", "كوفيد 19"])
    patterns = st.sampled_from(["م*سة", "*ab*", "?ab", "a?b?", "ab??*", "20*4"])
    flags, field = st.booleans(), st.sampled_from([None, "title"])
    return st.one_of(
        st.builds(Word, words, exact=flags, required=flags, field=field),
        st.builds(Phrase, phrases, slop=st.integers(0, 50), exact=flags, field=field),
        st.builds(Not, st.builds(Word, words, exact=flags, field=field)),
        st.sampled_from([Source("a (b)"), Source("c"), DateRange(date(2024, 1, 1), None)]),
        st.builds(
            Word, st.sampled_from(["بلين", "or"]), prefix=st.just(True), exact=flags, required=flags, field=field
        ),
        st.builds(Word, patterns, wildcard=st.just(True), exact=flags, required=flags, field=field),
        st.builds(Word, st.sampled_from(["كتاب", "2024"]), fuzzy=st.just(1), exact=flags, required=flags, field=field),
        st.builds(Word, st.just("فلسطين"), fuzzy=st.integers(1, 2), required=flags, field=field),
    )


def groups(members: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    kinds = st.sampled_from([And, Or, Words])
    return st.builds(lambda kind, inner: kind(tuple(inner)), kinds, st.lists(members, min_size=2, max_size=4))


@given(st.recursive(leaves(), groups, max_leaves=20))
@example(Words((Word("a"), Word("b"), Word("c", exact=True, required=True), Words((Word("d"), Word("e"))))))
@example(Or((And((Words((Word("a"), Word("b"))), Word("c"))), Word("d"))))
def test_any_tree_is_written_with_all_its_words_and_settles_at_once(tree: Expression) -> None:
    parsed = parse(write(tree, 16), limits=WIDE)
    assert parse(parsed.text, limits=WIDE).expression == parsed.expression
    assert positive_words(parsed.expression) == positive_words(tree)


HOSTILE = {
    "brackets": "(" * 10_000 + "a" + ")" * 10_000,
    "open brackets": "(" * 10_000,
    "closed brackets": ")" * 10_000,
    "nested groups": "(a OR b AND c -" * 5_000,
    "negated groups": "-(" * 5_000 + "a",
    "required groups": "+(" * 5_000 + "a b",
    "title groups": "title:(" * 3_000 + "a b",
    "neutral quotes": '"' * 10_001,
    "opening quotes": "« " * 5_000,
    "opening quotes before words": "“ x " * 5_000,
    "reversed quotes": "»a " * 5_000,
    "operators": "NOT " * 4_000 + "a",
    "stars": "*" * 10_000,
    "question marks": "?" * 10_000,
    "stars and letters": "*a" * 5_000,
    "stars and spaces": "* " * 5_000,
    "wildcards without letters": "?*" * 5_000,
    "a letter among wildcards": "*" * 5_000 + "a" + "?" * 5_000,
    "questions": "a?" * 5_000,
    "questions behind punctuation": ".a?" * 3_000,
    "wildcards glued together": "-a*b" * 2_500,
    "marks and stars": "\u064b*" * 5_000,
    "tildes": "~" * 10_000,
    "tildes behind words": "abcd~" * 2_000,
    "a long distance": "abcd~" + "9" * 9_000,
    "hyphens": "a-" * 5_000,
    "hyphens before words": "-a-" * 5_000,
    "lone hyphens": "- " * 5_000,
    "tatweel": "ـ" * 10_000,
    "marks": " \u064b" * 5_000,
    "numbers": "1," * 5_000,
    "a long slop": '"a b"~' + "9" * 9_000,
    "a long word": "a" * 10_000,
    "fields": "source:" * 1_500,
    "dots": "date:" + "." * 9_000,
    "dots and spaces": " ." * 5_000,
    "words before a sign": "a " * 5_000 + "*",
    "colons behind words": "a: ., " * 2_000,
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_queries_are_read_in_time_and_in_bounds(query: str) -> None:
    started = time.process_time()
    parsed = parse(query, limits=WIDE)
    assert time.process_time() - started < TIME_ALLOWED
    assert_bounded(parsed)


def assert_bounded(parsed: ParsedQuery) -> None:
    assert parse(parsed.text, limits=WIDE).expression == parsed.expression
    if parsed.expression is not None:
        assert height(parsed.expression) <= LIMITS.query_depth + 5
        assert hash(parsed.expression) == hash(parse(parsed.text, limits=WIDE).expression)
        assert repr(parsed.expression)
