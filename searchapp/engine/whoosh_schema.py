"""The Whoosh schema of the index, and how a story becomes one Whoosh document.

A story is one document. Each text field stands twice, by exact form and by stem, both with positions; stop words are
indexed too. `copies_*` hold the words that stand only in other copies than the representative, so that they still find
the story. What a hit shows is stored; what filters, facets and sorting need is one binary value in a column.
"""

from __future__ import annotations

import struct
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from whoosh import columns, fields, formats

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.columns import StoryRow, ordinal
from searchapp.engine.hits import Shown
from searchapp.engine.weights import FORMS, TEXT_FIELDS, TextFieldName, index_field
from searchapp.model import Article, Copy, Story

FORMAT_VERSION: Final = 1
"""Rises with every change of what is written here; an index of another version is rebuilt."""

Positions = Mapping[str, Sequence[int]]
"""A field's value as it is handed to Whoosh: term → its positions, rising."""

STORY: Final = "story"
COLUMNS: Final = "columns"
SHOWN: Final = "shown"

_POSITION: Final = "I"  # 32 bits, in the byte order of the machine, which Whoosh checks for the whole index
_GAP: Final = 1_000  # between two copies' positions: wider than any slop, so that no phrase spans two copies
_STORY_ROW: Final = struct.Struct("<QQI")  # number, sequence, count of copies
_COPY_ROW: Final = struct.Struct("<II")  # ordinal of the date, length of the outlet's name (0: unknown)


class PackedPositions(formats.Positions):  # type: ignore[misc]
    """Positions as an array of 32-bit integers: quicker to read and write than Whoosh's own pickles."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        """Positions to bytes."""
        return array(_POSITION, poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Bytes to positions."""
        return array(_POSITION, valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """How many positions there are."""
        return len(valuestring) // array(_POSITION).itemsize

    def combine(self, vs: Iterable[bytes]) -> bytes:
        """Positions of several values of one field."""
        return self.encode(sorted({position for value in vs for position in self.decode_positions(value)}))


class AnalyzedField(fields.FieldType):  # type: ignore[misc]
    """A text field whose values come analysed, as `Positions`: one pass of our analyzer gives all forms."""

    def __init__(self) -> None:
        super().__init__(PackedPositions(), analyzer=None, scorable=True)

    def index(self, value: Positions, **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Postings as Whoosh wants them: (term, frequency, weight, positions)."""
        for term, positions in value.items():
            count = len(positions)
            yield term.encode(), count, float(count), array(_POSITION, positions).tobytes()

    def process_text(self, qstring: str, **_: object) -> list[str]:
        """A query text is taken for one term: terms are made by our analyzer, never by Whoosh."""
        return [qstring]


def make_schema() -> fields.Schema:
    """The schema; an index always opens with this one instead of the one pickled in it."""
    texts = {index_field(field, form): AnalyzedField() for field in TEXT_FIELDS for form in FORMS}
    column = fields.COLUMN(columns.VarBytesColumn())
    return fields.Schema(**{STORY: fields.ID(), COLUMNS: column, SHOWN: fields.STORED()}, **texts)


def document(story: Story, analyzer: ArabicAnalyzer) -> dict[str, Any]:
    """The Whoosh document of a story that has articles."""
    representative, others = story.articles[0], story.articles[1:]
    texts: dict[TextFieldName, tuple[Positions, Positions]] = {
        "title": _both_forms(analyzer, representative.title),
        "body": _both_forms(analyzer, representative.body),
        "keywords": _both_forms(analyzer, representative.keywords),
    }
    texts["copies"] = _only_in_copies(representative, others, list(texts.values()), analyzer)
    result: dict[str, Any] = {STORY: str(story.number), COLUMNS: _pack(story), SHOWN: _shown(story)}
    for field, forms in texts.items():
        for form, positions in zip(FORMS, forms, strict=True):
            if positions:
                result[index_field(field, form)] = positions
    return result


def _both_forms(analyzer: ArabicAnalyzer, text: str | None) -> tuple[Positions, Positions]:
    """The positions of exact forms and of stems, in the order of `FORMS`."""
    exact: defaultdict[str, list[int]] = defaultdict(list)
    stem: defaultdict[str, list[int]] = defaultdict(list)
    for position, (_, _, forms) in enumerate(analyzer.occurrences(text or "")):
        exact[forms.exact].append(position)
        stem[forms.stem].append(position)
    return exact, stem


def _only_in_copies(
    representative: Article,
    others: Iterable[Article],
    shown: Sequence[tuple[Positions, Positions]],
    analyzer: ArabicAnalyzer,
) -> tuple[Positions, Positions]:
    """The words of other copies, in each form, that the representative does not have in that form."""
    known = [frozenset(term for forms in shown for term in forms[number]) for number in range(len(FORMS))]
    result: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    base = 0
    for text in dict.fromkeys(text for copy in others for text in _texts(copy)):
        if text in _texts(representative):
            continue
        last = 0
        for number, found in enumerate(_both_forms(analyzer, text)):
            for term, positions in found.items():
                last = max(last, positions[-1])
                if term not in known[number]:
                    result[number].setdefault(term, []).extend(base + position for position in positions)
        base += last + _GAP
    return result


def _texts(article: Article) -> tuple[str, ...]:
    return tuple(text for text in (article.title, article.body, article.keywords) if text)


def _pack(story: Story) -> bytes:
    parts = [_STORY_ROW.pack(story.number, story.sequence, len(story.articles))]
    for article in story.articles:
        name = (article.outlet or "").encode(errors="surrogatepass")
        parts += (_COPY_ROW.pack(ordinal(article.date), len(name)), name)
    return b"".join(parts)


def unpack(value: bytes) -> StoryRow:
    """Read the column's value of a story.

    Raises:
        struct.error, UnicodeDecodeError: it is broken.
    """
    number, sequence, count = _STORY_ROW.unpack_from(value)
    at = _STORY_ROW.size
    copies: list[tuple[str | None, int]] = []
    for _ in range(count):
        day, length = _COPY_ROW.unpack_from(value, at)
        at += _COPY_ROW.size
        copies.append((value[at : at + length].decode(errors="surrogatepass") or None, day))
        at += length
    return StoryRow(number, sequence, tuple(copies))


def _shown(story: Story) -> tuple[object, ...]:
    """Plain values only: Whoosh pickles what it stores."""
    first = story.articles[0]
    copies = tuple((copy.id, copy.outlet, ordinal(copy.date), copy.url, copy.date_origin) for copy in story.articles)
    return first.id, first.title, first.title_inferred, first.body, first.url, copies


def shown(stored: Mapping[str, Any]) -> Shown:
    """Read the stored fields of a document."""
    article_id, title, inferred, body, url, rows = stored[SHOWN]
    copies = tuple(Copy(row[0], row[1], date.fromordinal(row[2]) if row[2] else None, row[3]) for row in rows)
    return Shown(article_id, title, inferred, body, url, copies, tuple(row[4] for row in rows))
