"""What a feed holds, whatever it is written as."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from searchapp.frozen import dataclass

# XML 1.0 takes no others, whatever way they are written; half a character has no UTF-8 at all.
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What RFC 3987 leaves out of an address: spaces, controls, marks of direction, a per cent sign that begins no code.
_NOT_IN_ADDRESSES: Final = re.compile(
    "%(?![0-9A-Fa-f]{2})|[^!#-;=?-Z\\[\\]_a-z~\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd]"
    "|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One story. `page` is its page here, `source` where its outlet has it; addresses are absolute.

    `changed` is when it last changed in the archive, None where that was not kept.
    """

    id: str
    title: str
    page: str
    source: str | None
    outlets: tuple[str, ...]
    day: date | None
    changed: datetime | None
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One page of a feed. `page` is the page of results, `here` this document; addresses are absolute."""

    id: str
    title: str
    page: str
    here: str
    first: str
    previous: str | None
    next: str | None
    items: tuple[Item, ...]


def instant(day: date) -> str:
    """A day where a point in time is asked for: its noon in UTC.

    A calendar date has no time zone. At noon in UTC it is that same day from UTC−12 to UTC+11, so that no feed reader
    shows the day before or after, as it would for midnight.
    """
    return f"{day.isoformat()}T12:00:00Z"


def writable(text: str) -> str:
    """The text without the characters that no XML document can hold."""
    return _IMPOSSIBLE.sub("", text)


def address(url: str) -> str:
    """An outlet's address as feeds may hold it (RFC 3987): what it may not is written in per cent codes."""
    return _NOT_IN_ADDRESSES.sub(lambda found: quote(found[0], safe=""), writable(url))
