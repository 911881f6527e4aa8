"""The titles and snippets of a page by compiled loops: what `shown_text` makes step by step, planned in one pass."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int64s
from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.highlighting import id_loops, shown_loops
from searchapp.engine.retrieval.highlighting.id_loops import find_ids
from searchapp.engine.retrieval.highlighting.marks import PageMarks
from searchapp.engine.retrieval.highlighting.shown_loops import plan_hits
from searchapp.engine.retrieval.highlighting.shown_text import Stored
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
    "story/numbers": shown_loops.STORIES,
    "copy/outlets": shown_loops.OUTLETS,
    "copy/dates": shown_loops.DAYS,
}
"""What is checked as a whole."""
_OF_IDS: Final = {
    "story/records": id_loops.RECORDS,
    "story/record_pointers": id_loops.RECORD_POINTERS,
    "story/numbers": id_loops.STORIES,
}
_ID_BYTES: Final = 96
"""Room for so many bytes of each id: more than most have in all."""
_SPANS: Final = 4096
"""Room for so many numbers at least: more than a page is likely to have, and no more than is at hand at once."""
_BYTES: Final = 1024
"""And for so many bytes of each document."""
_ROW: Final = shown_loops.ROW
_snippet: Final = fast_constructor(Snippet)


def planned_hits(segment: Segment, documents: Numbers, marks: PageMarks) -> list[Stored] | None:
    """What is shown of some documents; None where loops are not to be had."""
    made = plan_hits.ready()
    if made is None:
        return None
    file, facts = segment.file, segment.derived("facts for hits", _facts)
    count = len(documents)
    planned = np.empty(_SPANS + (_ROW + 2 * SNIPPET_WORDS) * count, np.int64)
    copied = np.empty(_BYTES * (1 + count), np.uint8)
    for known in marks.known(segment, documents):
        while (end := made(file.data, file.unseen_flags, facts, documents, *known, marks.worths, planned, copied)) < 0:
            if end == shown_loops.UNSEEN:
                file.touch(planned.item(0), planned.item(0) + 1)
            elif end == shown_loops.FULL:
                planned, copied = np.empty(4 * len(planned), np.int64), np.empty(4 * len(copied), np.uint8)
            else:
                break
        else:
            return _stored(segment, count, planned[:end].tolist(), copied)
    return None


def ids_of(segment: Segment, documents: Numbers) -> tuple[list[str], list[int]] | None:
    """The id of each document's representative article, and its story's number.

    None where loops are not to be had, or do not find them.
    """
    made = find_ids.ready()
    if made is None:
        return None
    file, facts = segment.file, segment.derived("facts for ids", _facts_of_ids)
    found, copied = np.empty(len(documents), np.int64), np.empty(_ID_BYTES * len(documents), np.uint8)
    while (end := made(file.data, file.unseen_flags, facts, documents, found, copied)) < 0:
        if end == id_loops.OTHERWISE:
            return None
        if end == id_loops.FULL:
            copied = np.empty(4 * len(copied), np.uint8)
        else:
            file.touch(-1 - end, -end)
    ids = str(copied[:end].data, "utf-8", "surrogatepass").split("\n")
    ids.pop()  # what follows the last line's end
    return ids, found.tolist()


def _facts_of_ids(segment: Segment) -> Int64s:
    """What the loop for ids is told of a segment."""
    facts = np.zeros(id_loops.FACTS, np.int64)
    for name, at in _OF_IDS.items():
        facts[at : at + 2] = segment.file.place(name)
    for name in ("story/record_pointers", "story/numbers"):
        segment.column(name)
    facts[id_loops.BLOCK] = BLOCK
    return facts


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


def _stored(segment: Segment, documents: int, planned: list[int], copied: Bytes) -> list[Stored]:
    """What a plan tells, put together."""
    texts_end, records_end = planned[0], planned[1]
    spans_at = shown_loops.HEAD + documents * shown_loops.ROW
    numbers = iter(planned[spans_at:])
    pairs = list(zip(numbers, numbers, strict=True))
    text = segment.decoded(copied[:texts_end].tobytes(), lambda: _bounds(planned[shown_loops.HEAD : spans_at]))
    outlets = segment.shown_outlets
    found: list[Stored] = []
    window_end, row_end = 0, shown_loops.HEAD
    for record in segment.read_records(copied[texts_end:records_end].tobytes()):
        row = planned[row_end : row_end + _ROW]
        _, _, begin, end, first, last, leading, trailing, of_title, of_window, behind, story, outlet, day = row
        row_end += _ROW
        title_at, window_at = window_end, window_end + end - begin
        window_end = window_at + last - first
        title = snippet = None
        spans = tuple(pairs[of_title:of_window]) if of_title < of_window else ()
        if record[1] is not None:
            title = _inferred(segment, record[1], end + 1, spans)
        elif end > begin:
            title = _snippet(text[title_at:window_at], spans)
        if first >= 0:
            shown = tuple(pairs[of_window:behind])
            snippet = _snippet(text[window_at:window_end], shown, leading == 1, trailing == 1)
        found.append((record, title, snippet, story, outlets[outlet], day))
    return found


def _bounds(rows: list[int]) -> list[tuple[int, int]]:
    """Where in the text store the titles and windows lie."""
    starts = range(0, len(rows), shown_loops.ROW)
    return [
        (rows[row + column], rows[row + column + 1])
        for row in starts
        for column in (shown_loops.TITLE, shown_loops.WINDOW)
    ]


def _inferred(segment: Segment, title: str, body_at: int, spans: Spans) -> Snippet:
    """A title that was inferred, with its marks where the body begins with it."""
    if not spans or segment.text((body_at, body_at + len(title))) != title:
        return _snippet(title)
    return _snippet(title, tuple([span for span in spans if span[1] <= len(title)]))
