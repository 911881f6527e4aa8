"""The lexer of the query language: from text to operands, operators and brackets.

Nothing here fails: what cannot be read is left out or read as plain words, and a note says so. What a note's `detail`
holds: the quotation mark (`unbalanced_quote`), the operator (`stray_operator`), the phrase as typed (`empty_phrase`),
the value (`unknown_date`), the word (`fuzzy_narrowed`), the number of words that were kept (`too_many_words`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from functools import cached_property
from typing import Final, Literal, NamedTuple

from searchapp.config import Limits
from searchapp.frozen import dataclass
from searchapp.model import NoteCode, QueryNote
from searchapp.query.dates import parse_date_range
from searchapp.query.shape import QUOTES, WORD, shape_of, visible, words_of
from searchapp.query.tree import WILDCARD_LETTERS, Expression, Phrase, Source, TextField, Word
from searchapp.query.word_patterns import FUZZY, STARTS, SURE, WILDCARD, fuzzy_distance, wildcard_word

TokenType = Literal["and", "or", "not", "required", "open", "close"]
FieldName = Literal["title", "source", "date"]


class Token(NamedTuple):
    """What stands between the operands of a query: an operator, a sign or a bracket. `text` is how it was typed.

    `field` is the field of the group that an "open" token begins.
    """

    type: TokenType
    text: str
    field: TextField | None = None


# Where such a name is no operator, it is a word; written in small letters it stays one when it is read again.
OPERATORS: Final = {"AND": Token("and", "AND"), "OR": Token("or", "OR"), "NOT": Token("not", "NOT")}
_SYMBOLS: Final = {"&&": Token("and", "&&"), "||": Token("or", "||"), "|": Token("or", "|")}
_SIGNS: Final = {"+": Token("required", "+"), "-": Token("not", "-")}
_CLOSE: Final = Token("close", ")")

# What closes each quotation mark. The last three are pairs the other way round, as right-to-left typing makes them.
_CLOSERS: Final = {'"': '"', "«": "»", "“": "”", "„": "“”", "‟": "”", "‹": "›", "»": "«", "”": "“”", "›": "‹"}
_OWN_CLOSER: Final = {mark: re.compile(f"[^{mark}{ends}]*(?=[{ends}])") for mark, ends in _CLOSERS.items()}
_REVERSED: Final = "»”›"
# A mark right behind something may also close a pair of another kind: “abc".
_ANY_CLOSER: Final = re.compile('(?<=[^ ])["»”›“«‹]')

_OPERAND: Final = f"(?:(?=m*[a0])|(?=[{QUOTES}])|(?={WILDCARD.pattern}))"
# Signs, fields and `=`, and only where a word may start: a hyphen inside كوفيد-19 or behind a bracket is none.
_START: Final = re.compile(r"(?<![^ (|&])[-+=am]")
_SIGN: Final = re.compile(rf"([-+])(?:[#@](?=m*[a0])|(?=\(|=?{_OPERAND}))")
_EXACT: Final = re.compile(f"={_OPERAND}")
_FIELD: Final = re.compile("([am]+):")
_WORD: Final = re.compile(WORD)
# Most of a query: a word (all of it: not the 3 of 3.5) without a field's colon, a wildcard or a tilde behind it, and
# what is skipped before it.
_PLAIN_WORD: Final = re.compile(rf"[ .,;:!]*+({WORD})(?![:*?~]|(?<=0)[.,]0)")
# Words glued together by punctuation: كوفيد-19, U.N., example.org/path.
_CHUNK: Final = re.compile(rf"{WORD}(?:(?:[-.'_/@:#]{{1,3}}|&(?!&)){WORD})*")
_OPERATOR: Final = re.compile(rf"(?<![^ ()|&{QUOTES}])a+(?=[ ()|&{QUOTES}]|\Z)")
_SYMBOL: Final = re.compile(r"\|{1,2}|&&")
_SKIPPED: Final = re.compile(r"m+|[ .,;:!]+|\?+")
_GLUED: Final = re.compile(r"(?:[-_]{1,3}(?=m*[a0])[am0*?]++)+")
_STAR: Final = re.compile(r"\*(?![am0*])")
_SLOP: Final = re.compile("~(0+)")
_NAME: Final = re.compile(rf"(?=m*[a0])[^ ()|{QUOTES}]*[am0]")
_DATE: Final = re.compile(rf"[^ ()|{QUOTES}]+")

_TITLE_VALUE: Final = re.compile(rf"\(|=?{_OPERAND}")
_SOURCE_VALUE: Final = re.compile(_OPERAND)
_DATE_VALUE: Final = re.compile(rf"[a0.{QUOTES}]")
# «تاريخ:النكبة» is a headline that lacks a space, not a date that cannot be read.
_ARABIC_DATE_VALUE: Final = re.compile(rf"[0.{QUOTES}]")
_FIELDS: Final[dict[str, tuple[FieldName, re.Pattern[str]]]] = {
    "title": ("title", _TITLE_VALUE),
    "عنوان": ("title", _TITLE_VALUE),
    "source": ("source", _SOURCE_VALUE),
    "مصدر": ("source", _SOURCE_VALUE),
    "منفذ": ("source", _SOURCE_VALUE),
    "date": ("date", _DATE_VALUE),
    "تاريخ": ("date", _ARABIC_DATE_VALUE),
}


@dataclass(frozen=True, slots=True)
class _Prefix:
    """What stands glued before an operand."""

    sign: str = ""
    field: FieldName | None = None
    exact: bool = False

    @property
    def text_field(self) -> TextField | None:
        return "title" if self.field == "title" else None


_NO_PREFIX: Final = _Prefix()


def tokenize(text: str, limits: Limits) -> tuple[list[Token | Expression], list[QueryNote]]:
    """Cut a query into operands and the tokens between them, keeping at most `limits.query_terms` words."""
    lexer = _Lexer(visible(text), limits)
    lexer.run()
    return lexer.pieces, lexer.notes


class _Lexer:
    """Reads from left to right; `_at` is the position up to which the text has been read."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._text, self._shape, self._limits = text, shape_of(text), limits
        self._at, self._words_left, self._full = 0, limits.query_terms, False
        self.pieces: list[Token | Expression] = []
        self.notes: list[QueryNote] = []

    @cached_property
    def _closers(self) -> list[int]:
        """Where marks stand that close a pair of any kind; found once, lest many openers take quadratic time."""
        return [match.start() for match in _ANY_CLOSER.finditer(self._shape)]

    def run(self) -> None:
        end = len(self._shape)
        while self._at < end and not self._full:
            plain = _PLAIN_WORD.match(self._shape, self._at)
            if plain:
                begin, self._at = plain.span(1)
                self._plain_word(begin)
            else:
                self._step()
        if self._full:
            self._finish_early()

    def _plain_word(self, begin: int) -> None:
        """Take the word from `begin` up to here, which may be an operator."""
        word = self._text[begin : self._at]
        if word not in OPERATORS:
            self._emit(_NO_PREFIX, Word(word))
        elif _OPERATOR.match(self._shape, begin):
            self.pieces.append(OPERATORS[word])
        else:
            self._emit(_NO_PREFIX, Word(word.lower()))

    def _step(self) -> None:
        prefix = self._prefix()
        if prefix.field == "source":
            self._source(prefix)
        elif prefix.field == "date":
            self._date(prefix)
        elif self._shape[self._at] in QUOTES:
            self._phrase(prefix)
        elif self._shape[self._at] == "(":
            self._open(prefix)
        elif (run := self._wildcard(prefix)) is not None:
            self._wildcards(prefix, run)
        elif _WORD.match(self._shape, self._at):
            self._words(prefix)
        else:
            self._punctuation()

    def _prefix(self) -> _Prefix:
        if not _START.match(self._shape, self._at):
            return _NO_PREFIX
        sign = _SIGN.match(self._shape, self._at)
        self._at = sign.end() if sign else self._at
        field = self._field()
        exact = field in (None, "title") and _EXACT.match(self._shape, self._at) is not None
        self._at += exact
        if not (sign or field or exact):
            return _NO_PREFIX
        return _Prefix(sign[1] if sign else "", field, exact)

    def _field(self) -> FieldName | None:
        match = _FIELD.match(self._shape, self._at)
        if match is None:
            return None
        typed = zip(self._text[self._at : match.end(1)], match[1], strict=True)
        name = "".join(letter for letter, kind in typed if kind == "a").casefold()
        if name not in _FIELDS:
            return None
        field, value = _FIELDS[name]
        if not value.match(self._shape, match.end()):
            return None
        self._at = match.end()
        return field

    def _source(self, prefix: _Prefix) -> None:
        name = self._value(_NAME)
        if name:
            self._emit(prefix, Source(name))

    def _date(self, prefix: _Prefix) -> None:
        value = self._value(_DATE)
        if not value:
            return
        # A full stop may end the sentence; two dots are a range without an end.
        value = value[:-1] if value.endswith(".") and not value.endswith("..") else value
        dates = parse_date_range(value)
        if dates is None:
            self._note("unknown_date", value)
        else:
            self._emit(prefix, dates)

    def _value(self, pattern: re.Pattern[str]) -> str:
        """What follows `source:` or `date:`, in quotes or not; empty (and noted) when the quotes are."""
        begin = self._at
        if self._shape[begin] not in QUOTES:
            match = pattern.match(self._shape, begin)
            value = match[0] if match else " "
            self._at += len(value)
            return self._plain(begin, begin + len(value.rstrip(",;:!?")))
        span = self._quoted()
        value = self._plain(*span) if span else ""
        if span and not value:
            self._note("empty_phrase", '""')
        return value

    def _plain(self, start: int, end: int) -> str:
        """A piece of the text on one line, without quotation marks, control characters and surrogates."""
        pairs = zip(self._text[start:end], self._shape[start:end], strict=True)
        return " ".join("".join(" " if kind in " " + QUOTES else letter for letter, kind in pairs).split())

    def _phrase(self, prefix: _Prefix) -> None:
        span = self._quoted()
        if span is None:
            return
        slop = self._slop()
        if pattern := SURE.search(self._shape, *span):
            self._note("stray_operator", self._text[pattern.start() : pattern.end()])
        words = words_of(self._text, self._shape, *span)
        if words:
            self._emit(prefix, Phrase(" ".join(words), slop, prefix.exact, prefix.text_field))
        else:
            self._note("empty_phrase", f'"{self._plain(*span)}"')

    def _quoted(self) -> tuple[int, int] | None:
        """Read from a quotation mark to the one that closes it, or to the end; None when it begins nothing."""
        opener = self._at
        self._at += 1
        # A mark glued to the word before it, or followed by a space, looks like an end rather than a beginning.
        begins = self._shape[opener - 1 : opener] not in ("a", "m", "0") and self._shape[opener + 1 : opener + 2] != " "
        closer = self._closing_quote(opener, begins)
        if closer is not None:
            self._at = closer + 1
            return opener + 1, closer
        self._note("unbalanced_quote", self._text[opener])
        if not begins or self._shape[opener] in _REVERSED or self._at == len(self._shape):
            return None
        self._at = len(self._shape)
        return opener + 1, self._at

    def _closing_quote(self, opener: int, begins: bool) -> int | None:
        mark = self._shape[opener]
        if mark in _REVERSED and not begins:
            return None
        own = _OWN_CLOSER[mark].match(self._shape, opener + 1)
        if own:
            return own.end()
        following = bisect_right(self._closers, opener + 1)
        return self._closers[following] if mark not in _REVERSED and following < len(self._closers) else None

    def _slop(self) -> int:
        if not self._shape.startswith("~", self._at):
            return 0
        match = _SLOP.match(self._shape, self._at)
        if match is None:
            self._stray("~")
            return 0
        digits = self._text[match.start(1) : match.end()]
        self._at = match.end()
        widest = self._limits.phrase_slop
        return min(int(digits), widest) if len(digits) <= len(str(widest)) else widest

    def _open(self, prefix: _Prefix) -> None:
        self._at += 1
        self._begin_group(prefix)

    def _begin_group(self, prefix: _Prefix) -> None:
        if prefix.sign:
            self.pieces.append(_SIGNS[prefix.sign])
        self.pieces.append(Token("open", "(", prefix.text_field))

    def _wildcard(self, prefix: _Prefix) -> re.Match[str] | None:
        starts = prefix is not _NO_PREFIX or STARTS.match(self._shape, self._at)
        return WILDCARD.match(self._shape, self._at) if starts else None

    def _wildcards(self, prefix: _Prefix, run: re.Match[str]) -> None:
        begin, self._at = run.span()
        word = replace(wildcard_word(self._text[begin : self._at], run[0]), exact=prefix.exact, field=prefix.text_field)
        word = replace(word, text=word.text.lower()) if word.text in OPERATORS else word
        self._fuzzy(begin, alone=False)
        glued = _GLUED.match(self._shape, self._at) if prefix is not _NO_PREFIX else None
        if glued is None:
            self._emit(prefix, word)
            return
        # As in `_words`, but no phrase can hold a wildcard: all of them instead, in brackets.
        self._at = glued.end()
        self._begin_group(prefix)
        self._emit(_NO_PREFIX, word)
        for other in words_of(self._text, self._shape, *glued.span()):
            self._emit(_NO_PREFIX, Word(other.lower() if other in OPERATORS else other, prefix.exact))
        self.pieces.append(_CLOSE)

    def _words(self, prefix: _Prefix) -> None:
        # What is glued together belongs together under a prefix: -كوفيد-19 must not ask for 19.
        pattern = _WORD if prefix is _NO_PREFIX else _CHUNK
        begin, match = self._at, pattern.match(self._shape, self._at)
        self._at = match.end() if match else begin + 1
        words = words_of(self._text, self._shape, begin, self._at)
        starred = self._star(begin, len(words))
        fuzzy = self._fuzzy(begin, alone=len(words) == 1 and not starred)
        if len(words) > 1:
            self._emit(prefix, Phrase(" ".join(words), 0, prefix.exact, prefix.text_field))
        else:
            word = words[0].lower() if words[0] in OPERATORS else words[0]
            self._emit(prefix, Word(word, prefix.exact, starred, field=prefix.text_field, fuzzy=fuzzy))

    def _star(self, begin: int, words: int) -> bool:
        """Read the star behind a word; True when it makes the word a prefix."""
        if not self._shape.startswith("*", self._at):
            return False
        if words == 1 and self._letters(begin) >= WILDCARD_LETTERS and _STAR.match(self._shape, self._at):
            self._at += 1
            return True
        self._stray(self._text[begin : self._at + 1])
        return False

    def _fuzzy(self, begin: int, *, alone: bool) -> int:
        """Read the tilde behind a word: how many edits away a word may be, 0 when it means nothing.

        `alone` says that it is one word, and no prefix.
        """
        if not self._shape.startswith("~", self._at):
            return 0
        letters, match = self._letters(begin), FUZZY.match(self._shape, self._at)
        digits = self._text[self._at + 1 : match.end()] if match else "no number"
        self._at = match.end() if match else self._at + 1
        meant = alone and (digits.isdecimal() or not digits)
        distance = fuzzy_distance(digits, letters) if meant else 0
        if not distance and not (meant and digits and not int(digits[:9])):
            self._note("stray_operator", self._text[begin : self._at])
        elif digits and int(digits[:9]) != distance:
            self._note("fuzzy_narrowed", self._text[begin : self._at])
        return distance

    def _letters(self, begin: int) -> int:
        """How many letters and digits were read since `begin`."""
        return self._shape.count("a", begin, self._at) + self._shape.count("0", begin, self._at)

    def _punctuation(self) -> None:
        symbol = _SYMBOL.match(self._shape, self._at)
        if symbol:
            self._at = symbol.end()
            self.pieces.append(_SYMBOLS[symbol[0]])
        elif self._shape[self._at] == ")":
            self._at += 1
            self.pieces.append(_CLOSE)
        elif self._shape[self._at] == "*":
            self._stray("*")
        else:
            skipped = _SKIPPED.match(self._shape, self._at)
            self._at = skipped.end() if skipped else self._at + 1

    def _emit(self, prefix: _Prefix, operand: Expression) -> None:
        # The words of a phrase are written with one space between them.
        words = operand.text.count(" ") + 1 if isinstance(operand, Phrase) else 1
        if words > self._words_left:
            self._full = True
            self._note("too_many_words", str(self._limits.query_terms))
            if not self._words_left or not isinstance(operand, Phrase):
                return
            words = self._words_left
            operand = replace(operand, text=" ".join(operand.text.split(" ")[:words]))
        self._words_left -= words
        if prefix.sign:
            self.pieces.append(_SIGNS[prefix.sign])
        self.pieces.append(operand)

    def _finish_early(self) -> None:
        """End where the words ended: without the operators that wait for a word, and with every bracket closed."""
        while self.pieces and isinstance(self.pieces[-1], Token) and self.pieces[-1] is not _CLOSE:
            self.pieces.pop()
        depth = 0
        for piece in self.pieces:
            if isinstance(piece, Token):
                depth = max(0, depth + {"open": 1, "close": -1}.get(piece.type, 0))
        self.pieces.extend([_CLOSE] * depth)

    def _stray(self, text: str) -> None:
        """Note the sign at `_at`, which means nothing there, and go on behind it."""
        self._at += 1
        self._note("stray_operator", text)

    def _note(self, code: NoteCode, detail: str) -> None:
        self.notes.append(QueryNote(code, detail))
