"""A feed as an Atom document (RFC 4287)."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from searchapp.output import iso_time
from searchapp.web import display
from searchapp.web.feed_items import Feed, Item, address, instant, writable

ATOM: Final = "http://www.w3.org/2005/Atom"
XML: Final = "http://www.w3.org/XML/1998/namespace"
UNDATED: Final = "1970-01-01T00:00:00Z"
"""What `updated`, which Atom demands, says where neither a change nor a date is known: the day that programs write for
none. Such an item has no `published`; nothing else would be both valid and not invented."""

register_namespace("", ATOM)


def atom_document(feed: Feed) -> bytes:
    """The document, in UTF-8."""
    root = Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": "ar"})
    _text(root, "id", feed.id)
    title = _text(root, "title", feed.title)
    title.set(f"{{{XML}}}lang", display.current().ui)
    _text(root, "updated", max(map(_updated, feed.items), default=UNDATED))
    author = SubElement(root, f"{{{ATOM}}}author")
    _text(author, "name", "searchapp")
    _text(root, "generator", "searchapp")
    _link(root, "self", feed.here, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    for relation, target in (("first", feed.first), ("previous", feed.previous), ("next", feed.next)):
        if target:
            _link(root, relation, target, "application/atom+xml")
    for item in feed.items:
        _entry(root, item)
    # ElementTree would write "encoding='us-ascii'" and number every Arabic letter.
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def _entry(root: Element, item: Item) -> None:
    entry = SubElement(root, f"{{{ATOM}}}entry")
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    _text(entry, "updated", _updated(item))
    if item.day:
        _text(entry, "published", instant(item.day))
    for outlet in item.outlets:
        author = SubElement(entry, f"{{{ATOM}}}author")
        _text(author, "name", outlet)
    _link(entry, "alternate", item.page, "text/html")
    if item.source:
        _link(entry, "via", address(item.source))
    if item.summary:
        _text(entry, "summary", item.summary)


def _updated(item: Item) -> str:
    return iso_time(item.changed) or (instant(item.day) if item.day else UNDATED)


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, f"{{{ATOM}}}{name}")
    element.text = writable(text)
    return element


def _link(parent: Element, relation: str, target: str, media_type: str | None = None) -> None:
    attributes = {"rel": relation, "href": target}
    if media_type:
        attributes["type"] = media_type
    SubElement(parent, f"{{{ATOM}}}link", attributes)
