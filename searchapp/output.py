"""Results as plain records: the one shape that the command line and the web give as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from searchapp.model import Article, Copy, FacetBucket, Hit, SearchRequest, SearchResult, Statistics, UnderstoodQuery

Record = dict[str, Any]
"""A JSON object: strings, numbers, booleans, None, lists and records."""


def result_record(result: SearchResult, request: SearchRequest) -> Record:
    """A whole answer. `query` is what was asked; `understood` is how it was read."""
    return {
        "query": request.q,
        "understood": _understood(result.query),
        "total": result.total,
        "exact": result.exact,
        "relaxed": result.relaxed,
        "generation": result.generation,
        "hits": [hit_record(hit) for hit in result.hits],
        "facets": {name: [_bucket(bucket) for bucket in buckets] for name, buckets in result.facets.items()},
        "corrections": list(result.corrections),
    }


def hit_record(hit: Hit) -> Record:
    """One hit. `spans` are (start, end) pairs of code points to be marked in `snippet`."""
    return {
        "rank": hit.rank,
        "id": hit.id,
        "story": hit.story,
        "score": hit.score,
        "title": hit.title.text if hit.title else None,
        "title_inferred": hit.title_inferred,
        "outlets": list(hit.outlets),
        "date": iso_day(hit.date),
        "date_origin": hit.date_origin,
        "url": hit.url,
        "snippet": hit.snippet.text if hit.snippet else None,
        "spans": [list(span) for span in hit.snippet.spans] if hit.snippet else [],
        "copies": [_copy(copy) for copy in hit.copies],
        "relaxed": hit.relaxed,
    }


def article_record(article: Article, copies: Iterable[Article]) -> Record:
    """One article with every field, and the ids, outlets and dates of all copies of its story, itself among them."""
    return {
        "id": article.id,
        "title": article.title,
        "title_inferred": article.title_inferred,
        "date": iso_day(article.date),
        "date_origin": article.date_origin,
        "date_raw": article.date_raw,
        "outlet": article.outlet,
        "outlet_raw": article.outlet_raw,
        "agency": article.agency,
        "keywords": article.keywords,
        "body": article.body,
        "related": list(article.related),
        "found_on": article.found_on,
        "similar_headlines": list(article.similar_headlines),
        "url": article.url,
        "language": article.language,
        "flags": list(article.flags),
        "copies": [_copy(Copy(copy.id, copy.outlet, copy.date, copy.url)) for copy in copies],
    }


def statistics_record(statistics: Statistics) -> Record:
    """What an archive holds, with the outlets by falling number of stories."""
    return {
        "articles": statistics.articles,
        "stories": statistics.stories,
        "undated": statistics.undated,
        "first": iso_day(statistics.first),
        "last": iso_day(statistics.last),
        "generation": statistics.generation,
        "outlets": [{"outlet": outlet, "stories": count} for outlet, count in statistics.outlets],
    }


def iso_day(day: date | None) -> str | None:
    """A date as 2024-06-25, or None."""
    return day.isoformat() if day else None


def _copy(copy: Copy) -> Record:
    return {"id": copy.id, "outlet": copy.outlet, "date": iso_day(copy.date), "url": copy.url}


def _bucket(bucket: FacetBucket) -> Record:
    return {"value": bucket.value, "count": bucket.count, "selected": bucket.selected}


def _understood(query: UnderstoodQuery) -> Mapping[str, Any]:
    terms = [
        {"text": term.text, "forms": list(term.forms), "exact": term.exact, "dropped": term.dropped}
        for term in query.terms
    ]
    notes = [{"code": note.code, "detail": note.detail} for note in query.notes]
    return {"text": query.text, "terms": terms, "notes": notes}
