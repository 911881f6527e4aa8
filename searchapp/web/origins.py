"""Absolute addresses, for what leaves the site: feeds, the search description, canonical links."""

from __future__ import annotations

from typing import Final

from flask import Flask, current_app, request

from searchapp.web.settings import WebSettings

_KEY: Final = "searchapp.origin"


def register(app: Flask, settings: WebSettings) -> None:
    """Let `absolute` know the configured address, in templates too."""
    app.extensions[_KEY] = settings.origin
    app.jinja_env.globals["absolute"] = absolute


def absolute(path: str) -> str:
    """The whole address of a path on this site: by the configured base URL, else by the host that was asked."""
    origin: str | None = current_app.extensions.get(_KEY)
    return (origin or request.host_url.rstrip("/")) + path
