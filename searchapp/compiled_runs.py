"""Which runs that write take compiled loops: those that have much before them, or come upon much.

Loops that were kept are loaded in less time than they save over some hundred articles. Where they were never compiled
before, the first such run does it, half a minute once for an installation: so it should be one that takes long itself.
Runs are `for_a_while`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from searchapp import compiled

if TYPE_CHECKING:
    from searchapp.ingest.sources import SourceFile

MANY_ARTICLES: Final = 5_000
"""Articles taken in, or stories indexed, from which on it pays."""
MUCH_INPUT: Final = 20_000_000
"""Bytes of input from which on it pays: some 6,000 articles."""


def prepare_for_articles(count: int) -> bool:
    """Have this process take compiled loops if so many articles or stories are ahead, or done; whether it does."""
    return count >= MANY_ARTICLES and compiled.prepare(at_once=True)


def prepare_for_input(sources: Iterable[SourceFile]) -> bool:
    """The same by the size of what will be read; of the standard input nothing is known."""
    return sum(source.unpacked_size for source in sources) >= MUCH_INPUT and compiled.prepare(at_once=True)
