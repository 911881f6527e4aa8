"""Chips and facets: what a click leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from searchapp.model import FacetBucket, FacetName, SearchRequest, SearchResult, UnderstoodQuery
from searchapp.web import display, filters, parameters
from searchapp.web.filters import RECENT_DAYS, Choice, Facets, chips, cleared
from searchapp.web.links import SearchLinks

TODAY = date(2026, 3, 4)


def links(request: SearchRequest) -> SearchLinks:
    return SearchLinks(request, "/search", "/article/")


def facets(request: SearchRequest, result: SearchResult, today: date) -> Facets:
    return filters.facets(request, result, today, links(request))


def orders(request: SearchRequest) -> tuple[Choice, ...]:
    return filters.orders(request, links(request))


def page_sizes(request: SearchRequest) -> tuple[Choice, ...]:
    return filters.page_sizes(request, links(request))


def periods(request: SearchRequest, today: date) -> tuple[Choice, ...]:
    return filters.periods(request, today, links(request))


def asked(address: str | None) -> SearchRequest:
    """The search of an address, which must be the canonical one."""
    assert address is not None
    query = urlsplit(address).query
    found = parameters.parse(parse_qsl(query))
    assert parameters.query_string(found) == query
    return found


def result(**buckets: tuple[FacetBucket, ...]) -> SearchResult:
    found: dict[FacetName, tuple[FacetBucket, ...]] = {**buckets}  # type: ignore[dict-item]
    return SearchResult(
        total=0, exact=True, relaxed=False, hits=(), facets=found, query=UnderstoodQuery(""), corrections=(), took=0,
        generation=1,
    )  # fmt: skip


def outlets(count: int, *selected: int) -> SearchResult:
    return result(outlet=tuple(FacetBucket(f"o{n}", 100 - n, n in selected) for n in range(count)))


def test_each_chip_takes_one_filter_away_and_goes_to_the_first_page() -> None:
    request = SearchRequest(
        q="غزة", field="title", sources=("ا", "ب"), not_sources=("ج",), date_from=date(2024, 6, 1),
        date_to=date(2024, 6, 30), when=("2024-06",), undated=True, exact=True, variants=False, page=4,
    )  # fmt: skip
    found = chips(request)
    assert [chip.label for chip in found] == [
        "في العناوين فقط", "ا", "ب", "ج", "1 يونيو 2024", "30 يونيو 2024", "يونيو 2024", "بلا تاريخ", "الصيغ نفسها فقط",
        "بلا تهجئات أخرى",
    ]  # fmt: skip
    assert all(len(chips(chip.request)) == len(found) - 1 and chip.request.page == 1 for chip in found)
    assert chips(cleared(request)) == ()
    assert cleared(request).q == "غزة"


def test_several_outlets_add_up_and_go_one_by_one() -> None:
    request = SearchRequest(sources=("o1",), page=3)
    found = {choice.label: choice for choice in facets(request, outlets(3, 1), TODAY).outlets}
    assert asked(found["o0"].address).sources == ("o0", "o1")
    assert found["o1"].selected
    assert asked(found["o1"].address).sources == ()
    assert all(asked(choice.address).page == 1 for choice in found.values())


def test_twelve_outlets_stand_open_and_any_that_is_selected() -> None:
    found = facets(SearchRequest(sources=("o20",)), outlets(30, 20), TODAY)
    assert [choice.label for choice in found.outlets] == [*(f"o{n}" for n in range(12)), "o20"]
    assert found.outlet_count == 30


def dates(*selected: str) -> SearchResult:
    return result(
        year=(FacetBucket("2024", 5), FacetBucket("2023", 2)),
        month=(FacetBucket("2024-06", 3), FacetBucket("2024-05", 2), FacetBucket("2023-01", 2)),
        day=(FacetBucket("2024-06-25", 2), FacetBucket("2024-06-24", 1)),
    )


def test_a_year_opens_on_its_months_and_a_month_on_its_days() -> None:
    closed = facets(SearchRequest(), dates(), TODAY).years
    assert [len(year.children) for year in closed] == [0, 0]
    opened = facets(SearchRequest(when=("2024",)), dates(), TODAY).years
    assert [choice.label for choice in opened[0].children] == ["يونيو", "مايو"]
    deeper = facets(SearchRequest(when=("2024-06",)), dates(), TODAY).years[0].children
    assert [choice.label for choice in deeper[0].children] == ["25 يونيو", "24 يونيو"]
    assert deeper[1].children == ()


def test_the_only_year_stands_open() -> None:
    only = result(year=(FacetBucket("2024", 5),), month=(FacetBucket("2024-06", 3), FacetBucket("2024-05", 2)))
    assert len(facets(SearchRequest(), only, TODAY).years[0].children) == 2


def test_a_month_takes_the_place_of_its_year_and_a_year_of_its_months() -> None:
    narrower = facets(SearchRequest(when=("2023", "2024")), dates(), TODAY).years[0].children[0]
    assert asked(narrower.address).when == ("2023", "2024-06")
    wider = facets(SearchRequest(when=("2023", "2024-06-24", "2024-06-25")), dates(), TODAY).years[0]
    assert asked(wider.address).when == ("2023", "2024")


def test_the_undated_are_a_choice_where_there_are_any() -> None:
    bucket = FacetBucket("undated", 4)
    choice = facets(SearchRequest(), result(undated=(bucket,)), TODAY).undated
    assert choice is not None
    assert (choice.label, choice.count, asked(choice.address).undated) == ("بلا تاريخ", 4, True)
    assert facets(SearchRequest(), result(), TODAY).undated is None


def test_without_words_there_is_nothing_to_be_more_relevant() -> None:
    assert [order.label for order in orders(SearchRequest(q="غزة", page=2))] == [
        "الأنسب",
        "الأنسب حديثًا",
        "الأحدث",
        "الأقدم",
    ]
    assert [order.label for order in orders(SearchRequest(sort="newest"))] == ["الأحدث", "الأقدم"]


def test_new_articles_may_count_more_and_any_other_order_takes_that_back() -> None:
    usual, recent, newest, _ = orders(SearchRequest(q="غزة"))
    assert (usual.selected, recent.selected) == (True, False)
    request = asked(recent.address)
    assert (request.sort, request.recency) == ("relevance", RECENT_DAYS)
    usual, recent, newest, _ = orders(replace(request, recency_from=TODAY))
    assert (usual.selected, recent.selected) == (False, True)
    for order in (usual, newest):
        assert (asked(order.address).recency, asked(order.address).recency_from) == (None, None)


def test_an_outlet_is_asked_for_or_left_out_but_not_both() -> None:
    request = SearchRequest(sources=("o1",), not_sources=("o2",), page=3)
    found = {choice.label: choice for choice in facets(request, outlets(3, 1), TODAY).outlets}
    assert found["o2"].excluded
    assert [asked(found["o2"].address).sources, asked(found["o2"].address).not_sources] == [("o1", "o2"), ()]
    leave_out, put_back = asked(found["o1"].exclusion), asked(found["o2"].exclusion)
    assert (leave_out.sources, leave_out.not_sources, leave_out.page) == ((), ("o1", "o2"), 1)
    assert (put_back.sources, put_back.not_sources) == (("o1",), ())


def test_what_is_left_out_stays_in_sight() -> None:
    found = facets(SearchRequest(not_sources=("o25",)), outlets(30), TODAY)
    assert found.outlets[-1].label == "o25"


def test_periods_end_today_and_are_taken_away_by_a_second_click() -> None:
    found = {choice.label: choice for choice in periods(SearchRequest(), TODAY)}
    ranges = {
        label: (asked(choice.address).date_from, asked(choice.address).date_to) for label, choice in found.items()
    }
    assert ranges == {
        "اليوم": (TODAY, TODAY),
        "آخر 7 أيام": (date(2026, 2, 26), TODAY),
        "آخر 30 يومًا": (date(2026, 2, 3), TODAY),
        "هذا العام": (date(2026, 1, 1), TODAY),
    }
    again = periods(asked(found["اليوم"].address), TODAY)[0]
    assert again.selected
    assert asked(again.address) == SearchRequest()


def test_many_years_are_folded_but_for_those_in_use() -> None:
    years = tuple(FacetBucket(str(year), 1) for year in range(2030, 2000, -1))
    found = facets(SearchRequest(when=("2005-01",)), result(year=years, month=(FacetBucket("2005-01", 1),)), TODAY)
    assert [year.label for year in found.years] == [*map(str, range(2030, 2018, -1)), "2005"]
    assert len(found.folded_years) == 17


def test_a_page_may_have_more_hits() -> None:
    assert [(size.label, size.selected) for size in page_sizes(SearchRequest(per_page=25, page=3))] == [
        ("10", False), ("25", True), ("50", False), ("100", False),
    ]  # fmt: skip
    assert asked(page_sizes(SearchRequest(q="غزة", page=3))[1].address) == SearchRequest(q="غزة", per_page=25)


def test_other_spellings_can_be_left_out_unless_only_the_very_forms_are_asked_for() -> None:
    modes = {choice.value: choice for choice in facets(SearchRequest(q="غزة"), result(), TODAY).modes}
    assert not asked(modes["variants"].address).variants
    assert not modes["variants"].selected
    modes = {choice.value: choice for choice in facets(SearchRequest(q="غزة", variants=False), result(), TODAY).modes}
    assert asked(modes["variants"].address).variants
    assert modes["variants"].selected
    modes = {choice.value: choice for choice in facets(SearchRequest(q="غزة", exact=True), result(), TODAY).modes}
    assert set(modes) == {"in", "exact"}


def test_dates_have_their_hijri_beside_them_for_who_goes_by_that_calendar() -> None:
    assert {year.aside for year in facets(SearchRequest(), dates(), TODAY).years} == {""}
    display.use(display.Display(cal="hijri"))
    try:
        year = facets(SearchRequest(when=("2024-06",)), dates(), TODAY).years[0]
    finally:
        display.use(display.Display())
    assert year.aside == "1445–1446 هـ"
    assert year.children[0].aside == "ذو القعدة – ذو الحجة 1445 هـ"
    assert year.children[0].children[0].aside == "19 ذو الحجة 1445 هـ"
