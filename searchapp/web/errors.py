"""Error pages: what happened, what is safe, what to try. In the same style as the others, never a trace."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from searchapp.errors import (
    ArticleNotFound,
    IndexBroken,
    IndexMissing,
    InvalidRequest,
    LimitExceeded,
)
from searchapp.frozen import dataclass
from searchapp.model import SearchRequest
from searchapp.web import parameters
from searchapp.web.display import number
from searchapp.web.site import Site
from searchapp.web.strings import N_, gettext
from searchapp.web.templating import render

RETRY_AFTER: Final = 30
"""Seconds after which it is worth asking again when the index cannot be read: about what a swap of indexes takes."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The words of an error page. `detail` follows what happened, from left to right; `request` is a way on."""

    status: int
    title: str
    happened: str
    advice: str
    detail: str = ""
    request: SearchRequest | None = None


PARAMETERS: Final = {
    "in": N_("Where to search is either all (the whole article) or title."),
    "from": N_("The beginning of a range is a day, a month or a year of the Gregorian calendar."),
    "to": N_("The end of a range is a day, a month or a year of the Gregorian calendar, not before its beginning."),
    "when": N_("A date is a day, a month or a year of the Gregorian calendar."),
    "undated": N_("The value of “undated” is 1 or 0."),
    "exact": N_("The value of “these very forms” is 1 or 0."),
    "variants": N_("The value of “other spellings” is 1 or 0."),
    "sort": N_("The order is relevance, newest or oldest."),
    "recent": N_("The half-life of what new articles gain is a whole number of days from 1."),
    "recent_from": N_("The day from which ages count is a day, a month or a year of the Gregorian calendar."),
    "page": N_("The number of a page is a whole number from 1."),
    "per_page": N_("How many articles a page has is a whole number from 1."),
    "interval": N_("The interval of a chart is day, week, month or year."),
    "by": N_("A comparison is of searches (q), or of outlets (outlet) and then of one search only."),
    "share": N_("The value of “share” is 1 or 0."),
    "ui": N_("The language of the pages is ar (Arabic) or en (English)."),
    "digits": N_("Digits are arab (Arabic-Indic) or latn (Western)."),
    "cal": N_("The calendar is gregorian, hijri or both."),
}
"""What a parameter of the URL takes."""

LIMITS: Final = {
    "query_characters": N_("The search is longer than we take. Search for a paragraph of it."),
    "query_expansions": N_("The search has many words with *, ? or ~. Search for some of them, or write more letters."),
    "phrase_places": N_("The search has many phrases of frequent words. Search for some of them, or for rarer words."),
    "query_terms": N_("The search has more words than we take. Search for some of them."),
    "results_window": N_("This page is further than pages go. Narrow the search by outlet or date."),
    "per_page": N_("A page does not show so many articles."),
    "compared": N_("A chart does not show so many lines. Remove some of them."),
    "filter_values": N_("There are more filters than we take. Remove some of them."),
}
"""What to do when a limit is passed."""

STATUSES: Final = {
    400: (N_("A request that cannot be read"), N_("We could not read this link."), N_("Begin a new search.")),
    404: (
        N_("No page here"),
        N_("There is no page at this address."),
        N_("Perhaps the link was not copied whole. Search for what you want."),
    ),
    405: (
        N_("A method that is not allowed"),
        N_("This page is for reading; nothing can be sent to it."),
        N_("Open it by its link."),
    ),
    500: (
        N_("A fault of ours"),
        N_("The program failed, and the fault has been recorded."),
        N_("The archive is safe. Try again, or change the search."),
    ),
}
"""Title, what happened, what to try; other errors are told as 400 or 500, whichever is nearer."""


def register(app: Flask, _site: Site) -> None:
    """Answer every error of these kinds with a page."""
    app.register_error_handler(InvalidRequest, lambda error: _answer(_invalid(error)))
    app.register_error_handler(LimitExceeded, lambda error: _answer(_over_limit(error)))
    app.register_error_handler(ArticleNotFound, lambda error: _answer(_no_article()))
    app.register_error_handler(IndexBroken, _unavailable)
    app.register_error_handler(HTTPException, _http_error)


def _answer(page: ErrorPage) -> Response:
    search = page.request or parameters.parse((("q", request.args.get("q", "")),))
    html = render("error.html", error=page, search=search)
    response = make_response(html, page.status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _plain(status: int) -> ErrorPage:
    nearest = status if status in STATUSES else 500 if status >= 500 else 400
    title, happened, advice = map(gettext, STATUSES[nearest])
    return ErrorPage(status, title, happened, advice)


def _invalid(error: InvalidRequest) -> ErrorPage:
    """The parameter that cannot be read, its value, and the same search without what is broken."""
    values = " ".join(request.args.getlist(error.parameter))
    try:
        rest = parameters.mended(request.args.items(multi=True))
    except LimitExceeded:
        rest = None
    return ErrorPage(
        status=400,
        title=gettext("A value that cannot be read"),
        happened=gettext("The link of the search has a value that we could not read."),
        advice=gettext(PARAMETERS[error.parameter]) if error.parameter in PARAMETERS else "",
        detail=f"{error.parameter}={values}",
        request=rest,
    )


def _over_limit(error: LimitExceeded) -> ErrorPage:
    return ErrorPage(
        status=400,
        title=gettext("More than we take"),
        happened=gettext(
            "This search has %(asked)s, and the limit is %(allowed)s.",
            asked=number(error.asked),
            allowed=number(error.allowed),
        ),
        advice=gettext(LIMITS.get(error.limit, N_("Ask for less."))),
        detail=f"{error.limit} = {error.allowed}",
    )


def _no_article() -> ErrorPage:
    return ErrorPage(
        status=404,
        title=gettext("No such article"),
        happened=gettext("The archive has no article of this number."),
        advice=gettext(
            "Perhaps the link was not copied whole, or the article was deleted. Search for words of its title."
        ),
    )


def _unavailable(error: IndexBroken) -> Response:
    if isinstance(error, IndexMissing):
        happened = gettext("There is no archive in the data directory yet. Whoever runs the service makes one with:")
        advice, command = gettext("Try again later."), "searchapp index PATH"
    else:
        happened = gettext("The index cannot be opened now. Whoever runs the service mends it with:")
        advice, command = gettext("The articles are safe in the archive. Try again later."), "searchapp rebuild"
    page = ErrorPage(503, gettext("Search is not available now"), happened, advice, detail=command)
    response = _answer(page)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    """A page with the status and the headers of the error; redirects and the like go through as they are."""
    if error.code is None or error.code < 400:
        return error
    response = _answer(_plain(error.code))
    headers = dict(error.get_headers())
    response.headers.update({name: value for name, value in headers.items() if name in ("Allow", "Retry-After")})
    return response
