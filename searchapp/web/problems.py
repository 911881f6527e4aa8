"""Errors as other programs read them: problem details in JSON (RFC 9457), for what is no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, ParamSpec

from flask import Response, request
from werkzeug.exceptions import HTTPException

from searchapp.errors import IndexBroken, InvalidRequest, LimitExceeded
from searchapp.web import display

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 30
"""Seconds after which it is worth asking again when the index cannot be read."""

_MARK: Final = "told_to_programs"

Arguments = ParamSpec("Arguments")


def told_to_programs(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """The view, with its errors in JSON instead of on a page."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        try:
            display.parse(request.args.items(multi=True))
            return view(*args, **kwargs)
        except InvalidRequest as error:
            return problem(HTTPStatus.BAD_REQUEST, str(error), parameter=error.parameter)
        except LimitExceeded as error:
            return problem(HTTPStatus.BAD_REQUEST, str(error), limit=error.limit, allowed=error.allowed)
        except IndexBroken:
            # The message names files of this machine; they are in the log of whoever runs it.
            return unavailable("the index cannot be read now", RETRY_AFTER)
        except HTTPException as error:
            return _of_http(error)

    setattr(guarded, _MARK, True)
    return guarded


def answers_programs(view: Callable[..., object] | None) -> bool:
    """Whether a view tells its errors to programs, those of how the reader wants pages among them."""
    return getattr(view, _MARK, False)


def problem(status: HTTPStatus, detail: str, **facts: Any) -> Response:
    """One problem; `facts` are what a program needs to know of it."""
    record = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **facts}
    response = Response(json.dumps(record, ensure_ascii=False) + "\n", status, content_type=MEDIA_TYPE)
    response.cache_control.no_store = True
    return response


def unavailable(detail: str, retry_after: int) -> Response:
    """It cannot be answered now; in so many seconds it may be."""
    response = problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    response.headers["Retry-After"] = str(retry_after)
    return response


def _of_http(error: HTTPException) -> Response:
    response = problem(HTTPStatus(error.code or 500), error.description or "")
    response.headers.update({name: value for name, value in error.get_headers() if name == "Retry-After"})
    return response
