"""The trailer of an article: the run of marked lines that ends it, with its sources and keywords."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from searchapp.ingest.layout.lines import FEW_NAME_WORDS, Line, is_name
from searchapp.ingest.outlets.sources import names_agency
from searchapp.ingest.text import bare

LINES_ABOVE: Final = 16
LONGEST_KEYWORD: Final = 60
MOST_KEYWORD_LINES: Final = 12
MOST_LOOSE_WORDS: Final = 4
"""Of a source's name behind a label that has no colon."""

_TRAILER: Final = frozenset({"source", "keywords", "date"})
_SENTENCE_ENDS: Final = (".", "؟", "?", "!", "،", ":", "؛")


@dataclass(frozen=True, slots=True)
class Trailer:
    """What a trailer says; `start` is the index of its first line."""

    start: int
    sources: tuple[str, ...] = ()
    keywords: str | None = None
    date_raw: str | None = None


def is_trailer_above(lines: Sequence[Line], at: int) -> bool:
    """Whether the lines just above an index, promos aside, are a trailer with more than a date."""
    above = [line for line in lines[max(0, at - LINES_ABOVE) : at] if line.kind != "promo"]
    return any(line.kind != "date" for line in above[_start(above) :])


def read_trailer(lines: Sequence[Line]) -> Trailer:
    """Return the trailer that ends these lines; where there is none, one that begins after them.

    The sources are those before the keywords if any are. Keywords may fill several lines, and several marked lines.
    """
    start = _start(lines)
    sources: list[str] = []
    late_sources: list[str] = []
    keywords: dict[str, None] = {}
    dates: list[str] = []
    for marker, value in _entries(lines[start:]):
        if marker == "keywords":
            keywords[value] = None
        elif marker == "date":
            dates.append(value)
        else:
            (late_sources if keywords else sources).append(value)
    return Trailer(start, tuple(sources or late_sources), " ".join(keywords) or None, next(iter(dates), None))


def _entries(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Each marker's kind with its value, which may stand on the line below it, or go on there."""
    for at, line in enumerate(lines):
        if line.kind not in _TRAILER:
            continue
        below = next((other for other in range(at + 1, len(lines)) if lines[other].kind in _TRAILER), len(lines))
        continued = [bare(other.text) for other in lines[at + 1 : below]]
        value = " ".join(filter(None, [line.value, *continued]))
        if value:
            yield line.kind, value


def _start(lines: Sequence[Line]) -> int:
    """The index at which the trailer begins; the number of lines if there is none."""
    at = _run_start(lines, _before_continued_keywords(lines))
    while at < len(lines) and lines[at].kind == "source" and not _is_label(lines, at):
        at += 1
    return at


def _run_start(lines: Sequence[Line], at: int) -> int:
    """The index at which the run of marked lines, or of marked lines with their values below, begins."""
    while at:
        if lines[at - 1].kind in _TRAILER and not _speaks(lines, at - 1):
            at -= 1
        elif at > 1 and _is_value_of(lines[at - 1], lines[at - 2]):
            at -= 2
        else:
            break
    return at


def _before_continued_keywords(lines: Sequence[Line]) -> int:
    """The index after which only further keywords follow, on lines of their own; else the number of lines."""
    for back in range(1, min(MOST_KEYWORD_LINES, len(lines) - 1) + 1):
        line = lines[-back]
        if line.kind == "keywords":
            return len(lines) - back + 1
        if line.kind != "text" or len(line.text) > LONGEST_KEYWORD or line.text.endswith(_SENTENCE_ENDS):
            break
    return len(lines)


def _is_value_of(line: Line, above: Line) -> bool:
    """Whether a line is the value of the marker on the line above it."""
    if line.kind != "text" or above.value:
        return False
    return above.kind == "keywords" or (above.kind == "source" and is_name(line.text, FEW_NAME_WORDS))


def _speaks(lines: Sequence[Line], at: int) -> bool:
    """Whether a marked line is a sentence of the body: one without a colon, and more than a name."""
    line = lines[at]
    is_sentence = len(line.value.split()) > MOST_LOOSE_WORDS or line.value.endswith(_SENTENCE_ENDS)
    return line.kind == "source" and line.is_loose and is_sentence and not names_agency(line.value)


def _is_label(lines: Sequence[Line], at: int) -> bool:
    """Whether a source line that begins a trailer belongs to it.

    Above another one stands an agency, or a name of few words that does not end like a sentence («المصدر ذاته نفى»).
    """
    line = lines[at]
    is_last = not any(other.kind == "source" for other in lines[at + 1 :])
    if is_last or not line.value or not is_name(line.value, FEW_NAME_WORDS):
        return is_last or not line.value
    return names_agency(line.value) or not (line.is_loose or line.value.endswith(_SENTENCE_ENDS))
