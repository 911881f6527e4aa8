"""How long the parts of an answer take, told in its Server-Timing header (W3C Server Timing)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from flask import Flask, Response, g, has_request_context

Part = Literal["parse", "search", "render"]
_ORDER: Final[tuple[Part, ...]] = ("parse", "search", "render")


@contextmanager
def measured(part: Part) -> Iterator[None]:
    """Add the time that the block takes to a part of the answer; outside a request it is only run."""
    started = time.perf_counter()
    try:
        yield
    finally:
        _add(part, time.perf_counter() - started)


def seconds() -> dict[Part, float]:
    """What has been measured of this request so far."""
    found: dict[Part, float] = g.setdefault("timings", {})
    return found


def register(app: Flask) -> None:
    """Tell what was measured in each response."""
    app.after_request(_told)


def _add(part: Part, taken: float) -> None:
    if has_request_context():
        seconds()[part] = seconds().get(part, 0.0) + taken


def _told(response: Response) -> Response:
    found = seconds()
    if found:
        parts = [f"{part};dur={found[part] * 1000:.1f}" for part in _ORDER if part in found]
        response.headers["Server-Timing"] = ", ".join(parts)
    return response
