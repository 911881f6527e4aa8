"""The product on a collection: an index made by the flow of `searchapp index`, asked as `searchapp search` asks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import searchapp.index
from bench.relevance.collection import Collection, content_hash
from bench.relevance.metrics import DEPTH
from bench.searchapp_engine import Silence
from bench.workspace import PROJECT_ROOT, Workspace, read_json, write_json
from searchapp.archive.directory import DataDirectory
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights
from searchapp.errors import LimitExceeded
from searchapp.indexing import IndexOptions, index_paths
from searchapp.ingest.readers import FieldMapping
from searchapp.model import SearchRequest
from searchapp.web.parameters import parse

PROCESSES: Final = 2
CHUNK: Final = 100
"""Queries that a process is given at a time."""
_PACKAGE: Final = PROJECT_ROOT / "searchapp"
_SEARCHING: Final = ("cli", "query", "web", "engine/retrieval")
"""Parts of the product that an index does not depend on: changing a weight makes no index anew."""


@dataclass(frozen=True, slots=True)
class Built:
    """A data directory of the product, and how many documents it took in and refused."""

    directory: Path
    documents: int
    rejected: int


def build(work: Workspace, collection: Collection) -> Built:
    """The product's index of a collection, every document a story of its own; made unless it is there already."""
    content, sources = content_hash(collection.corpora), _sources_hash()
    directory = work.root / "relevance" / "indexes" / f"{collection.name}-{content[:16]}"
    record = directory.with_suffix(".json")
    known = read_json(record)
    if known is None or known["sources"] != sources or not directory.is_dir():
        shutil.rmtree(directory, ignore_errors=True)
        record.unlink(missing_ok=True)
        options = IndexOptions(mapping=FieldMapping.parse("id=_id"), dedupe="off")
        summary = index_paths(directory, list(collection.corpora), options, Silence())
        known = {"sources": sources, "documents": summary.accepted, "rejected": summary.rejected}
        write_json(record, known)
    return Built(directory, known["documents"], known["rejected"])


@cache
def _sources_hash() -> str:
    excluded = tuple(_PACKAGE / part for part in _SEARCHING)
    files = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return content_hash([path for path in files if not any(path.is_relative_to(folder) for folder in excluded)])


@cache
def open_reader(directory: Path) -> SegmentReader:
    """The reader of a data directory, opened once in each process."""
    reader = searchapp.index.open_reader(DataDirectory(directory), SegmentBackend())
    assert isinstance(reader, SegmentReader)
    return reader


def request_of(text: str, depth: int = DEPTH) -> SearchRequest:
    """The request that `searchapp search --format trec` makes of a query."""
    return replace(parse([("q", text)]), per_page=depth, facets=False, snippets=False, corrections=False)


def hits(directory: Path, text: str, weights: Weights = WEIGHTS, depth: int = DEPTH) -> list[str]:
    """The ids of a query's hits, best first; none for a query that passes a limit."""
    try:
        ranking = open_reader(directory).ranking(request_of(text, depth), weights)
    except LimitExceeded:
        return []
    return [hit.id for hit in ranking.hits]


def _answer(directory: Path, texts: Sequence[str], weights: Weights, depth: int) -> list[list[str]]:
    return [hits(directory, text, weights, depth) for text in texts]


class Searcher:
    """Answers many queries with a few processes, which keep their indexes open between calls."""

    def __init__(self, processes: int = PROCESSES) -> None:
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))

    def run(
        self, directory: Path, queries: Mapping[str, str], weights: Weights, depth: int = DEPTH
    ) -> dict[str, list[str]]:
        """Query id → hits."""
        names, texts = list(queries), list(queries.values())
        chunks = [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]
        waiting = [self._pool.submit(_answer, directory, chunk, weights, depth) for chunk in chunks]
        return dict(zip(names, (one for future in waiting for one in future.result()), strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


def command_line_run(directory: Path, queries: Mapping[str, str], scratch: Path) -> dict[str, list[str]]:
    """The run that the product's own command writes for some queries."""
    scratch.mkdir(parents=True, exist_ok=True)
    asked = scratch / "queries.jsonl"
    lines = (json.dumps({"_id": name, "text": text}, ensure_ascii=False) for name, text in queries.items())
    asked.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "searchapp", "search", "--index", directory, "--queries", asked]
    options = ["--limit", DEPTH, "--format", "trec"]
    made = subprocess.run(
        [str(part) for part in (*command, *options)], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return read_trec(made.stdout.splitlines())


def read_trec(lines: Iterable[str]) -> dict[str, list[str]]:
    """Query id → document ids of a run file, whose lines are best first."""
    found: dict[str, list[str]] = {}
    for query, document in _columns(lines):
        found.setdefault(query, []).append(document)
    return found


def _columns(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        query, _, document, *_ = line.split(" ")
        yield query, document
