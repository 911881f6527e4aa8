"""How folding asks the archive for articles and for what they are linked to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

Key = TypeVar("Key")

NAMED_AT_ONCE: Final = 10_000
"""Articles or keys that one statement names."""
COLUMNS: Final = "number, id, length, date, fold_key, story, leads, compared"
MARKED: Final = (
    f"SELECT {COLUMNS} FROM articles "  # noqa: S608 - names of the schema only
    "WHERE fold_key = ? AND fold_key IS NOT NULL AND leads + compared > 0 AND state = 'live'"
)
UNMARKED: Final = (
    f"SELECT {COLUMNS} FROM articles "  # noqa: S608
    "WHERE fold_key = ? AND fold_key IS NOT NULL AND leads + compared = 0 AND state = 'live'"
)
NUMBERS: Final = {
    statement: statement.replace(COLUMNS, "number", 1).removesuffix(" AND state = 'live'")
    for statement in (MARKED, UNMARKED)
}
"""Articles that are not live have no key."""
BY_NUMBER: Final = f"SELECT {COLUMNS} FROM articles WHERE number = ? AND state = 'live'"  # noqa: S608
BY_STORY: Final = f"SELECT {COLUMNS} FROM articles WHERE story = ?"  # noqa: S608
LINKED: Final = (
    "SELECT high, similarity FROM copies WHERE low = ?1 UNION ALL SELECT low, similarity FROM copies WHERE high = ?1"
)
LINKED_AMONG: Final = (
    "SELECT low, high, similarity FROM copies WHERE low IN ({0}) "
    "UNION ALL SELECT high, low, similarity FROM copies WHERE high IN ({0})"
)
SPLIT: Final = "SELECT high FROM splits WHERE low = ?1 UNION ALL SELECT low FROM splits WHERE high = ?1"


def parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """As many at once as one statement may name."""
    return (keys[start : start + NAMED_AT_ONCE] for start in range(0, len(keys), NAMED_AT_ONCE))
