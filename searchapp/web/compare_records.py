"""The table of a comparison for other programs: one row an interval, one column a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from searchapp import intervals
from searchapp.frozen import dataclass
from searchapp.output import BYTE_ORDER_MARK, cell, csv_line, iso_day
from searchapp.web.compare_counts import Compared, Line
from searchapp.web.compare_request import Comparison

_DIGITS: Final = 6
"""Of a share after the point: one article in a million."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write the table: its media type, whether a browser shows it or saves it, and what writes it."""

    media_type: str
    shown: bool
    write: Callable[[Compared, Comparison], str]


def write_csv(found: Compared, comparison: Comparison) -> str:
    """A row for each interval with its first and last day, the counts of all lines, then their shares if asked for."""
    names = [line.label for line in found.lines]
    shares = [f"{name} (share)" for name in names] if comparison.share else []
    rows = [csv_line([cell(name) for name in ("start", "end", *names, *shares)])]
    axis = found.histogram
    columns = [line.counts for line in found.lines], [_shares(line) for line in found.lines if comparison.share]
    for at, start in enumerate(axis.starts if axis else ()):
        end = intervals.end(axis.interval, start) if axis else start
        rows.append(csv_line([start, end, *(column[at] for column in (*columns[0], *columns[1]))]))
    return BYTE_ORDER_MARK + "".join(rows)


def write_json(found: Compared, comparison: Comparison) -> str:
    """One object. `counts`, `whole` and `shares` of each line stand in the order of `starts`."""
    axis = found.histogram
    record = {
        "by": "outlet" if comparison.by_outlet else "q",
        "interval": axis.interval if axis else None,
        "first": iso_day(axis.first) if axis else None,
        "last": iso_day(axis.last) if axis else None,
        "generation": found.generation,
        "starts": [iso_day(start) for start in axis.starts] if axis else [],
        "lines": [_line(line, comparison) for line in found.lines],
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def _line(line: Line, comparison: Comparison) -> Mapping[str, object]:
    shares = {"whole": list(line.whole), "shares": list(_shares(line))} if comparison.share else {}
    outlet = line.search.sources[0] if comparison.by_outlet else None
    return {"q": line.search.q, "outlet": outlet, "total": line.total, "counts": list(line.counts), **shares}


def _shares(line: Line) -> tuple[float | None, ...]:
    return tuple(None if share is None else round(share, _DIGITS) for share in line.shares())


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("text/csv; charset=utf-8", False, write_csv),
    "json": Form("application/json", True, write_json),
}
