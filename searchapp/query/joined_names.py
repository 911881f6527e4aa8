"""Names of two words in a query, written as one, as the index has them: عبد الله is عبدالله.

Which they are says `analysis.compound_names`. It is done before the query is read, so that signs and fields count for
the whole name: `-عبد الله` leaves out the name and does not ask for الله.
"""

from __future__ import annotations

import re
from typing import Final

from searchapp.analysis.analyzer import default_analyzer, exact_forms
from searchapp.analysis.compound_names import COMPOUNDS
from searchapp.analysis.glued_words import DRAWING
from searchapp.analysis.token_filters import FOLDED_LETTERS

_SPACE: Final = re.compile(r"\s+")
# Nearly as in exact forms, and quick: what is no letter may part words, and marks are left out.
_FOLDED: Final = str.maketrans(
    FOLDED_LETTERS | dict.fromkeys(DRAWING, "") | dict.fromkeys("\t\n\r\u00a0\"'()+-=:|&!,.;/«»“”„‟‹›،؛؟", " ")
)
# Letters of other keyboards and presentation forms become others when a text is cleaned.
_TO_BE_CLEANED: Final = re.compile("[^\x00-\x7f\u00a0-\u00bf\u0600-\u0652\u0660-\u066d\u2000-\u206f]")


def with_names_joined(text: str) -> str:
    """The query with names of two words written as one; any string is accepted."""
    if _TO_BE_CLEANED.search(text) is None and COMPOUNDS.keys().isdisjoint(text.translate(_FOLDED).split()):
        return text
    pieces, done = [], 0
    for start, end, forms in default_analyzer().occurrences(text):
        name = text[start:end]
        if _SPACE.search(name):
            glued = _SPACE.sub("", name)
            pieces += [text[done:start], glued if exact_forms([glued]) == [forms.exact] else forms.exact]
            done = end
    return "".join([*pieces, text[done:]])
