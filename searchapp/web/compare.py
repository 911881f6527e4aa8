"""Coverage of several searches, or of several outlets, over time: a chart, its table, and the table as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Flask, Response, request
from markupsafe import Markup, escape

from searchapp.config import LIMITS
from searchapp.frozen import dataclass
from searchapp.model import FacetBucket, SearchRequest
from searchapp.web import caching, compare_request, display, downloads, parameters, problems, timing
from searchapp.web.compare_chart import Point, chart, key, percent
from searchapp.web.compare_counts import Compared, Line, compared
from searchapp.web.compare_records import FORMS
from searchapp.web.compare_request import Comparison, compare_export_url, compare_url, of_search
from searchapp.web.display import number
from searchapp.web.filters import Chip, chips
from searchapp.web.histogram import BY_INTERVAL, DIRECTIONS, IntervalChoice, articles, interval_choices
from searchapp.web.histogram_periods import Period, PeriodLinks, periods
from searchapp.web.site import Site
from searchapp.web.strings import N_, gettext, pgettext
from searchapp.web.templating import render

SPARE_BOXES: Final = 1
"""How many empty boxes for a search stand below those that are filled."""
FEWEST_BOXES: Final = 2


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in the legend: its sample, its name, how much it counts, and the comparison without it."""

    key: Markup
    label: str
    search: SearchRequest
    total: int
    rest: Comparison


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Everything on the page. `boxes` are the searches as the form has them, with empty ones to be filled."""

    comparison: Comparison
    chart: Markup | None
    lines: tuple[LineView, ...]
    rows: Markup
    choices: tuple[IntervalChoice, ...]
    chips: tuple[Chip, ...]
    boxes: tuple[str, ...]
    outlets: tuple[FacetBucket, ...]
    caption: str


def register(app: Flask, site: Site) -> None:
    """Give the page and its table their addresses."""
    pages = Comparisons(site)
    app.jinja_env.globals.update(
        compare_url=compare_url,
        compare_pairs=compare_request.pairs,
        compare_export_url=compare_export_url,
        comparison_of=of_search,
    )
    app.add_url_rule("/compare", "compare", pages.page)
    forms = ",".join(FORMS)
    app.add_url_rule(f"/compare.<any({forms}):form>", "compare_export", problems.told_to_programs(pages.table))


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons of one site."""

    site: Site

    def _asked(self) -> Comparison:
        """The comparison that the URL holds, outlets called by the names that facets have for them."""
        comparison = compare_request.parse(request.args.items(multi=True))
        return replace(comparison, filters=self.site.index.canonical(comparison.filters))

    def page(self) -> Response:
        """The form, the chart and its table."""
        with timing.measured("parse"):
            comparison = self._asked()
        url = compare_url(comparison)
        response = self.site.unchanged(url)
        if response is None:
            with timing.measured("search"):
                found = compared(self.site.index, comparison)
            html = render(
                "compare.html",
                page=compare_page(comparison, found),
                most=LIMITS.compared,
                # The box above begins a search of its own; what is compared has boxes on the page.
                search=parameters.parse(()),
            )
            response = self.site.answer(found.generation, url, html)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def table(self, form: str) -> Response:
        """The table for other programs."""
        with timing.measured("parse"):
            comparison = self._asked()
        url = compare_export_url(comparison, form)
        response = self.site.unchanged(url)
        if response is None:
            with timing.measured("search"):
                found = compared(self.site.index, comparison)
            response = Response(FORMS[form].write(found, comparison), content_type=FORMS[form].media_type)
            caching.revalidated(response, caching.entity_tag(self.site.edition, found.generation, url))
            name = downloads.file_name(" ".join(comparison.queries), form)
            response.headers["Content-Disposition"] = downloads.disposition(name, shown=FORMS[form].shown)
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def compare_page(comparison: Comparison, found: Compared) -> ComparePage:
    """Lay out a comparison."""
    axis = found.histogram
    shown = periods(axis.interval, axis.starts, display.current()) if axis else ()
    points = [_points(line, shown, share=comparison.share) for line in found.lines] if axis else []
    caption = _caption(comparison, found)
    name = f"{caption}. {gettext(DIRECTIONS[display.current().direction])}"
    filters = comparison.filters
    # Outlets that are compared are chosen in the form; only what holds for all lines is a filter.
    of_all = replace(filters, sources=()) if comparison.by_outlet else filters
    return ComparePage(
        comparison=comparison,
        chart=chart(name, shown, points, share=comparison.share) if axis else None,
        lines=tuple(_legend(comparison, line, at, found.lines) for at, line in enumerate(found.lines, 1)),
        rows=_rows(shown, found.lines, points, share=comparison.share),
        choices=tuple(interval_choices(filters, axis)) if axis else (),
        chips=tuple(_chip(chip, filters, of_all) for chip in chips(of_all)),
        boxes=_boxes(comparison),
        outlets=found.outlets,
        caption=caption,
    )


def _caption(comparison: Comparison, found: Compared) -> str:
    if not found.histogram:
        return ""
    by = gettext(BY_INTERVAL[found.histogram.interval])
    if not comparison.share:
        return by
    comma = pgettext("list", ", ")
    if comparison.by_outlet and comparison.queries:
        return by + comma + gettext(OF_OUTLET)
    return by + comma + gettext(OF_ALL)


OF_ALL: Final = N_("as a share of all articles of that time")
OF_OUTLET: Final = N_("as a share of all articles of the outlet in that time")


def _chip(chip: Chip, filters: SearchRequest, of_all: SearchRequest) -> Chip:
    """A chip whose removal leaves the outlets that are compared."""
    sources = chip.request.sources if of_all.sources == filters.sources else filters.sources
    return replace(chip, request=replace(chip.request, sources=sources))


def _boxes(comparison: Comparison) -> tuple[str, ...]:
    if comparison.by_outlet:
        return (comparison.words,)
    wanted = min(max(len(comparison.queries) + SPARE_BOXES, FEWEST_BOXES), LIMITS.compared)
    return (*comparison.queries, *("",) * (wanted - len(comparison.queries)))


def _legend(comparison: Comparison, line: Line, at: int, lines: tuple[Line, ...]) -> LineView:
    if comparison.by_outlet:
        kept = tuple(sorted(name for other in lines if other is not line for name in other.search.sources))
        rest = replace(comparison, filters=replace(comparison.filters, sources=kept))
    else:
        rest = replace(comparison, queries=tuple(query for query in comparison.queries if query != line.search.q))
    return LineView(key(at), line.label, line.search, line.total, rest)


def _points(line: Line, shown: tuple[Period, ...], *, share: bool) -> list[Point]:
    """The values of a line as they are drawn; where there is nothing at all, the line has a gap."""
    links = PeriodLinks(line.search)
    return [
        Point(
            value=part if share or part is None else count,
            told=f"{line.label} · {period.name}: {_told(count, part if share else None)}",
            address=links.to(period) if count else "",
        )
        for period, count, part in zip(shown, line.counts, line.shares(), strict=True)
    ]


def _told(count: int, share: float | None) -> str:
    counted = articles(count, display.current())
    return counted if share is None else f"{percent(share)} ({counted})"


def _rows(shown: tuple[Period, ...], lines: tuple[Line, ...], points: list[list[Point]], *, share: bool) -> Markup:
    """The rows of the table."""
    rows = []
    for at, period in enumerate(shown):
        cells = (_cell(line.counts[at], row[at], share=share) for line, row in zip(lines, points, strict=True))
        rows.append(f'<tr><th scope="row">{escape(period.name)}</th>{"".join(cells)}</tr>\n')
    return Markup("".join(rows))  # noqa: S704 - names are escaped, the rest is ours


def _cell(count: int, point: Point, *, share: bool) -> str:
    text = number(count)
    if point.value is None:
        text = "–"
    elif share:
        text = f'{percent(point.value)} <span class="quiet">({text})</span>'
    linked = f'<a href="{point.address}" rel="nofollow">{text}</a>' if point.address else text
    return f'<td class="number">{linked}</td>'
