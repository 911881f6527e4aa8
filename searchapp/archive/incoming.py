"""Articles on their way into the archive, and the rows that they and their pages and sources become there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from searchapp.archive.members import Member, new_member
from searchapp.archive.reading import Reached, SourceIdentity
from searchapp.archive.ready import ReadyArticle, ReadyPage
from searchapp.archive.records import compress, content_digest, encode_article, with_page
from searchapp.dedupe.elsewhere import adopt
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.frozen import dataclass
from searchapp.model import Article, ExtractedPage, RawPage

Dedupe = Literal["near", "exact", "off"]
"""Which articles are copies of one story: those whose texts are alike, those with the same text, or none."""
ReadPage = tuple[int, RawPage, ExtractedPage]
"""The number of a page's source, the page, and what was read out of it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one article. `folded`: it joined a story that another article had begun.

    "unchanged" is also what a deleted article stays when its source is indexed again.
    """

    article: Article
    outcome: Literal["accepted", "updated", "unchanged"]
    folded: bool = False


@dataclass(slots=True)
class Incoming:
    """An article on its way in, with the row that its id has already, and when it came.

    `changes` says whether it is new, or other than the archive has it. What was deleted stays deleted. `printed` is its
    page, where it alone goes in with that. `data` is the article as it is encoded; None where it was made `ready`.
    """

    article: Article
    data: bytes | None
    content: bytes
    known: Row | None
    time: int
    changes: bool
    number: int = 0
    page: int = 0
    printed: bytes | None = None
    prepared: PreparedText | None = None
    ready: ReadyArticle | None = None

    @property
    def is_new(self) -> bool:
        """Whether the archive has no text of it: it never came, or it was deleted and that was taken back."""
        return self.known is None or self.known["page"] is None


def without_repeated_ids(pages: Sequence[ReadPage]) -> Iterator[list[ReadPage]]:
    """The pages in their order, in parts in which no id comes twice: what comes later must see what came before."""
    all_ids = [article.id for _, _, extracted in pages for article in (extracted.article, *extracted.related)]
    if len(set(all_ids)) == len(all_ids):
        yield list(pages)
        return
    part: list[ReadPage] = []
    seen: set[str] = set()
    for page in pages:
        extracted = page[2]
        ids = [extracted.article.id, *(article.id for article in extracted.related)]
        if not seen.isdisjoint(ids):
            yield part
            part, seen = [], set()
        part.append(page)
        seen.update(ids)
    if part:
        yield part


def incoming_of(extracted: ExtractedPage, known: Mapping[str, Row], now: int) -> list[Incoming]:
    """The articles of a page, with the rows that their ids have; `now` in seconds since 1970."""
    articles = (extracted.article, *extracted.related)
    made = extracted.ready if isinstance(extracted, ReadyPage) else [None] * len(articles)
    return [_incoming(article, known.get(article.id), now, one) for article, one in zip(articles, made, strict=True)]


def _incoming(article: Article, known: Row | None, now: int, ready: ReadyArticle | None) -> Incoming:
    data = None if ready else encode_article(article)
    content = ready.content if ready else content_digest(data or b"")
    changes = known is None or known["state"] == "dropped" or (known["state"] == "live" and known["content"] != content)
    return Incoming(article, data, content, known, now, changes, ready=ready)


def prepare(changing: Sequence[Incoming], preparer: Preparer) -> None:
    """Prepare articles to be compared, but for those that were prepared beforehand."""
    missing = []
    for one in changing:
        text = one.ready.text if one.ready else None
        one.prepared = adopt(text, preparer) if text else None
        if one.prepared is None:
            missing.append(one)
    if missing:
        for one, prepared in zip(missing, preparer.prepare([one.article for one in missing]), strict=True):
            one.prepared = prepared


def member_of(one: Incoming) -> Member:
    """The article as folding sees it, before it has its place."""
    member = new_member(one.number, one.article, one.prepared.key if one.prepared else None)
    if one.known is not None and one.known["story"] is not None:
        member.was = (one.known["story"], bool(one.known["leads"]))
    return member


def stored_of(one: Incoming, folded: set[int]) -> Stored:
    """What became of an article; `folded` are the numbers of those that joined others."""
    if not one.changes:
        return Stored(one.article, "unchanged")
    return Stored(one.article, "accepted" if one.is_new else "updated", one.number in folded)


def page_row(number: int, source: int, page: RawPage, extracted: ExtractedPage, *, is_behind: bool) -> Row:
    """The row; `is_behind` says that the page stands behind its article."""
    ready = extracted if isinstance(extracted, ReadyPage) else None
    return {
        "number": number,
        "source": source,
        "line": page.line,
        "offset": page.offset,
        "digest": ready.digest if ready else hashlib.sha256(page.raw).digest(),
        "raw": b"" if is_behind else (ready and ready.raw) or compress(page.raw),
    }


def article_row(one: Incoming) -> Row:
    """The row but for the article's number and its place in a story."""
    article = one.article
    return {
        "id": article.id,
        "state": "live",
        "page": one.page,
        "found_on": article.found_on,
        "outlet": article.outlet,
        "date": article.date.isoformat() if article.date else None,
        "content": one.content,
        "fold_key": one.prepared.key if one.prepared else None,
        "data": _stored(one),
        "length": len(article.body),
        "accepted": one.known["accepted"] if one.known else one.time,
        "changed": one.time,
        "language": article.language,
        "date_origin": article.date_origin,
    }


def _stored(one: Incoming) -> bytes:
    """What the article's row holds, with its page where that stands behind it."""
    if one.ready and one.ready.has_page == (one.printed is not None):
        return one.ready.data
    data = encode_article(one.article) if one.data is None else one.data
    return compress(data if one.printed is None else with_page(data, one.printed))


def source_row(source: SourceIdentity, reached: Reached) -> Row:
    """The row but for its number."""
    return {
        "path": source.path,
        "named": storable(source.named),
        "size": source.size,
        "modified_ns": source.modified_ns,
        "head": source.head,
        "mapping": source.mapping,
        "offset": reached.offset,
        "line": reached.line,
        "complete": int(reached.complete),
    }


def storable(text: str) -> str:
    """Text as SQLite takes it: bytes of a file name that are no text are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
