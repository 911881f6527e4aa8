"""An index made anew answers as the one that grew: the same articles, and the same ten at the top of every query."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.queries import draw_queries
from searchapp import SearchRequest, open_index
from searchapp.archive.reading import ArchiveReader
from searchapp.indexing import rebuild, verify
from tests.crash.workload import Silent
from tests.stress.scale import note

QUERIES = 200


def queries_of(directory: Path) -> list[SearchRequest]:
    """Words, phrases and single words of titles, the same for the same archive; some of them filtered."""

    def articles() -> Iterator[tuple[str, str, str]]:
        with ArchiveReader(directory / "archive.sqlite") as archive:
            for story in archive.stories():
                for article in story.articles:
                    yield article.title or "", article.body, article.outlet or "-"

    requests = []
    for drawn in draw_queries(articles(), "2023-01-01", "2024-12-31", count=QUERIES // 4):
        requests += [SearchRequest(q=drawn.words), SearchRequest(q=f'"{drawn.phrase}"'), SearchRequest(q=drawn.term)]
        requests.append(SearchRequest(q=drawn.words, sources=(drawn.outlet,), sort="newest"))
    assert len(requests) == QUERIES
    return requests


def answers(directory: Path, requests: list[SearchRequest]) -> list[tuple[int, list[str], dict[str, object]]]:
    """For each request, how many stories, the ids of the first ten, and the facets."""
    with open_index(directory) as index:
        results = (index.search(request) for request in requests)
        return [(found.total, [hit.id for hit in found.hits], dict(found.facets.items())) for found in results]


def ids(directory: Path) -> list[str]:
    with ArchiveReader(directory / "archive.sqlite") as archive:
        return sorted(article.id for story in archive.stories() for article in story.articles)


def test_a_rebuilt_index_answers_as_the_one_before(tmp_path: Path, large_archive: Path) -> None:
    directory = tmp_path / "index"
    shutil.copytree(large_archive, directory)
    requests = queries_of(directory)
    before, ids_before = answers(directory, requests), ids(directory)
    summary = rebuild(directory, Silent())
    assert answers(directory, requests) == before
    assert ids(directory) == ids_before
    assert verify(directory).problems == ()
    found = sum(bool(total) for total, _, _ in before)
    assert found > QUERIES / 2
    note("rebuild", articles=len(ids_before), queries=QUERIES, with_hits=found, seconds=round(summary.seconds, 1))
