"""Telling a pasted text from a query: in a headline, a post or a paragraph, quotes and strokes are no operators.

Someone who pastes a text wants what is like it. Read as a query, each quotation in it would have to stand word for
word, and a dash before a word would leave out what it is about. Typographic quotation marks are what texts are printed
with: beside a plain word they mean no more than their absence.
"""

from __future__ import annotations

import html
import re
from typing import Final

from searchapp.query.shape import QUOTES, TATWEEL, shape_of, visible, words_of
from searchapp.query.tree import OPERATOR_NAMES
from searchapp.query.word_patterns import EMPHASIS, SURE

TEXT_WORDS: Final = 10
"""So many words outside quotation marks, without a sure sign of the query language, are a text."""
HEADLINE_WORDS: Final = 5
"""So many are one if it does not begin with a dash before a word, which would leave that word out."""
STROKES: Final = 2
"""A headline may have so many of `|` between its parts; more are a list of alternatives."""

# On the shape: an operator of two signs, `="…`, `=word` or `+=word`, a number behind a phrase, a plus sign, a sign or a
# field before a bracket.
_ASKED: Final = re.compile(rf"&&|\|\||(?<![^ (|])[=+]{{1,2}}(?=[am0{QUOTES}(])|[{QUOTES}]~0|(?<=[-+:])\(")
# A dash before a word leaves it out; at the beginning of a long text it is a line of a list, or of what somebody says.
_DASH: Final = rf"-(?=[am0{QUOTES}(=])"
_LEFT_OUT, _AT_FIRST = re.compile(f"(?<=[ (|]){_DASH}"), re.compile(_DASH)
_FIELD_NAME: Final = r"(?<!\w)(?:title|source|date|عنوان|مصدر|منفذ|تاريخ)"
_FIELD, _FIELD_APART = re.compile(rf"{_FIELD_NAME}:(?=\S)"), re.compile(rf"{_FIELD_NAME} *:")
_QUOTED: Final = re.compile(rf"[{QUOTES}][^{QUOTES}]*[{QUOTES}]")
# Words, the punctuation between them, and typographic quotation marks of which there is at least one pair.
_PRINTED: Final = re.compile("[am0 .,;!?'-]*[«»“”„‟‹›][am0 .,;!?'-]*[«»“”„‟‹›][am0 .,;!?'«»“”„‟‹›-]*")
# What ends or parts sentences, outside quotation marks: a colon beside a space, full stops, an exclamation mark. Nobody
# asks with them. Nor does anybody draw out a particle to a quotation mark, as in بـ"كذا".
_SENTENCE: Final = re.compile(r"(?<= ):|:(?= )|\.\.|!(?= |\Z)")
_DRAWN_OUT: Final = re.compile(rf"(?<=\w){TATWEEL}[{QUOTES}]")
_ESCAPED_QUOTE: Final = re.compile("&(?:quot|#0*34|#[xX]0*22|[lr]aquo|[lr]dquo);")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S+")


def unescaped(text: str) -> str:
    """The text without what a web page's source makes of its signs: `&quot;`."""
    return html.unescape(text) if "&" in text else text


def has_escaped_quotes(text: str) -> bool:
    """Whether a text has quotation marks as a web page's source writes them, which nobody types."""
    return "&" in text and _ESCAPED_QUOTE.search(text) is not None


def pasted_words(text: str, *, from_source: bool = False) -> list[str] | None:
    """The words of a pasted text, without web addresses; None when the text is a query.

    `from_source` says that its quotation marks are those of a web page's source.
    """
    text = visible(text)
    shape = shape_of(text)
    if _ASKED.search(shape) or _LEFT_OUT.search(shape) or shape.count("|") > STROKES or _FIELD.search(text):
        return None
    if SURE.search(EMPHASIS.sub(_blank, shape)):
        return None
    without_addresses = _ADDRESS.sub(_blank, text)
    shape = shape_of(without_addresses)
    unquoted = len(words_of(without_addresses, _QUOTED.sub(_blank, shape), 0, len(shape)))
    if not (_is_text(shape, unquoted) or (unquoted and (from_source or _has_sentence_marks(without_addresses, shape)))):
        return None
    words = words_of(without_addresses, shape, 0, len(shape))
    return words if OPERATOR_NAMES.isdisjoint(words) else None


def _is_text(shape: str, unquoted: int) -> bool:
    if unquoted >= TEXT_WORDS:
        return True
    if _AT_FIRST.match(shape):
        return False
    return unquoted >= HEADLINE_WORDS or (unquoted > 0 and _PRINTED.fullmatch(shape) is not None)


def _has_sentence_marks(text: str, shape: str) -> bool:
    """Whether a text with quotations has marks outside them that only print has."""
    if not _QUOTED.search(shape) or _AT_FIRST.match(shape) or _FIELD_APART.search(text):
        return False
    outside = _QUOTED.sub(lambda found: QUOTES[0] * len(found[0]), shape)
    return _SENTENCE.search(outside) is not None or _DRAWN_OUT.search(text) is not None


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
