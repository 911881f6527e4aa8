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

A text without a sure sign of this language is no query but pasted, and read as its words (`pasted.py`).

Prefixes, wildcards and `~` look at words as they are written, letters folded, not at their lemmas, and mean nothing
inside a phrase. A question mark behind a word is punctuation, «أين?», unless the word has another wildcard; the Arabic
one always is (`word_patterns.py`).

What cannot be read so is never an error: it is read as best can be, and a `QueryNote` says what was done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from searchapp.config import LIMITS, Limits
from searchapp.errors import LimitExceeded
from searchapp.model import NoteCode, QueryNote
from searchapp.query.lexer import Token, tokenize
from searchapp.query.pasted import has_escaped_quotes, pasted_words, unescaped
from searchapp.query.plain import plain_query, side_by_side
from searchapp.query.shape import shape_of, visible
from searchapp.query.text import write
from searchapp.query.tree import And, Expression, Not, Or, Phrase, TextField, Word, Words
from searchapp.query.walk import positive_leaves

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
    typed, text = text, unescaped(text)
    plain = plain_query(text, limits.query_terms)
    if plain is not None:
        return ParsedQuery(*plain, ())
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
    pieces, notes = tokenize(text, limits)
    # The depth of the tree is what matters, because those who walk it, or compare two, may well recurse.
    depth = limits.query_depth // LEVELS_PER_BRACKET
    builder = _Builder(depth, notes)
    for piece in pieces:
        builder.take(piece)
    expression = builder.finish()
    if expression is None and shape_of(visible(text)).strip():
        builder.note("nothing_to_search")
    if expression is not None and not positive_leaves(expression):
        builder.note("only_negative")
    written = "" if expression is None else write(expression, depth)
    return ParsedQuery(expression, written, tuple(dict.fromkeys(notes)))


@dataclass(slots=True)
class _Group:
    """An open bracket, or the whole query, while it is being read.

    `words` are the members side by side since the last operator, `conjuncts` those groups of words since the last OR.
    `prefixes` wait for an operand, and so does `operator`, the last AND or OR.
    """

    text_field: TextField | None = None
    words: list[Expression] = field(default_factory=list)
    conjuncts: list[Expression] = field(default_factory=list)
    alternatives: list[Expression] = field(default_factory=list)
    prefixes: list[Token] = field(default_factory=list)
    operator: str = ""

    def add(self, operand: Expression) -> None:
        if self.prefixes:
            types = [prefix.type for prefix in self.prefixes]
            negated = types.count("not") % 2 == 1
            if negated:
                operand = _negated(operand)
            elif "required" in types:
                operand = _required(operand)
            self.prefixes.clear()
        self.words.append(operand)
        self.operator = ""

    def end_words(self) -> None:
        if self.words:
            self.conjuncts.append(_joined(Words, self.words))
            self.words = []

    def end_conjuncts(self) -> None:
        self.end_words()
        if self.conjuncts:
            self.alternatives.append(_joined(And, self.conjuncts))
            self.conjuncts = []

    def end(self) -> Expression | None:
        self.end_conjuncts()
        return _joined(Or, self.alternatives) if self.alternatives else None


class _Builder:
    """Builds the tree from tokens with a stack of its own, so that no depth of brackets can exhaust Python's."""

    def __init__(self, depth: int, notes: list[QueryNote]) -> None:
        self._depth, self._notes = depth, notes
        self._groups = [_Group()]
        self._ignored = 0

    def take(self, piece: Token | Expression) -> None:
        """Take the next operand or token."""
        group = self._groups[-1]
        if not isinstance(piece, Token):
            group.add(_in_field(piece, group.text_field) if group.text_field else piece)
            return
        match piece.type:
            case "not" | "required":
                group.prefixes.append(piece)
            case "and" | "or":
                self._separate(group, piece)
            case "open":
                self._open(group, piece)
            case "close":
                self._close()

    def finish(self) -> Expression | None:
        """End the query, closing what is open."""
        if len(self._groups) > 1:
            self.note("unbalanced_parenthesis", "(")
        while len(self._groups) > 1:
            self._close_group()
        return self._end(self._groups[0])

    def note(self, code: NoteCode, detail: str = "") -> None:
        """Add a note."""
        self._notes.append(QueryNote(code, detail))

    def _separate(self, group: _Group, token: Token) -> None:
        self._drop_prefixes(group)
        if not group.words:
            self.note("stray_operator", token.text)
            return
        if token.type == "and":
            group.end_words()
        else:
            group.end_conjuncts()
        group.operator = token.text

    def _open(self, group: _Group, token: Token) -> None:
        if len(self._groups) > self._depth:
            self._ignored += 1
            self.note("stray_operator", token.text)
        else:
            self._groups.append(_Group(token.field or group.text_field))

    def _close(self) -> None:
        if self._ignored:
            self._ignored -= 1
        elif len(self._groups) == 1:
            self.note("unbalanced_parenthesis", ")")
        else:
            self._close_group()

    def _close_group(self) -> None:
        expression = self._end(self._groups.pop())
        if expression is None:
            self._drop_prefixes(self._groups[-1])
        else:
            self._groups[-1].add(expression)

    def _end(self, group: _Group) -> Expression | None:
        self._drop_prefixes(group)
        if group.operator:
            self.note("stray_operator", group.operator)
        return group.end()

    def _drop_prefixes(self, group: _Group) -> None:
        for prefix in group.prefixes:
            self.note("stray_operator", prefix.text)
        group.prefixes.clear()


def _in_field(operand: Expression, text_field: TextField) -> Expression:
    return replace(operand, field=text_field) if isinstance(operand, (Word, Phrase)) else operand


def _negated(operand: Expression) -> Expression:
    if isinstance(operand, Not):
        return operand.member
    return Not(replace(operand, required=False) if isinstance(operand, Word) and operand.required else operand)


def _required(operand: Expression) -> Expression:
    if isinstance(operand, Words):
        return _joined(And, operand.members)
    return replace(operand, required=True) if isinstance(operand, Word) else operand


def _joined(kind: type[And] | type[Or] | type[Words], members: list[Expression] | tuple[Expression, ...]) -> Expression:
    """Members under one node, without nodes of the same kind between them, or the only member itself."""
    if len(members) == 1:
        return members[0]
    flat: list[Expression] = []
    for member in members:
        if isinstance(member, kind):
            flat.extend(member.members)
        else:
            flat.append(member)
    return kind(tuple(flat))
