"""Tokens inverted in few passes, as compiled loops: see `inversion.py`.

A *row* of the code table is packed into one number: title, body, keywords, copies, lead, and the coded lengths of title
and body where there are any. The few rows that do not fit are numpy's.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int32s, Int64s, UInt32s, UInt64s, loop, part

_BODY: Final = 1
_FIELDS: Final = 5
"""As in `codes`: the fields, and the body's lead."""
_PLAIN: Final = 256
"""As in `codes`: postings of fewer tokens, all in the body after its lead, are looked up in a plain table."""
_MIXED: Final = 0xFFFFFFFF
_HALF: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_FIELD_BITS: Final = np.uint64(8)
_FIELD_MASK: Final = np.uint64(0xFF)
_IN_BODY: Final = np.uint64(_BODY)
_COUNT_BITS, _BODY_BITS, _LEAD_BITS, _NORM_BITS = 8, 16, 6, 8
"""Of the columns of a packed row: title, body, keywords, copies, lead, and the two norms."""


@loop(writes=("counts",))
def count_lemmas(lemmas: Int32s, counts: Int64s) -> None:
    """Count how often each lemma stands there."""
    for at in range(len(lemmas)):
        counts[lemmas[at]] += 1


@part
def packed_row(
    title: int, body: int, keywords: int, copies: int, lead: int, norm_title: np.int64, norm_body: np.int64
) -> int:
    """A row as one number, 0 where it does not fit; `body` is without its lead."""
    body += lead
    if max(title, keywords, copies) >= 1 << _COUNT_BITS or lead >= 1 << _LEAD_BITS or body >= 1 << _BODY_BITS:
        return 0
    row = (((((title << _BODY_BITS) | body) << _COUNT_BITS) | keywords) << _COUNT_BITS) | copies
    row = (((row << _LEAD_BITS) | lead) << _NORM_BITS) | int(norm_title * (title > 0))
    return (row << _NORM_BITS) | int(norm_body * (body > 0))


@loop(writes=("table", "new", "codes"))
def code_rows(rows: Int64s, multiplier: UInt64s, first: int, table: UInt64s, new: Int64s, codes: UInt32s) -> int:
    """Write the codes of packed rows; returns how many of them are new, or -1 where these are too many.

    Args:
        rows: any, none of them 0.
        multiplier: of the hash.
        first: the code of the first new row.
        table: rows and their codes, side by side; to half empty after as many are new as there may be.
        new: becomes the rows that had no code.
        codes: become those of the rows.
    """
    size = len(table) // 2
    count = 0
    for at in range(len(rows)):
        row = np.uint64(rows[at])
        slot = np.int64((row * multiplier[0]) >> _HALF) & (size - 1)
        for _ in range(size):
            there = table[2 * slot]
            if there == row:
                break
            if there == 0:
                if count == len(new):
                    return -1
                table[2 * slot], table[2 * slot + 1] = row, np.uint64(first + count)
                new[count] = rows[at]
                count += 1
                break
            slot = (slot + 1) & (size - 1)
        codes[at] = table[2 * slot + 1]
    return count


@loop(writes=("cursors", "sorted_tokens"))
def sort_tokens(
    exact: Int32s, lemma: Int32s, positions: UInt32s, fields: Bytes, pointers: Int64s, cursors: Int64s,
    sorted_tokens: UInt64s,
) -> None:  # fmt: skip
    """Put tokens where `cursors`, by lemma, say: exact form and position in one number, document and field in one."""
    for document in range(len(pointers) - 1):
        for token in range(pointers[document], pointers[document + 1]):
            at = cursors[lemma[token]]
            cursors[lemma[token]] = at + 1
            sorted_tokens[2 * at] = (np.uint64(exact[token]) << _HALF) | np.uint64(positions[token])
            sorted_tokens[2 * at + 1] = (np.uint64(document) << _FIELD_BITS) | np.uint64(fields[token])


@loop(
    writes=(
        "state", "document_counts", "documents", "codes", "forms", "positions", "row_places", "rows", "places",
        "mixed_starts", "mixed_counts",
    )
)  # fmt: skip
def list_postings(
    tokens: UInt64s, bounds: Int64s, first_document: int, norms_title: Bytes, norms_body: Bytes, direct: Int32s,
    state: Int64s, document_counts: Int64s, documents: UInt32s, codes: UInt32s, forms: UInt32s, positions: UInt32s,
    row_places: Int64s, rows: Int64s, places: Int64s, mixed_starts: Int64s, mixed_counts: Int64s,
) -> bool:  # fmt: skip
    """Make postings of sorted tokens; False where a row does not fit into a number.

    Args:
        tokens: as `sort_tokens` makes them.
        bounds: where each term's begin, and the end.
        first_document: the number of the first document.
        norms_title: the coded lengths of titles, by document.
        norms_body: the same of bodies.
        direct: the codes of plain rows, by frequency and coded length; below zero where there is none yet.
        state: becomes how many postings, rows, mixed postings and positions of these there are.
        document_counts: becomes how many postings each term has.
        documents: become the postings' documents.
        codes: become their codes where they are plain.
        forms: become their forms.
        positions: become the tokens' positions.
        row_places: becomes the postings whose codes are still to be found.
        rows: becomes their rows.
        places: becomes the mixed postings.
        mixed_starts: becomes where their tokens begin.
        mixed_counts: becomes how many tokens they have.
    """
    counts = np.zeros(_FIELDS, np.int64)
    posting = others = mixed = mixed_positions = 0
    for term in range(len(bounds) - 1):
        at, end = bounds[term], bounds[term + 1]
        before = posting
        while at < end:
            form, place = tokens[2 * at] >> _HALF, tokens[2 * at + 1]
            document = np.int64(place >> _FIELD_BITS)
            elsewhere = differs = np.uint64(0)
            stop = at
            while True:
                elsewhere |= place ^ _IN_BODY
                differs |= (tokens[2 * stop] >> _HALF) ^ form
                positions[stop] = tokens[2 * stop] & _LOW_HALF
                stop += 1
                if stop == end:
                    break
                place = tokens[2 * stop + 1]
                if np.int64(place >> _FIELD_BITS) != document:
                    break
            documents[posting], forms[posting] = document + first_document, form
            code = -1
            if not elsewhere & _FIELD_MASK and stop - at < _PLAIN:
                code = direct[((stop - at) << _NORM_BITS) | np.int64(norms_body[document])]
            if code >= 0:
                codes[posting] = code
            else:
                for field in range(_FIELDS):
                    counts[field] = 0
                for token in range(at, stop):
                    counts[np.int64(tokens[2 * token + 1] & _FIELD_MASK)] += 1
                row = packed_row(
                    counts[0], counts[1], counts[2], counts[3], counts[4],
                    np.int64(norms_title[document]), np.int64(norms_body[document]),
                )  # fmt: skip
                if row == 0:
                    return False
                row_places[others], rows[others] = posting, row
                others += 1
            if differs:
                forms[posting] = _MIXED
                places[mixed], mixed_starts[mixed], mixed_counts[mixed] = posting, at, stop - at
                mixed_positions += stop - at
                mixed += 1
            posting += 1
            at = stop
        document_counts[term] = posting - before
    state[0], state[1], state[2], state[3] = posting, others, mixed, mixed_positions
    return True


@loop(writes=("pair_counts", "pair_forms", "rows", "position_forms"))
def list_pairs(
    tokens: UInt64s, starts: Int64s, counts: Int64s, longest: int, norms_title: Bytes, norms_body: Bytes,
    pair_counts: Int64s, pair_forms: UInt32s, rows: Int64s, position_forms: UInt32s,
) -> int:  # fmt: skip
    """Count the forms of mixed postings; returns how many pairs there are, -1 where a row does not fit into a number.

    Args:
        tokens: as `sort_tokens` makes them.
        starts: where the tokens of each mixed posting begin.
        counts: how many they are.
        longest: the highest of these.
        norms_title: the coded lengths of titles, by document.
        norms_body: the same of bodies.
        pair_counts: and the next, and the last become arrays of `MixedPostings`.
        pair_forms: rise within a posting.
        rows: become those of the pairs.
        position_forms: one a token.
    """
    forms, by_field = np.empty(longest, np.int64), np.empty(_FIELDS * longest, np.int64)
    pairs = positions = 0
    for mixed in range(len(starts)):
        distinct = 0
        for token in range(starts[mixed], starts[mixed] + counts[mixed]):
            form = np.int64(tokens[2 * token] >> _HALF)
            position_forms[positions] = form
            positions += 1
            low, high = 0, distinct
            while low < high:
                middle = (low + high) >> 1
                if forms[middle] < form:
                    low = middle + 1
                else:
                    high = middle
            if low == distinct or forms[low] != form:
                for at in range(distinct, low, -1):
                    forms[at] = forms[at - 1]
                    for field in range(_FIELDS):
                        by_field[_FIELDS * at + field] = by_field[_FIELDS * (at - 1) + field]
                forms[low] = form
                for field in range(_FIELDS):
                    by_field[_FIELDS * low + field] = 0
                distinct += 1
            by_field[_FIELDS * low + np.int64(tokens[2 * token + 1] & _FIELD_MASK)] += 1
        document = np.int64(tokens[2 * starts[mixed] + 1] >> _FIELD_BITS)
        for pair in range(distinct):
            first = _FIELDS * pair
            row = packed_row(
                by_field[first], by_field[first + 1], by_field[first + 2], by_field[first + 3], by_field[first + 4],
                np.int64(norms_title[document]), np.int64(norms_body[document]),
            )  # fmt: skip
            if row == 0:
                return -1
            pair_forms[pairs], rows[pairs] = forms[pair], row
            pairs += 1
        pair_counts[mixed] = distinct
    return pairs
