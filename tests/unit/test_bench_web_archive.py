"""The web archive that is measured with holds the articles, among what stands around them on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.corpus import BenchArticle
from bench.web_archive import write_web_archive
from searchapp.ingest.extraction import extract
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage

pytest.importorskip("trafilatura")
pytest.importorskip("fastwarc")

PARAGRAPH = "وصل وزير الخارجية إلى القاهرة صباح اليوم {0} في زيارة تستمر يومين ويلتقي نظيره المصري غدا في مقر الوزارة. "
TEXT = "\n".join(PARAGRAPH.format(at) + "وبلغت النسبة < 3 في المئة." for at in ("الأول", "الثاني", "الثالث", "الرابع"))


def test_its_pages_are_read_as_their_articles(tmp_path: Path) -> None:
    path = tmp_path / "pages.warc"
    articles = [BenchArticle(str(at), f"خبر {at} عن الوزير", TEXT, "سبق", f"2024-06-2{at}") for at in range(3)]
    assert write_web_archive(articles, path) == 3
    (source,) = find_sources([path])
    pages = list(read(source, FieldMapping()))
    assert len(pages) == 3
    for page, article in zip(pages, articles, strict=True):
        assert isinstance(page, RawPage)
        found = extract(page).article
        assert (found.title, found.outlet, str(found.date)) == (article.title, "سبق", article.date)
        assert found.body.split("\n\n") == TEXT.split("\n")
