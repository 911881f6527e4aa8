"""Kindred words among the best stories: where a word of the query is missing, a word of the same kin speaks for it.

Headlines and questions say with a verb what a text says with its noun (تنفق, إنفاق), and with an adjective what it says
with a name (اليمن, اليمنية). Such words match too much to find by them, but among stories that are found they tell. The
lexicon says which lemmas are kindred.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.terms.word_lists import Source
from searchapp.engine.retrieval.terms.words import WordMatcher

Found = list[tuple[Source, NDArray[np.bool_], NDArray[np.intp]]]


def kindred_words(
    word: WordMatcher, base: int, local: NDArray[np.intp], lacking: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], Found]:
    """What stands for a word in those of some documents, rising, of the segment at `base` that lack it.

    For each document what the frequencies of a kindred word give there, of several the first; and for each kindred word
    where it is read, in which documents it counts, and which posting each has.
    """
    gains = np.zeros(len(local), np.float32)
    found: Found = []
    for one in word.kindred_lists:
        if one.base != base:
            continue
        standing, rows = one.source.find(local)
        standing = standing & lacking
        (chosen,) = standing.nonzero()
        if len(chosen):
            lacking = lacking & ~standing
            gains[chosen] = one.table.take(one.codes.take(rows.take(chosen)))
            found.append((one.source, standing, rows))
    return gains, found
