"""What lies around the pages: who may ask, under which address, compression, headers, counts and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from searchapp.config import LIMITS
from searchapp.web import compression, observing, operations, origins, security, timing
from searchapp.web.metrics import Metrics
from searchapp.web.settings import WebSettings
from searchapp.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOST: Final = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def install(app: Flask, site: Site, settings: WebSettings) -> None:
    """Put everything around an application whose pages are registered; the last step of making it.

    Hooks after a request run in the reverse order of these: the headers are added to what is compressed already.
    """
    metrics = Metrics()
    metrics.at_generation(site.index.generation)
    origins.register(app, settings)
    operations.register(app, site, metrics)
    observing.register(app)
    app.after_request(security.secured)
    timing.register(app)
    compression.register(app)
    layered: WSGIApplication = app.wsgi_app
    layered = GuardedApplication(MountedApplication(layered, settings.base_path), settings)
    layered = observing.ObservedApplication(layered, metrics, settings)
    if settings.proxies:
        layered = ProxyFix(layered, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)
    app.wsgi_app = layered  # type: ignore[method-assign]


class GuardedApplication:
    """Refuses addresses that are too long, and hosts that are not ours: absolute links would carry their names on."""

    def __init__(self, application: WSGIApplication, settings: WebSettings) -> None:
        self._application = application
        own = (settings.origin or "").partition("://")[2]
        self._trusted = [*settings.trusted_hosts, *([own] if own else [])] if settings.trusted_hosts else []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        host = environ.get("HTTP_HOST", "")
        trusted = not self._trusted or environ.get("PATH_INFO") in operations.PATHS
        if host and not _HOST.fullmatch(host):
            return _refused("400 Bad Request", "The Host header is no host name.", start_response)
        if not trusted and not host_is_trusted(host or environ["SERVER_NAME"], self._trusted):
            return _refused("400 Bad Request", "This host name is not served here.", start_response)
        size = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", ""))
        if size > LIMITS.address_bytes:
            reason = f"The address is longer than {LIMITS.address_bytes:,} bytes (address_bytes)."
            return _refused("414 URI Too Long", reason, start_response)
        return self._application(environ, start_response)


class MountedApplication:
    """Serves an application under a path; what machines ask for lies at the root, too."""

    def __init__(self, application: WSGIApplication, path: str) -> None:
        self._application, self._path = application, path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        asked = environ.get("PATH_INFO", "")
        if self._path and asked not in operations.PATHS:
            if asked != self._path and not asked.startswith(self._path + "/"):
                return _refused("404 Not Found", f"The pages are under {self._path}/", start_response)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._path
            environ["PATH_INFO"] = asked[len(self._path) :] or "/"
        return self._application(environ, start_response)


def _refused(status: str, reason: str, start_response: StartResponse) -> Iterable[bytes]:
    body = f"{reason}\n".encode()
    headers = {**security.HEADERS, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]
