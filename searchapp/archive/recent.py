"""Articles that were taken in lately, kept in memory: a run indexes them soon, and need not read them back for that."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from searchapp.memory import release
from searchapp.model import Article

RECENT_CHARACTERS: Final = 1 << 26
"""Of title and body that are kept: some 34,000 articles of Arabic news, 150 MB."""
LONG_RUN: Final = 1
"""From so many times as many on that were let go, none are kept."""
BYTES_A_CHARACTER: Final = 2
"""Of input in Arabic; HTML has many more, and saves little by what is kept."""
_BESIDE_TEXT: Final = 256
"""Characters that the rest of an article counts for."""


class RecentArticles:
    """Articles by their numbers, the latest `RECENT_CHARACTERS` of them.

    A run that takes in many times as many keeps none: they would save it little, and memory is scarcest at its end.
    Such a run had better keep none from its start. What they leave behind is memory in pieces between what stays, among
    which the C library looks for room ever after: an article then takes a tenth longer.
    """

    def __init__(self, most: int = RECENT_CHARACTERS) -> None:
        self._most = most
        self._characters = self._let_go_of = 0
        self._kept = OrderedDict[int, tuple[bytes, Article]]()  # a plain one is slow to find its oldest entry

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def expect(self, size: int) -> None:
        """Keep none if so many bytes of input are ahead that none would be left of what is kept."""
        if size > BYTES_A_CHARACTER * (1 + LONG_RUN) * self._most:
            self._most = 0

    def keep(self, number: int, content: bytes, article: Article) -> None:
        """Keep an article, and let the oldest go where there is no room; `content` is its digest in the archive."""
        if self._let_go_of > LONG_RUN * self._most:
            self._give_up()
            return
        self._let_go(number)
        self._kept[number] = content, article
        self._characters += _size(article)
        while self._characters > self._most:
            self._let_go_of += self._let_go(next(iter(self._kept)))

    def take(self, number: int, content: bytes) -> Article | None:
        """The article with this number, if what the archive has under it is still this content; it is kept no more."""
        kept = self._kept.get(number)
        if kept is None or kept[0] != content:
            return None
        self._let_go(number)
        return kept[1]

    def _give_up(self) -> None:
        if self._kept:
            self._kept.clear()
            self._characters = 0
            release()  # else what the articles took stays with the process

    def _let_go(self, number: int) -> int:
        """Keep an article no more; how many characters that makes room for."""
        kept = self._kept.pop(number, None)
        freed = 0 if kept is None else _size(kept[1])
        self._characters -= freed
        return freed


def _size(article: Article) -> int:
    return len(article.body) + len(article.title or "") + _BESIDE_TEXT
