"""The schema under which Whoosh sees the index.

| field | terms | else |
| --- | --- | --- |
| `title_exact`, `title_lemma`, the same for `body`, `keywords`, `copies` | words by form, with positions | analysed |
| `story` | the story's number in decimal | unique, column, stored |
| `outlet` | the outlet's name, one term a copy, "-" for an unknown one | column: the first copy's |
| `date` | "2015-08-11", one term a dated copy | column: the earliest |
| `id`, `title`, `body`, `url`, `outlets`, `dates` | | stored |

Dates are text and not Whoosh's numbers, because a range that is open at one end goes wrong with those (2.7.4). As text
they can be asked for by range and by prefix: `date:2015-08*`. `DateRange` and `DateRangeFacet`, which ask for numbers,
are answered with ranges of these texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NoReturn

import numpy as np
from whoosh import analysis, columns, fields, formats

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.retrieval.core.weights import FORMS, TEXT_FIELDS, Form, TextFieldName
from searchapp.errors import UsageError

STORY: Final = "story"
OUTLET: Final = "outlet"
DATE: Final = "date"
STORED_ONLY: Final = ("id", "title", "body", "url", "outlets", "dates")
_MICROSECONDS_A_DAY: Final = 86_400_000_000
UNDATED: Final = int(np.iinfo(np.int32).max)
"""The day of a story without date, in the column: after all days."""


def index_field(field: TextFieldName, form: Form) -> str:
    """Whoosh's name for one form of a text field: "body_lemma"."""
    return f"{field}_{form}"


TEXT_FORMS: Final[dict[str, tuple[TextFieldName, Form]]] = {
    index_field(field, form): (field, form) for field in TEXT_FIELDS for form in FORMS
}
"""Whoosh's name → field and form."""


def refuse_writing() -> NoReturn:
    """Whoosh's own writers end here: what they wrote would be gone with our next commit.

    Raises:
        UsageError: always.
    """
    raise UsageError("Whoosh can only read this index; write to it with `searchapp index`")


class FormAnalyzer(analysis.Analyzer):  # type: ignore[misc]
    """Our analyzer as Whoosh knows them: it gives one form of the words, stop words among them."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        tokenize: bool = True,
        **_: object,
    ) -> Iterator[analysis.Token]:
        """Yield one token object over and over, as Whoosh's analyzers do.

        Without `tokenize` the text is a pattern or a prefix: it is one token, its letters folded but not stemmed.
        """
        token = analysis.Token(positions=positions, chars=chars, mode=mode)
        if not tokenize:
            token.text = token.original = default_analyzer().forms(value).exact or value
            yield token
            return
        for position, (start, end, forms) in enumerate(default_analyzer().occurrences(value), start=start_pos):
            token.text = token.original = forms.exact if self.form == "exact" else forms.lemma
            token.pos = position
            token.startchar, token.endchar = start_char + start, start_char + end
            yield token


class ReadOnlyField(fields.FieldType):  # type: ignore[misc]
    """A field whose values nobody adds through Whoosh. Its texts are analysed all the same, for `more_like`."""

    def separate_spelling(self) -> NoReturn:
        """Refuse (see `refuse_writing`): Whoosh's writers alone ask for it, of every value that they are given."""
        refuse_writing()


class FormField(ReadOnlyField):
    """One form of a text field, with positions, and with term vectors where its text is stored."""

    def __init__(self, form: Form) -> None:
        super().__init__(formats.Positions(), FormAnalyzer(form), scorable=True, vector=True)


class StoredField(ReadOnlyField, fields.STORED):  # type: ignore[misc]
    """A field that hits have, and that is not searched."""


class ValueField(ReadOnlyField):
    """A field of whole values, one term each."""

    def __init__(self, column: columns.Column, *, stored: bool = False, unique: bool = False) -> None:
        super().__init__(formats.Existence(), analysis.IDAnalyzer(), stored=stored, unique=unique, sortable=column)


class StoryNumbers(columns.NumericColumn):  # type: ignore[misc]
    """The column of story numbers, which every document has."""

    def writer(self, _dbfile: object) -> NoReturn:
        """Refuse (see `refuse_writing`): a writer that merges segments, as `optimize` does, copies columns first."""
        refuse_writing()


class StoryField(ValueField):
    """Story numbers: sorted as numbers, given as text."""

    def __init__(self) -> None:
        super().__init__(StoryNumbers("q"), stored=True, unique=True)

    def from_column_value(self, value: int) -> str:
        """The number as its term is written."""
        return str(value)


class DateField(ReadOnlyField, fields.NUMERIC):  # type: ignore[misc]
    """Days, written as texts. The undated sort last both ways.

    Whoosh's `DateRange` takes no field but a numeric one, and speaks to it in microseconds since the year 1.
    """

    numtype, bits, signed, shift_step, sortable_typecode = int, 64, False, 0, "Q"

    # Whatever else is asked of it is answered as by any field of texts.
    _text = fields.FieldType
    index, process_text, tokenize = _text.index, _text.process_text, _text.tokenize
    to_bytes, from_bytes, sortable_terms = _text.to_bytes, _text.from_bytes, _text.sortable_terms
    self_parsing, parse_query, parse_range = _text.self_parsing, _text.parse_query, _text.parse_range
    default_column = _text.default_column

    def __init__(self) -> None:
        column = columns.NumericColumn("i", default=UNDATED)
        fields.FieldType.__init__(self, formats.Existence(), analysis.IDAnalyzer(), sortable=column)

    def prepare_number(self, x: float) -> int:
        """A bound of a range; any is accepted."""
        return int(x)

    def sortable_to_bytes(self, x: int, shift: int = 0) -> bytes:
        """The term of the day that begins at a moment; of another moment, a text between its day and the next one."""
        day, rest = divmod(max(x, 0), _MICROSECONDS_A_DAY)
        if day >= date.max.toordinal():
            return f"{date.max.isoformat()}T".encode()
        return (date.fromordinal(day + 1).isoformat() + "T" * bool(rest)).encode()

    def from_column_value(self, value: int) -> str | None:
        """The day as its term is written; None for the undated."""
        return None if value == UNDATED else date.fromordinal(value).isoformat()


def make_schema() -> fields.Schema:
    """The schema, the same for every index."""
    described: dict[str, Any] = {name: FormField(form) for name, (_, form) in TEXT_FORMS.items()}
    described |= {STORY: StoryField(), OUTLET: ValueField(columns.VarBytesColumn()), DATE: DateField()}
    described |= {name: StoredField() for name in STORED_ONLY}
    return fields.Schema(**described)
