"""What the header of an archive's file says of it, which SQLite need not be loaded for."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x41524E57
"""Marks the file as ours in SQLite's header (the letters ARNW)."""
SCHEMA_VERSION: Final = 5

# https://www.sqlite.org/fileformat2.html, section 1.3: the magic string, the size of a page (1 stands for 65,536), and
# behind other fields `user_version` at byte 60 and `application_id` at byte 68.
_HEADER: Final = struct.Struct(">16sH42xI4xI28x")
_MAGIC: Final = b"SQLite format 3\0"
_LARGEST_PAGE: Final = 1 << 16


def is_of_this_version(path: Path) -> bool:
    """Whether the file begins as an archive of this version does and holds a page at least.

    False says nothing for sure: of an archive that was just made, all may be in SQLite's log.
    """
    try:
        with path.open("rb") as file:
            magic, page, version, application = _HEADER.unpack(file.read(_HEADER.size))
    except (OSError, struct.error):
        return False
    size = _LARGEST_PAGE if page == 1 else page
    return (magic, version, application) == (_MAGIC, SCHEMA_VERSION, APPLICATION_ID) and path.stat().st_size >= size
