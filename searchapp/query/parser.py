"""The query language: how what a reader types becomes a syntax tree.

| typed | read as |
| --- | --- |
| `a b` | both words, side by side: `Words(a, b)`; punctuation between words means nothing |
| `"a b"`, also « » “ ” „ ‟ ‹ › | `Phrase`; inside it every operator is a word; `"a b"~5` with slop |
| `a AND b`, `a && b` | `And` |
| `a OR b`, `a | b` | `Or` |
| `NOT a`, `-a` | `Not`; the hyphen only where a word starts |
| `+a` | a word that is never relaxed; `+(a b)` asks for all of the group: `(a AND b)` |
| `ab*` | every word that begins with ab; it must have two letters or digits |
| `a*b`, `*ab`, `a?b` | wildcards: `*` is any letters or none, `?` is one; two letters or digits must be given |
| `word~`, `word~2` | words one edit away, or two: a letter more, less or other, or two neighbours swapped |
| `=a`, `="a b"` | the very forms |
| `title:a`, `title:"a b"`, `title:(a OR b)`, also `عنوان:` | in the title |
| `source:a`, `source:"a b"`, also `مصدر:` and `منفذ:` | from this outlet |
| `date:2024`, `date:2024-06..2024-06-25`, also `تاريخ:` | of these days |

How tightly things bind, from tight to loose:

| | typed | read as |
| --- | --- | --- |
| 1 | signs, NOT and fields: the next word, phrase or group | `-a b` is `(-a) b` |
| 2 | side by side | `a b AND c` is `(a b) AND c` |
| 3 | AND | `a b AND c OR d` is `((a b) AND c) OR d` |
| 4 | OR | `a b OR c d` is `(a b) OR (c d)` |

In a sentence: what stands side by side belongs together, AND joins such groups, OR separates the alternatives.

Operators are upper-case; and, or, not, و, أو and ليس are words. A field's name counts only at a word's start and with
its value glued to the colon, so that «المصدر: رويترز» stays text. Several words glued together are words side by side
(كوفيد-19), but a phrase under a sign, a field or `=`: `-كوفيد-19` leaves out that name and does not ask for 19.

Names of two words that are one to the index (عبد الله, `joined_names.py`) are one word here, too.

A text without a sure sign of this language is no query but pasted, and read as its words (`pasted.py`).

Prefixes, wildcards and `~` look at words as they are written, letters folded, not at their lemmas, and mean nothing
inside a phrase. A question mark behind a word is punctuation, «أين?», unless the word has another wildcard; the Arabic
one always is (`word_patterns.py`).

What cannot be read so is never an error: it is read as best can be, and a `QueryNote` says what was done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from searchapp.config import LIMITS, Limits
from searchapp.errors import LimitExceeded
from searchapp.frozen import dataclass
from searchapp.model import QueryNote
from searchapp.query.joined_names import with_names_joined
from searchapp.query.plain import plain_query, side_by_side
from searchapp.query.tree import Expression

LEVELS_PER_BRACKET: Final = 4
"""A pair of brackets makes up to four levels of the tree: a Not, an Or, an And and a Words."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query that was read. `expression` is None when nothing in it can be searched.

    `text` is the query as understood, in canonical form: it parses to the same expression, provided that it, too, stays
    within `query_characters` (writing out may lengthen it). It holds no lone surrogates and no control characters.
    `notes` says what was mended, each thing once.
    """

    expression: Expression | None
    text: str
    notes: tuple[QueryNote, ...]


def parse(text: str, *, limits: Limits = LIMITS) -> ParsedQuery:
    """Read a query in the language of this module.

    No more than `limits.query_terms` words are read: a phrase counts its words, a source and a date count one each.
    The tree is about `limits.query_depth` levels high at most: brackets nested deeper than a fourth of that are left
    out, and their content is read as if they were not there.

    Raises:
        LimitExceeded: the text is longer than `limits.query_characters`.
    """
    if len(text) > limits.query_characters:
        raise LimitExceeded("query_characters", limits.query_characters, len(text))
    text = with_names_joined(text)
    if (plain := _as_plain(text, limits)) is not None:
        return plain
    parsed = _as_query_or_text(text, limits)
    # Punctuation between words means nothing: without it, more names may stand there.
    joined = with_names_joined(parsed.text)
    if joined == parsed.text:
        return parsed
    again = _as_plain(joined, limits) or _as_query_or_text(joined, limits)
    return replace(again, notes=tuple(dict.fromkeys(parsed.notes + again.notes)))


def _as_plain(text: str, limits: Limits) -> ParsedQuery | None:
    plain = plain_query(text, limits.query_terms)
    return None if plain is None else ParsedQuery(*plain, ())


def _as_query_or_text(text: str, limits: Limits) -> ParsedQuery:
    # Most queries are plain, and the first of a process is answered sooner without the patterns of the others.
    from searchapp.query.pasted import has_escaped_quotes, pasted_words, unescaped  # noqa: PLC0415

    typed, text = text, unescaped(text)
    if text is not typed and (plain := _as_plain(text, limits)) is not None:
        return plain
    as_query = parse_in_full(text, limits)
    # Written out, a query may lose the sign that made it one: the decision must be the same for both.
    pasted = pasted_words(text, from_source=has_escaped_quotes(typed)) or pasted_words(as_query.text)
    if pasted is None or len(pasted) > limits.query_terms:
        return as_query
    as_text = ParsedQuery(*side_by_side(pasted), ())
    if as_text.expression == as_query.expression:
        return replace(as_query, text=as_text.text)
    return replace(as_text, notes=(QueryNote("read_as_text"),))


def parse_in_full(text: str, limits: Limits) -> ParsedQuery:
    """Read a query as `parse` does, without its short way for plain queries and without its limit of characters."""
    from searchapp.query.building import build  # noqa: PLC0415
    from searchapp.query.text import write  # noqa: PLC0415

    # The depth of the tree is what matters, because those who walk it, or compare two, may well recurse.
    depth = limits.query_depth // LEVELS_PER_BRACKET
    expression, notes = build(text, depth, limits)
    written = "" if expression is None else write(expression, depth)
    return ParsedQuery(expression, written, tuple(dict.fromkeys(notes)))
