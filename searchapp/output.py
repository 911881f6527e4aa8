"""Results as plain records: the one shape that the command line and the web give as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from searchapp.model import (
    ArchiveDetails,
    Article,
    ArticleTimes,
    Copy,
    Correction,
    FacetBucket,
    Histogram,
    Hit,
    SearchRequest,
    SearchResult,
    Statistics,
    UnderstoodQuery,
)

Record = dict[str, Any]
"""A JSON object: strings, numbers, booleans, None, lists and records."""

BYTE_ORDER_MARK: Final = "\ufeff"
"""By this at the start of a file Excel knows UTF-8."""
CSV_COLUMNS: Final = (
    "rank",
    "id",
    "story",
    "score",
    "title",
    "title_inferred",
    "outlets",
    "date",
    "date_origin",
    "url",
    "snippet",
    "relaxed",
)
"""The names in a table's first line; programs rely on them, so new ones are added at the end."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection")."""


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
        "histogram": histogram_record(result.histogram) if result.histogram else None,
        "corrections": [_correction(correction) for correction in result.corrections],
    }


def hit_record(hit: Hit) -> Record:
    """One hit. `spans` are (start, end) pairs of code points to be marked in `snippet`.

    `explanation` is there only if it was asked for: what each form of each word gave to the score.
    """
    parts = [{"word": part.word, "part": part.name, "score": part.score} for part in hit.explanation]
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
        **({"explanation": parts} if parts else {}),
    }


def histogram_record(histogram: Histogram) -> Record:
    """Counts over time: the first day of each interval with its count."""
    counts = zip(histogram.starts, histogram.counts, strict=True)
    return {
        "interval": histogram.interval,
        "first": iso_day(histogram.first),
        "last": iso_day(histogram.last),
        "counts": [{"start": iso_day(start), "count": count} for start, count in counts],
    }


def article_record(article: Article, copies: Iterable[Article], times: ArticleTimes | None = None) -> Record:
    """One article with every field, and the ids, outlets and dates of all copies of its story, itself among them.

    With `times` it says when the article came and changed, too.
    """
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
        **(times_record(times) if times else {}),
        "copies": [_copy(Copy(copy.id, copy.outlet, copy.date, copy.url)) for copy in copies],
    }


def times_record(times: ArticleTimes) -> Record:
    """When an article first came and last changed."""
    return {"first_seen": iso_time(times.first_seen), "last_changed": iso_time(times.last_changed)}


def _statistics_record(statistics: Statistics) -> Record:
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


def csv_row(record: Mapping[str, Any], columns: Iterable[str] = CSV_COLUMNS) -> list[object]:
    """A hit's record as the cells of a table; outlets are joined with "; "."""
    values = {**record, "outlets": "; ".join(record["outlets"])}
    return [cell(values[column]) for column in columns]


def csv_line(cells: Iterable[object]) -> str:
    """One row of a table (RFC 4180, so it ends in CRLF)."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def details_record(details: ArchiveDetails) -> Record:
    """What an archive holds; sizes are in bytes."""
    return {
        **_statistics_record(details.statistics),
        "languages": dict(details.languages),
        "date_origins": dict(details.date_origins),
        "folded": details.folded,
        "deleted": details.deleted,
        "archive_bytes": details.archive_bytes,
        "index_bytes": details.index_bytes,
    }


def iso_day(day: date | None) -> str | None:
    """A date as 2024-06-25, or None."""
    return day.isoformat() if day else None


def cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def iso_time(moment: datetime | None) -> str | None:
    """A moment as 2024-06-25T12:00:00Z, or None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _copy(copy: Copy) -> Record:
    return {"id": copy.id, "outlet": copy.outlet, "date": iso_day(copy.date), "url": copy.url}


def _bucket(bucket: FacetBucket) -> Record:
    return {"value": bucket.value, "count": bucket.count, "selected": bucket.selected}


def _correction(correction: Correction) -> Record:
    """`query` are the words of the other search; where a filter is dropped, `text` names it."""
    return {
        "kind": correction.kind,
        "text": correction.text,
        "query": correction.request.q,
        "total": correction.total,
    }


def _understood(query: UnderstoodQuery) -> Mapping[str, Any]:
    terms = [
        {
            "text": term.text,
            "forms": list(term.forms),
            "variants": list(term.variants),
            "exact": term.exact,
            "dropped": term.dropped,
        }
        for term in query.terms
    ]
    notes = [{"code": note.code, "detail": note.detail} for note in query.notes]
    return {"text": query.text, "terms": terms, "notes": notes}
