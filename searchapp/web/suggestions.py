"""The browser's own search box: the description by which it finds ours (OpenSearch 1.1), and completions."""

from __future__ import annotations

import json
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Flask, Response, request, url_for

from searchapp.web import caching, display, problems, timing
from searchapp.web.origins import absolute
from searchapp.web.site import Site
from searchapp.web.strings import gettext

OPENSEARCH: Final = "http://a9.com/-/spec/opensearch/1.1/"
DESCRIPTION_TYPE: Final = "application/opensearchdescription+xml"
SUGGESTIONS_TYPE: Final = "application/x-suggestions+json"
SECONDS_KEPT: Final = 60
"""How long a browser may show the same suggestions without asking: what is typed, deleted and typed again."""


def register(app: Flask, site: Site) -> None:
    """Give both their addresses."""
    suggestions = Suggestions(site)
    app.add_url_rule("/suggest", "suggest", problems.told_to_programs(suggestions.suggest))
    app.add_url_rule("/opensearch.xml", "opensearch", suggestions.description)


class Suggestions:
    """Completions and the description of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def suggest(self) -> Response:
        """What is typed, and at most eight texts that begin so (OpenSearch Suggestions 1.1)."""
        typed = request.args.get("q", "")
        with timing.measured("search"):
            completions = self._site.index.completions(typed)
        text = json.dumps([typed, completions], ensure_ascii=False)
        response = Response(text.encode("utf-8", "backslashreplace"), content_type=SUGGESTIONS_TYPE)
        response.cache_control.max_age = SECONDS_KEPT
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def description(self) -> Response:
        """Where results and suggestions are, as a browser takes it."""
        body = _description()
        tag = caching.entity_tag(self._site.edition, 0, body.decode())
        answer = caching.unchanged(tag)
        return answer or caching.revalidated(Response(body, content_type=f"{DESCRIPTION_TYPE}; charset=utf-8"), tag)


def _description() -> bytes:
    ui = display.current().ui
    root = Element("OpenSearchDescription", {"xmlns": OPENSEARCH})
    for name, text in (
        ("ShortName", gettext("News archive")),
        ("Description", gettext("Search the archive of Arabic news")),
        ("Language", ui),
        ("InputEncoding", "UTF-8"),
        ("OutputEncoding", "UTF-8"),
    ):
        SubElement(root, name).text = text
    choices = "".join(f"&{name}={value}" for name, value in display.pairs(display.current()))
    for kind, relation, address in (
        ("text/html", "results", f"{url_for('results')}?q={{searchTerms}}{choices}"),
        (SUGGESTIONS_TYPE, "suggestions", f"{url_for('suggest')}?q={{searchTerms}}"),
        ("application/atom+xml", "results", f"{url_for('feed', form='atom')}?q={{searchTerms}}{choices}"),
        (DESCRIPTION_TYPE, "self", url_for("opensearch") + choices.replace("&", "?", 1)),
    ):
        SubElement(root, "Url", {"type": kind, "rel": relation, "method": "get", "template": absolute(address)})
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"
