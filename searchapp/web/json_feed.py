"""A feed as a JSON Feed 1.1 document."""

from __future__ import annotations

import json
from typing import Any, Final

from searchapp.output import iso_time
from searchapp.web.feed_items import Feed, Item, address, instant, writable

VERSION: Final = "https://jsonfeed.org/version/1.1"


def json_document(feed: Feed) -> bytes:
    """The document, in UTF-8."""
    record = {
        "version": VERSION,
        "title": writable(feed.title),
        "home_page_url": feed.page,
        "feed_url": feed.here,
        "next_url": feed.next,
        "language": "ar",
        "items": [_item(item) for item in feed.items],
    }
    text = json.dumps(_present(record), ensure_ascii=False, indent=1)
    return text.encode() + b"\n"


def _item(item: Item) -> dict[str, Any]:
    return _present(
        {
            "id": item.id,
            "url": item.page,
            "external_url": address(item.source) if item.source else None,
            "title": writable(item.title),
            "content_text": writable(item.summary),
            "date_published": instant(item.day) if item.day else None,
            "date_modified": iso_time(item.changed),
            "authors": [{"name": writable(outlet)} for outlet in item.outlets] or None,
        }
    )


def _present(record: dict[str, Any]) -> dict[str, Any]:
    """What is known: JSON Feed leaves out what is not."""
    return {name: value for name, value in record.items() if value is not None}
