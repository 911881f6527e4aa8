"""Live articles as folding sees them, and the order in which they find their stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from searchapp.model import Article

Rank = tuple[int, str, str]

_UNDATED: Final = "9999-99-99"


@dataclass(slots=True)
class Member:
    """A live article as folding sees it. `story` is None before it has one, and below 0 for one that is not made yet.

    `was` is its story and whether it led that, as the archive has it; None for a new article.
    """

    number: int
    rank: Rank
    fold_key: bytes | None
    story: int | None = None
    leads: bool = False
    compared: bool = False
    was: tuple[int, bool] | None = None


def rank_of(article_id: str, length: int, date: str | None) -> Rank:
    """What articles are ordered by, the best first."""
    return -length, date or _UNDATED, article_id


def new_member(number: int, article: Article, fold_key: bytes | None) -> Member:
    """An article that has no place yet."""
    day = article.date.isoformat() if article.date else None
    return Member(number, rank_of(article.id, len(article.body), day), fold_key)
