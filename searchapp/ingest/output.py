"""What `searchapp extract` prints of a page."""

from __future__ import annotations

from searchapp.ingest.formats import without_endings
from searchapp.model import ExtractedPage, RawPage


def page_record(page: RawPage, extracted: ExtractedPage) -> dict[str, object]:
    """Return the page's fields in the order in which they are printed, ready for JSON; None where there is none.

    `page` is the file's name without its endings, and for a record in a file of many the line's number after a colon.
    """
    article = extracted.article
    stem = without_endings(page.name)
    return {
        "page": stem if page.line is None else f"{stem}:{page.line}",
        "title": article.title,
        "title_inferred": article.title_inferred,
        "date": article.date.isoformat() if article.date else None,
        "date_origin": article.date_origin,
        "outlet": article.outlet,
        "outlet_raw": article.outlet_raw,
        "agency": article.agency,
        "keywords": article.keywords,
        "body": article.body,
        "related": [{"title": related.title, "body": related.body} for related in extracted.related],
        "similar_headlines": list(article.similar_headlines),
    }
