"""The paragraphs of a body: without furniture and marked promos, and each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from searchapp.ingest.layout.lines import LONGEST_PROMO, Line, all_are_text, read_line
from searchapp.ingest.text import printed_lines, without_repeats

LONGEST_HEADLINE: Final = 150


def unmarked_paragraphs(text: str) -> tuple[str, ...] | None:
    """Return what `body_paragraphs` does, of a text that can have no other parts; None where more must be looked at."""
    lines = printed_lines(text)
    return without_repeats(lines) if all_are_text(lines) else None


def body_paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text that is a body alone."""
    lines = [Line(line) if len(line) > LONGEST_PROMO else read_line(line) for line in printed_lines(text)]
    return paragraphs_of([line for line in lines if line.kind != "furniture"])


def paragraphs_of(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the texts of these lines but for promos, each once."""
    return without_repeats(line.text for line in without_promos(lines))


def without_promos(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines without promos: those that say «اقرأ أيضا» and more, and those that say it and have headlines below."""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.kind in {"read_also", "similar"}:
            at = _after_headlines(lines, at)
        elif line.kind != "promo":
            yield line


def _after_headlines(lines: Sequence[Line], at: int) -> int:
    """The index after a promo's headlines: all that have its bullet, or else one that does not end like a sentence."""
    after = at
    while after < len(lines) and (lines[after].kind == "promo" or _is_listed(lines[after], lines[at])):
        after += 1
    if after == at < len(lines) and lines[at].kind == "text":
        text = lines[at].text
        after += len(text) <= LONGEST_HEADLINE and not text.endswith((".", "،", ":", "؛"))
    return after


def _is_listed(line: Line, first: Line) -> bool:
    """Whether a line has the bullet that the first line of a list has."""
    bullet, of_first = line.bullet or "", first.bullet or ""
    return bool(line.bulleted) and bullet[:1] == of_first[:1]
