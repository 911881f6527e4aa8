"""The web application as a factory: one index in, one WSGI application out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request

from searchapp.config import DEFAULT_TIME_ZONE
from searchapp.errors import UsageError
from searchapp.web import (
    addresses,
    article_views,
    caching,
    compare,
    display,
    errors,
    exports,
    feeds,
    filters,
    layers,
    list_markup,
    markup,
    outlets,
    parameters,
    presentation,
    problems,
    strings,
    suggestions,
    templating,
    views,
)
from searchapp.web.assets import Assets
from searchapp.web.settings import DEFAULT_SETTINGS, WebSettings
from searchapp.web.site import Site

if TYPE_CHECKING:
    from searchapp.index import Index

PACKAGE: Final = Path(__file__).resolve().parents[1]

PAGES: Final = (views, outlets, article_views, compare, exports, feeds, suggestions, errors)
"""Modules that each give the application some pages: `register(app, site)`."""


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


def create_app(index: Index, *, time_zone: str = DEFAULT_TIME_ZONE, settings: WebSettings = DEFAULT_SETTINGS) -> Flask:
    """Make the application that searches this index. It keeps no state of its own, sets no cookie, has no secret.

    `time_zone` is the IANA name of the one that decides which day is today, `settings` say how the site is reached.

    Raises:
        UsageError: there is no such time zone.
    """
    templates = template_folder()
    app = Flask("searchapp.web", root_path=str(PACKAGE / "web"), template_folder=str(templates), static_folder=None)
    site = Site(index, _edition(templates), _zone(time_zone))
    # An id may hold two slashes in a row; merging them would make another id of it.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = addresses.IdConverter
    app.before_request(_read_display)
    _set_up_templates(app)
    Assets(PACKAGE / "web" / "static").register(app)
    for pages in PAGES:
        pages.register(app, site)
    templating.register(app)
    layers.install(app, site, settings)
    return app


def _edition(templates: Path) -> str:
    """The name of everything that a page is made of, besides the index."""
    own = (file for file in PACKAGE.rglob("*") if file.suffix in {".py", ".po", ".css", ".js", ".svg"})
    return caching.fingerprint(sorted({*own, *templates.rglob("*.html")}))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"there is no time zone {name!r}; name one of the IANA database, such as Asia/Riyadh"
        ) from error


def _read_display() -> None:
    """Take the reader's choices from the URL; one that cannot be read is an error page, shown with the others."""
    values = tuple(request.args.items(multi=True))
    display.use(display.mended(values))
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint != "static" and not problems.answers_programs(view):
        display.parse(values)


def _set_up_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        _=strings.gettext_markup,
        pgettext=strings.pgettext_markup,
        ngettext=strings.ngettext_markup,
        display=display.current,
        display_pairs=lambda: display.pairs(display.current()),
        pairs=parameters.pairs,
        page_path=addresses.page_path,
        page_url=addresses.page_url,
        search_url=addresses.search_url,
        article_url=addresses.article_url,
        outlet_url=addresses.outlet_url,
        redisplayed=addresses.Redisplayed,
        reworded=filters.reworded,
        markup=markup,
        list_markup=list_markup,
        text_direction=presentation.direction,
        articles=presentation.articles,
        date_origin=presentation.date_origin,
    )
    app.jinja_env.filters.update(
        number=display.number,
        day=presentation.day,
        weekday=presentation.weekday,
        outlet=presentation.outlet,
    )
