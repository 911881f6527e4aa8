"""The titles and bodies of a page's documents, decoded only where they are shown.

All documents of a segment are read in one go: ten hits then cost little more than one. A stored text is its title, a
space and its body; its tokens are the title's, then the body's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.highlighting.marks import PageMarks
from searchapp.engine.retrieval.highlighting.windows import PLACE_SHIFT, Numbers, Spans, Windows, placed
from searchapp.engine.storage.codes import FIELD_GAP
from searchapp.engine.storage.segment import Segment
from searchapp.model import Snippet

Shown = tuple[Snippet | None, Snippet | None]
"""A hit's title and snippet."""
Tokens = tuple[Sequence[int], Sequence[int]]
"""The tokens of several documents as `decode_offsets` gives them."""
Record = Sequence[Any]
"""What `Segment.records` has of a document: characters of the stored title, the title where it was inferred, …"""
Stored = tuple[Record, Snippet | None, Snippet | None, int, str | None, int]
"""A hit's record, its title and snippet, its story's number, and the outlet and the day of its only copy; these say
nothing where there may be several."""
_snippet: Final = fast_constructor(Snippet)


def plain_titles(segment: Segment, documents: Numbers, records: Sequence[Record]) -> list[Shown]:
    """The titles of some documents of a segment without marks, and no snippets."""
    lengths = [record[0] for record in records]
    starts, _ = segment.text_bounds(documents)
    text = segment.text(*[(start, start + length) for start, length in zip(starts, lengths, strict=True)])
    stored = [text[start:stop] for start, stop in pairwise(accumulate(lengths, initial=0))]
    titles = [record[1] or title for record, title in zip(records, stored, strict=True)]
    return [(_snippet(title) if title else None, None) for title in titles]


def marked_texts(segment: Segment, documents: Numbers, records: Sequence[Record], marks: PageMarks) -> list[Shown]:
    """The whole titles and the best windows of the bodies (None for a body without words), with their marks."""
    plans = _plans(segment, documents, records, marks)
    tokens = segment.token_offsets(documents, [plan[0] for plan in plans])
    pieces = _pieces(plans, records, tokens, *segment.text_bounds(documents))
    text = segment.text(*[bounds for piece in pieces for bounds in piece])
    shown, at = [], 0
    for plan, piece, record in zip(plans, pieces, records, strict=True):
        title, snippet = _show(text, at, plan, piece, tokens)
        if record[1] is not None:
            title = _inferred_title(segment, record[1], plan, piece, tokens)
        shown.append((title, snippet))
        (start, title_end), (floor, ceiling) = piece
        at += title_end - start + ceiling - floor
    return shown


_Plan = tuple[int, int, int, int, bool, bool, list[int], list[int]]
"""Which tokens of a document are shown. A plain tuple, as is `_Piece`: one is made for each hit.

Tokens are numbered as in what `decode_offsets` gives of all the documents. How many of this one have to be read; the
number before its first; those of the window's first token and of its last, which is before the first where the body has
no words; whether there is more of the body before the window and behind it; and the positions of what is marked in the
title and in the window.
"""
_Piece = tuple[tuple[int, int], tuple[int, int]]
"""Which characters of the text store are read of a document: the title's, and the window's with what stands around it,
none where the body has no words."""


def _plans(segment: Segment, documents: Numbers, records: Sequence[Record], marks: PageMarks) -> list[_Plan]:
    titles, bodies = (segment.column(f"length/{name}").take(documents).tolist() for name in ("title", "body"))
    in_title, in_body = marks.of_documents(segment, documents)
    windows = Windows(in_body.places, in_body.words, marks.worths)
    title_positions = windows.positions
    if in_title is not in_body:
        title_positions = (in_title.places & ((1 << PLACE_SHIFT) - 1)).tolist()
    plans: list[_Plan] = []
    before = 0
    for record, title, body, of_title, of_body in zip(
        records, titles, bodies, in_title.bounds, in_body.bounds, strict=True
    ):
        marked = title_positions[slice(*of_title)] if record[1] is None else None
        plan = _plan(before, title, body, marked, windows, *of_body)
        plans.append(plan)
        before += plan[0]
    return plans


def _plan(
    before: int, title: int, body: int, in_title: list[int] | None, windows: Windows, start: int, stop: int
) -> _Plan:
    """The plan of one document; `start` and `stop` bound its marks among those of bodies.

    `in_title` are the positions of those for the title. It is None where the title is inferred: that is the beginning
    of the body, and marked as that.
    """
    positions, base = windows.positions, title + FIELD_GAP
    low, high = bisect_left(positions, base, start, stop), bisect_left(positions, base + body, start, stop)
    first, last = windows.best(low, high) if low < high else (base, base)
    window, end = placed(first - base, last - base, body)
    # One token past the window says how far the text between words goes.
    read = title + (end + 1 if end < body else body)
    first, last = bisect_left(positions, base + window, low, high), bisect_left(positions, base + end, low, high)
    if in_title is None:
        marked = positions[low : bisect_left(positions, read + FIELD_GAP, low, high)]
    else:
        marked = in_title[: bisect_left(in_title, title)]
    begin = before + 1 + title + window
    return read, before, begin, begin + end - window - 1, window > 0, end < body, marked, positions[first:last]


def _pieces(
    plans: Sequence[_Plan], records: Sequence[Record], tokens: Tokens, starts: Sequence[int], stops: Sequence[int]
) -> list[_Piece]:
    sums, lengths = tokens
    pieces = []
    for (_, before, first, last, leading, trailing, _, _), record, start, stop in zip(
        plans, records, starts, stops, strict=True
    ):
        title_end = start + record[0]
        move = start - sums[before]
        floor = sums[first - 1] + lengths[first - 1] + move if leading else title_end + 1
        ceiling = floor if last < first else sums[last + 1] + move if trailing else stop
        pieces.append(((start, title_end), (floor, ceiling)))
    return pieces


def _show(text: str, at: int, plan: _Plan, piece: _Piece, tokens: Tokens) -> Shown:
    """One document's title and snippet; `text` holds its piece from `at` on."""
    sums, lengths = tokens
    _, before, first, last, leading, trailing, in_title, in_window = plan
    (start, title_end), (floor, ceiling) = piece
    window_at, move = at + title_end - start, -sums[before]
    # A word of the title has its place among the tokens as position, one of the body `FIELD_GAP` more.
    title = _snippet(text[at:window_at], _spans(in_title, before + 1, move, tokens)) if title_end > start else None
    if last < first:
        return title, None
    # From here on in characters of `text`.
    move += start - floor + window_at
    stop = window_at + ceiling - floor
    cut = text.rfind(" ", window_at, sums[first] + move) + 1 or window_at
    until = text.find(" ", sums[last] + lengths[last] + move, stop)
    shown = text[cut : until if until >= 0 else stop]
    spans = _spans(in_window, before + 1 - FIELD_GAP, move - cut, tokens)
    return title, _snippet(shown, spans, leading, trailing)


def _spans(positions: Sequence[int], first: int, move: int, tokens: Tokens) -> Spans:
    """Where the words at some positions stand: `first` is the number of the token at position 0.

    `move` is what is added to the sums.
    """
    if not positions:
        return ()
    sums, lengths = tokens
    return tuple([(start := sums[first + at] + move, start + lengths[first + at]) for at in positions])


def _inferred_title(segment: Segment, title: str, plan: _Plan, piece: _Piece, tokens: Tokens) -> Snippet:
    """A title with its marks where the body begins with it."""
    (start, title_end), _ = piece
    body_at = title_end + 1
    _, before, *_, in_title, _ = plan
    spans = _spans(in_title, before + 1 - FIELD_GAP, start - body_at - tokens[0][before], tokens)
    if not spans or segment.text((body_at, body_at + len(title))) != title:
        return _snippet(title)
    return _snippet(title, tuple([span for span in spans if span[1] <= len(title)]))
