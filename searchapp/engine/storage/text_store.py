"""Texts in about one byte a character: a fixed page of the 250 commonest characters of Arabic news, the rest aside.

Character i of a text is byte i of its stored form, so that any slice of a text is decoded alone, without what stands
before it. A character outside the page is stored as `ESCAPE`, and its place and code point in two side arrays.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.frozen import dataclass

ESCAPE: Final = 0
BASIC_PLANE: Final = 0x10000
"""How many code points may be on the page."""
_NONE: Final = "\ufffe"
_PUNCTUATION: Final = "\n\t\r\xa0«»–—‘’“”•…°·×\u200b\u200c\u200d\u200e\u200f\ufeff،؛؟٪٫٬٭"
_LATIN: Final = "éèàçêâîôûüöäñëïÉÖÜ€£"
_PERSIAN_AND_RARE: Final = "ٰٱپچژڤکگھہۀیےۆەﷲﷺ"


def _page() -> str:
    ranges = ((0x20, 0x7F), (0x621, 0x653), (0x660, 0x66A))
    plain = "".join(chr(code) for start, stop in ranges for code in range(start, stop))
    characters = "".join(dict.fromkeys("\0" + plain + _PUNCTUATION + _LATIN + _PERSIAN_AND_RARE))
    return characters.ljust(256, _NONE)


PAGE: Final = _page()
"""Byte → character; part of the format: changing it needs a new magic in `container`."""


@dataclass(frozen=True, slots=True)
class StoredTexts:
    """Texts end to end: `data` (u1), `pointers` (one more than texts), and escaped characters by place in `data`."""

    data: NDArray[np.uint8]
    pointers: NDArray[np.int64]
    escape_places: NDArray[np.int64]
    escape_characters: NDArray[np.uint32]


def code_points(texts: Sequence[str]) -> NDArray[np.uint32]:
    """All texts end to end as code points; lone surrogates are kept as they are."""
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def byte_table() -> NDArray[np.uint8]:
    """Code point of the basic plane → byte, `ESCAPE` for what is not on the page."""
    table = np.full(BASIC_PLANE, ESCAPE, np.uint8)
    for byte, character in enumerate(PAGE):
        if character != _NONE:
            table[ord(character)] = byte
    return table


def decode(stored: StoredTexts, *bounds: tuple[int, int]) -> str:
    """The characters [start, stop) of `data` for each of the bounds, one piece after the other."""
    data = stored.data.data
    return decode_bytes(stored, b"".join([data[start:stop] for start, stop in bounds]), lambda: bounds)


def decode_bytes(stored: StoredTexts, stored_bytes: bytes, bounds: Callable[[], Sequence[tuple[int, int]]]) -> str:
    """As `decode`, of bytes that have been read from `bounds`."""
    text = codecs.charmap_decode(stored_bytes, "strict", PAGE)[0]
    # Bytes are searched faster than characters.
    return _with_escapes(text, stored_bytes, stored, bounds()) if ESCAPE in stored_bytes else text


def _with_escapes(text: str, stored_bytes: bytes, stored: StoredTexts, bounds: Sequence[tuple[int, int]]) -> str:
    """The text with the characters that its escapes stand for: they are few, and what lies between is copied."""
    escapes = np.flatnonzero(np.frombuffer(stored_bytes, np.uint8) == ESCAPE)
    ends = np.cumsum([stop - start for start, stop in bounds])
    stops = np.array([stop for _, stop in bounds])
    pieces = ends.searchsorted(escapes, side="right")
    places = stops.take(pieces) - ends.take(pieces) + escapes
    points = stored.escape_characters.take(stored.escape_places.searchsorted(places))
    parts: list[str] = []
    at = 0
    for escape, point in zip(escapes.tolist(), points.tolist(), strict=True):
        parts += (text[at:escape], chr(point))
        at = escape + 1
    return "".join([*parts, text[at:]])
