"""What whoever runs the service sees of it: a request's id, a line in the access log, and counts."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Flask, has_request_context, request
from werkzeug.wsgi import ClosingIterator

from searchapp.web.settings import WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from searchapp.web.metrics import Metrics

REQUEST_ID: Final = "searchapp.request_id"
VIEW: Final = "searchapp.view"
FOUND: Final = "searchapp.found"
NO_VIEW: Final = "none"
"""The view of requests that no address matches: whatever is asked for, there is one such count."""

_PLAIN: Final = "/:@!$&'*+(),;=~"
"""What a path may hold as it is (RFC 3986), besides letters and digits."""
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("searchapp.access")
_errors = logging.getLogger("searchapp.web")


def register(app: Flask) -> None:
    """Note which view answers each request."""
    app.before_request(_note_view)


def found(total: int, generation: int) -> None:
    """Note how many hits the search of this request has, and in which generation of the index."""
    request.environ[FOUND] = (total, generation)


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(request.environ.get(REQUEST_ID, "")) if has_request_context() else ""


def _note_view() -> None:
    request.environ[VIEW] = request.endpoint or NO_VIEW


@dataclass(slots=True)
class _Answer:
    """One answer on its way out. Times are of `time.perf_counter`, `size` is in bytes."""

    started: float
    status: int = 500
    begun: float = 0.0
    size: int = 0


class ObservedApplication:
    """A WSGI layer that gives each request an id, and counts and logs it when its answer has been sent.

    An id that a trusted proxy has given is kept, so that both logs can be read together.
    """

    def __init__(self, application: WSGIApplication, metrics: Metrics, settings: WebSettings) -> None:
        self._application, self._metrics, self._settings = application, metrics, settings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = _Answer(time.perf_counter())
        identifier = environ[REQUEST_ID] = self._identifier(environ)

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            answer.status, answer.begun = int(status[:3]), time.perf_counter()
            return start_response(status, [*headers, ("X-Request-ID", identifier)], error)

        try:
            body = self._application(environ, start)
        except Exception:
            # Not even the page that says so could be made.
            _errors.exception("no answer could be made")
            body = _failed(start)
        return ClosingIterator(_counted(body, answer), [*_closers(body), lambda: self._finish(environ, answer)])

    def _identifier(self, environ: WSGIEnvironment) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._settings.proxies else ""
        return given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)

    def _finish(self, environ: WSGIEnvironment, answer: _Answer) -> None:
        ended = time.perf_counter()
        view, hits = environ.get(VIEW, NO_VIEW), environ.get(FOUND)
        self._metrics.observe(view, answer.status, (answer.begun or ended) - answer.started)
        if hits is not None:
            self._metrics.searched(*hits)
        if self._settings.log_format != "none":
            facts = self._facts(environ, answer, ended)
            asked = "?%(query)s" if facts.get("query") else ""
            message = f"%(method)s %(path)s{asked} %(status)s %(bytes)s bytes %(ms)s ms"
            _log.info(message, facts, extra={"facts": facts})

    def _facts(self, environ: WSGIEnvironment, answer: _Answer, ended: float) -> dict[str, Any]:
        """A request as the log tells it; what was searched for only where that was wanted."""
        hits = environ.get(FOUND)
        facts = {
            "request_id": environ[REQUEST_ID],
            "client": environ.get("REMOTE_ADDR"),
            "method": environ["REQUEST_METHOD"],
            # Encoded again: a line break in a path must not begin a line of the log.
            "path": quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_PLAIN),
            "view": environ.get(VIEW, NO_VIEW),
            "status": answer.status,
            "bytes": answer.size,
            "ms": round((ended - answer.started) * 1000, 1),
        }
        if hits is not None:
            facts |= {"hits": hits[0], "generation": hits[1]}
        if self._settings.log_queries:
            facts["query"] = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=_PLAIN + "?%")
        return facts


def _failed(start_response: StartResponse) -> Iterable[bytes]:
    start_response("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Something went wrong here; it has been logged.\n"]


def _counted(body: Iterable[bytes], answer: _Answer) -> Iterable[bytes]:
    for block in body:
        answer.size += len(block)
        yield block


def _closers(body: Iterable[bytes]) -> list[Callable[[], None]]:
    close = getattr(body, "close", None)
    return [] if close is None else [close]
