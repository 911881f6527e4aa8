"""Collections with judged queries in the layout of BEIR: a folder of corpus.jsonl[.gz], queries.jsonl, qrels*.tsv."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

Half = Literal["a", "b"]

_CORPUS: Final = ("corpus.jsonl", "corpus.jsonl.gz")
_QRELS: Final = ("qrels*.tsv", "qrels/*.tsv")
_PREFERRED: Final = ("qrels_neardup.tsv", "qrels.tsv")
"""Where near-duplicates of the wanted article are judged too, finding one of them is no mistake."""


class BadCollection(Exception):
    """A file of a collection is missing or cannot be read; the message names it, the place and what is wrong."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries and judgements.

    Attributes:
        name: how it is called in the results.
        corpora: the files of documents, indexed together.
        queries_file: where the queries stand.
        queries: query id → text, of the queries with at least one relevant document.
        judgements: query id → document id → grade.
        part: finds in its first group, at the start of a query's id, which part of the set the query is from.
    """

    name: str
    corpora: tuple[Path, ...]
    queries_file: Path
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]
    part: re.Pattern[str] | None = None

    def of_half(self, half: Half | None) -> Collection:
        """The collection with one half of its queries; with all of them for None."""
        if half is None:
            return self
        return replace(self, queries={one: text for one, text in self.queries.items() if half_of(one) == half})

    def parts(self) -> dict[str, list[int]]:
        """The parts of the set, each with the places of its queries; none where there is one part only."""
        found: dict[str, list[int]] = {}
        for at, query in enumerate(self.queries):
            matched = self.part.match(query) if self.part else None
            found.setdefault(matched.group(1) if matched else "other", []).append(at)
        return dict(sorted(found.items())) if len(found) > 1 else {}


def half_of(query_id: str) -> Half:
    """Which half a query falls into: by its id alone, so that it is always the same."""
    return "a" if hashlib.sha256(query_id.encode()).digest()[0] % 2 == 0 else "b"


def load(
    folder: Path, *, qrels: str | None = None, name: str | None = None, part: re.Pattern[str] | None = None
) -> Collection:
    """Read a collection from its folder; `qrels` names the file of judgements where there are several.

    Raises:
        BadCollection: something is missing or cannot be read.
    """
    judgements = _read_judgements(_judgements_file(folder, qrels))
    queries_file = folder / "queries.jsonl"
    queries = dict(_read_queries(queries_file))
    judged = {
        one: text for one, text in queries.items() if any(grade > 0 for grade in judgements.get(one, {}).values())
    }
    if not judged:
        raise BadCollection(f"{folder}: none of its {len(queries):,} queries has a relevant document")
    return Collection(name or folder.resolve().name, (corpus_file(folder),), queries_file, judged, judgements, part)


def corpus_file(folder: Path) -> Path:
    """The documents of a collection.

    Raises:
        BadCollection: there are none.
    """
    for name in _CORPUS:
        if (folder / name).is_file():
            return folder / name
    raise BadCollection(f"{folder}: there is no {' or '.join(_CORPUS)} in it")


def read_documents(corpora: Sequence[Path]) -> Iterator[tuple[str, str, str]]:
    """(id, title, text) of every document."""
    for path in corpora:
        for place, record in _records(path):
            yield _text(record, "_id", place), record.get("title") or "", record.get("text") or ""


def content_hash(files: Sequence[Path]) -> str:
    """Changes when a byte of the files does."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _judgements_file(folder: Path, wanted: str | None) -> Path:
    found = sorted(path for pattern in _QRELS for path in folder.glob(pattern))
    names = {str(path.relative_to(folder)): path for path in found}
    chosen = next((names[name] for name in ((wanted,) if wanted else _PREFERRED) if name in names), None)
    if chosen is None and wanted is None and len(found) == 1:
        return found[0]
    if chosen is None:
        there = f"choose one with --qrels: {', '.join(names)}" if names else "there are none: it needs a qrels.tsv"
        raise BadCollection(f"{folder}: its judgements are not clear; {there}")
    return chosen


def _read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """The judgements of a file whose first line may name the columns."""
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        columns = line.split("\t")
        if len(columns) == 3 and columns[2].strip().lstrip("-").isdecimal():
            found.setdefault(columns[0], {})[columns[1]] = int(columns[2])
        elif number > 1 and line.strip():
            raise BadCollection(f"{path}:{number}: a line must be query-id, corpus-id and a whole number, with tabs")
    return found


def _read_queries(path: Path) -> Iterator[tuple[str, str]]:
    for place, record in _records(path):
        yield _text(record, "_id", place), _text(record, "text", place)


def _text(record: Mapping[str, Any], name: str, place: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise BadCollection(f"{place}: {name!r} must be a string")
    return value


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, object) of each line that is not blank."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except (OSError, EOFError) as error:
        raise BadCollection(f"{path}: {error}") from error


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BadCollection(f"{place}: not JSON: {error}") from error
    if not isinstance(record, dict):
        raise BadCollection(f"{place}: not a JSON object")
    return record
