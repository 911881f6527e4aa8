"""The titles and snippets of a page by compiled loops: what `shown_text` makes step by step, planned in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from searchapp.compiled import Int64s
from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.highlighting import shown_loops
from searchapp.engine.retrieval.highlighting.marks import PageMarks
from searchapp.engine.retrieval.highlighting.shown_loops import find_ids, plan_hits
from searchapp.engine.retrieval.highlighting.shown_text import Record, Shown
from searchapp.engine.retrieval.highlighting.windows import LEAD_WORDS, SNIPPET_WORDS, Numbers, Spans
from searchapp.engine.storage.codes import FIELD_GAP
from searchapp.engine.storage.container import BLOCK
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.text_store import PAGE
from searchapp.model import Snippet

_PARTS: Final = {
    "story/records": shown_loops.RECORDS,
    "text/data": shown_loops.TEXT,
    "token/steps": shown_loops.STEPS,
    "token/lengths": shown_loops.LENGTHS,
}
"""What is checked where it is read."""
_COLUMNS: Final = {
    "story/record_pointers": shown_loops.RECORD_POINTERS,
    "text/pointers": shown_loops.TEXT_POINTERS,
    "token/pointers": shown_loops.TOKEN_POINTERS,
    "length/title": shown_loops.TITLES,
    "length/body": shown_loops.BODIES,
}
"""What is checked as a whole."""
_SPANS: Final = 4096
"""Room for so many numbers at least: more than a page is likely to have, and no more than is at hand at once."""
_snippet: Final = fast_constructor(Snippet)


def planned_hits(segment: Segment, documents: Numbers, marks: PageMarks) -> tuple[Sequence[Record], list[Shown]] | None:
    """What is stored of some documents, their titles and their snippets; None where loops are not to be had."""
    made = plan_hits.ready()
    if made is None:
        return None
    file, facts = segment.file, segment.derived("facts for hits", _facts)
    worths = np.array(marks.worths, np.int64)
    rows = np.empty(len(documents) * shown_loops.ROW, np.int64)
    spans = np.empty(_SPANS + 2 * SNIPPET_WORDS * len(documents), np.int64)
    for known in marks.known(segment, documents):
        while (found := made(file.data, file.unseen_flags, facts, documents, *known, worths, rows, spans)) < 0:
            if found == shown_loops.UNSEEN:
                file.touch(rows.item(0), rows.item(0) + 1)
            elif found == shown_loops.FULL:
                spans = np.empty(4 * len(spans), np.int64)
            else:
                break
        else:
            return _shown(segment, rows, spans[: 2 * found])
    return None


def ids_of(segment: Segment, documents: Numbers) -> list[str] | None:
    """The id of each document's representative article; None where loops are not to be had, or do not find them."""
    made = find_ids.ready()
    if made is None:
        return None
    file, facts = segment.file, segment.derived("facts for hits", _facts)
    bounds = np.empty(2 * len(documents), np.int64)
    while (found := made(file.data, file.unseen_flags, facts, documents, bounds)) < 0:
        file.touch(-1 - found, -found)
    if found < len(documents):
        return None
    data, places = file.data.data, iter(bounds.tolist())
    return [str(data[start:stop], "utf-8", "surrogatepass") for start, stop in zip(places, places, strict=True)]


def _facts(segment: Segment) -> Int64s:
    """What the loop is told of a segment."""
    facts = np.zeros(shown_loops.FACTS, np.int64)
    for name, at in (*_PARTS.items(), *_COLUMNS.items()):
        facts[at : at + 2] = segment.file.place(name)
    for name in _COLUMNS:
        segment.column(name)
    facts[shown_loops.BLOCK], facts[shown_loops.GAP] = BLOCK, FIELD_GAP
    facts[shown_loops.SPACE] = PAGE.index(" ")
    facts[shown_loops.WINDOW_WORDS], facts[shown_loops.LEAD] = SNIPPET_WORDS, LEAD_WORDS
    return facts


def _shown(segment: Segment, rows: Int64s, spans: Int64s) -> tuple[Sequence[Record], list[Shown]]:
    """What rows tell, read and put together."""
    planned = rows.reshape(-1, shown_loops.ROW).tolist()
    numbers = iter(spans.tolist())
    pairs = list(zip(numbers, numbers, strict=True))
    records = segment.checked_records([(row[0], row[1]) for row in planned])
    text = segment.checked_text([bounds for row in planned for bounds in ((row[2], row[3]), (row[4], row[5]))])
    shown: list[Shown] = []
    window_end = 0
    for record, (_, _, begin, end, first, last, leading, trailing, of_title, of_window, behind) in zip(
        records, planned, strict=True
    ):
        title_at, window_at = window_end, window_end + end - begin
        window_end = window_at + last - first
        title = snippet = None
        if record[1] is not None:
            title = _inferred(segment, record[1], end + 1, tuple(pairs[of_title:of_window]))
        elif end > begin:
            title = _snippet(text[title_at:window_at], tuple(pairs[of_title:of_window]))
        if first >= 0:
            found = tuple(pairs[of_window:behind])
            snippet = _snippet(text[window_at:window_end], found, leading == 1, trailing == 1)
        shown.append((title, snippet))
    return records, shown


def _inferred(segment: Segment, title: str, body_at: int, spans: Spans) -> Snippet:
    """A title that was inferred, with its marks where the body begins with it."""
    if not spans or segment.text((body_at, body_at + len(title))) != title:
        return _snippet(title)
    return _snippet(title, tuple([span for span in spans if span[1] <= len(title)]))
