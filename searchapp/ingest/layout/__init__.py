"""Telling the parts of a crawled page apart: title, date, body, source lines, keywords, second article, headlines.

One grammar covers the pages that are seen; every part but the body may be missing, and blank lines mean little:

    title                        where a date line is near, or the page is set without blank lines
    تاريخ النشر: date
    body paragraphs              with furniture, marked promos and repeated paragraphs among them
    المصدر: agency               the trailer: the run of marked lines that ends the page's own article
    المصدر: outlet
    كلمات دلالية: keywords
    إقرأ أيضاً:                    a line of its own
    title of a second article
    body paragraphs of it        with a date line and a trailer of its own, or without
    مقالات مشابهة
      • headline

The same markers occur inside bodies («المصدر: …» as a paragraph, «اقرأ أيضا: عنوان» as a promo), so what a marked line
means is told from where it stands: `lines` says what a line is by itself, `parts` what it is on its page.
"""

from __future__ import annotations

from searchapp.ingest.layout.body import body_paragraphs, unmarked_paragraphs
from searchapp.ingest.layout.furniture import is_furniture
from searchapp.ingest.layout.parts import PageParts, PrintedArticle, tell_parts

__all__ = ["PageParts", "PrintedArticle", "body_paragraphs", "is_furniture", "tell_parts", "unmarked_paragraphs"]
