"""Which encoding a text is in: UTF-8 wherever it can be, UTF-16, or an old Arabic code page.

Any bytes are letters in a code page. What is read in one must therefore read as Arabic: words that the lexicon knows,
without Latin letters in them. A file is judged by its beginning.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import BinaryIO, Final

UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CODE_PAGES: Final = ("cp1256", "iso8859_6")
"""What Arabic was written in before Unicode, on personal computers and on the web."""

_NAMES: Final = {"cp1256": "Windows-1256", "iso8859_6": "ISO-8859-6", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}

_CUT: Final = "unexpected end of data"
_SAMPLE_BYTES: Final = 1 << 15
_BEFORE_SAMPLE: Final = 100
_WIDE_SAMPLE_BYTES: Final = 1 << 12
_HIGH_BYTES: Final = b"\x00\x06"
"""The high bytes of ASCII and of Arabic letters in UTF-16; in other encodings both are control characters."""

_HIGH_SHARE: Final = 0.8
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKS: Final = re.compile(r"[\u0640\u064b-\u0652]")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_ARABIC: Final = re.compile(r"[\u0621-\u06d3]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORDS_AT_LEAST: Final = 5
_WORDS_LOOKED_AT: Final = 400
_KNOWN_SHARE: Final = 0.75
"""Of 60 letters of news, 98 of 100 beginnings have so many known words; read in the other code page, none has."""

_MIXED_SHARE: Final = 0.05


def encoding_of(data: bytes) -> str | None:
    """The encoding of a text that begins so, as Python names it; None where ASCII leaves it open, or nothing fits.

    Valid UTF-8 is UTF-8, a byte order mark is believed, and text that is UTF-8 but for some damage is in no code page.
    """
    if data.startswith(UTF16_MARKS):
        return "utf-16"
    if b"\0" in data or b"\x06" in data:
        return _utf16_without_mark(data)
    if data.isascii():
        return None
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason == _CUT:
            return "utf-8"
        return None if is_nearly_utf8(data) else _code_page(data)
    return "utf-8"


def name_of(encoding: str | None) -> str:
    """What an encoding is called outside Python, as IANA registers it; text is UTF-8 where it was left open."""
    return _NAMES.get(encoding or "utf-8", (encoding or "utf-8").upper())


def is_nearly_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8, but for some damage at most: what is not ASCII in them is mostly UTF-8's."""
    text = around_first_letters(data).decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - broken >= broken


def in_utf8(data: bytes, encoding: str | None) -> bytes:
    """The beginning of a text, of a known encoding or None, as UTF-8; for telling formats apart."""
    if encoding in {None, "utf-8"}:
        return data
    whole = data[: len(data) // 2 * 2] if encoding.startswith("utf-16") else data
    return whole.decode(encoding, "replace").encode("utf-8", "replace")


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 of one or the other byte order, if bytes can be nothing else."""
    sample = data[: min(len(data), _WIDE_SAMPLE_BYTES) // 2 * 2]
    even, odd = (sum(map(half.count, _HIGH_BYTES)) for half in (sample[0::2], sample[1::2]))
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) < _HIGH_SHARE * len(sample) / 2 or min(even, odd) > (1 - _HIGH_SHARE) * len(sample) / 2:
        return None
    return None if _CONTROLS.search(sample.decode(encoding, "replace")) else encoding


def _code_page(data: bytes) -> str | None:
    """The code page in which bytes read as Arabic."""
    sample = around_first_letters(data)
    for encoding in CODE_PAGES:
        try:
            if reads_as_arabic(sample.decode(encoding)):
                return encoding
        except UnicodeDecodeError:
            continue
    return None


def around_first_letters(data: bytes) -> bytes:
    """A sample of the text that is not ASCII, for the rest says nothing of the encoding."""
    found = _NOT_ASCII.search(data)
    at = found.start() if found else 0
    return data[max(at - _BEFORE_SAMPLE, 0) : at + _SAMPLE_BYTES]


def reads_as_arabic(text: str) -> bool:
    """Whether the Arabic words of a text, five at least, are words that the lexicon knows, and purely Arabic."""
    from searchapp.analysis.lemmatizer import default_lemmatizer  # noqa: PLC0415 - few files are not Unicode
    from searchapp.analysis.token_filters import LetterFoldingFilter  # noqa: PLC0415

    found = (match[0] for match in _WORD.finditer(_MARKS.sub("", text)))
    words = list(islice(filter(_ARABIC.search, found), _WORDS_LOOKED_AT))
    if len(words) < _WORDS_AT_LEAST or sum(map(bool, map(_LATIN.search, words))) > _MIXED_SHARE * len(words):
        return False
    fold, lemmatizer = LetterFoldingFilter(), default_lemmatizer()
    known = sum(lemmatizer.lemma_number(fold.filter(word)) >= 0 for word in words)
    return known >= _KNOWN_SHARE * len(words)


class Recoded:
    """A stream of text in one encoding, read as UTF-8; what is not of that encoding becomes U+FFFD."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int = -1, /) -> bytes:
        """Read `size` bytes at most: two of UTF-16 make three of UTF-8 at most, and one of a code page as many."""
        while chunk := self._stream.read(max(size // 4, 1) * 2):
            if text := self._decoder.decode(chunk):
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace")
