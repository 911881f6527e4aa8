"""Settings: every limit is one row of one table, with its unit and reason; the documentation prints the same table."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Any, Final

from searchapp.frozen import dataclass

DEFAULT_DATA_DIRECTORY: Final = Path("index")
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
DEFAULT_TIME_ZONE: Final = "Asia/Riyadh"
"""Which day «today» is: that of most outlets an archive holds; an archive of other regions names its own."""
FIRST_WEEKDAY: Final = 6
"""The day that weeks begin on, as `date.weekday` counts: Sunday, as in most of the Arab world."""


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
    expansions: int = _row(256, "terms", "what one of ab*, a?b and word~ may match; the most frequent are kept")
    query_expansions: int = _row(4096, "terms", "what all such words of a query match; a?b and word~ count 64 or more")
    phrase_slop: int = _row(50, "words", 'the widest N of "a b"~N; beyond it the phrase means no more than AND')
    phrase_places: int = _row(
        256, "words a story", "that a query's phrases read, on average over the archive's stories, 20,000 or more"
    )
    results_window: int = _row(10_000, "hits", "page × per_page; exports are the way to more")
    per_page: int = _row(100, "hits", "what a browser shows comfortably")
    command_line_hits: int = _row(10_000, "hits", "--limit of the command line")
    address_bytes: int = _row(65_536, "bytes", "a URL as it is sent; one Arabic letter is six of them")
    exports_at_once: int = _row(2, "exports", "of over 1,000 hits, in one process; one more is told to come back")
    compared_words: int = _row(5_000, "words", "of two copies of a text; beyond it their beginnings, and it is said")
    filter_values: int = _row(200, "values", "outlets or dates selected at once")
    histogram_intervals: int = _row(400, "bars", "of a chart over time; beyond it intervals are the next coarser ones")
    compared: int = _row(5, "lines", "in one chart; more cannot be told apart")
    article_bytes: int = _row(20_000_000, "bytes", "a page or record; more is not an article")
    page_bytes: int = _row(20_000_000, "bytes", "a page file")
    html_bytes: int = _row(5_000_000, "bytes", "a page in HTML; taking it apart needs many times its size")
    html_attributes: int = _row(1_000, "attributes", "of one tag of a page; more cost the parser seconds, then hours")
    expanded_bytes: int = _row(200_000_000_000, "bytes", "what a compressed file or packed folder may expand to")
    expanded_ratio: int = _row(300, "times", "its own size, which a file may expand to; text packs 3 to 100 times")
    packed_directory_bytes: int = _row(20_000_000, "bytes", "the list of contents of a ZIP file, held whole in memory")
    spooled_bytes: int = _row(20_000_000_000, "bytes", "in a temporary file, of a format that is not read in a stream")
    row_group_bytes: int = _row(2_000_000_000, "bytes", "of text in one row group of a Parquet file, uncompressed")
    processes: int = _row(64, "processes", "--processes of the command line; one reads the archive for all of them")
    batch_articles: int = _row(500, "articles", "compared with the archive and written to it at once")


LIMITS: Final = Limits()
