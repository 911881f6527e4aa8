"""The file in which a reader of the archive adds pairs of spellings, and forbids pairs that were learnt.

One pair a line: two words and `yes` or `no`, with tabs between them. Empty lines and lines that begin with # are
comments.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from searchapp.errors import UsageError

TermOf = Callable[[str], str | None]
"""The term of one word as written; None for what is no word, or several."""

UserPairs = dict[tuple[str, str], bool]
"""Two terms, the smaller first → whether they are spellings of one another."""

_DECISIONS: Final = {"yes": True, "no": False}


def read_user_pairs(path: Path, term_of: TermOf) -> UserPairs:
    """The pairs of this file; none when there is no such file.

    Raises:
        UsageError: a line cannot be read, or contradicts an earlier one; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as UTF-8 text: {error}; correct or remove it") from error
    pairs: UserPairs = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            pair, decision = _read_line(line, term_of)
            if pairs.setdefault(pair, decision) != decision:
                raise ValueError("an earlier line says the opposite of the same pair; keep one of them")
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: {error}") from None
    return pairs


def _read_line(line: str, term_of: TermOf) -> tuple[tuple[str, str], bool]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != 3:
        raise ValueError("expected two words and yes or no, with tabs between them")
    decision = _DECISIONS.get(fields[2].lower())
    if decision is None:
        raise ValueError(f"the third field is {fields[2]!r}; write yes or no")
    first, second = (_term(word, term_of) for word in fields[:2])
    if first == second:
        raise ValueError(f"{fields[0]} and {fields[1]} are one term of the index ({first}); remove this line")
    return (min(first, second), max(first, second)), decision


def _term(word: str, term_of: TermOf) -> str:
    term = term_of(word)
    if term is None:
        raise ValueError(f"{word!r} is not one word; pairs are of single words")
    return term
