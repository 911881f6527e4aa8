"""The title and body of one document, decoded only where they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.engine.retrieval.marks import Marked
from searchapp.engine.retrieval.windows import best_window, placed
from searchapp.engine.storage.documents import FIELD_GAP
from searchapp.engine.storage.segment import Segment
from searchapp.model import Snippet


class ShownText:
    """A document's stored text is its title, a space and its body; its tokens are the title's, then the body's."""

    def __init__(self, segment: Segment, document: int, title_length: int, inferred: str | None) -> None:
        self._segment, self._document = segment, document
        self._start, self._stop = segment.text_bounds(document)
        self._title_length, self._inferred = title_length, inferred
        self._title_words: int = segment.column("length/title").item(document)
        self._body_words: int = segment.column("length/body").item(document)

    def plain_title(self) -> Snippet | None:
        """The title without marks."""
        title = self._inferred or self._text(0, self._title_length)
        return Snippet(title) if title else None

    def show(self, in_title: Marked, in_body: Marked, worths: Sequence[int]) -> tuple[Snippet | None, Snippet | None]:
        """The whole title and the best window of the body (None for a body without words), with their marks."""
        first = self._title_words + FIELD_GAP
        last = first + self._body_words
        positions = sorted([at for at in in_body if first <= at < last])
        tokens = [at - first for at in positions]
        window = best_window(tokens, [in_body[at] for at in positions], worths)
        start, end = placed(*window, self._body_words)
        # One token past the window says how far the text between words goes.
        count = self._title_words + min(end + 1, self._body_words)
        starts, lengths = self._segment.token_offsets(self._document, count)
        title = self._title(in_title, tokens, starts, lengths)
        if not self._body_words:
            return title, None
        first, last = self._title_words + start, self._title_words + end - 1
        floor = starts[first - 1] + lengths[first - 1] if start else self._title_length + 1
        ceiling = starts[last + 1] if end < self._body_words else self._stop - self._start
        text = self._text(floor, ceiling)
        cut = text.rfind(" ", 0, starts[first] - floor) + 1
        stop = text.find(" ", starts[last] + lengths[last] - floor)
        spans = []
        for at in tokens:
            if start <= at < end:
                begin = starts[self._title_words + at] - floor - cut
                spans.append((begin, begin + lengths[self._title_words + at]))
        shown = text[cut:stop] if stop >= 0 else text[cut:]
        return title, Snippet(shown, tuple(spans), start > 0, end < self._body_words)

    def _text(self, start: int, stop: int) -> str:
        return self._segment.text(self._start + start, self._start + stop)

    def _title(
        self, in_title: Marked, body: Sequence[int], starts: Sequence[int], lengths: Sequence[int]
    ) -> Snippet | None:
        if self._inferred is not None:
            return self._inferred_title(self._inferred, body, starts, lengths)
        if not self._title_length:
            return None
        words = sorted([at for at in in_title if at < self._title_words])
        spans = [(starts[at], starts[at] + lengths[at]) for at in words]
        return Snippet(self._text(0, self._title_length), tuple(spans))

    def _inferred_title(
        self, title: str, body: Sequence[int], starts: Sequence[int], lengths: Sequence[int]
    ) -> Snippet:
        """A title taken from the lead is the beginning of the body, and marked as that."""
        base, first = self._title_length + 1, self._title_words
        if not body or self._text(base, base + len(title)) != title:
            return Snippet(title)
        known = [first + at for at in body if first + at < len(starts)]
        spans = [(starts[at] - base, starts[at] + lengths[at] - base) for at in known]
        return Snippet(title, tuple([span for span in spans if span[1] <= len(title)]))
