"""Articles of the bench as the product's own stories; what only takes these in loads nothing else of the product."""

from __future__ import annotations

from datetime import date

from bench.corpus import BenchArticle
from searchapp.model import Article, Story


def bench_story(number: int, article: BenchArticle) -> Story:
    """An article of the corpus as a story of its own, as the archive would hand it to the engine."""
    day = date.fromisoformat(article.date) if article.date else None
    one = Article(
        id=article.id,
        title=article.title or None,
        body=article.text,
        outlet=article.source,
        date=day,
        date_origin="declared" if day else "none",
    )
    return Story(number, number, (one,))
