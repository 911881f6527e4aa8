"""The occurrences of words in the documents of a page, read by compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from searchapp.compiled import Int64s
from searchapp.engine.retrieval.highlighting import mark_loops
from searchapp.engine.retrieval.highlighting.mark_loops import find_marks, read_marks
from searchapp.engine.retrieval.highlighting.windows import Numbers
from searchapp.engine.retrieval.terms.word_lists import Stretch
from searchapp.engine.storage.container import BLOCK
from searchapp.engine.storage.form_layout import SKIP
from searchapp.engine.storage.segment import Segment

_COLUMNS: Final = {
    "lemma/documents": mark_loops.DOCUMENTS,
    "lemma/codes": mark_loops.CODES,
    "lemma/position_skips": mark_loops.SKIPS,
    "lemma/positions": mark_loops.POSITIONS,
}


def marks_read(segment: Segment, words: Sequence[Sequence[Stretch]], documents: Numbers) -> Numbers | None:
    """The occurrences, rising, as `proximity.occurrences` has them; documents are numbered as given.

    `words` say of each word where its postings lie. None where loops are not to be had.

    Raises:
        IndexBroken: what is read does not fit its checksum.
    """
    made, made_read = find_marks.ready(), read_marks.ready()
    if made is None or made_read is None:
        return None
    stretches = [(*stretch, number) for number, of_word in enumerate(words) for stretch in of_word]
    sources = np.array(stretches, np.int64).ravel()
    file, facts = segment.file, segment.derived("facts for marks", _facts)
    bounds = np.empty(2 * len(stretches) * len(documents), np.int64)
    while (total := made(file.data, file.unseen_flags, facts, segment.frequencies, sources, documents, bounds)) < 0:
        file.touch(-1 - total, -total)
    marks = np.empty(total, np.int64)
    made_read(file.data, facts, sources, len(documents), bounds, marks)
    return marks


def _facts(segment: Segment) -> Int64s:
    """What the loops are told of a segment."""
    facts = np.zeros(mark_loops.FACTS, np.int64)
    for name, at in _COLUMNS.items():
        facts[at : at + 2] = segment.file.place(name)
    facts[mark_loops.BLOCK], facts[mark_loops.SKIP] = BLOCK, SKIP
    return facts
