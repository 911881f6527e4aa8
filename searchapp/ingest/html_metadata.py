"""What a web page declares of its article: JSON-LD, meta elements, `time` elements, the canonical address.

Only declarations count. A date that merely stands on the page may be today's, or another article's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from searchapp.ingest.dates import parse_date
from searchapp.ingest.text import clean, unescaped

_META_DATES: Final = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "published_time", "article.published",
    "sailthru.date", "parsely-pub-date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created",
    "dc.date", "dc.created", "date",
)  # fmt: skip
"""Names of meta elements for the time of publication, the plainest first; never those of changes or of the page."""

_TITLES: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title")
_SITES: Final = ("og:site_name", "application-name", "dc.publisher", "publisher")
_KEYWORDS: Final = ("news_keywords", "keywords", "article:tag")
_ARTICLE_TYPE: Final = re.compile(r"\w*Article|BlogPosting|Report|\w*Posting")
_PART: Final = re.compile(r"\s+[|\-–—:«»•·]+\s+|\s*\|\s*")
_WEB: Final = ("http://", "https://")
_LONGEST_SCRIPT: Final = 1_000_000
_LONGEST: Final = 2_000

Metas = Mapping[str, Sequence[str]]


def read_metadata(tree: Any, url: str | None) -> dict[str, str]:
    """Return the declared fields of a page, as `RawPage.declared` has them; `url` is where it was fetched."""
    metas, linked = _metas(tree), _linked_data(tree)
    address = _address(tree, metas, url)
    site = _site(metas, linked, address)
    found = {
        "title": _title(tree, metas, linked, site),
        "date": _date(tree, metas, linked),
        "source": site,
        "url": address,
        "keywords": _keywords(metas, linked),
        "language": tree.get("lang") or _text_of(linked.get("inLanguage")),
    }
    return {name: value for name, value in found.items() if value}


def _metas(tree: Any) -> Metas:
    """The contents of the meta elements by name, in the page's order."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = _clean(element.get("content"))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _linked_data(tree: Any) -> Mapping[str, Any]:
    """The JSON-LD object that describes the page's article; empty if there is none."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        text = (script.text or "").strip()
        if len(text) > _LONGEST_SCRIPT:
            continue
        for node in _nodes(text):
            types = node.get("@type")
            if any(isinstance(kind, str) and _ARTICLE_TYPE.fullmatch(kind) for kind in _listed(types)):
                return node
    return {}


def _nodes(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects at the top of a JSON-LD script, or of its graph."""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    for node in _listed(data):
        if isinstance(node, dict):
            yield node
            yield from (inner for inner in _listed(node.get("@graph")) if isinstance(inner, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text_of(value: Any) -> str:
    """A JSON-LD value as text: itself, the first of a list, or the name of an object."""
    value = _listed(value)[0] if _listed(value) else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id")
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str | None) -> str:
    return " ".join(clean(unescaped(text or "")).split())[:_LONGEST]


def _first(metas: Metas, names: Sequence[str]) -> str:
    return next((metas[name][0] for name in names if name in metas), "")


def _address(tree: Any, metas: Metas, url: str | None) -> str:
    """The page's own address: the canonical one, unless that is the site's front page."""
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    base = url or ""
    for candidate in (*links, *metas.get("og:url", ())):
        try:
            address = urljoin(base, (candidate or "").strip())
            is_front_page = urlsplit(address).path in {"", "/"}
        except ValueError:
            continue
        if address.startswith(_WEB) and not is_front_page:
            return str(address)
    return base


def _site(metas: Metas, linked: Mapping[str, Any], address: str) -> str:
    """What the site calls itself, else its host."""
    names = [name for key in _SITES for name in reversed(metas.get(key, ()))]
    declared = (name for name in (*names, _text_of(linked.get("publisher"))) if name and not name.startswith(_WEB))
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    return str(next(declared, host))


def _title(tree: Any, metas: Metas, linked: Mapping[str, Any], site: str) -> str:
    """The article's title, without the site's name that pages put after it."""
    headings: list[str] = [_clean(element.text_content()) for element in tree.iter("h1")]
    page_title = _clean(next((element.text_content() for element in tree.iter("title")), ""))
    title = _first(metas, _TITLES) or _text_of(linked.get("headline")) or next(filter(None, headings), "") or page_title
    shorter = [heading for heading in headings if heading and _PART.match(title, len(heading))]
    for heading in shorter:
        if title.startswith(heading):
            return heading
    parts = list(_PART.finditer(title))
    if parts and site and title[parts[-1].end() :].casefold() == site.casefold():
        return title[: parts[-1].start()]
    return title


def _date(tree: Any, metas: Metas, linked: Mapping[str, Any]) -> str:
    """The day of publication as it is written: the first declaration that can be read, else the first there is."""
    written = [
        *metas.get(_META_DATES[0], ()),
        _text_of(linked.get("datePublished")),
        *(value for name in _META_DATES[1:] for value in metas.get(name, ())),
        *_marked_times(tree),
        _text_of(linked.get("dateCreated")),
    ]
    written = list(filter(None, written))
    return next((date for date in written if parse_date(date)), written[0] if written else "")


def _marked_times(tree: Any) -> Iterator[str]:
    """The dates of elements marked as the time of publication, then that of a page's only `time` element."""
    times = [element for element in tree.iter("time") if element.get("datetime")]
    for element in tree.xpath("//*[@itemprop='datePublished']"):
        yield _clean(element.get("datetime") or element.get("content") or element.text_content()[:_LONGEST])
    yield from (_clean(element.get("datetime")) for element in times if element.get("pubdate") is not None)
    days = {parse_date(_clean(element.get("datetime"))) for element in times}
    if len(days) == 1:
        yield _clean(times[0].get("datetime"))


def _keywords(metas: Metas, linked: Mapping[str, Any]) -> str:
    """The declared keywords, parted by Arabic commas where they come as a list."""
    if any(name in metas for name in _KEYWORDS):
        return next("، ".join(metas[name]) for name in _KEYWORDS if name in metas)
    values = [value for value in _listed(linked.get("keywords")) if isinstance(value, str)]
    return "، ".join(filter(None, map(_clean, values)))
