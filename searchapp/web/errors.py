"""Error pages: what happened, what is safe, what to try. In the same style as the others, never a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from searchapp.errors import (
    ArticleNotFound,
    IndexBroken,
    IndexMissing,
    InvalidRequest,
    LimitExceeded,
)
from searchapp.model import SearchRequest
from searchapp.web import parameters
from searchapp.web.presentation import number

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
    "in": "موضع البحث إما all (الخبر كله) وإما title (العنوان).",
    "from": "يُكتب أول المدة يومًا أو شهرًا أو سنة من التقويم الميلادي.",
    "to": "يُكتب آخر المدة يومًا أو شهرًا أو سنة من التقويم الميلادي، ولا يسبق أولها.",
    "when": "يُكتب التاريخ يومًا أو شهرًا أو سنة من التقويم الميلادي.",
    "undated": "قيمة «بلا تاريخ» إما 1 وإما 0.",
    "exact": "قيمة «الصيغ نفسها» إما 1 وإما 0.",
    "sort": "الترتيب relevance (الأنسب) أو newest (الأحدث) أو oldest (الأقدم).",
    "page": "رقم الصفحة عدد صحيح يبدأ من 1.",
    "per_page": "عدد الأخبار في الصفحة عدد صحيح يبدأ من 1.",
}
"""What a parameter of the URL takes."""

LIMITS: Final = {
    "query_characters": "نص البحث أطول مما نقبله. ابحث بفقرة منه.",
    "query_terms": "كلمات البحث أكثر مما نقبله. ابحث ببعضها.",
    "results_window": "هذه الصفحة أبعد مما يُعرض. ضيّق البحث بالمنفذ أو بالتاريخ.",
    "per_page": "عدد الأخبار في الصفحة أكثر مما يُعرض.",
    "filter_values": "المرشِّحات المختارة أكثر مما نقبله. امسح بعضها.",
}
"""What to do when a limit is passed."""

STATUSES: Final = {
    400: ("طلب لا يُفهم", "لم نفهم هذا الرابط.", "ابدأ بحثًا جديدًا."),
    404: ("لا صفحة هنا", "لا صفحة في هذا العنوان.", "لعل الرابط نُسخ ناقصًا. ابحث عما تريد."),
    405: ("طريقة غير مسموحة", "هذه الصفحة تُقرأ ولا يُرسل إليها شيء.", "افتحها برابطها."),
    500: ("خطأ عندنا", "وقع خطأ في البرنامج، وقد سُجّل.", "الأرشيف سليم. أعد المحاولة، أو غيّر البحث."),
}
"""Title, what happened, what to try; other errors are told as 400 or 500, whichever is nearer."""


def register(app: Flask) -> None:
    """Answer every error of these kinds with a page."""
    app.register_error_handler(InvalidRequest, lambda error: _answer(_invalid(error)))
    app.register_error_handler(LimitExceeded, lambda error: _answer(_over_limit(error)))
    app.register_error_handler(ArticleNotFound, lambda error: _answer(_no_article()))
    app.register_error_handler(IndexBroken, _unavailable)
    app.register_error_handler(HTTPException, _http_error)


def _answer(page: ErrorPage) -> Response:
    search = page.request or parameters.parse((("q", request.args.get("q", "")),))
    html = render_template("error.html", error=page, search=search)
    response = make_response(html, page.status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _plain(status: int) -> ErrorPage:
    nearest = status if status in STATUSES else 500 if status >= 500 else 400
    return ErrorPage(status, *STATUSES[nearest])


def _invalid(error: InvalidRequest) -> ErrorPage:
    """The parameter that cannot be read, its value, and the same search without what is broken."""
    values = " ".join(request.args.getlist(error.parameter))
    try:
        rest = parameters.mended(request.args.items(multi=True))
    except LimitExceeded:
        rest = None
    return ErrorPage(
        status=400,
        title="قيمة لا تُفهم",
        happened="في رابط البحث قيمة لم نستطع قراءتها.",
        advice=PARAMETERS.get(error.parameter, ""),
        detail=f"{error.parameter}={values}",
        request=rest,
    )


def _over_limit(error: LimitExceeded) -> ErrorPage:
    return ErrorPage(
        status=400,
        title="أكثر مما نقبله",
        happened=f"في هذا البحث {number(error.asked)}، والحدّ {number(error.allowed)}.",
        advice=LIMITS.get(error.limit, "اطلب أقل."),
        detail=f"{error.limit} = {error.allowed}",
    )


def _no_article() -> ErrorPage:
    return ErrorPage(
        status=404,
        title="لا خبر بهذا الرقم",
        happened="ليس في الأرشيف خبر بهذا الرقم.",
        advice="لعل الرابط نُسخ ناقصًا، أو حُذف الخبر. ابحث عنه بكلمات من عنوانه.",
    )


def _unavailable(error: IndexBroken) -> Response:
    missing = isinstance(error, IndexMissing)
    page = ErrorPage(
        status=503,
        title="البحث متوقف الآن",
        happened=("لا أرشيف بعد في مجلد البيانات" if missing else "لا يمكن فتح الفهرس الآن")
        + "، وعلى من يدير الخدمة أن يشغّل الأمر:",
        advice="أعد المحاولة بعد قليل." if missing else "الأخبار محفوظة في الأرشيف. أعد المحاولة بعد قليل.",
        detail="searchapp index PATH" if missing else "searchapp rebuild",
    )
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
