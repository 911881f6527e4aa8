"""The weighting of the fast path for Whoosh's searcher: the same weights, lengths and rarities, to the same scores."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np
from whoosh import matching, scoring
from whoosh.searching import Searcher

from searchapp.engine.retrieval.core.weights import (
    TEXT_FIELDS,
    WEIGHTS,
    Form,
    TextFieldName,
    Weights,
    inverse_document_frequency,
)
from searchapp.engine.storage.norms import DECODED
from searchapp.engine.storage.segment import LiveSegment
from searchapp.engine.whoosh_codec.schema import TEXT_FORMS

_DECODED: Final[list[int]] = DECODED.tolist()


class FieldedBM25(scoring.WeightingModel):  # type: ignore[misc]
    """BM25 as `retrieval/core/weights.py` says it.

    The scores of a word in all fields and forms, added by an `Or`, are what the fast path gives the word. `fields` are
    those that are searched: how rare a word is, is counted over all of them together. A phrase is scored by Whoosh as
    its words are, which is not what the fast path does. Fields that are no text score 1, as in Whoosh.
    """

    def __init__(self, weights: Weights = WEIGHTS, fields: tuple[TextFieldName, ...] = TEXT_FIELDS) -> None:
        self.weights, self.fields = weights, fields

    def idf(self, searcher: Searcher, fieldname: str, text: bytes) -> float:
        """Rarity over the whole index, deleted documents included."""
        parent = searcher.get_parent()
        form = TEXT_FORMS[fieldname][1]
        live = (reader.segment().open(reader.storage()) for reader, _ in parent.reader().leaf_readers())
        frequency = sum(self._document_frequency(part, form, text) for part in live)
        return inverse_document_frequency(parent.doc_count_all(), frequency)

    def _document_frequency(self, part: LiveSegment, form: Form, term: bytes) -> int:
        """Documents of a segment in which a term stands in any of the fields."""
        postings = part.segment.form(form).find(term)
        if postings is None:
            return 0
        if len(self.fields) == len(TEXT_FIELDS):
            return len(postings)
        table = part.segment.codes
        columns = [getattr(table, f"tf_{field}").take(postings.codes) for field in self.fields]
        return int(np.count_nonzero(np.sum(columns, axis=0)))

    def scorer(self, searcher: Searcher, fieldname: str, text: bytes, qf: int = 1) -> scoring.BaseScorer:
        """What scores one term in one field."""
        if fieldname not in TEXT_FORMS:
            return scoring.WeightScorer.for_(searcher, fieldname, text)
        return FieldScorer(searcher, fieldname, text, self.weights)


class FieldScorer(scoring.BaseScorer):  # type: ignore[misc]
    """Scores one term in one form of one field, by frequency and coded length."""

    def __init__(self, searcher: Searcher, fieldname: str, text: bytes, weights: Weights) -> None:
        parent = searcher.get_parent()
        self._searcher, self._fieldname = searcher, fieldname
        self._field, form = TEXT_FORMS[fieldname]
        self._weights = weights
        self._factor: float = weights.of(self._field) * weights.of_form(form) * parent.idf(fieldname, text)
        facts = [
            reader.segment().open(reader.storage()).segment.file.meta for reader, _ in parent.reader().leaf_readers()
        ]
        with_field = sum(fact["with_field"][self._field] for fact in facts)
        self._average = parent.field_length(fieldname) / max(with_field, 1)
        self._saturations: dict[float, list[float]] = {}

    def score(self, matcher: matching.Matcher) -> float:
        """The score of the posting that a matcher is at."""
        length = self._searcher.doc_field_length(matcher.id(), self._fieldname)
        return self._factor * self._saturations_of(matcher.weight())[bisect_right(_DECODED, length) - 1]

    def _saturations_of(self, frequency: float) -> list[float]:
        """The saturation of a frequency for every coded length; few frequencies are different."""
        found = self._saturations.get(frequency)
        if found is None:
            lengths = DECODED if self._field in ("title", "body") else None
            frequencies = np.full(len(DECODED), frequency)
            values = self._weights.saturation(self._field, frequencies, lengths, self._average)
            found = self._saturations[frequency] = values.tolist()
        return found
