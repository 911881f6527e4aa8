"""What someone who knows Whoosh does with the index: parse queries, sort, group, read stored fields, follow commits."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import whoosh.index
from whoosh import qparser, query, sorting
from whoosh.query import SpanFirst, SpanNot
from whoosh.searching import Searcher

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.storage.commits import latest_number, read_commit
from searchapp.engine.whoosh_codec.table_of_contents import write_table_of_contents
from searchapp.errors import UsageError
from searchapp.model import Article, Story

Commit = Callable[..., None]


def article(name: str, title: str | None, body: str, outlet: str | None, day: str | None, **more: str) -> Article:
    when = date.fromisoformat(day) if day else None
    origin = {"date": when, "date_origin": "declared" if when else "none"}
    return Article(id=name, title=title, body=body, outlet=outlet, **origin, **more)  # type: ignore[arg-type]


STORIES = (
    Story(
        7,
        1,
        (
            article("a", "وزير الخارجية", "زار وزير الخارجية السعودي الرياض", "عكاظ الجديدة", "2015-08-12"),
            article("b", "وزير الخارجية", "زار وزير الخارجية السعودي الرياض أمس", "سبق", "2015-08-11"),
        ),
    ),
    Story(10, 2, (article("c", None, "إسلام آباد تستقبل السعوديين", "سبق", None, url="http://example.org/c"),)),
    Story(9, 3, (article("d", "مباراة", "فاز الهلال على النصر", None, "2016-02-29", keywords="رياضة الهلال"),)),
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    SegmentBackend().create(tmp_path)
    return tmp_path


@pytest.fixture
def commit(directory: Path) -> Commit:
    def commit(*stories: Story) -> None:
        writer = SegmentBackend().open_writer(directory)
        for story in stories:
            writer.replace(story)
        writer.commit(max(story.sequence for story in stories))
        write_table_of_contents(directory, read_commit(directory, latest_number(directory)))

    return commit


@pytest.fixture
def searcher(directory: Path, commit: Commit) -> Iterator[Searcher]:
    commit(STORIES[0])
    commit(*STORIES[1:])
    searcher = whoosh.index.open_dir(str(directory)).searcher()
    yield searcher
    if not searcher.is_closed:  # Whoosh closes what it refreshes
        searcher.close()


def ids(searcher: Searcher, asked: query.Query, **parameters: object) -> list[str]:
    return [hit["id"] for hit in searcher.search(asked, **parameters)]


def test_not_goes_to_the_end_of_a_segment_with_deletions(directory: Path, commit: Commit) -> None:
    commit(*STORIES)
    commit(Story(10, 4, ()))
    with whoosh.index.open_dir(str(directory)).searcher() as searcher:
        asked = query.And([query.Term("body_exact", "فاز"), query.Not(query.Term("body_exact", "زار"))])
        assert ids(searcher, asked) == ["d"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("سعودي", ["a", "c"]),
        ('"وزيرُ الخارجيه"', ["a"]),
        ('"زار الخارجية"', []),
        ('"زار الخارجية"~2', ["a"]),
        ("سعودي NOT الخارجية", ["c"]),
        ("سعودي AND (الرياض OR النصر)", ["a"]),
        ("title_exact:وزير", ["a"]),
        ("title_exact:الهلال", []),
        ("keywords_exact:الهلال", ["d"]),
        ("copies_exact:أمس", ["a"]),
        ("body_exact:أسل*", ["c"]),
        ("body_exact:*لال", ["d"]),
        ("body_lemma:*", ["a", "c", "d"]),
        ('outlet:"عكاظ الجديدة"', ["a"]),
        ("outlet:سبق", ["a", "c"]),
        ("story:10", ["c"]),
        ("date:2015-08*", ["a"]),
        ("date:[2015-08-12 TO 2016-01-01]", ["a"]),
        ("date:[2016-01-01 TO]", ["d"]),
        ("date:[TO 2016-01-01]", ["a"]),
    ],
)
def test_parsed_queries_find(searcher: Searcher, text: str, found: list[str]) -> None:
    asked = qparser.QueryParser("body_lemma", searcher.schema).parse(text)
    assert sorted(ids(searcher, asked)) == found


@pytest.mark.parametrize(
    ("start", "end", "excluded", "found"),
    [
        (datetime(2015, 8, 11), datetime(2016, 2, 29), (False, False), ["a", "d"]),
        (datetime(2015, 8, 12), datetime(2016, 2, 29), (True, True), []),
        (datetime(2015, 8, 12, 1), datetime(2016, 2, 29, 23), (False, False), ["d"]),
        (None, datetime(2015, 12, 31), (False, False), ["a"]),
        (datetime(2016, 1, 1), None, (False, False), ["d"]),
        (None, datetime.max, (False, True), ["a", "d"]),
        (None, datetime.min, (False, True), []),
    ],
)
def test_date_ranges_of_whoosh_find_days(
    searcher: Searcher, start: datetime | None, end: datetime | None, excluded: tuple[bool, bool], found: list[str]
) -> None:
    assert sorted(ids(searcher, query.DateRange("date", start, end, *excluded))) == found


def test_stories_group_by_ranges_of_dates(searcher: Searcher) -> None:
    months = sorting.DateRangeFacet("date", datetime(2015, 8, 1), datetime(2015, 10, 1), timedelta(days=31))
    results = searcher.search(query.Every(), groupedby=months, maptype=sorting.Count)
    assert results.groups() == {(datetime(2015, 8, 1), datetime(2015, 9, 1)): 1, None: 2}


def test_words_at_the_beginning_of_a_field_are_found_by_their_place_in_it(searcher: Searcher) -> None:
    first, second = query.Term("body_exact", "زار"), query.Term("body_exact", "وزير")
    assert ids(searcher, SpanFirst(first)) == ["a"]
    assert ids(searcher, SpanFirst(second)) == []
    assert ids(searcher, SpanFirst(second, limit=1)) == ["a"]
    assert ids(searcher, SpanFirst(query.Term("keywords_exact", "رياضه"))) == ["d"]
    assert ids(searcher, SpanFirst(query.Term("copies_exact", "امس"))) == ["a"]


def test_words_outside_of_others_are_found_past_the_last_of_those(directory: Path, commit: Commit) -> None:
    commit(*(Story(n, n, (article(str(n), None, text, None, None),)) for n, text in enumerate(["فاز زار", "زار"], 1)))
    with whoosh.index.open_dir(str(directory)).searcher() as searcher:
        outside = SpanNot(query.Term("body_exact", "زار"), query.Term("body_exact", "فاز"))
        assert sorted(ids(searcher, outside)) == ["1", "2"]


def test_more_like_a_hit_goes_by_its_stored_text(directory: Path, commit: Commit) -> None:
    texts = ["زار الوزير الرياض أمس", "زار السفير الرياض", "فاز الهلال"]
    for number, text in enumerate(texts):
        commit(Story(number, number + 1, (article(str(number), None, text, None, None),)))
    with whoosh.index.open_dir(str(directory)).searcher() as searcher:
        (hit,) = searcher.search(query.Term("body_exact", "الوزير"))
        assert [like["id"] for like in hit.more_like_this("body_lemma")] == ["1"]
        assert [like["id"] for like in hit.more_like_this("body_lemma", text="كأس الهلال")] == ["2"]
        reader = searcher.reader()
        assert list(reader.vector_as("positions", hit.docnum, "body_exact"))[-1] == ("زار", [0])
        assert not reader.has_vector(hit.docnum, "title_exact")


def test_fuzzy_words_and_suggestions_come_from_the_field(searcher: Searcher) -> None:
    assert ids(searcher, query.FuzzyTerm("body_exact", "الهلاك")) == ["d"]
    assert ids(searcher, query.FuzzyTerm("title_exact", "الهلاك")) == []
    assert searcher.suggest("body_exact", "الهلاك", maxdist=1) == ["الهلال"]


def test_hits_have_plain_stored_fields(searcher: Searcher) -> None:
    assert searcher.document(story="7") == {
        "story": "7",
        "id": "a",
        "title": "وزير الخارجية",
        "body": "زار وزير الخارجية السعودي الرياض",
        "url": None,
        "outlets": ["عكاظ الجديدة", "سبق"],
        "dates": ["2015-08-12", "2015-08-11"],
    }
    undated = searcher.document(story="10")
    assert (undated["title"], undated["dates"], undated["url"]) == (None, [None], "http://example.org/c")
    assert searcher.document(story="9")["outlets"] == [None]


def test_stories_sort_by_date_with_the_undated_last_both_ways(searcher: Searcher) -> None:
    assert ids(searcher, query.Every(), sortedby="date") == ["a", "d", "c"]
    assert ids(searcher, query.Every(), sortedby=sorting.FieldFacet("date", reverse=True)) == ["d", "a", "c"]


def test_stories_sort_by_outlet_and_number(searcher: Searcher) -> None:
    assert ids(searcher, query.Every(), sortedby=["outlet", "story"]) == ["d", "c", "a"]
    assert ids(searcher, query.Every(), sortedby=sorting.FieldFacet("outlet", reverse=True)) == ["a", "c", "d"]
    assert ids(searcher, query.Every(), sortedby="story") == ["a", "d", "c"]


def test_stories_group_by_the_first_copy_or_by_all(searcher: Searcher) -> None:
    facets = sorting.Facets().add_field("date").add_facet("all", sorting.FieldFacet("outlet", allow_overlap=True))
    results = searcher.search(query.Every(), groupedby=facets.add_field("outlet"), maptype=sorting.Count)
    assert results.groups("outlet") == {"عكاظ الجديدة": 1, "سبق": 1, "-": 1}
    assert results.groups("all") == {"عكاظ الجديدة": 1, "سبق": 2, "-": 1}
    assert results.groups("date") == {"2015-08-11": 1, "2016-02-29": 1, None: 1}


def test_whole_surface_words_are_highlighted(searcher: Searcher) -> None:
    results = searcher.search(query.Term("body_lemma", "سعودي"), filter=query.Term("story", "7"))
    marked = results[0].highlights("body_lemma", text=results[0]["body"])
    assert marked == 'زار وزير الخارجية <b class="match term0">السعودي</b> الرياض'


def test_a_reader_stays_with_its_commit_until_it_refreshes(searcher: Searcher, commit: Commit) -> None:
    asked = query.Term("body_exact", "الهلال")
    commit(Story(9, 4, ()), Story(11, 5, (article("e", None, "الهلال والنصر", None, None),)))
    assert ids(searcher, asked) == ["d"]
    assert not searcher.up_to_date()
    with searcher.refresh() as fresh:
        assert ids(fresh, asked) == ["e"]
        assert (fresh.doc_count(), fresh.doc_frequency("body_exact", "الهلال")) == (3, 2)


def test_an_index_without_stories_opens(directory: Path) -> None:
    write_table_of_contents(directory, read_commit(directory, 0))
    with whoosh.index.open_dir(str(directory)).searcher() as searcher:
        assert ids(searcher, query.Every()) == []


def test_terms_are_listed_by_field_and_in_order(searcher: Searcher) -> None:
    reader = searcher.reader()
    assert list(reader.field_terms("title_exact")) == ["الخارجيه", "مباراه", "وزير"]
    assert list(reader.all_terms()) == sorted(reader.all_terms())
    assert reader.term_info("body_lemma", "سعودي").doc_frequency() == 2
    assert (reader.frequency("body_exact", "قمر"), ("body_exact", "قمر") in reader) == (0, False)


def test_whooshs_writers_are_refused(directory: Path, searcher: Searcher) -> None:
    with pytest.raises(UsageError, match="can only read"), whoosh.index.open_dir(str(directory)).writer() as writer:
        writer.add_document(body_lemma="كلام")
    with pytest.raises(UsageError, match="can only read"), whoosh.index.open_dir(str(directory)).writer() as writer:
        writer.add_document(id="of stored fields alone")
    with pytest.raises(UsageError, match="can only read"), whoosh.index.open_dir(str(directory)).writer() as writer:
        writer.delete_by_term("story", "7")
    assert ids(searcher.refresh(), query.Every()) == ["a", "c", "d"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves files open
def test_what_whooshs_writers_leave_goes_with_the_next_run(directory: Path, searcher: Searcher) -> None:
    def files() -> set[str]:
        return {path.name for path in directory.iterdir()}

    before = files()
    with pytest.raises(UsageError, match="can only read"):
        whoosh.index.open_dir(str(directory)).optimize()
    gc.collect()
    assert files() > before
    assert ids(searcher.refresh(), query.Every()) == ["a", "c", "d"]
    SegmentBackend().finish(directory)
    assert files() == before
