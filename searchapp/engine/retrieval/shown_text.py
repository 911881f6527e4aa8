"""The titles and bodies of a page's documents, decoded only where they are shown.

All documents of a segment are read in one go: ten hits then cost little more than one. A stored text is its title, a
space and its body; its tokens are the title's, then the body's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from searchapp.engine.retrieval.construction import fast_constructor
from searchapp.engine.retrieval.marks import PageMarks
from searchapp.engine.retrieval.windows import PLACE_SHIFT, Numbers, Spans, Windows, placed
from searchapp.engine.storage.codes import FIELD_GAP
from searchapp.engine.storage.segment import Segment
from searchapp.model import Snippet

Shown = tuple[Snippet | None, Snippet | None]
"""A hit's title and snippet."""
Record = Sequence[Any]
"""What `Segment.records` has of a document: characters of the stored title, the title where it was inferred, …"""
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
    tokens = _Tokens(*segment.token_offsets(documents, [plan.read for plan in plans]))
    shown = []
    for plan, record, start, stop in zip(plans, records, *segment.text_bounds(documents), strict=True):
        shown.append(_show(segment, plan, record, start, stop, tokens))
        tokens.before += plan.read
    return shown


class _Plan(NamedTuple):
    """What is shown of a document: the window [start, end) of its body, in tokens, and which tokens are marked.

    `title` and `body` are how many tokens these have, `read` is how many have to be read. The marks count from the
    title's first token.
    """

    start: int
    end: int
    title: int
    body: int
    read: int
    in_title: list[int]
    in_window: list[int]


def _plans(segment: Segment, documents: Numbers, records: Sequence[Record], marks: PageMarks) -> list[_Plan]:
    titles, bodies = (segment.column(f"length/{name}").take(documents).astype(np.int64) for name in ("title", "body"))
    in_title, in_body = marks.of_documents(segment, documents)
    windows = Windows(in_body.places, in_body.words, marks.worths)
    starts = np.arange(len(documents)) << PLACE_SHIFT
    title_ends = starts + titles
    # How many marks stand before the title, before the body and before what follows it.
    edges = np.concatenate([starts, title_ends, title_ends + bodies + FIELD_GAP])
    in_bodies = in_titles = in_body.places.searchsorted(edges).reshape(3, -1).T.tolist()
    of_titles = windows.positions
    if in_title is not in_body:
        of_titles = (in_title.places & ((1 << PLACE_SHIFT) - 1)).tolist()
        in_titles = in_title.places.searchsorted(edges).reshape(3, -1).T.tolist()
    plans = []
    for record, title, body, (start, stop, _), (_, low, high) in zip(
        records, titles.tolist(), bodies.tolist(), in_titles, in_bodies, strict=True
    ):
        plan = _plan(title, body, of_titles[start:stop], windows, low, high)
        plans.append(plan if record[1] is None else _with_inferred_title(plan, windows.positions[low:high]))
    return plans


def _plan(title: int, body: int, in_title: list[int], windows: Windows, low: int, high: int) -> _Plan:
    """The plan of one document; `low` and `high` bound the marks of its body."""
    positions, base = windows.positions, title + FIELD_GAP
    first, last = windows.best(low, high) if low < high else (base, base)
    start, end = placed(first - base, last - base, body)
    # One token past the window says how far the text between words goes.
    read = title + (end + 1 if end < body else body)
    first = bisect_left(positions, base + start, low, high)
    last = bisect_left(positions, base + end, first, high)
    return _Plan(start, end, title, body, read, in_title, [at - FIELD_GAP for at in positions[first:last]])


def _with_inferred_title(plan: _Plan, positions: Sequence[int]) -> _Plan:
    """A title taken from the lead is the beginning of the body, and marked as that."""
    tokens = [at - FIELD_GAP for at in positions]
    return plan._replace(in_title=[at for at in tokens if at < plan.read])


class _Tokens:
    """The tokens of several documents as `decode_offsets` gives them; `before` are those of the documents before."""

    __slots__ = ("before", "lengths", "sums")

    def __init__(self, sums: Sequence[int], lengths: Sequence[int]) -> None:
        self.sums, self.lengths, self.before = sums, lengths, 0

    def spans(self, tokens: Sequence[int], shift: int) -> Spans:
        """Where some tokens of the document stand, moved by `shift` characters."""
        sums, lengths, first = self.sums, self.lengths, self.before + 1
        shift -= sums[self.before]
        return tuple([(start := sums[first + at] + shift, start + lengths[first + at]) for at in tokens])


def _show(segment: Segment, plan: _Plan, record: Record, start: int, stop: int, tokens: _Tokens) -> Shown:
    """One document's title and snippet; its text is characters [start, stop) of the text store."""
    window, end, title_words, body, _, in_title, in_window = plan
    length, inferred, *_ = record
    sums, lengths = tokens.sums, tokens.lengths
    # Of what is behind a zero, entry `first` is the token before the window, entry `last` its last one.
    origin = sums[tokens.before]
    first = tokens.before + title_words + window
    last = first + end - window
    floor = sums[first] + lengths[first] - origin if window else length + 1
    if body:
        ceiling = sums[last + 1] - origin if end < body else stop - start
        text = segment.text((start, start + length), (start + floor, start + ceiling))
    else:
        text = segment.text((start, start + length))
    title: Snippet | None
    if inferred is not None:
        title = _inferred_title(segment, inferred, start + length + 1, tokens.spans(in_title, -length - 1))
    else:
        title = _snippet(text[:length], tokens.spans(in_title, 0)) if length else None
    if not body:
        return title, None
    # From here on in characters of `text`, in which the window's text follows the title.
    shift = length - floor
    cut = text.rfind(" ", length, sums[first + 1] - origin + shift) + 1 or length
    until = text.find(" ", sums[last] + lengths[last] - origin + shift)
    shown = text[cut:until] if until >= 0 else text[cut:]
    return title, _snippet(shown, tokens.spans(in_window, shift - cut), window > 0, end < body)


def _inferred_title(segment: Segment, title: str, body: int, spans: Spans) -> Snippet:
    """A title with its marks where the body begins with it."""
    if not spans or segment.text((body, body + len(title))) != title:
        return _snippet(title)
    return _snippet(title, tuple([span for span in spans if span[1] <= len(title)]))
