"""Finding exact copies: articles whose normalised texts are the same have the same key."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from searchapp.ingest.text import fold_letters
from searchapp.model import Article

KEY_BYTES: Final = 16
"""128 bits: among a hundred million texts, the chance that any two differ and share a key is below 1 in 10²²."""

TELLING_WORDS: Final = 20
"""From this length on a body says alone what an article is, whatever title an outlet put over it."""

_WORD: Final = re.compile(r"\w+")


def content_key(article: Article) -> bytes:
    """Return the 16 bytes that exact copies share, and other articles do not.

    Compared are the words of the body after folding (spelling variants, marks, punctuation and spacing do not count).
    A body of fewer than 20 words is compared together with the title, unless the title was inferred from the body.
    """
    words = _words(article.body)
    parts = [words]
    if len(words) < TELLING_WORDS and article.title and not article.title_inferred:
        parts.append(_words(article.title))
    if not any(parts):
        parts.append([article.title or "", article.body])
    return blake2b("\x1f".join(map(" ".join, parts)).encode(), digest_size=KEY_BYTES).digest()


def _words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(fold_letters(text).casefold())
