"""Settings: every limit is one row of one table, with its unit and reason; the documentation prints the same table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

DEFAULT_DATA_DIRECTORY: Final = Path("index")
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000


def _row(value: int, unit: str, reason: str) -> Any:
    """A limit's default with what the documentation says of it."""
    return field(default=value, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit.

    Passing one raises `LimitExceeded` (a 400 on the page), or rejects that one input item, or, where the reason says
    so, is noted in the answer.
    """

    query_characters: int = _row(4096, "characters", "a pasted paragraph is a query, a pasted article is not")
    query_terms: int = _row(512, "words", "300-word queries are answered; of more words, the first are, and it is said")
    query_depth: int = _row(64, "levels", "of the syntax tree, four to a bracket; deeper brackets are read flat")
    expansions: int = _row(256, "terms", "what one prefix may match; beyond it the most frequent are kept, and said")
    phrase_slop: int = _row(50, "words", 'the widest N of "a b"~N; beyond it the phrase means no more than AND')
    results_window: int = _row(10_000, "hits", "page × per_page; exports are the way to more")
    per_page: int = _row(100, "hits", "what a browser shows comfortably")
    command_line_hits: int = _row(10_000, "hits", "--limit of the command line")
    filter_values: int = _row(200, "values", "outlets or dates selected at once")
    article_bytes: int = _row(20_000_000, "bytes", "a page or record; more is not an article")
    page_bytes: int = _row(20_000_000, "bytes", "a page file")
    batch_articles: int = _row(500, "articles", "written to the archive in one transaction")


LIMITS: Final = Limits()
