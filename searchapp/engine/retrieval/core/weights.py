"""How much each occurrence of a word counts: BM25 and the one table of weights of fields and forms.

A story's score is a sum over the words of the query, the fields and the forms of a word: weight of the field · weight
of the form · idf · tf / (tf + k1 · (1 − b + b · length / average length)), as Lucene computes BM25 (without the
constant factor k1 + 1). The idf of a form is taken once over all searched fields together, so that a word that is
rare among keywords only does not count as a rare word. To the best of them comes what the words give
together (`rescoring.py`).
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from searchapp.frozen import dataclass

Form = Literal["exact", "lemma"]
TextFieldName = Literal["title", "body", "keywords", "copies"]
FORMS: Final[tuple[Form, ...]] = ("exact", "lemma")
TEXT_FIELDS: Final[tuple[TextFieldName, ...]] = ("title", "body", "keywords", "copies")

PREFIX_SCORE: Final = 1.0
"""What `word*` gives to every story that it matches: the words behind it are too unlike to be weighed by rarity."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Every parameter of ranking, free at query time: nothing of it is in the index.

    `k1` is the saturation of repeated words (.9 with b = .4 lost .05 to .09 MRR on Arabic news); `b_…` the share of a
    field's length. Keywords and the loose words of other copies are lists, not texts: their length says nothing.
    """

    k1: float = 1.2
    title: float = 1.5  # says what the story is about
    body: float = 1.0  # the measure of the others
    keywords: float = 0.2  # polluted by what a site promotes on that day
    copies: float = 0.5  # words that stand only in other copies than the one shown
    b_title: float = 0.75
    b_body: float = 0.75
    lead: float = 0.42  # once more, for what stands among the first words of the body
    lemma: float = 1.0
    exact: float = 0.36
    light: float = 0.3
    variant: float = 0.4  # another spelling of the word, times how much like it
    proximity: float = 0.8  # pairs of words near each other
    k1_proximity: float = 0.4  # that a pair is there counts more than how often
    kindred: float = 0.7  # a word of the same kin, in a story that lacks the word itself
    coverage: float = 2.0  # the whole score once more, times the share of the words that the story has
    ngrams: float = 3.0  # the whole score once more, times the share of the query's letters that a story begins with
    recency: float = 1.0  # of a story of today, times the score; nothing unless a request asks for it

    def of(self, field: TextFieldName) -> float:
        """What a field counts, by any form."""
        weight: float = getattr(self, field)
        return weight

    def of_form(self, form: Form) -> float:
        """What a form counts, in any field."""
        return self.exact if form == "exact" else self.lemma

    def saturation(
        self,
        field: TextFieldName | Literal["lead"],
        frequencies: NDArray[Any],
        lengths: NDArray[Any] | None,
        average: float,
    ) -> NDArray[np.float64]:
        """The part of BM25 in [0, 1) that grows with a word's frequency and falls with the length of the field.

        `frequencies` and `lengths` (in words) have the same shape; without lengths, every length is average.
        """
        share = getattr(self, f"b_{field}") if lengths is not None else 0.0
        relative = 0.0 if lengths is None else lengths / (average or 1.0)
        result: NDArray[np.float64] = frequencies / (frequencies + self.k1 * (1 - share + share * relative))
        return result


WEIGHTS: Final = Weights()


def inverse_document_frequency(documents: int, frequency: int) -> float:
    """Rarity, ln(1 + (N − df + .5) / (df + .5)): above zero for every word, unlike Robertson's own."""
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))
