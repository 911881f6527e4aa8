"""A whole result for other programs: JSON, JSON lines and CSV with all hits, streamed while they are made."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import ServiceUnavailable

from searchapp.config import LIMITS
from searchapp.errors import InvalidRequest
from searchapp.frozen import dataclass
from searchapp.model import Hit, SearchRequest, SearchResult
from searchapp.output import BYTE_ORDER_MARK, CSV_COLUMNS, csv_line, csv_row, hit_record, result_record
from searchapp.web import caching, downloads, observing, parameters, problems, timing
from searchapp.web.addresses import listed_url
from searchapp.web.site import Site

BLOCK: Final = 1 << 16
"""Characters that are sent at once: enough to be worth a system call, little enough to be held."""
LARGE: Final = 1_000
"""An export of more hits than this takes one of the places that `Limits.exports_at_once` gives."""
RETRY_AFTER: Final = 10
"""Seconds; what an export of a few hundred thousand articles takes."""

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode

Write = Callable[[SearchResult, SearchRequest, Iterable[Hit]], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a result: its media type, whether a browser shows it or saves it, and what writes it."""

    media_type: str
    shown: bool
    write: Write


def register(app: Flask, site: Site) -> None:
    """Give every form its address."""
    exports = Exports(site)
    app.jinja_env.globals["export_url"] = export_url
    app.add_url_rule(f"/search.<any({','.join(FORMS)}):form>", "export", problems.told_to_programs(exports.answer))


def export_url(search: SearchRequest, form: str) -> str:
    """The address of all hits of a search."""
    return listed_url(
        "export", [pair for pair in parameters.pairs(search) if pair[0] not in ("page", "per_page")], form=form
    )


def _whole(search: SearchRequest) -> SearchRequest:
    """The search without what makes no difference to all of its hits."""
    return replace(search, page=1, per_page=SearchRequest().per_page)


class Exports:
    """Writes out the results of one site; large ones only a few at a time, so that pages are always answered."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._places = threading.BoundedSemaphore(LIMITS.exports_at_once)

    def answer(self, form: str) -> Response:
        """All hits of the search in the URL, or the first `limit` of them; `page` and `per_page` play no part."""
        with timing.measured("parse"):
            search = _whole(self._site.asked_search())
            limit = read_limit(request.args.getlist("limit"))
        key = f"export {form} {limit} {parameters.query_string(search)}"
        response = self._site.unchanged(key) or self._streamed(FORMS[form], search, limit, key)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _streamed(self, form: Form, search: SearchRequest, limit: int | None, key: str) -> Response:
        with ExitStack() as stack:
            with timing.measured("search"):
                result, hits = stack.enter_context(self._site.index.stream(search, count=limit))
            observing.found(result.total, result.generation)
            if min(result.total, limit or result.total) > LARGE:
                self._take_place(stack)
            response = Response(blocks(form.write(result, search, hits)), content_type=form.media_type)
            response.call_on_close(stack.pop_all().close)
        caching.revalidated(response, caching.entity_tag(self._site.edition, result.generation, key))
        name = downloads.file_name(search.q, next(name for name, other in FORMS.items() if other is form))
        response.headers["Content-Disposition"] = downloads.disposition(name, shown=form.shown)
        return response

    def _take_place(self, stack: ExitStack) -> None:
        if not self._places.acquire(blocking=False):
            raise ServiceUnavailable("as many large exports as there may be are under way", retry_after=RETRY_AFTER)
        stack.callback(self._places.release)


def read_limit(given: list[str]) -> int | None:
    """The value of `limit`; None when it is not given.

    Raises:
        InvalidRequest: it is not a whole number from 1.
    """
    value = given[-1].strip() if given else ""
    if not value:
        return None
    if not _NUMBER.fullmatch(value) or int(value) < 1:
        raise InvalidRequest("limit", f"limit={value!r} is not a whole number from 1")
    return int(value)


def write_json(result: SearchResult, search: SearchRequest, hits: Iterable[Hit]) -> Iterator[str]:
    """One object, the one that the command line writes, its hits one by one."""
    opening = "{"
    for name, value in result_record(result, search).items():
        yield f"{opening}{_encode(name)}: "
        opening = ", "
        if name == "hits":
            yield from _json_list(hit_record(hit) for hit in hits)
        else:
            yield _encode(value)
    yield "}\n"


def _json_list(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    opening = "["
    for record in records:
        yield opening + _encode(record)
        opening = ",\n"
    yield "]" if opening != "[" else "[]"


def write_jsonl(_result: SearchResult, _search: SearchRequest, hits: Iterable[Hit]) -> Iterator[str]:
    """One hit a line."""
    for hit in hits:
        yield _encode(hit_record(hit)) + "\n"


def write_csv(_result: SearchResult, _search: SearchRequest, hits: Iterable[Hit]) -> Iterator[str]:
    """One hit a row under a line of names; the mark in front tells Excel that it is UTF-8."""
    yield BYTE_ORDER_MARK + csv_line(CSV_COLUMNS)
    for hit in hits:
        yield csv_line(csv_row(hit_record(hit)))


def blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Short texts as blocks of UTF-8; half a character, which UTF-8 cannot hold, as the escape that JSON has for it."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield "".join(held).encode("utf-8", "backslashreplace")
            held, size = [], 0
    yield "".join(held).encode("utf-8", "backslashreplace")


FORMS: Final[Mapping[str, Form]] = {
    "json": Form("application/json", True, write_json),
    "jsonl": Form("application/x-ndjson; charset=utf-8", False, write_jsonl),
    "csv": Form("text/csv; charset=utf-8", False, write_csv),
}
