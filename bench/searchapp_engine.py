"""The product's own engine in the bench, through the product's public interfaces; all that depends on them is here.

`product` builds as a user does, from the file to the archive and the index; `engine` builds the index alone, through
the engine protocol, which is what the peers do. Both answer by the same calls that the page and the command line use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from bench.protocol import HITS, MARK_END, MARK_START, Engine, Filters, Page, PageHit, folder_bytes, main
from bench.stories import bench_story
from bench.tasks import Mode
from searchapp import compiled, open_index
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import IndexReader
from searchapp.index import Index
from searchapp.model import FacetBucket, FacetName, Hit, SearchRequest, SearchResult, Snippet

ARCHIVE_FILES: Final = "archive.sqlite*"
"""The archive keeps the articles as read; it is no part of the index."""


class Silence:
    """A progress display that shows nothing."""

    def start(self, total_bytes: int) -> None:
        """Ignore."""

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """Ignore."""

    def phase(self, name: str, done: int, total: int) -> None:
        """Ignore."""


def query_text(words: str, mode: Mode) -> str:
    """The words in the product's query language, with explicit operators: those are never relaxed."""
    if mode == "phrase":
        return f'"{words}"'
    return (" AND " if mode == "and" else " OR ").join(words.split())


def page_request(words: str, mode: Mode, filters: Filters) -> SearchRequest:
    """The request behind a page of the web interface."""
    first, last = filters.dates or (None, None)
    return SearchRequest(
        q=query_text(words, mode),
        sources=(filters.outlet,) if filters.outlet else (),
        date_from=date.fromisoformat(first) if first else None,
        date_to=date.fromisoformat(last) if last else None,
        per_page=HITS,
        corrections=False,  # the peers look for no other searches
    )


def marked(snippet: Snippet | None) -> str:
    """The snippet with its spans between marks, as the peers give it."""
    if snippet is None:
        return ""
    pieces, place = [], 0
    for start, end in snippet.spans:
        pieces += [snippet.text[place:start], MARK_START, snippet.text[start:end], MARK_END]
        place = end
    return "".join([*pieces, snippet.text[place:]])


def page_hit(hit: Hit) -> PageHit:
    """A hit as the bench counts it."""
    day = hit.date.isoformat() if hit.date else ""
    return PageHit(hit.id, hit.title.text if hit.title else "", " ".join(hit.outlets), day, marked(hit.snippet))


def counts(facets: Mapping[FacetName, tuple[FacetBucket, ...]], name: FacetName) -> dict[str, int]:
    """The buckets of one facet."""
    return {bucket.value: bucket.count for bucket in facets.get(name, ())}


class SearchappEngine(Engine):
    """The whole product: archive and index, opened with `open_index`."""

    _opened: Index | IndexReader

    def version(self) -> str:
        return "searchapp, archive and index"

    def build(self, corpus: Path, index: Path) -> int:
        # What only indexing needs is no part of a searcher's start.
        from searchapp.indexing import IndexOptions, index_paths  # noqa: PLC0415
        from searchapp.ingest.readers import FieldMapping  # noqa: PLC0415

        options = IndexOptions(mapping=FieldMapping(), dedupe="off")
        return index_paths(index, [corpus], options, Silence()).accepted

    def add(self, corpus: Path, index: Path) -> None:
        self.build(corpus, index)

    def open(self, index: Path) -> None:
        self._opened = open_index(index)

    def prepare(self) -> None:
        compiled.prepare(at_once=True)

    def index_bytes(self, index: Path) -> int:
        return folder_bytes(index) - sum(file.stat().st_size for file in index.glob(ARCHIVE_FILES))

    def _search(self, request: SearchRequest) -> SearchResult:
        return self._opened.search(request)

    def top(self, words: str, mode: Mode) -> list[str]:
        text = query_text(words, mode)
        request = SearchRequest(q=text, per_page=HITS, facets=False, snippets=False, corrections=False)
        return [hit.id for hit in self._opened.ranking(request).hits]

    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        result = self._search(page_request(words, mode, filters))
        hits = [page_hit(hit) for hit in result.hits]
        return Page(result.total, hits, counts(result.facets, "outlet"), counts(result.facets, "month"))


class SearchappIndexOnly(SearchappEngine):
    """The engine without the archive, by the engine protocol."""

    def __init__(self) -> None:
        self._backend = SegmentBackend()

    def version(self) -> str:
        return "searchapp, index alone"

    def build(self, corpus: Path, index: Path) -> int:
        self.prepare()
        self._backend.create(index)
        self.add(corpus, index)
        return self._backend.archive_sequence(index)

    def add(self, corpus: Path, index: Path) -> None:
        from bench.corpus import read_articles  # noqa: PLC0415

        # Stories are numbered without gaps, so that the sequence number is also how many there are.
        number = self._backend.archive_sequence(index)
        writer = self._backend.open_writer(index)
        for article in read_articles(corpus):
            number += 1
            writer.replace(bench_story(number, article))
        writer.commit(number)

    def open(self, index: Path) -> None:
        self._opened = self._backend.open_reader(index)

    def index_bytes(self, index: Path) -> int:
        return folder_bytes(index)


class SearchappPlain(SearchappIndexOnly):
    """The engine without compiled loops, as it is where the extra is not installed."""

    def version(self) -> str:
        return "searchapp, index alone, nothing compiled"

    def prepare(self) -> None:
        compiled.stop()


ENGINES: Final = {"product": SearchappEngine, "engine": SearchappIndexOnly, "plain": SearchappPlain}

if __name__ == "__main__":
    main(ENGINES[sys.argv[1]]())
