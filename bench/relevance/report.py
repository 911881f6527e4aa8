"""The results as Markdown, which is also what is printed, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bench.relevance.anchor import ANCHOR
from bench.relevance.comparison import Figures, Row, SetResult
from bench.relevance.metrics import MEASURES, Interval, Measure
from bench.workspace import write_json

QUOTED: Final = 80
"""Characters of a query that are quoted."""
LISTED: Final = 8
"""Words of a query that are listed."""
TITLES: Final[dict[Measure, str]] = {"ndcg@10": "nDCG@10", "mrr@10": "MRR@10", "recall@100": "R@100"}


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: when, with which weights, over which half of the queries, and what came out."""

    date: str
    half: str | None
    weights: dict[str, float]
    sets: tuple[SetResult, ...]


def write(report: Report, folder: Path) -> Path:
    """Write both forms into `folder` and return the Markdown file."""
    stem = f"relevance-{report.date}" + (f"-half-{report.half}" if report.half else "")
    write_json(folder / f"{stem}.json", _record(report))
    table = folder / f"{stem}.md"
    table.write_text(markdown(report), encoding="utf-8")
    return table


def _record(report: Report) -> dict[str, Any]:
    record = asdict(report)
    for written, one in zip(record["sets"], report.sets, strict=True):
        for query in written["worst"]:
            query["text"] = textwrap.shorten(query["text"], QUOTED, placeholder=" …")
        written["targets"] = [{**asdict(row), "met": row.met} for row in one.targets]
    return record


def markdown(report: Report) -> str:
    """Every figure in tables."""
    half = f"half {report.half} of the queries" if report.half else "all queries"
    rejected = sum(one.rejected for one in report.sets)
    parts = [
        f"# Relevance, {report.date}",
        f"Measured by `python -m bench.relevance` on {half}, 100 hits deep. The anchor is {ANCHOR}. Differences have "
        "95 % intervals of a paired bootstrap over the queries.",
        *([f"Documents that the product refused, so that they cannot be found: {rejected:,}."] if rejected else []),
        figures_table(report.sets),
        targets_table(report.sets),
        *map(worst_table, (one for one in report.sets if one.worst)),
        "Weights: " + ", ".join(f"{name} {value:g}" for name, value in report.weights.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def figures_table(sets: Iterable[SetResult]) -> str:
    """A row a set and a row each part of it."""
    head = ["set", "documents", "queries"]
    for title in TITLES.values():
        head += [title, "anchor", "difference"]
    rows = []
    for one in sets:
        rows.append(_figures_row(one.name, f"{one.documents:,}", one.whole))
        rows += [_figures_row(f"· {name}", "", part) for name, part in one.parts.items()]
    return table(head, rows)


def _figures_row(name: str, documents: str, of_set: Figures) -> list[str]:
    row = [name, documents, f"{of_set.queries:,}"]
    for measure in MEASURES:
        anchor, difference = of_set.anchor.get(measure), of_set.difference.get(measure)
        row.append(number(of_set.product[measure]))
        row.append("–" if anchor is None else number(anchor))
        row.append("–" if difference is None else interval(difference))
    return row


def targets_table(sets: Iterable[SetResult]) -> str:
    """Each target beside what was measured; empty when no set has any."""
    rows = [_target_row(row) for one in sets for row in one.targets]
    return table(["set", "what", "wanted", "measured", ""], rows) if rows else ""


def _target_row(row: Row) -> list[str]:
    wanted = f"{'>' if row.above else '≥'} {number(row.wanted)}"
    return [row.set, row.what, wanted, number(row.measured), "met" if row.met else "short"]


def worst_table(of_set: SetResult) -> str:
    """A set's worst queries, each in a row."""
    rows = [
        [
            _in_cell(textwrap.shorten(one.text, QUOTED, placeholder=" …")),
            number(one.ndcg),
            "–" if one.rank is None else str(one.rank),
            _in_cell(_listed(one.lacking)) or "–",
            str(one.words),
            one.why,
        ]
        for one in of_set.worst
    ]
    head = ["query", "nDCG@10", "rank of the best judged document", "words that the answer lacks", "of", "why"]
    return f"## The worst queries of {of_set.name}\n\n" + table(head, rows)


def _listed(words: Sequence[str]) -> str:
    more = [f"{len(words) - LISTED} more"] if len(words) > LISTED else []
    return ", ".join([*words[:LISTED], *more])


def _in_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def number(value: float) -> str:
    """Four decimals without the zero in front."""
    return f"{value:.4f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.4f}"


def interval(difference: Interval) -> str:
    """+.0123 [.0045, .0201]."""
    sign = "+" if difference.mean >= 0 else ""
    return f"{sign}{number(difference.mean)} [{number(difference.low)}, {number(difference.high)}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
