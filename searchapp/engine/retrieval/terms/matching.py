"""The rules of which stories match words that stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.frozen import dataclass
from searchapp.query.tree import Expression, Word, Words
from searchapp.query.walk import positive_words

ALL_UP_TO: Final = 4
"""Up to so many content words all must match: counts and facets of short queries then mean what they say."""
SHARE_NUMERATOR, SHARE_DENOMINATOR = 3, 4  # of the content words of longer queries
RANKED_TOGETHER: Final = ALL_UP_TO
"""Of longer queries, stories that have only some of the words are ranked among those that match."""
RELAX_BELOW: Final = 10
"""With fewer strict matches than this, before filters, any one of the words is enough."""


def needed(words: int) -> int:
    """How many of so many content words a story must have to match strictly."""
    if words <= ALL_UP_TO:
        return words
    return -(-words * SHARE_NUMERATOR // SHARE_DENOMINATOR)


@dataclass(frozen=True, slots=True)
class WordsPlan:
    """How the members of `Words` take part: `optional` are counted, `required` must all match, `dropped` do neither."""

    optional: tuple[Leaf, ...]
    required: tuple[Expression, ...]
    dropped: tuple[Leaf, ...]


def is_plain(member: Expression) -> bool:
    """A word without any sign on it: the only thing that may be relaxed."""
    return isinstance(member, Word) and not (member.exact or member.expands or member.required or member.field)


def plan(words: Words, analyze: Callable[[Word], Leaf | None]) -> WordsPlan:
    """Part content words from stop words and from members that must match.

    A word said twice counts once. Stop words are left out unless there is no other word or phrase.
    """
    leaves: dict[object, Leaf] = {}
    required: list[Expression] = []
    for member in words.members:
        if not (isinstance(member, Word) and is_plain(member)):
            required.append(member)
        elif (leaf := analyze(member)) is not None:
            leaves.setdefault(leaf.key, leaf)
    content = tuple(leaf for leaf in leaves.values() if not leaf.stop)
    stops = tuple(leaf for leaf in leaves.values() if leaf.stop)
    if not content and not any(positive_words(member) for member in required):
        return WordsPlan(stops, tuple(required), ())
    return WordsPlan(content, tuple(required), stops)
