"""The documents in which a phrase may stand: those that have each of its words as often as it says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.intersection import intersect
from searchapp.engine.storage.terms import TermPostings


def candidates(
    words: Sequence[str], lists: Sequence[TermPostings], marks: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], list[TermPostings], list[NDArray[np.intp]]]:
    """The documents, rising; for each word, its postings, and where the documents stand in them.

    Without a look at how often words stand there, a word that is said hundreds of times would be followed through all
    documents that have it.

    Args:
        words: those of the phrase, in its order.
        lists: the postings of the different ones among them, in the order in which they first come.
        marks: as `intersect` takes them.
    """
    found, rows = intersect([one.documents for one in lists], marks)
    documents: NDArray[np.intp] = found.astype(np.intp)
    times = Counter(words)
    for at, said in enumerate(times.values()):
        if said > 1:
            often = np.flatnonzero(lists[at].positions(rows[at])[0] >= said)
            documents, rows = documents.take(often), [row.take(often) for row in rows]
    places = {word: at for at, word in enumerate(times)}
    return documents, [lists[places[word]] for word in words], [rows[places[word]] for word in words]
