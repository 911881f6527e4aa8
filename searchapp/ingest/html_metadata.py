"""What a web page declares of its article: JSON-LD, meta elements, `time` elements, the canonical address.

Only declarations count. A date that merely stands on the page may be today's, or another article's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from searchapp.ingest.dates import parse_date
from searchapp.ingest.html_linked_data import LinkedData, article_data, listed, shown, text_of
from searchapp.ingest.outlets.table import keys_of

_META_DATES: Final = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "published_time", "article.published",
    "sailthru.date", "parsely-pub-date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created",
    "dc.date", "dc.created", "originalpublicationdate", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
"""Names of meta elements for the time of publication, the plainest first; never those of changes or of the page."""

_TITLES: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title")
_SITES: Final = ("og:site_name", "application-name", "dc.publisher", "publisher")
_KEYWORDS: Final = ("news_keywords", "keywords", "article:tag")
_PART: Final = re.compile(r"\s+[|\-–—:«»•·]+\s+|\s*\|\s*")
_WEB: Final = ("http://", "https://")
_LONGEST: Final = 2_000
_PUBLISHED: Final = "published"
"""The class of the time of publication as the most used system for sites writes it, beside one of changes."""

_ARTICLE: Final = ("article", "main")
_ASIDE: Final = ("aside", "nav", "footer", "section", "ul", "ol", "table")
"""What holds other things within an article: other news, comments."""

_PARAGRAPH: Final = 80
"""Characters; below a paragraph of so many, an article tells of other days than its own."""

Metas = Mapping[str, Sequence[str]]


def read_metadata(tree: Any, url: str | None) -> dict[str, str]:
    """Return the declared fields of a page, as `RawPage.declared` has them; `url` is where it was fetched."""
    metas, linked = _metas(tree), article_data(tree)
    address = _address(tree, metas, url)
    site = _site(metas, linked, address)
    found = {
        "title": _title(tree, metas, linked, site),
        "date": _date(tree, metas, linked),
        "source": site,
        "url": address,
        "keywords": _keywords(metas, linked),
        "language": tree.get("lang") or text_of(linked.get("inLanguage")),
    }
    return {name: value for name, value in found.items() if value}


def _metas(tree: Any) -> Metas:
    """The contents of the meta elements by name, in the page's order."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = shown(element.get("content"))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


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


def _site(metas: Metas, linked: LinkedData, address: str) -> str:
    """What the site calls itself, else its host."""
    names = [name for key in _SITES for name in reversed(metas.get(key, ()))]
    declared = (name for name in (*names, text_of(linked.get("publisher"))) if name and not name.startswith(_WEB))
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    return str(next(declared, host))


def _title(tree: Any, metas: Metas, linked: LinkedData, site: str) -> str:
    """The article's title, without the site's name that pages put before or after it; never that name alone."""
    headings = list(filter(None, (shown(element.text_content()) for element in tree.iter("h1"))))
    page_title = shown(next((element.text_content() for element in tree.iter("title")), ""))
    declared = [metas[name][0] for name in _TITLES if name in metas]
    declared += filter(None, [text_of(linked.get("headline"))])
    own = [title for title in (*declared, *_likely(headings, page_title, site), page_title) if title]
    title = next((title for title in own if not _is_site(title, site)), next(iter(own), ""))
    for heading in headings:
        if not _is_site(heading, site) and _has_beside(title, heading):
            return heading
    return _without_site(title, site)


def _likely(headings: Sequence[str], page_title: str, site: str) -> list[str]:
    """The headings of a page, those first that its title has; where one adds words to the title, the title itself."""
    bare = _without_site(page_title, site)
    within = [heading for heading in headings if heading in page_title and not _is_site(heading, site)]
    told = [bare for heading in headings if bare and heading.endswith(f" {bare}") and not _is_site(bare, site)]
    return [*within, *told, *headings]


def _is_site(title: str, site: str) -> bool:
    """Whether a title says the site's name and nothing else, also as «صحيفة النهار»."""
    return bool(site) and (title.casefold() == site.casefold() or not set(keys_of(title)).isdisjoint(keys_of(site)))


def _has_beside(title: str, heading: str) -> bool:
    """Whether a title is this heading with other parts before or after it."""
    if title.startswith(heading):
        return _PART.match(title, len(heading)) is not None
    return title.endswith(heading) and any(part.end() == len(title) - len(heading) for part in _PART.finditer(title))


def _without_site(title: str, site: str) -> str:
    """A title without the part that is the site's name, at its end or at its beginning."""
    parts = list(_PART.finditer(title))
    if parts and _is_site(title[parts[-1].end() :], site):
        return title[: parts[-1].start()]
    if parts and _is_site(title[: parts[0].start()], site):
        return title[parts[0].end() :]
    return title


def _date(tree: Any, metas: Metas, linked: LinkedData) -> str:
    """The day of publication as it is written: the first declaration that can be read, else the first there is."""
    written = [
        *metas.get(_META_DATES[0], ()),
        text_of(linked.get("datePublished")),
        *(value for name in _META_DATES[1:] for value in metas.get(name, ())),
        *_marked_times(tree),
        text_of(linked.get("dateCreated")),
    ]
    written = list(filter(None, written))
    return next((date for date in written if parse_date(date)), written[0] if written else "")


def _marked_times(tree: Any) -> Iterator[str]:
    """The dates of elements marked as the time of publication, then the only one that `time` elements have.

    Where those of a page differ, as beside a list of other news, those count that stand with the article's heading.
    """
    for element in tree.xpath("//*[@itemprop='datePublished']"):
        yield from _times_of(element)
    times = [element for element in tree.iter("time") if element.get("datetime") or _is_in_article(element)]
    for element in times:
        if element.get("pubdate") is not None:
            yield from _times_of(element)
    published = [element for element in times if _PUBLISHED in (element.get("class") or "").split()]
    for marked in (published, times, _beside_the_heading(tree, set(times))):
        written = [text for element in marked for text in _times_of(element) if parse_date(text)]
        if len(set(map(parse_date, written))) == 1:
            yield written[0]


def _beside_the_heading(tree: Any, times: Collection[Any]) -> Iterator[Any]:
    """Those elements that stand above the text of the article that has the page's only heading."""
    headings = list(tree.iter("h1"))
    article = next(headings[0].iterancestors(*_ARTICLE), None) if len(headings) == 1 else None
    has_begun = False
    for element in article.iter() if article is not None else ():
        has_begun = has_begun or element is headings[0]
        if has_begun and element.tag == "p" and len(element.text_content()) >= _PARAGRAPH:
            return
        if element in times and next(element.iterancestors(*_ARTICLE, *_ASIDE), None) is article:
            yield element


def _is_in_article(element: Any) -> bool:
    """Whether an element stands in the article; what does not, and says nothing to machines, may be today's date."""
    return next(element.iterancestors(*_ARTICLE), None) is not None


def _times_of(element: Any) -> list[str]:
    """What an element says of its time, for machines and then for readers: both may be in either calendar."""
    written = element.get("datetime") or element.get("content") or ""
    return list(filter(None, map(shown, (written, element.text_content()[:_LONGEST]))))


def _keywords(metas: Metas, linked: LinkedData) -> str:
    """The declared keywords, parted by Arabic commas where they come as a list."""
    if any(name in metas for name in _KEYWORDS):
        return next("، ".join(metas[name]) for name in _KEYWORDS if name in metas)
    values = [value for value in listed(linked.get("keywords")) if isinstance(value, str)]
    return "، ".join(filter(None, map(shown, values)))
