"""Writing the table of variants: `table` tells what is in the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from searchapp.archive.directory import sync_directory
from searchapp.engine.storage.file_writing import write_segment_file
from searchapp.variants.building import JudgedPairs
from searchapp.variants.table import CHANGES, VERSION, Columns, PairRows
from searchapp.variants.user_pairs import UserPairs

MOST_VARIANTS: Final = 4
"""Of one term; of more, those of least similarity are left out, on both sides."""


def write_table(path: Path, rows: PairRows, user: UserPairs, *, stories: int, user_checksum: int) -> None:
    """Write a table, whole or not at all, durably: judged pairs, and the links that follow from them and the user's."""
    links = linked(rows, user)
    named = {word for column in rows.names.values() for word in column}
    words = sorted(named | {term for pair in links for term in pair}, key=str.encode)
    number_of = {word: number for number, word in enumerate(words)}
    encoded = [word.encode() for word in words]
    arrays: Columns = {
        "word_bytes": np.frombuffer(b"".join(encoded), np.uint8),
        "word_bounds": np.cumsum([0, *map(len, encoded)]).astype(np.uint32),
        **_link_arrays(len(words), {(number_of[one], number_of[other]): links[one, other] for one, other in links}),
    }
    for name, column in rows.names.items():
        arrays[f"pair_{name}"] = np.fromiter(map(number_of.__getitem__, column), np.uint32, len(column))
    arrays |= {f"pair_{name}": column for name, column in rows.numbers.items()}
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    write_segment_file(temporary, {"version": VERSION, "stories": stories, "user_pairs": user_checksum}, arrays)
    temporary.replace(path)
    sync_directory(path.parent)


def linked(rows: PairRows, user: UserPairs) -> dict[tuple[str, str], float]:
    """Pairs of terms, the smaller first, with similarities: what was learnt and is not forbidden, and the user's."""
    links: dict[tuple[str, str], float] = {}
    for place in np.flatnonzero(rows.numbers["accepted"]).tolist():
        one, other = rows.names["first_term"][place], rows.names["second_term"][place]
        pair = (min(one, other), max(one, other))
        if user.get(pair, True):
            links[pair] = max(links.get(pair, 0.0), float(rows.numbers["similarities"][place]))
    return links | {pair: 1.0 for pair, wanted in user.items() if wanted}


def _link_arrays(words: int, links: Mapping[tuple[int, int], float]) -> Columns:
    """Each word's variants. The most similar pairs come first; one whose words have no room left is left out."""
    rows: list[list[tuple[int, float]]] = [[] for _ in range(words)]
    for (one, other), similarity in sorted(links.items(), key=lambda link: (-link[1], link[0])):
        if max(len(rows[one]), len(rows[other])) < MOST_VARIANTS:
            rows[one].append((other, similarity))
            rows[other].append((one, similarity))
    flat = [link for row in rows for link in row]
    return {
        "link_bounds": np.cumsum([0, *map(len, rows)]).astype(np.uint32),
        "link_words": np.array([number for number, _ in flat], np.uint32),
        "link_similarities": np.array([similarity for _, similarity in flat], np.float32),
    }


def pair_rows(judged: JudgedPairs) -> PairRows:
    """Judged pairs as they are stored."""
    evidence, pairs = judged.evidence, judged.evidence.pairs
    words, terms = judged.words, judged.words.terms
    names: dict[str, list[str]] = {}
    for name, side in (("first", pairs.first), ("second", pairs.second)):
        names[name] = words.names(side)
        names[f"{name}_term"] = [words.term_names[term] for term in terms[side].tolist()]
    numbers: Columns = {
        "accepted": judged.accepted.astype(np.uint8),
        "similarities": judged.similarity.astype(np.float32),
        "known": evidence.known[0].astype(np.uint8) + 2 * evidence.known[1].astype(np.uint8),
        "first_count": evidence.counts[0].astype(np.uint32),
        "second_count": evidence.counts[1].astype(np.uint32),
        "frames": evidence.frames.astype(np.uint32),
        "narrow_frames": evidence.narrow_frames.astype(np.uint32),
        "cosine": evidence.cosine.astype(np.float32),
        "gain": evidence.gain.astype(np.float32),
    }
    numbers |= {name: np.ascontiguousarray(pairs.changes[:, at]) for at, name in enumerate(CHANGES)}
    return PairRows(names, numbers)
