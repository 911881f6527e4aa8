"""Articles that were taken in lately, kept in memory: a run indexes them soon, and need not read them back for that."""

from __future__ import annotations

from typing import Final

from searchapp.model import Article

RECENT_CHARACTERS: Final = 1 << 26
"""Of title and body that are kept: some 34,000 articles of Arabic news, 150 MB."""
_BESIDE_TEXT: Final = 256
"""Characters that the rest of an article counts for."""


class RecentArticles:
    """Articles by their numbers, the latest `RECENT_CHARACTERS` of them."""

    def __init__(self, most: int = RECENT_CHARACTERS) -> None:
        self._most = most
        self._characters = 0
        self._kept: dict[int, tuple[bytes, Article]] = {}

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def keep(self, number: int, content: bytes, article: Article) -> None:
        """Keep an article, and let the oldest go where there is no room; `content` is its digest in the archive."""
        self._let_go(number)
        self._kept[number] = content, article
        self._characters += _size(article)
        while self._characters > self._most:
            self._let_go(next(iter(self._kept)))

    def take(self, number: int, content: bytes) -> Article | None:
        """The article with this number, if what the archive has under it is still this content; it is kept no more."""
        kept = self._kept.get(number)
        if kept is None or kept[0] != content:
            return None
        self._let_go(number)
        return kept[1]

    def _let_go(self, number: int) -> None:
        kept = self._kept.pop(number, None)
        if kept is not None:
            self._characters -= _size(kept[1])


def _size(article: Article) -> int:
    return len(article.body) + len(article.title or "") + _BESIDE_TEXT
