"""Articles and pages out of the columns that hold them, if their rows fit their checksums."""

from __future__ import annotations

from pathlib import Path

from searchapp.archive.records import BrokenData, decode_article, decompress, page_behind
from searchapp.errors import IndexBroken
from searchapp.model import Article


class StoredRows:
    """Unpacks what the archive at `path` has stored; whether a row is sound, the caller has asked SQLite."""

    path: Path

    def decoded(self, article_id: str, data: bytes, sound: int) -> Article:
        """An article from its column, if its row fits its checksum; else raises `IndexBroken`."""
        unpacked = self.unpacked(data, sound, f"article {article_id}")
        try:
            return decode_article(unpacked)
        except (ValueError, TypeError, RecursionError) as error:  # a checksum fits what a stranger made it of
            raise self._damaged(f"article {article_id}") from error

    def unpacked(self, data: bytes, sound: int, name: str) -> bytes:
        """Decompressed, if its row fits its checksum; else raises `IndexBroken`, which calls it by this name."""
        if not sound:
            raise self._damaged(name)
        try:
            return decompress(data)
        except BrokenData as error:
            raise self._damaged(name) from error

    def page(self, stored: tuple[bytes, int], article: tuple[bytes, int], article_id: str) -> bytes:
        """A page from its own column, or where that is empty, from behind its article; each with whether it is sound.

        Raises:
            IndexBroken: one of them does not fit its checksum.
        """
        name = f"the page of article {article_id}"
        if stored[0] or not stored[1]:
            return self.unpacked(*stored, name)
        page = page_behind(self.unpacked(*article, name))
        if page is None:
            raise self._damaged(name)
        return page

    def _damaged(self, name: str) -> IndexBroken:
        return IndexBroken(
            f"{name} in {self.path} does not fit its checksum: the file is damaged there; list all damage with: "
            f"searchapp verify --index {self.path.parent}, then restore the archive from a backup"
        )
