"""The long way through the parser: from the lexer's tokens to the syntax tree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from searchapp.config import Limits
from searchapp.model import NoteCode, QueryNote
from searchapp.query.lexer import Token, tokenize
from searchapp.query.tree import And, Expression, Not, Or, Phrase, TextField, Word, Words
from searchapp.query.walk import positive_leaves


def build(text: str, depth: int, limits: Limits) -> tuple[Expression | None, list[QueryNote]]:
    """The tree of a query, None when nothing in it can be searched, and what was mended on the way.

    Brackets nested more than `depth` deep are left out.
    """
    pieces, notes = tokenize(text, limits)
    builder = _Builder(depth, notes)
    for piece in pieces:
        builder.take(piece)
    expression = builder.finish()
    if expression is None and text.strip():
        builder.note("nothing_to_search")
    if expression is not None and not positive_leaves(expression):
        builder.note("only_negative")
    return expression, notes


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
