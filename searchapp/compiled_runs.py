"""Which runs that write take compiled loops: those that have much before them, or come upon much.

To load what compiles takes a third of a second of CPU time, as much as is saved over a few thousand articles. Where
loops were never compiled before, the first such run does it, once for an installation. Runs are `for_a_while`.
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
