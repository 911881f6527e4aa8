"""Postings moved to their places and counted, as compiled loops: see `posting_merge.py` and `form_arrays.py`."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Int64s, UInt32s, Varying, loop, part

_CODED: Final = (("u2", "u2"), ("u2", "u4"), ("u4", "u2"), ("u4", "u4"))


@part
def place_of_run(rank: np.int64, count: np.int64, left: int, cursors: Int64s, room: int) -> np.int64:
    """Where so many entries of a term go, of which so many are left, and there is so much room; raises IndexError."""
    if not 0 <= rank < len(cursors):
        raise IndexError("a run is of a term that there is not")
    at: np.int64 = cursors[rank]
    # No sum is asked, which could be too large for its type.
    if not (0 <= count <= left and 0 <= at <= room - count):
        raise IndexError("a run ends beyond its entries, or there is no room for it")
    return at


@loop(writes=("cursors", "target"), usual=[("u2", "u2"), ("u2", "u4"), ("u4", "u4")], bounded=True)
def move_positions(source: Varying, counts: Int64s, ranks: Int64s, cursors: Int64s, target: Varying) -> None:
    """Copy runs that lie end to end, of so many entries each, to where the cursors of their terms are, which move on.

    Args:
        source: entries.
        counts: how many there are in each run.
        ranks: each run's term.
        cursors: where the next entry of each term goes.
        target: where they go.
    """
    if len(ranks) < len(counts):
        raise IndexError("there are more runs than terms of theirs")
    place = 0
    for run in range(len(counts)):
        rank, count = ranks[run], counts[run]
        at = place_of_run(rank, count, len(source) - place, cursors, len(target))
        for step in range(np.uint64(count)):
            target[np.uint64(at) + step] = source[np.uint64(place) + step]
        cursors[rank] = at + count
        place += count


@loop(
    writes=("cursors", "to_documents", "to_codes", "to_forms"),
    usual=[(*widths, "u2", "u2") for widths in _CODED],
    bounded=True,
)
def move_postings(
    documents: Varying, codes: Varying, forms: UInt32s, first_document: int, new_codes: UInt32s, new_forms: Varying,
    counts: Int64s, ranks: Int64s, cursors: Int64s, to_documents: UInt32s, to_codes: UInt32s, to_forms: Varying,
) -> None:  # fmt: skip
    """Number postings anew while they are moved as `move_positions` moves positions.

    Args:
        documents: of postings.
        codes: of postings.
        forms: of postings; what is more than there are new numbers has the last of these.
        first_document: is added to documents.
        new_codes: code → code.
        new_forms: form → form.
        counts: as in `move_positions`.
        ranks: likewise.
        cursors: likewise.
        to_documents: where documents go.
        to_codes: where codes go.
        to_forms: where forms go.
    """
    if len(ranks) < len(counts) or len(codes) < len(documents) or len(forms) < len(documents):
        raise IndexError("there are more runs than terms of theirs, or more documents than codes or forms")
    if len(to_codes) < len(to_documents) or len(to_forms) < len(to_documents) or not len(new_forms):
        raise IndexError("there is no room for codes or forms, or no number for forms")
    known, last = np.uint64(len(new_codes)), np.uint64(len(new_forms) - 1)
    place = 0
    for run in range(len(counts)):
        rank, count = ranks[run], counts[run]
        at = place_of_run(rank, count, len(documents) - place, cursors, len(to_documents))
        for step in range(np.uint64(count)):
            source, target = np.uint64(place) + step, np.uint64(at) + step
            code = np.uint64(codes[source])
            if code >= known:
                raise IndexError("a code has no number")
            to_documents[target] = np.int64(documents[source]) + first_document
            to_codes[target] = new_codes[code]
            to_forms[target] = new_forms[min(np.uint64(forms[source]), last)]
        cursors[rank] = at + count
        place += count


@loop(writes=("mixed", "pairs", "positions"))
def count_mixed(
    places: Int64s, pair_counts: Int64s, position_counts: Int64s, counts: Int64s, ranks: Int64s,
    mixed: Int64s, pairs: Int64s, positions: Int64s,
) -> None:  # fmt: skip
    """Add what there is of mixed postings to the counts of each term.

    Args:
        places: of mixed postings among a part's postings, rising.
        pair_counts: pairs of each.
        position_counts: positions of each.
        counts: postings of each of the part's terms.
        ranks: these terms' numbers.
        mixed: mixed postings of each term; are added to, as all that follow.
        pairs: their pairs.
        positions: their positions.
    """
    run = end = 0
    for at in range(len(places)):
        while places[at] >= end + counts[run]:
            end += counts[run]
            run += 1
        rank = ranks[run]
        mixed[rank] += 1
        pairs[rank] += pair_counts[at]
        positions[rank] += position_counts[at]


@loop(
    writes=(
        "mixed_cursors", "pair_cursors", "position_cursors", "to_places", "to_pair_counts", "to_position_counts",
        "to_pair_forms", "to_pair_codes", "to_position_forms",
    ),
    usual=[("u2", "u2", "u2", "u2"), ("u4", "u2", "u2", "u2")],
)  # fmt: skip
def move_mixed(
    places: Int64s, pair_counts: Int64s, position_counts: Int64s,
    pair_forms: UInt32s, pair_codes: Varying, position_forms: UInt32s, new_codes: UInt32s, new_forms: Varying,
    counts: Int64s, ranks: Int64s, cursors: Int64s,
    mixed_cursors: Int64s, pair_cursors: Int64s, position_cursors: Int64s,
    to_places: Int64s, to_pair_counts: Int64s, to_position_counts: Int64s,
    to_pair_forms: Varying, to_pair_codes: UInt32s, to_position_forms: Varying,
) -> None:  # fmt: skip
    """Number mixed postings anew while they are moved, before the postings themselves are: `cursors` stay.

    The pairs of a posting come by their forms' new numbers. The first three arrays, `counts` and `ranks` are as in
    `count_mixed`, new numbers as in `move_postings`; the other cursors move on.
    """
    run = first = pair = position = 0
    for at in range(len(places)):
        while places[at] >= first + counts[run]:
            first += counts[run]
            run += 1
        rank = ranks[run]
        mixed, to_pair, to_position = mixed_cursors[rank], pair_cursors[rank], position_cursors[rank]
        to_places[mixed] = cursors[rank] + places[at] - first
        to_pair_counts[mixed] = pair_counts[at]
        to_position_counts[mixed] = position_counts[at]
        for step in range(pair_counts[at]):
            form, code = new_forms[pair_forms[pair + step]], new_codes[pair_codes[pair + step]]
            place = to_pair + step
            while place > to_pair and to_pair_forms[place - 1] > form:
                to_pair_forms[place] = to_pair_forms[place - 1]
                to_pair_codes[place] = to_pair_codes[place - 1]
                place -= 1
            to_pair_forms[place] = form
            to_pair_codes[place] = code
        for step in range(position_counts[at]):
            to_position_forms[to_position + step] = new_forms[position_forms[position + step]]
        pair += pair_counts[at]
        position += position_counts[at]
        mixed_cursors[rank] = mixed + 1
        pair_cursors[rank] = to_pair + pair_counts[at]
        position_cursors[rank] = to_position + position_counts[at]


@loop(writes=("form_documents", "skips"), usual=[("u1", "u1"), ("u2", "u2")])
def count_postings(
    forms: Varying, pair_forms: Varying, pair_counts: Int64s, mark: int, document_counts: Int64s, pointers: Int64s,
    codes: UInt32s, frequencies: UInt32s, skip: int, place: int, position: int, form_documents: Int64s, skips: Int64s,
) -> int:  # fmt: skip
    """Count the documents of exact forms, and the positions before each `skip` postings; returns how many of these.

    Args:
        forms: of postings, `mark` for mixed ones.
        pair_forms: of these, posting by posting.
        pair_counts: how many each has.
        mark: what no form has.
        document_counts: postings of each lemma.
        pointers: where each lemma's forms begin.
        codes: of postings.
        frequencies: code → positions.
        skip: postings.
        place: of the first posting.
        position: of its first position.
        form_documents: is added to.
        skips: become the positions before the postings whose places `skip` divides.
    """
    posting = mixed = pair = noted = 0
    before = np.int64(position)
    for lemma in range(len(document_counts)):
        first = pointers[lemma]
        for _ in range(document_counts[lemma]):
            if (place + posting) % skip == 0:
                skips[noted] = before
                noted += 1
            before += np.int64(frequencies[codes[posting]])
            form = np.int64(forms[posting])
            if form != mark:
                form_documents[first + form] += 1
            else:
                for _ in range(pair_counts[mixed]):
                    form_documents[first + np.int64(pair_forms[pair])] += 1
                    pair += 1
                mixed += 1
            posting += 1
    return noted
