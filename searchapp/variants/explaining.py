"""Why a word has the variants that it has, pair by pair: what `searchapp analyze --variants` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from searchapp.analysis.analyzer import default_analyzer
from searchapp.errors import UsageError
from searchapp.variants.refresh import user_pairs
from searchapp.variants.spelling import Changes
from searchapp.variants.table import VariantTable

Verdict = Literal["linked", "refused", "added", "forbidden", "crowded out"]
_KNOWN: Final = {0: "neither", 1: "word", 2: "other", 3: "both"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPair:
    """One pair of words, the evidence about it, and what became of it.

    `verdict`: "added" and "forbidden" are the user's (variants.tsv); "crowded out" is a pair that was accepted, but
    four more similar spellings took its place. `similarity` is 0 for what is not linked. `changes` says how the
    spellings differ, `known` which of the two the lexicon has; counts, frames, cosine and gain are those of
    `judging.Evidence`, zeros for a pair of the user's that the texts do not have.
    """

    word: str
    other: str
    term: str
    other_term: str
    verdict: Verdict
    similarity: float
    changes: str = ""
    known: str = ""
    counts: tuple[int, int] = (0, 0)
    frames: int = 0
    narrow_frames: int = 0
    cosine: float = 0.0
    gain: float = 0.0


def explain_word(directory: Path, word: str) -> tuple[ExplainedPair, ...]:
    """The pairs of one word as written, linked ones first, then by how much speaks for them.

    Raises:
        UsageError: it is not one word, or the user's file has an error.
        IndexBroken: the table of variants is damaged.
    """
    tokens = default_analyzer().analyze(word)
    if len(tokens) != 1:
        raise UsageError(f"{word!r} is not one word; variants are of single words")
    table, user = VariantTable.in_directory(directory), user_pairs(directory)
    term = tokens[0].lemma
    links = dict(table.variants(term))
    pairs = [_explained(row, term, links, user) for row in table.pairs_of((tokens[0].exact, term))]
    told = {pair.other_term for pair in pairs}
    pairs += [
        ExplainedPair(
            word=term, other=other, term=term, other_term=other, verdict="added", similarity=links.get(other, 0)
        )
        for other in _added(term, user)
        if other not in told
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, -pair.frames, -pair.gain, pair.other)))


def _added(term: str, user: dict[tuple[str, str], bool]) -> list[str]:
    return [one if other == term else other for (one, other), wanted in user.items() if wanted and term in (one, other)]


def _explained(
    row: dict[str, Any], term: str, links: dict[str, float], user: dict[tuple[str, str], bool]
) -> ExplainedPair:
    first, second = ("second", "first") if row["second_term"] == term else ("first", "second")
    other_term = row[f"{second}_term"]
    decided = user.get((min(term, other_term), max(term, other_term)))
    changes = ", ".join(f"{kind} {row[f'changed_{kind}']}" for kind in Changes._fields if row[f"changed_{kind}"])
    known = row["known"] if first == "first" else (row["known"] >> 1) | (row["known"] & 1) << 1
    return ExplainedPair(
        word=row[first],
        other=row[second],
        term=row[f"{first}_term"],
        other_term=other_term,
        verdict=_verdict(decided, bool(row["accepted"]), other_term in links),
        similarity=links.get(other_term, 0.0),
        changes=changes,
        known=_KNOWN[known],
        counts=(row[f"{first}_count"], row[f"{second}_count"]),
        frames=row["frames"],
        narrow_frames=row["narrow_frames"],
        cosine=round(row["cosine"], 3),
        gain=round(row["gain"], 3),
    )


def _verdict(decided: bool | None, accepted: bool, linked: bool) -> Verdict:
    if decided is not None:
        return "added" if decided else "forbidden"
    if not accepted:
        return "refused"
    return "linked" if linked else "crowded out"


def explained_rows(pairs: Sequence[ExplainedPair]) -> list[tuple[str, ...]]:
    """The pairs as a table for a terminal; the first row names the columns."""
    head = ("word", "other", "verdict", "alike", "differ in", "known", "times", "frames", "cosine", "gain")
    rows = [
        (
            pair.word,
            pair.other,
            pair.verdict,
            f"{pair.similarity:.2f}",
            pair.changes,
            pair.known,
            f"{pair.counts[0]}/{pair.counts[1]}",
            f"{pair.frames}/{pair.narrow_frames}",
            f"{pair.cosine:.2f}",
            f"{pair.gain:.2f}",
        )
        for pair in pairs
    ]
    return [head, *rows]
