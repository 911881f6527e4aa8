"""What the archive keeps of a page, made ready before it comes there: it follows from the page alone.

So another process may make it, and the one that writes has less to do. The rows are the same either way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import repeat

from searchapp.archive.records import compress, content_digest, encode_article, with_page
from searchapp.dedupe.elsewhere import TextElsewhere
from searchapp.model import ExtractedPage


@dataclass(slots=True)
class ReadyArticle:
    """One article as it will be stored.

    `content` is its digest, `data` what its row holds; it `has_page` behind it where the page has no other article.
    `text` is what finding copies needs, where that was made, too.
    """

    content: bytes
    data: bytes
    has_page: bool
    text: TextElsewhere | None = None


@dataclass(frozen=True, slots=True)
class ReadyPage(ExtractedPage):
    """An extracted page with what is stored of it.

    `ready` are its articles, its own first; `digest` is the page's; `raw` is the page, compressed, where it stands by
    itself.
    """

    ready: tuple[ReadyArticle, ...] = ()
    digest: bytes = b""
    raw: bytes = b""


def make_ready(raw: bytes, extracted: ExtractedPage) -> ReadyPage:
    """All that the archive stores of a page that consists of these bytes."""
    articles = (extracted.article, *extracted.related)
    encoded = list(map(encode_article, articles))
    contents = list(map(content_digest, encoded))
    is_alone = len(articles) == 1
    if is_alone:
        encoded = [with_page(encoded[0], raw)]
    ready = tuple(map(ReadyArticle, contents, map(compress, encoded), repeat(is_alone)))
    stored = b"" if is_alone else compress(raw)
    return ReadyPage(extracted.article, extracted.related, ready, hashlib.sha256(raw).digest(), stored)
