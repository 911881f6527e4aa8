"""The names under which browsers save what they are sent."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST: Final = 60
"""Characters of a name; most file systems take 255 bytes, and an Arabic letter is two, percent-encoded six."""

# What Windows refuses in names, and quotes, which a query is full of.
_REFUSED: Final = re.compile(r'[\\/:*?"<>|«»“”\x00-\x1f\x7f]+')


def file_name(text: str, suffix: str) -> str:
    """A name made of a search's words that every file system takes, and that reads as what it is.

    Characters that turn the direction of text are left out: they can make `gpj.exe` look like `exe.jpg`.
    """
    visible = "".join(character for character in text if unicodedata.category(character) not in ("Cf", "Cs", "Co"))
    stem = " ".join(_REFUSED.sub(" ", visible).split()).strip(". ")[:LONGEST].strip(". ")
    return f"{stem or 'searchapp'}.{suffix}"


def disposition(name: str, *, shown: bool) -> str:
    """The Content-Disposition header of a file: shown in the browser, or saved (RFC 6266, RFC 8187)."""
    plain = name if name.isascii() else "searchapp" + name[name.rindex(".") :]
    return f"{'inline' if shown else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
