"""What differs between two copies of one text, word by word, in a time that grows with their length and no faster.

Three words in a row that stand once in either text hold the two together ("patience diff", Bram Cohen); only the small
gaps between them are compared word by word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

from searchapp.config import LIMITS
from searchapp.frozen import dataclass

Kind = Literal["same", "added", "removed", "left_out"]

TOGETHER: Final = 3
"""Words in a row that hold two texts together."""
COMPARED: Final = 40_000
"""A gap of more pairs of words than this is another text, not an edited one."""
AROUND: Final = 12
"""How many words of what is the same are shown on either side of a difference."""

# A word with its marks, or one sign.
_WORD: Final = re.compile("\\w[\\w\u0640\u064b-\u0652\u0670]*|[^\\w\\s]")

Block = tuple[int, int, int]
"""(start in one list, start in the other, length) of words that are the same."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row, and the space behind them; `left_out` stands for words that are the same and not shown."""

    kind: Kind
    text: str
    space: str


@dataclass(frozen=True, slots=True)
class Differences:
    """The pieces of two texts in order. `cut` says that only the beginnings of long texts were compared."""

    pieces: tuple[Piece, ...]
    cut: bool = False

    @property
    def any(self) -> bool:
        """Whether the texts differ in a word at all."""
        return any(piece.kind in ("added", "removed") for piece in self.pieces)


def differing_words(text: str, other: str) -> int:
    """How many words stand in one of two texts more often than in the other: a quick measure, order aside."""
    left, right = Counter(_WORD.findall(text)), Counter(_WORD.findall(other))
    return (left - right).total() + (right - left).total()


def differences(text: str, other: str) -> Differences:
    """What must be taken from a text and put into it to make the other; spaces and line breaks make no difference."""
    left, right = (list(_WORD.finditer(one)) for one in (text, other))
    limit = LIMITS.compared_words
    cut = max(len(left), len(right)) > limit
    left, right = left[:limit], right[:limit]
    words = [match.group() for match in left], [match.group() for match in right]
    pieces: list[Piece] = []
    at, there = 0, 0
    for start, other_start, length in (*_blocks(*words), (len(left), len(right), 0)):
        pieces += _piece("removed", text, left, at, start)
        pieces += _piece("added", other, right, there, other_start)
        pieces += _piece("same", other, right, other_start, other_start + length)
        at, there = start + length, other_start + length
    return Differences(tuple(_shortened(pieces)), cut)


def _piece(kind: Kind, text: str, words: Sequence[re.Match[str]], start: int, stop: int) -> list[Piece]:
    """Words [start, stop) with the space behind them, if there are any."""
    if start == stop:
        return []
    end = words[stop - 1].end()
    behind = words[stop].start() if stop < len(words) else end
    return [Piece(kind, text[words[start].start() : end], text[end:behind])]


def _shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces without what is far from any difference."""
    for place, piece in enumerate(pieces):
        words = list(_WORD.finditer(piece.text)) if piece.kind == "same" else []
        first, last = place == 0, place == len(pieces) - 1
        head, tail = (0 if first else AROUND), (0 if last else AROUND)
        if len(words) <= head + tail + AROUND:
            yield piece
            continue
        if head:
            yield Piece("same", piece.text[: words[head - 1].end()], " ")
        yield Piece("left_out", "…", " ")
        if tail:
            yield Piece("same", piece.text[words[-tail].start() :], piece.space)


def _blocks(left: Sequence[str], right: Sequence[str]) -> list[Block]:
    """The runs of words that two lists have in common, in order."""
    blocks: list[Block] = []
    at, there = 0, 0
    for start, other_start in (*_anchors(left, right), (len(left), len(right))):
        if start < at or other_start < there:
            continue
        blocks += _gap(left, right, (at, start), (there, other_start))
        length = _common(left, right, start, other_start)
        if length:
            blocks.append((start, other_start, length))
        at, there = start + length, other_start + length
    return _joined(blocks)


def _common(left: Sequence[str], right: Sequence[str], at: int, there: int) -> int:
    """How many words from two places on are the same."""
    length = 0
    while at + length < len(left) and there + length < len(right) and left[at + length] == right[there + length]:
        length += 1
    return length


def _gap(left: Sequence[str], right: Sequence[str], here: tuple[int, int], there: tuple[int, int]) -> Iterator[Block]:
    """The words in common of what lies between two anchors."""
    first, second = left[slice(*here)], right[slice(*there)]
    if not first or not second or len(first) * len(second) > COMPARED:
        return
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.size:
            yield here[0] + block.a, there[0] + block.b, block.size


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Blocks that lie end to end as one."""
    joined: list[Block] = []
    for start, other, length in blocks:
        if joined and joined[-1][0] + joined[-1][2] == start and joined[-1][1] + joined[-1][2] == other:
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + length)
        else:
            joined.append((start, other, length))
    return joined


def _anchors(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Where three words in a row that stand once in either list begin in both: the longest rising sequence of them."""
    ours, theirs = _once(left), _once(right)
    shared = sorted((place, theirs[words]) for words, place in ours.items() if words in theirs)
    return _rising(shared)


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[at : at + TOGETHER]) for at in range(len(words) - TOGETHER + 1)]
    counts = Counter(runs)
    return {run: at for at, run in enumerate(runs) if counts[run] == 1}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A longest part of the pairs, sorted by the first, in which the second rises too (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        pile = bisect_left(tops, second)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [second]
        ends[pile : pile + 1] = [at]
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
