"""The web application as a factory: one index in, one WSGI application out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, request, url_for

from searchapp.web import addresses, caching, errors, filters, parameters, presentation
from searchapp.web.security import secured
from searchapp.web.views import Views

if TYPE_CHECKING:
    from searchapp.index import Index

PACKAGE: Final = Path(__file__).resolve().parents[1]


def template_folder(package: Path = PACKAGE) -> Path:
    """Where the templates are: in a wheel inside the package, in a checkout or an editable install beside it.

    Raises:
        FileNotFoundError: in neither place, so that the installation is incomplete.
    """
    places = (package / "templates", package.parent / "templates")
    for folder in places:
        if (folder / "base.html").is_file():
            return folder
    raise FileNotFoundError(f"no page templates in {places[0]} or {places[1]}; install searchapp again")


def create_app(index: Index) -> Flask:
    """Make the application that searches this index. It keeps no state of its own, sets no cookie, has no secret."""
    templates = template_folder()
    app = Flask("searchapp.web", root_path=str(PACKAGE / "web"), template_folder=str(templates))
    edition = caching.fingerprint(sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.css"), *templates.glob("*.html")]))
    _set_up_addresses(app)
    _set_up_templates(app, edition)
    Views(index, edition).register(app)
    errors.register(app)
    app.after_request(lambda response: _finished(response, edition))
    return app


def _set_up_addresses(app: Flask) -> None:
    # An id may hold two slashes in a row; merging them would make another id of it.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = addresses.IdConverter


def _set_up_templates(app: Flask, edition: str) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        search_url=addresses.search_url,
        article_url=addresses.article_url,
        outlet_url=addresses.outlet_url,
        reworded=filters.reworded,
        asset_url=lambda name: url_for("static", filename=name, v=edition),
        pairs=parameters.pairs,
        is_foreign=presentation.is_foreign,
        counted=presentation.counted,
        ARTICLES=presentation.ARTICLES,
        OUTLETS=presentation.OUTLETS,
        COPIES=presentation.COPIES,
        date_origins=presentation.DATE_ORIGINS,
    )
    app.jinja_env.filters.update(
        number=presentation.number,
        day=presentation.day,
        weekday=presentation.weekday,
        outlet=presentation.outlet,
    )


def _finished(response: Response, edition: str) -> Response:
    if request.endpoint == "static" and response.status_code == 200 and request.args.get("v") == edition:
        caching.kept(response)
    return secured(response)
