"""Makes hits out of what an index stores of a story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from searchapp.engine.snippets import Highlighter
from searchapp.model import Copy, DateOrigin, Hit, Snippet


@dataclass(frozen=True, slots=True)
class Shown:
    """What is stored of a story for its hit: the representative's texts, and all copies in their order."""

    id: str
    title: str | None
    title_inferred: bool
    body: str
    url: str | None
    copies: tuple[Copy, ...]
    date_origins: tuple[DateOrigin, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One story of the page of results that was asked for. `passing` has one entry for each of its copies."""

    rank: int
    document: int
    story: int
    score: float
    relaxed: bool
    passing: Sequence[bool]


@dataclass(frozen=True, slots=True)
class HitMaker:
    """Fetches and dresses the stories of one page. `highlighter` is None when no snippets are wanted."""

    stored: Callable[[int], Shown]
    highlighter: Highlighter | None

    def make(self, found: Found) -> Hit:
        """One hit with its title, date, outlets and snippet."""
        shown = self.stored(found.document)
        passing = [
            (copy, origin)
            for copy, origin, passes in zip(shown.copies, shown.date_origins, found.passing, strict=True)
            if passes
        ]
        day, origin = _earliest(passing)
        return Hit(
            rank=found.rank,
            id=shown.id,
            story=found.story,
            score=found.score,
            title=self._title(shown.title),
            title_inferred=shown.title_inferred,
            outlets=tuple(dict.fromkeys(copy.outlet for copy, _ in passing if copy.outlet)),
            date=day,
            date_origin=origin,
            url=shown.url,
            snippet=self.highlighter.best(shown.body) if self.highlighter else None,
            copies=shown.copies,
            relaxed=found.relaxed,
        )

    def _title(self, title: str | None) -> Snippet | None:
        if title is None:
            return None
        return self.highlighter.whole(title) if self.highlighter else Snippet(title)


def _earliest(copies: Sequence[tuple[Copy, DateOrigin]]) -> tuple[date | None, DateOrigin]:
    """The earliest date of some copies, and where it comes from."""
    dated = [(copy.date, origin) for copy, origin in copies if copy.date is not None]
    if not dated:
        return None, "none"
    return min(dated, key=lambda row: row[0])
