"""What machines ask of a service: whether it is alive, whether it can answer, and how it does."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, jsonify, url_for

from searchapp.model import SearchRequest
from searchapp.web import problems
from searchapp.web.metrics import MEDIA_TYPE, Metrics
from searchapp.web.site import Site

PATHS: Final = ("/health", "/healthz", "/ready", "/metrics")
"""Asked for by whoever looks after the machines, under whatever host name they have for it."""

ROBOTS_KEPT: Final = 24 * 60 * 60
"""Seconds; as long as search engines keep it anyway (RFC 9309)."""


def register(app: Flask, site: Site, metrics: Metrics) -> None:
    """Give each its address."""
    operations = Operations(site, metrics)
    ready = problems.told_to_programs(operations.ready)
    app.add_url_rule("/health", "health", operations.health)
    app.add_url_rule("/ready", "ready", ready)
    app.add_url_rule("/healthz", "healthz", ready)
    app.add_url_rule("/metrics", "metrics", operations.metrics)
    app.add_url_rule("/robots.txt", "robots", robots)


class Operations:
    """Answers about one site."""

    def __init__(self, site: Site, metrics: Metrics) -> None:
        self._site, self._metrics = site, metrics

    def health(self) -> Response:
        """The process is alive: whatever the state of the index, starting it anew would mend nothing."""
        return _fresh(jsonify(status="ok"))

    def ready(self) -> Response:
        """Searches are answered: 200 with the index's generation and its stories, else 503."""
        result = self._site.index.search(SearchRequest(per_page=1, facets=False, snippets=False))
        return _fresh(jsonify(status="ok", generation=result.generation, stories=result.total))

    def metrics(self) -> Response:
        """Counts in Prometheus' text format."""
        self._metrics.at_generation(self._site.index.generation)
        return _fresh(Response(self._metrics.text(), content_type=MEDIA_TYPE))


def robots() -> Response:
    """What search engines should not ask for: every filter leads to others, and there is no end to them."""
    paths = (url_for("results"), url_for("compare"), url_for("suggest"))
    response = Response("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in paths), mimetype="text/plain")
    response.cache_control.max_age = ROBOTS_KEPT
    return response


def _fresh(response: Response) -> Response:
    response.cache_control.no_store = True
    response.headers["X-Robots-Tag"] = "noindex"
    return response
