"""The query language, case by case: what is typed, how it is written out again, and what the reader is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from searchapp.config import LIMITS
from searchapp.errors import LimitExceeded
from searchapp.query.parser import parse
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words

# Characters that are not seen are written as escapes here, so that they are.
RIGHT_TO_LEFT_MARK = "\u200f"
NON_JOINER = "\u200c"


def notes_of(query: str) -> list[tuple[str, str]]:
    return [(note.code, note.detail) for note in parse(query).notes]


A, B, C, D = (Word(letter) for letter in "abcd")

TREES: list[tuple[str, Expression | None]] = [
    # Nothing.
    ("", None),
    (" \t\n", None),
    # Words side by side.
    ("غزة", Word("غزة")),
    ("a b", Words((A, B))),
    ("a (b c) d", Words((A, B, C, D))),
    ("a b a", Words((A, B, A))),
    # Phrases.
    ('"a b"', Phrase("a b")),
    ('"a"', Phrase("a")),
    ('a "b c"', Words((A, Phrase("b c")))),
    ('"a b"~5', Phrase("a b", slop=5)),
    ('"a b"~٥', Phrase("a b", slop=5)),
    ('"a b"~999', Phrase("a b", slop=50)),
    ('="a b"', Phrase("a b", exact=True)),
    ('title:"a b"~2', Phrase("a b", slop=2, field="title")),
    # Words with something glued to them.
    ("=a", Word("a", exact=True)),
    ("ab*", Word("ab", prefix=True)),
    ("=ab*", Word("ab", exact=True, prefix=True)),
    ("م*سة", Word("م*سة", wildcard=True)),
    ("غ?زة", Word("غ?زة", wildcard=True)),
    ("*ab", Word("*ab", wildcard=True)),
    ("?ab", Word("?ab", wildcard=True)),
    ("*ab*", Word("*ab*", wildcard=True)),
    ("-title:a*b c", Words((Not(Word("a*b", field="title", wildcard=True)), C))),
    ("+=a?b", Word("a?b", exact=True, required=True, wildcard=True)),
    ("title:(a*b c)", Words((Word("a*b", field="title", wildcard=True), Word("c", field="title")))),
    ("كتاب~", Word("كتاب", fuzzy=1)),
    ("فلسطين~2", Word("فلسطين", fuzzy=2)),
    ("فلسطين~٢", Word("فلسطين", fuzzy=2)),
    ("كتاب~0", Word("كتاب")),
    ("+title:كتاب~", Word("كتاب", required=True, field="title", fuzzy=1)),
    ("كتاب~ OR مجلة~", Or((Word("كتاب", fuzzy=1), Word("مجلة", fuzzy=1)))),
    ("+a b", Words((Word("a", required=True), B))),
    ("+a", Word("a", required=True)),
    ("+=a", Word("a", exact=True, required=True)),
    ("title:a", Word("a", field="title")),
    ("title:=a", Word("a", exact=True, field="title")),
    ("+title:=ab*", Word("ab", exact=True, prefix=True, required=True, field="title")),
    # Operators, and how tightly they bind.
    ("a AND b", And((A, B))),
    ("a OR b", Or((A, B))),
    ("NOT a", Not(A)),
    ("-a", Not(A)),
    ("a -b", Words((A, Not(B)))),
    ("a NOT b", Words((A, Not(B)))),
    ("NOT a b", Words((Not(A), B))),
    ("a b OR c d", Or((Words((A, B)), Words((C, D))))),
    ("a b AND c", And((Words((A, B)), C))),
    ("a AND b c", And((A, Words((B, C))))),
    ("a AND b OR c AND d", Or((And((A, B)), And((C, D))))),
    ("a OR b AND c", Or((A, And((B, C))))),
    ("a (b OR c)", Words((A, Or((B, C))))),
    ("(a OR b) AND c", And((Or((A, B)), C))),
    ("-(a b)", Not(Words((A, B)))),
    ("-(a OR b) c", Words((Not(Or((A, B))), C))),
    ("+(a b) c", Words((And((A, B)), C))),
    ("+(a OR b) c", Words((Or((A, B)), C))),
    ("+(a) b", Words((Word("a", required=True), B))),
    ("a AND NOT b", And((A, Not(B)))),
    ("a OR -b", Or((A, Not(B)))),
    # Trees are simple.
    ("((a))", A),
    ("(a AND b) AND c", And((A, B, C))),
    ("a AND (b AND (c AND d))", And((A, B, C, D))),
    ("(a OR b) OR c", Or((A, B, C))),
    ("NOT NOT a", A),
    ("-(-a)", A),
    ("-(+a)", Not(A)),
    # Fields.
    ("title:(a b)", Words((Word("a", field="title"), Word("b", field="title")))),
    ('title:(a OR "b c")', Or((Word("a", field="title"), Phrase("b c", field="title")))),
    ("title:(a (b -c))", Words((Word("a", field="title"), Word("b", field="title"), Not(Word("c", field="title"))))),
    ("title:(a source:b)", Words((Word("a", field="title"), Source("b")))),
    ("source:رويترز", Source("رويترز")),
    ('source:"سكاي نيوز عربية"', Source("سكاي نيوز عربية")),
    ('source:"-"', Source("-")),
    ("-source:a b", Words((Not(Source("a")), B))),
    ("date:2024", DateRange(date(2024, 1, 1), date(2024, 12, 31))),
    ("date:2024-02", DateRange(date(2024, 2, 1), date(2024, 2, 29))),
    ("date:2024-06-25", DateRange(date(2024, 6, 25), date(2024, 6, 25))),
    ("date:2024-06-01..2024-06-25", DateRange(date(2024, 6, 1), date(2024, 6, 25))),
    ("date:2024-06..", DateRange(date(2024, 6, 1), None)),
    ("date:..2024", DateRange(None, date(2024, 12, 31))),
    # Words glued together: side by side, but a phrase under what is glued before them.
    ("كوفيد-19", Words((Word("كوفيد"), Word("19")))),
    ("-كوفيد-19", Not(Phrase("كوفيد 19"))),
    ("-كوف?د-19 a", Words((Not(Words((Word("كوف?د", wildcard=True), Word("19")))), A))),
    ("title:كوفيد-19", Phrase("كوفيد 19", field="title")),
    ("=u.n.", Phrase("u n", exact=True)),
]


@pytest.mark.parametrize(("query", "tree"), TREES)
def test_the_tree_of(query: str, tree: Expression | None) -> None:
    assert parse(query).expression == tree


UNDERSTOOD: list[tuple[str, str]] = [
    # Groups of another kind are set in brackets, so that precedence is seen.
    ("a b OR c d", "(a b) OR (c d)"),
    ("a b AND c OR d", "((a b) AND c) OR d"),
    ("a AND -b", "a AND -b"),
    ("NOT (a OR b)", "-(a OR b)"),
    ("+(a b) c", "(a AND b) c"),
    # Upper-case only.
    ("a or b", "a or b"),
    ("a and b not c", "a and b not c"),
    ("a Or b", "a Or b"),
    ("غزة و رفح أو خانيونس", "غزة و رفح أو خانيونس"),
    ("ليس غزة", "ليس غزة"),
    # Symbols for operators, glued or not.
    ("a | b", "a OR b"),
    ("a|b", "a OR b"),
    ("a || b", "a OR b"),
    ("a && b", "a AND b"),
    ("a&&b||c", "(a AND b) OR c"),
    ("a|-b", "a OR -b"),
    ("AT&T", "AT T"),
    ('"a"OR"b"', '"a" OR "b"'),
    ("NOT(a b)", "-(a b)"),
    # An operator's name that cannot be an operator.
    ("=AND", "=and"),
    ("AND-gate", "and gate"),
    ("OR, a", "or a"),
    ("title:OR", "title:or"),
    ('"AND"', '"AND"'),
    ('"a AND b"', '"a AND b"'),
    # Quotation marks.
    ("«وزير الخارجية»", '"وزير الخارجية"'),
    ("“a b”", '"a b"'),
    ("„a b“", '"a b"'),
    ("„a b”", '"a b"'),
    ("‟a b”", '"a b"'),
    ("‹a b›", '"a b"'),
    ("»a b«", '"a b"'),
    ("”a b”", '"a b"'),
    ("＂a b＂", '"a b"'),
    ('“a b"', '"a b"'),
    ('"a b”', '"a b"'),
    ('«قال "نعم" اليوم» ثم', '"قال نعم اليوم" ثم'),
    ('وقال"نعم هذا"', 'وقال "نعم هذا"'),
    ('" a b "', '"a b"'),
    ('"a، b-c (d)"', '"a b c d"'),
    ('"a* b"', '"a b"'),
    ('-"a b"~3', '-"a b"~3'),
    ('"a b" ~5', '"a b" 5'),
    ('"a b"~0', '"a b"'),
    # Punctuation means nothing.
    ("غزة، رفح؛ خانيونس؟", "غزة رفح خانيونس"),
    ("هل جاء? أين??", "هل جاء أين"),
    ("ماذا؟نعم", "ماذا نعم"),
    ("http://example.org/watch?v=abc", "http example org watch v abc"),
    ("example.org/index.html?page", "example org index html page"),
    ("watch?v=abc", "watch v abc"),
    ("a ~ b", "a b"),
    ("a,b;c!d?e", "a b c d e"),
    ("a.b", "a b"),
    ("#غزة_الآن @user", "غزة الآن user"),
    ("foo:bar", "foo bar"),
    ("3.5:a", "3.5 a"),
    ("http://example.org/a?b=c", "http example org a b c"),
    ("-http://example.org", '-"http example org"'),
    ("[a] {b}", "a b"),
    ("50٪ من 3.5 و1,000 و٣٫٥", "50 من 3.5 و1,000 و٣٫٥"),
    ("1. 2,", "1 2"),
    ("l'État l’État", "l État l État"),
    ("a\x00b\ud800c", "a b c"),
    ("غزة 🇵🇸 الآن", "غزة الآن"),
    # Hyphens and plus signs that are no operators.
    ("a - b", "a b"),
    ("غزة – رفح — الآن", "غزة رفح الآن"),
    ("a-b", "a b"),
    ("a- b", "a b"),
    ("--a", "a"),
    ("+ a", "a"),
    ("c++ d", "c d"),
    ("(a)-b", "a b"),
    ("«فتح»-«حماس»", '"فتح" "حماس"'),
    ("2024-06-25", "2024 06 25"),
    ("a=b", "a b"),
    ("== a", "a"),
    # What only changes how a word is drawn changes nothing in how a query is read.
    (f"a {RIGHT_TO_LEFT_MARK}AND{RIGHT_TO_LEFT_MARK} b", "a AND b"),
    (f"a {RIGHT_TO_LEFT_MARK}-b", "a -b"),
    (f"{RIGHT_TO_LEFT_MARK}title{RIGHT_TO_LEFT_MARK}:a", "title:a"),
    (f"می{NON_JOINER}خواهد", "میخواهد"),
    ("الـعـربـية مُحَمَّد", "الـعـربـية مُحَمَّد"),
    ("ـــ a ً", "a"),
    ("عُنوان:غزة", "title:غزة"),
    # Sisters of ASCII signs.
    ("（a OR b） AND c", "(a OR b) AND c"),
    ("غز٭", "غز*"),
    ("م٭سة غ？زة كتاب～", "م*سة غ?زة كتاب~"),
    ("ab＊", "ab*"),
    ("a ｜ b", "a OR b"),
    ("＋a －b −c", "+a -b -c"),
    ("＝a title：b", "=a title:b"),
    ('"a b"～2', '"a b"~2'),
    # Wildcards and fuzzy words.
    ("ab**", "ab*"),
    ("a**b", "a*b"),
    ("a*?b", "a?*b"),
    ("ab?*", "ab?*"),
    ("م*س?", "م*س?"),
    ("a?b?", "a?b?"),
    ("A*D", "A*D"),
    ("AND*", "and*"),
    ("الـقُ*س", "الـقُ*س"),
    ("غ*زة، رفح", "غ*زة رفح"),
    ("#غ*زة_الآن", "غ*زة الآن"),
    ("كتاب~1", "كتاب~"),
    ("=كتاب~", "=كتاب~"),
    # Prefixes.
    ("بلين*", "بلين*"),
    ("title:بل*", "title:بل*"),
    ("20*", "20*"),
    ("10.25*", "10.25*"),
    # Fields.
    ("TITLE:a Source:b", "title:a source:b"),
    ("عنوان:غزة", "title:غزة"),
    ("عنوان:(غزة رفح)", "title:غزة title:رفح"),
    ("مصدر:رويترز", "source:رويترز"),
    ('منفذ:"ا ف ب"', 'source:"ا ف ب"'),
    ("تاريخ:٢٠٢٤-٠٦", "date:2024-06"),
    ("source:bbc.co.uk، a", 'source:"bbc.co.uk" a'),
    ("source:a|source:b", "source:a OR source:b"),
    ('source:«صحيفة "سبق"»', 'source:"صحيفة سبق"'),
    ('source:"a  (b)"', 'source:"a (b)"'),
    ("(date:2024)", "date:2024"),
    ("date:2024.", "date:2024"),
    ("date:2024-06-25، a", "date:2024-06-25 a"),
    # A field's name in running text.
    ("المصدر: رويترز", "المصدر رويترز"),
    ("المصدر:رويترز", "المصدر رويترز"),
    ("مصدر: لن ننسحب", "مصدر لن ننسحب"),
    ("تاريخ:النكبة", "تاريخ النكبة"),
    ("title : a", "title a"),
    ("title:", "title"),
    ("title:-a", "title a"),
    ("source:(a b)", "source a b"),
    ("subtitle:a", "subtitle a"),
    ("my-title:a", "my title a"),
    # Dates in other dress.
    ("date:2024/6/5", "date:2024-06-05"),
    ('date:"2024-06"', "date:2024-06"),
    ("date:2024-06-01..2024-06-30", "date:2024-06"),
    ("date:2024-01-01..2025-12-31", "date:2024..2025"),
    ("date:2024-01..2024-03", "date:2024-01..2024-03"),
    ("date:2024…2025", "date:2024..2025"),
    ("date:2024...", "date:2024.."),
    ("date:2024–06–25", "date:2024-06-25"),
    ("date:2025..2024", "date:2024..2025"),
]


@pytest.mark.parametrize(("query", "text"), UNDERSTOOD)
def test_without_a_word_of_complaint(query: str, text: str) -> None:
    assert parse(query).text == text
    assert notes_of(query) in ([], [("only_negative", "")])


MENDED: list[tuple[str, str, list[tuple[str, str]]]] = [
    # Quotation marks without a partner.
    ('"وزير الخارجية', '"وزير الخارجية"', [("unbalanced_quote", '"')]),
    ("a «b c", 'a "b c"', [("unbalanced_quote", "«")]),
    ('"a" b"', '"a" b', [("unbalanced_quote", '"')]),
    ("a b» c", "a b c", [("unbalanced_quote", "»")]),
    ('5" a', "5 a", [("unbalanced_quote", '"')]),
    ('-" a', "a", [("unbalanced_quote", '"')]),
    ('"', "", [("unbalanced_quote", '"'), ("nothing_to_search", "")]),
    # Quotation marks round nothing.
    ('""', "", [("empty_phrase", '""'), ("nothing_to_search", "")]),
    ('a "؟!"', "a", [("empty_phrase", '"؟!"')]),
    ('a -""~3', "a", [("empty_phrase", '""')]),
    ('source:"" a', "a", [("empty_phrase", '""')]),
    # Brackets.
    ("(a b", "a b", [("unbalanced_parenthesis", "(")]),
    ("((a OR b) c", "(a OR b) c", [("unbalanced_parenthesis", "(")]),
    ("a) b", "a b", [("unbalanced_parenthesis", ")")]),
    (":)", "", [("unbalanced_parenthesis", ")"), ("nothing_to_search", "")]),
    ("()", "", [("nothing_to_search", "")]),
    ("a () b", "a b", []),
    # Operators that join nothing.
    ("AND a", "a", [("stray_operator", "AND")]),
    ("a OR", "a", [("stray_operator", "OR")]),
    ("| a", "a", [("stray_operator", "|")]),
    ("a AND OR b", "a AND b", [("stray_operator", "OR")]),
    ("a OR OR b", "a OR b", [("stray_operator", "OR")]),
    ("a NOT", "a", [("stray_operator", "NOT")]),
    ("a NOT AND b", "a AND b", [("stray_operator", "NOT")]),
    ("(OR a) b", "a b", [("stray_operator", "OR")]),
    ("(a AND) b", "a b", [("stray_operator", "AND")]),
    ("a AND ()", "a", [("stray_operator", "AND")]),
    ("a -()", "a", [("stray_operator", "-")]),
    ("a AND AND AND b AND", "a AND b", [("stray_operator", "AND")]),
    # Stars and tildes that mean nothing.
    ("a*", "a", [("stray_operator", "a*")]),
    ("بً*", "بً", [("stray_operator", "بً*")]),
    ("*", "", [("stray_operator", "*"), ("nothing_to_search", "")]),
    ("* ab", "ab", [("stray_operator", "*")]),
    ("*a", "a", [("stray_operator", "*")]),
    ("*****", "", [("stray_operator", "*"), ("nothing_to_search", "")]),
    ("?*?*?*", "", [("stray_operator", "*"), ("nothing_to_search", "")]),
    ('"a b*c"', '"a b c"', [("stray_operator", "b*c")]),
    ('"a كتاب~ c"', '"a كتاب c"', [("stray_operator", "كتاب~")]),
    ("كتب~", "كتب", [("stray_operator", "كتب~")]),
    ("a~b", "a b", [("stray_operator", "a~")]),
    ("كتاب~0.8", "كتاب", [("stray_operator", "كتاب~0.8")]),
    ("كتا*ب~2", "كتا*ب", [("stray_operator", "كتا*ب~2")]),
    ("كتاب*~", "كتاب*", [("stray_operator", "كتاب*~")]),
    ("كتاب~2", "كتاب~", [("fuzzy_narrowed", "كتاب~2")]),
    ("فلسطين~3", "فلسطين~2", [("fuzzy_narrowed", "فلسطين~3")]),
    ("title:كوفيد-19*", 'title:"كوفيد 19"', [("stray_operator", "كوفيد-19*")]),
    ('"a b"~', '"a b"', [("stray_operator", "~")]),
    ('"a b"*', '"a b"', [("stray_operator", "*")]),
    # Dates that are none.
    ("date:yesterday a", "a", [("unknown_date", "yesterday")]),
    ("date:2024-13 a", "a", [("unknown_date", "2024-13")]),
    ("date:2023-02-29 a", "a", [("unknown_date", "2023-02-29")]),
    ("date:0000 a", "a", [("unknown_date", "0000")]),
    ("date:.. a", "a", [("unknown_date", "..")]),
    ("date:1..2..3 a", "a", [("unknown_date", "1..2..3")]),
    ("تاريخ:٢٥ a", "a", [("unknown_date", "٢٥")]),
    ("-date:5", "", [("unknown_date", "5"), ("nothing_to_search", "")]),
    # Only what is not wanted.
    ("-a", "-a", [("only_negative", "")]),
    ("-a -b", "-a -b", [("only_negative", "")]),
    ("NOT (a OR b) AND -c", "-(a OR b) AND -c", [("only_negative", "")]),
    ("source:x -a", "source:x -a", []),
    # Only punctuation.
    ("؟!…،", "", [("nothing_to_search", "")]),
    ("ـــ", "", [("nothing_to_search", "")]),
    ("\ud800", "", [("nothing_to_search", "")]),
    ("\x00", "", [("nothing_to_search", "")]),
    (RIGHT_TO_LEFT_MARK, "", [("nothing_to_search", "")]),
    (
        '" ( AND *',
        "",
        [
            ("unbalanced_quote", '"'),
            ("stray_operator", "*"),
            ("stray_operator", "AND"),
            ("unbalanced_parenthesis", "("),
            ("nothing_to_search", ""),
        ],
    ),
]


@pytest.mark.parametrize(("query", "text", "notes"), MENDED)
def test_mended_and_said(query: str, text: str, notes: list[tuple[str, str]]) -> None:
    parsed = parse(query)
    assert (parsed.text, sorted(notes_of(query))) == (text, sorted(notes))
    assert (parsed.expression is None) == (text == "")


QUERIES = [query for query, _ in TREES] + [query for query, _ in UNDERSTOOD] + [query for query, _, _ in MENDED]


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_written_out_is_read_as_the_same(query: str) -> None:
    parsed = parse(query)
    again = parse(parsed.text)
    assert again.expression == parsed.expression
    assert again.text == parsed.text
    assert {note.code for note in again.notes} <= {"only_negative"}


def test_one_letter_is_a_query() -> None:
    assert parse("و").expression == Word("و")


def test_three_hundred_words_are_a_query() -> None:
    words = tuple(Word(f"كلمة{number}") for number in range(300))
    parsed = parse(" ".join(word.text for word in words))
    assert parsed.expression == Words(words)
    assert parsed.notes == ()


def test_words_beyond_the_limit_are_left_out_and_said() -> None:
    parsed = parse("a (b OR c d) e", limits=replace(LIMITS, query_terms=2))
    assert parsed.text == "a b"
    assert [(note.code, note.detail) for note in parsed.notes] == [("too_many_words", "2")]


def test_as_many_words_as_the_limit_are_all_kept() -> None:
    parsed = parse('a "b c" source:d', limits=replace(LIMITS, query_terms=4))
    assert (parsed.text, parsed.notes) == ('a "b c" source:d', ())


def test_a_phrase_is_cut_at_the_limit() -> None:
    assert parse('a "b c d" e', limits=replace(LIMITS, query_terms=3)).text == 'a "b c"'


def test_too_many_characters_are_refused_by_name() -> None:
    with pytest.raises(LimitExceeded) as caught:
        parse("a" * (LIMITS.query_characters + 1))
    assert (caught.value.limit, caught.value.allowed, caught.value.asked) == ("query_characters", 4096, 4097)


def test_brackets_beyond_the_depth_are_read_flat() -> None:
    query = "a AND (b OR (c AND (d OR e)))"
    assert parse(query, limits=replace(LIMITS, query_depth=12)).text == query
    flat = parse(query, limits=replace(LIMITS, query_depth=8))
    assert flat.expression == And((A, Or((B, And((C, D)), Word("e")))))
    assert [(note.code, note.detail) for note in flat.notes] == [("stray_operator", "(")]


def test_brackets_for_show_are_left_out_where_they_would_nest_too_deep() -> None:
    query = "a OR b AND (c OR d e)"
    assert parse(query, limits=replace(LIMITS, query_depth=12)).text == "a OR (b AND (c OR (d e)))"
    assert parse(query, limits=replace(LIMITS, query_depth=8)).text == query
