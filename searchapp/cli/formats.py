"""How answers are written for other programs: JSON, JSON lines, CSV and TREC run files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TextIO

from searchapp.frozen import dataclass
from searchapp.model import Ranking, SearchRequest, SearchResult
from searchapp.output import CSV_COLUMNS, csv_row, hit_record, result_record

RUN_NAME: Final = "searchapp"
ONLY_QUERY: Final = "1"
"""The query number in a run file when there is one query, without a number of its own."""
SCORE_STEP: Final = 1e-6
"""The least difference that a run file's scores, written with six decimals, can show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered query; `query_id` is its name in the file of queries, None when it was given by itself."""

    query_id: str | None
    request: SearchRequest
    result: SearchResult


@dataclass(frozen=True, slots=True)
class RankedAnswer:
    """One query of a file, answered by its hits alone."""

    query_id: str | None
    result: Ranking


def write_json(answers: Iterable[Answer], out: TextIO) -> None:
    """One object for a query given by itself; a list of objects with a `query_id` each for a file of queries."""
    opening = "["
    for answer in answers:
        record = result_record(answer.result, answer.request)
        if answer.query_id is None:
            out.write(_json(record) + "\n")
            return
        out.write(opening + _json({"query_id": answer.query_id, **record}))
        opening = ",\n"
    out.write("]\n" if opening != "[" else "[]\n")


def write_jsonl(answers: Iterable[Answer], out: TextIO) -> None:
    """One hit a line, with the `query_id` in front where there is one."""
    for answer, record in _hit_records(answers):
        named = {} if answer.query_id is None else {"query_id": answer.query_id}
        out.write(_json({**named, **record}) + "\n")


def write_csv(answers: Iterable[Answer], out: TextIO) -> None:
    """One hit a row under a line of names (RFC 4180, so lines end in CRLF); outlets are joined with "; "."""
    rows = csv.writer(out)
    columns: tuple[str, ...] | None = None
    for answer, record in _hit_records(answers):
        if columns is None:
            columns = CSV_COLUMNS if answer.query_id is None else ("query_id", *CSV_COLUMNS)
            rows.writerow(columns)
        rows.writerow(csv_row({**record, "query_id": answer.query_id}, columns))
    if columns is None:
        rows.writerow(CSV_COLUMNS)


def write_trec(answers: Iterable[Answer | RankedAnswer], out: TextIO) -> None:
    """A run file: `query Q0 id rank score searchapp`, best first.

    Evaluation programs sort by score and ignore the rank, and with equal scores by id. So each score is written lower
    than the one before it, also where the order is by date or where relaxed hits follow with a higher score.
    """
    for answer in answers:
        ceiling = float("inf")
        for hit in answer.result.hits:
            ceiling = min(hit.score, ceiling - SCORE_STEP)
            out.write(f"{answer.query_id or ONLY_QUERY} Q0 {hit.id} {hit.rank} {ceiling:.6f} {RUN_NAME}\n")


def _hit_records(answers: Iterable[Answer]) -> Iterator[tuple[Answer, dict[str, Any]]]:
    for answer in answers:
        for hit in answer.result.hits:
            yield answer, hit_record(hit)


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


WRITERS: Final[Mapping[str, Callable[[Iterable[Answer], TextIO], None]]] = {
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "trec": write_trec,
}
