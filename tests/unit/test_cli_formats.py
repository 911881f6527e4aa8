"""What the machine-readable formats look like, and what must never get into them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from searchapp.cli.formats import Answer, write_csv, write_json, write_jsonl, write_trec
from searchapp.cli.tables import marked, print_answers
from searchapp.model import (
    Copy,
    FacetBucket,
    Hit,
    QueryNote,
    SearchRequest,
    SearchResult,
    Snippet,
    UnderstoodQuery,
    UnderstoodTerm,
)
from searchapp.output import result_record


def hit(rank: int = 1, **changes: Any) -> Hit:
    """A hit with everything in it."""
    values: dict[str, Any] = {
        "rank": rank,
        "id": f"a{rank}",
        "story": rank,
        "score": 10.0 - rank,
        "title": Snippet("وزير الخارجية يصل", ((5, 13),)),
        "title_inferred": False,
        "outlets": ("سبوتنيك", "وكالة الأنباء"),
        "date": date(2024, 6, 25),
        "date_origin": "declared",
        "url": "https://example.org/1",
        "snippet": Snippet("قال وزير الخارجية", ((9, 17),), leading=True),
        "copies": (Copy(f"a{rank}", "سبوتنيك", date(2024, 6, 25)),),
    }
    return Hit(**{**values, **changes})


def answer(hits: Sequence[Hit], query_id: str | None = None, **changes: Any) -> Answer:
    """An answer with these hits."""
    values: dict[str, Any] = {
        "total": len(hits),
        "exact": True,
        "relaxed": False,
        "hits": tuple(hits),
        "facets": {"outlet": (FacetBucket("سبوتنيك", 2, True),)},
        "query": UnderstoodQuery("الخارجية", (UnderstoodTerm("الخارجية", ("خارج",)),)),
        "corrections": (),
        "took": 0.002,
        "generation": 7,
    }
    return Answer(query_id, SearchRequest(q="الخارجية"), SearchResult(**{**values, **changes}))


def written(write: Any, *answers: Answer) -> str:
    """What a writer writes."""
    out = io.StringIO()
    write(iter(answers), out)
    return out.getvalue()


def test_a_result_as_json_has_the_agreed_names_in_the_agreed_order() -> None:
    record = json.loads(written(write_json, answer([hit()])))
    names = [name for name in record if name not in {"understood", "corrections"}]
    assert names == ["query", "total", "exact", "relaxed", "generation", "hits", "facets", "histogram"]
    agreed = "rank id story score title title_inferred outlets date date_origin url snippet spans copies"
    assert " ".join(name for name in record["hits"][0] if name != "relaxed") == agreed
    assert record["query"] == "الخارجية"
    assert record["facets"] == {"outlet": [{"value": "سبوتنيك", "count": 2, "selected": True}]}


def test_a_hit_as_json_says_null_where_nothing_is_known() -> None:
    bare = hit(title=None, date=None, url=None, snippet=None, outlets=())
    [record] = result_record(answer([bare]).result, SearchRequest())["hits"]
    assert [record[name] for name in ("title", "date", "url", "snippet", "spans", "outlets")] == [None] * 4 + [[], []]


def test_json_of_many_queries_is_a_list_that_names_each_query() -> None:
    records = json.loads(written(write_json, answer([hit()], "q1"), answer([], "q2")))
    assert [(record["query_id"], len(record["hits"])) for record in records] == [("q1", 1), ("q2", 0)]
    assert json.loads(written(write_json)) == []


def test_jsonl_is_one_hit_a_line_and_letters_stay_letters() -> None:
    lines = written(write_jsonl, answer([hit(1), hit(2)])).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a1", "a2"]
    assert "وزير" in lines[0]


def test_jsonl_of_many_queries_names_the_query_of_each_hit() -> None:
    lines = written(write_jsonl, answer([hit()], "q1"), answer([hit()], "q2")).splitlines()
    assert [json.loads(line)["query_id"] for line in lines] == ["q1", "q2"]


def test_csv_has_a_line_of_names_even_without_hits() -> None:
    assert written(write_csv, answer([])).startswith("rank,id,story,score,title")


def test_csv_of_many_queries_has_the_query_in_front() -> None:
    rows = list(csv.DictReader(io.StringIO(written(write_csv, answer([hit()], "q1")), newline="")))
    assert (rows[0]["query_id"], rows[0]["outlets"]) == ("q1", "سبوتنيك; وكالة الأنباء")


@given(st.sampled_from("=+-@\t\r"), st.text(max_size=20))
def test_no_csv_cell_begins_like_a_formula(first: str, rest: str) -> None:
    text = first + rest
    one = hit(title=Snippet(text), snippet=Snippet(text), id=text, outlets=(text,), url=text)
    [row] = csv.DictReader(io.StringIO(written(write_csv, answer([one])), newline=""))
    assert {row[name] for name in ("title", "snippet", "id", "outlets", "url")} == {"'" + text}


def test_a_negative_score_in_csv_stays_a_number() -> None:
    [row] = csv.DictReader(io.StringIO(written(write_csv, answer([hit(score=-1.5)])), newline=""))
    assert row["score"] == "-1.5"


def test_a_run_file_has_six_columns_and_query_1_for_a_single_query() -> None:
    assert written(write_trec, answer([hit(1)])) == "1 Q0 a1 1 9.000000 searchapp\n"
    assert written(write_trec, answer([hit(1)], "q7")).startswith("q7 Q0 a1 1 ")


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_scores_in_a_run_file_fall_with_the_rank_whatever_the_order_was(scores: list[float]) -> None:
    hits = [hit(rank, score=score, relaxed=rank > 3) for rank, score in enumerate(scores, start=1)]
    columns = [line.split() for line in written(write_trec, answer(hits)).splitlines()]
    shown = [float(column[4]) for column in columns]
    assert shown == sorted(set(shown), reverse=True)
    assert [column[3] for column in columns] == [str(one.rank) for one in hits]


def test_a_table_shows_what_a_reader_needs(capsys: Any) -> None:
    notes = (QueryNote("unbalanced_quote", '"'),)
    print_answers([answer([hit()], query=UnderstoodQuery("الخارجية", (), notes))])
    shown = capsys.readouterr().out
    for part in ("1 story", "Read as: الخارجية", "unbalanced quote", "وزير الخارجية يصل"):
        assert part in shown
    assert "سبوتنيك, وكالة الأنباء · 2024-06-25 · a1" in shown
    assert "… قال وزير الخارجية" in shown


def test_a_table_says_when_only_some_of_the_words_are_there(capsys: Any) -> None:
    print_answers([answer([hit(relaxed=True)], relaxed=True)])
    assert "No story has all the words; these have some of them." in capsys.readouterr().out


def test_a_table_says_when_a_few_have_all_the_words(capsys: Any) -> None:
    print_answers([answer([hit(), hit(relaxed=True)], relaxed=True)])
    assert "Few stories have all the words; the others have some of them." in capsys.readouterr().out


def test_marks_are_where_the_spans_say() -> None:
    text = marked(Snippet("قال وزير", ((4, 8),)))
    assert [(span.start, span.end) for span in text.spans if span.style == "bold"] == [(4, 8)]


def test_control_characters_never_reach_the_terminal_and_brackets_are_no_markup(capsys: Any) -> None:
    title = Snippet("[red]a\x1b]0;b\x07c\x9bd\re")
    print_answers([answer([hit(title=title, outlets=("\x1b[31m",))])])
    shown = capsys.readouterr().out
    assert "[red]a ]0;b c d e" in shown
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(shown)
