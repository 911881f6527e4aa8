"""A short list of Arabic stop words for the peers that bring none, about as selective as Lucene's own."""

from __future__ import annotations

from typing import Final

STOP_WORDS: Final = [
    *("في", "من", "على", "الى", "إلى", "عن", "مع", "هذا", "هذه", "ذلك", "التي", "الذي"),
    *("أن", "إن", "لا", "ما", "لم", "لن", "قد", "كان", "كانت", "هو", "هي", "ثم", "أو", "أي"),
    *("حتى", "و", "يا", "كما", "بين", "كل", "بعد", "قبل", "عند", "غير"),
]
