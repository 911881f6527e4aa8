"""Feeds: RSS of every version (WordPress exports among them) and Atom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from searchapp.errors import MissingPackage, RejectedInput
from searchapp.ingest.html_text import as_text
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start, too_large

_ITEMS: Final = frozenset({"item", "entry"})
_CHANNELS: Final = frozenset({"channel", "feed"})
_TEXTS: Final = ("encoded", "content", "description", "summary")
"""Where an item has its text: in full first, then what may be the beginning only."""

_DATES: Final = ("pubDate", "published", "issued", "date", "created", "updated", "modified")
_BEGINNING: Final = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]")
_END: Final = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF|channel)\s*>")
_END_WITHIN: Final = 4096
"""Bytes before the end of a feed within which it is closed; comments of the program that wrote it stand behind."""

_XML_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def read_feed(opened: Input, start: Start) -> Iterator[Item]:
    """The items of a feed; positions and lines count items.

    Broken XML is read as far as it makes sense; that items of it are lost is told. Nothing outside the file is loaded
    and no entity is expanded; a feed that declares entities is rejected.
    """
    try:
        from lxml import etree  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackage("feeds", "feeds") from error
    if b"<!ENTITY" in opened.head:
        yield opened.reject("the XML declares entities, which no feed needs: nothing of the file is read", (0, 0))
        return
    number, count = start.offset, 0
    watched = _Watched(opened.stream)
    events = etree.iterparse(
        watched,
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=opened.encoding,  # valid UTF-8 is that, whatever the XML says of itself
    )
    try:
        for number, (element, channel) in enumerate(_items(events)):
            count = number + 1
            if number >= start.offset:
                yield _item(
                    opened, element, channel, number, etree.tostring(element, encoding="utf-8", with_tail=False)
                )
        if events.root is None or _name(events.root) not in _CHANNELS | {"rss", "RDF"}:
            yield opened.reject("not a feed: the XML is neither RSS nor Atom", (0, 0))
        elif reason := _what_is_missing(watched, count, list(events.error_log)):
            yield opened.reject(reason, (count, count), count + 1)
    except etree.LxmlError as error:
        yield opened.reject(f"the XML cannot be read on: {error}", (number, number), number + 1)
    except BROKEN as error:
        yield opened.broken(error, number, number + 1)


class _Watched:
    """A stream that counts the items that begin in what is read of it, whatever becomes of them."""

    def __init__(self, stream: BinaryIO) -> None:
        self.beginnings = 0
        self.tail = b""
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        more = self._stream.read(size)
        known, seen = len(self.tail), self.tail + more
        self.beginnings += sum(found.end() > known for found in _BEGINNING.finditer(seen))
        self.tail = seen[-_END_WITHIN:]
        return more

    def read_on(self) -> None:
        """Read what the parser left."""
        while self.read(1 << 18):
            pass


def _what_is_missing(watched: _Watched, count: int, errors: list[Any]) -> str:
    """Why items of a feed of which `count` were read are missing; "" where none is."""
    if not errors:
        return ""
    watched.read_on()
    if (missing := watched.beginnings - count) > 0:
        error = errors[0]
        items = f"{missing:,} of {watched.beginnings:,} items cannot be read"
        return f"the XML is broken on line {error.line:,} ({error.message.strip()}): {items}; mend it there"
    if watched.beginnings and not _END.search(watched.tail):
        return "the XML breaks off: the file is incomplete from here on"
    return ""


def _items(events: Any) -> Iterator[tuple[Any, dict[str, str]]]:
    """The items, each with what the feed said of itself above it. What is done with is forgotten.

    Where a tag is not closed in an item, the next ones seem to be within it: no item ever is within another.
    """
    channel: dict[str, str] = {}
    kind, within = "", 0
    for event, element in events:
        name = _name(element)
        if event == "start":
            kind = element.tag if name in _ITEMS and not within else kind
            within += element.tag == kind
            continue
        if element.tag == kind:
            within -= 1
            yield element, channel
        parent = element.getparent()
        if within:
            if element.tag == kind:
                element.clear()
            continue
        if name in {"title", "language"} and parent is not None and _name(parent) in _CHANNELS and element.text:
            channel.setdefault(name, element.text)
        if parent is None:
            continue
        element.clear()
        while element.getprevious() is not None:
            del parent[0]


def _name(element: Any) -> str:
    """An element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _item(opened: Input, element: Any, channel: dict[str, str], number: int, raw: bytes) -> Item:
    """One item of a feed as a record."""
    place, limit = (number, number + 1), opened.limits.article_bytes
    if len(raw) > limit:
        return opened.reject(too_large("article_bytes", limit), place, number + 1)
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(_name(child), []).append(child)
    try:
        text = next(filter(None, (_text(child) for name in _TEXTS for child in children.get(name, ()))), "")
        declared = {
            "id": _id(children),
            "title": " ".join(_first(children, "title").split()),
            "source": _source(children) or as_text(channel.get("title", "")),
            "date": next(filter(None, (_first(children, name) for name in _DATES)), ""),
            "url": _link(children),
            "keywords": "، ".join(filter(None, map(_category, children.get("category", ())))),
            "language": channel.get("language") or element.getroottree().getroot().get(_XML_LANGUAGE) or "",
        }
    except RejectedInput as rejected:
        return opened.reject(str(rejected), place, number + 1)
    return opened.page(place, number + 1, raw, text, {name: value for name, value in declared.items() if value.strip()})


def _text(element: Any) -> str:
    """What an element shows: its own text, or that of the XHTML inside it."""
    from lxml import etree  # noqa: PLC0415 - an extra

    if len(element):
        return as_text(str(etree.tostring(element, encoding="unicode", with_tail=False))).strip()
    return as_text(element.text or "").strip()


def _first(children: dict[str, list[Any]], name: str) -> str:
    return next(filter(None, map(_text, children.get(name, ()))), "")


def _link(children: dict[str, list[Any]]) -> str:
    """The address of the page that an item stands for."""
    for link in children.get("link", ()):
        if link.get("rel") in {None, "alternate"} and (address := link.get("href") or link.text):
            return str(address).strip()
    permanent = (guid.text for guid in children.get("guid", ()) if guid.get("isPermaLink") != "false")
    return next((text.strip() for text in permanent if text and text.strip().startswith("http")), "")


def _id(children: dict[str, list[Any]]) -> str:
    """What names an item everywhere: an address or an URN. A bare number is known to its own feed only."""
    given = _first(children, "guid") or _first(children, "id")
    return given if ":" in given else ""


def _source(children: dict[str, list[Any]]) -> str:
    """The outlet that an item names, as collected feeds do."""
    for source in children.get("source", ()):
        titles = [child for child in source if _name(child) == "title"]
        if named := (_text(titles[0]) if titles else "" if len(source) else _text(source)):
            return named
    return ""


def _category(element: Any) -> str:
    return as_text(element.get("term") or element.text or "").strip()
