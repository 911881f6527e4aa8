"""Tokens inverted in few passes, as compiled loops: see `inversion.py`.

A *row* of the code table is packed into one number: title, body, keywords, copies, lead, and the coded lengths of title
and body where there are any. The few rows that do not fit are numpy's.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Int32s, Int64s, UInt32s, UInt64s, loop, part

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
_SLOT_BITS: Final = np.uint64(3)
_FIELD_SLOTS: Final = 1 << 3
_SLOT_MASK: Final = np.uint64(_FIELD_SLOTS - 1)
"""Fields are counted in so many slots, more than there are: `sort_tokens` lets no others pass."""
_0, _1 = np.uint64(0), np.uint64(1)
_COUNT_BITS, _BODY_BITS, _LEAD_BITS, _NORM_BITS = 8, 16, 6, 8
"""Of the columns of a packed row: title, body, keywords, copies, lead, and the two norms."""


@loop(writes=("counts",))
def count_lemmas(lemmas: Int32s, counts: Int64s) -> None:
    """Count how often each lemma stands there."""
    for at in range(len(lemmas)):
        counts[lemmas[at]] += 1


@part
def packed_row(counts: Int64s, first: np.uint64, norm_title: np.uint8, norm_body: np.uint8) -> int:
    """A row as one number, 0 where it does not fit; from `first` on `counts` are its tokens by field."""
    title, keywords, copies = counts[first], counts[first + np.uint64(2)], counts[first + np.uint64(3)]
    lead = counts[first + np.uint64(4)]
    body = counts[first + _1] + lead
    if max(title, keywords, copies) >= 1 << _COUNT_BITS or lead >= 1 << _LEAD_BITS or body >= 1 << _BODY_BITS:
        return 0
    row = (((((title << _BODY_BITS) | body) << _COUNT_BITS) | keywords) << _COUNT_BITS) | copies
    row = (((row << _LEAD_BITS) | lead) << _NORM_BITS) | np.int64(norm_title) * (title > 0)
    return int((row << _NORM_BITS) | np.int64(norm_body) * (body > 0))


@part
def count_fields(tokens: UInt64s, first: np.uint64, end: np.uint64, counts: Int64s) -> None:
    """Count the sorted tokens [first, end) by field."""
    for field in range(_FIELDS):
        counts[field] = 0
    for token in range(first, end):
        counts[tokens[(token << _1) + _1] & _SLOT_MASK] += 1


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


@loop(writes=("cursors", "sorted_tokens", "met"), bounded=True)
def sort_tokens(
    exact: Int32s, lemma: Int32s, positions: UInt32s, fields: Bytes, pointers: Int64s, first_document: int,
    cursors: Int64s, sorted_tokens: UInt64s, met: Flags,
) -> None:  # fmt: skip
    """Put tokens where `cursors`, by lemma, say: exact form and position in one number, document and field in one.

    `met` becomes true for each exact form that occurs.
    """
    tokens = min(len(exact), len(lemma), len(positions), len(fields))
    lemmas, forms, room = np.uint64(len(cursors)), np.uint64(len(met)), np.uint64(len(sorted_tokens)) >> _1
    for document in range(len(pointers) - 1):
        first, end = pointers[document], pointers[document + 1]
        if not 0 <= first <= end <= tokens:
            raise IndexError("a document ends beyond the tokens, or before it begins")
        beside = np.uint64(first_document + document) << _FIELD_BITS
        for token in range(np.uint64(first), np.uint64(end)):
            form, of = np.uint64(exact[token]), np.uint64(lemma[token])
            if form >= forms or of >= lemmas or fields[token] >= _FIELDS:
                raise IndexError("a form, a lemma or a field is not known")
            at = np.uint64(cursors[of])
            if at >= room:
                raise IndexError("there are more tokens than there is room for")
            cursors[of] = at + _1
            met[form] = True
            at <<= _1
            sorted_tokens[at] = (form << _HALF) | np.uint64(positions[token])
            sorted_tokens[at + _1] = beside | np.uint64(fields[token])


@loop(
    writes=(
        "state", "document_counts", "documents", "codes", "forms", "positions", "row_places", "rows", "places",
        "mixed_starts", "mixed_counts",
    ),
    bounded=True,
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
    terms, total = len(bounds) - 1, len(tokens) // 2
    if terms < 0 or len(document_counts) < terms or len(state) < 4 or len(direct) < _PLAIN << _NORM_BITS:
        raise IndexError("an array is too short")
    room = min(len(documents), len(codes), len(forms), len(positions), len(row_places), len(rows))
    if min(room, len(places), len(mixed_starts), len(mixed_counts)) < total or bounds[0] < 0:
        raise IndexError("there is no room for all tokens")
    known = np.uint64(min(len(norms_title), len(norms_body)))
    counts = np.zeros(_FIELD_SLOTS, np.int64)
    posting = others = mixed = mixed_positions = _0
    for term in range(terms):
        # So each token is met once, and there are no more postings than tokens.
        if not bounds[term] <= bounds[term + 1] <= total:
            raise IndexError("a term ends beyond the tokens, or before it begins")
        at, end = np.uint64(bounds[term]), np.uint64(bounds[term + 1])
        before = posting
        while at < end:
            token, place = tokens[at << _1], tokens[(at << _1) + _1]
            form, document = token >> _HALF, place >> _FIELD_BITS
            if document >= known:
                raise IndexError("a document has no length")
            positions[at] = token & _LOW_HALF
            elsewhere, differs = place ^ _IN_BODY, _0
            stop = at + _1
            while stop < end:
                place = tokens[(stop << _1) + _1]
                if place >> _FIELD_BITS != document:
                    break
                token = tokens[stop << _1]
                positions[stop] = token & _LOW_HALF
                elsewhere |= place ^ _IN_BODY
                differs |= (token >> _HALF) ^ form
                stop += _1
            frequency = stop - at
            code = np.int32(-1)
            if not elsewhere & _FIELD_MASK and frequency < np.uint64(_PLAIN):
                code = direct[(frequency << np.uint64(_NORM_BITS)) | np.uint64(norms_body[document])]
            documents[posting], codes[posting], forms[posting] = document + np.uint64(first_document), code, form
            if code < 0:
                count_fields(tokens, at, stop, counts)
                row = packed_row(counts, _0, norms_title[document], norms_body[document])
                if row == 0:
                    return False
                row_places[others], rows[others] = posting, row
                others += _1
            if differs:
                forms[posting] = _MIXED
                places[mixed], mixed_starts[mixed], mixed_counts[mixed] = posting, at, frequency
                mixed_positions += frequency
                mixed += _1
            posting, at = posting + _1, stop
        document_counts[term] = posting - before
    state[0], state[1], state[2], state[3] = posting, others, mixed, mixed_positions
    return True


@part
def make_room(forms: UInt64s, by_field: Int64s, slot: np.uint64, distinct: np.uint64) -> None:
    """Move the forms from a place on one up, with their counts, and begin to count the one that comes between."""
    at = distinct
    while at > slot:
        forms[at] = forms[at - _1]
        for field in range(_FIELDS):
            to = (at << _SLOT_BITS) + np.uint64(field)
            by_field[to] = by_field[to - np.uint64(_FIELD_SLOTS)]
        at -= _1
    for field in range(_FIELD_SLOTS):
        by_field[(slot << _SLOT_BITS) + np.uint64(field)] = 0


@loop(writes=("pair_counts", "pair_forms", "rows", "position_forms"), bounded=True)
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
    total, documents = len(tokens) // 2, np.uint64(min(len(norms_title), len(norms_body)))
    room = min(len(pair_forms), len(rows), len(position_forms))
    if min(len(counts), len(pair_counts)) < len(starts):
        raise IndexError("an array is too short")
    forms, by_field = np.empty(longest, np.uint64), np.empty(_FIELD_SLOTS * longest, np.int64)
    pairs = positions = _0
    for mixed in range(len(starts)):
        start, count = starts[mixed], counts[mixed]
        if not (0 <= start < start + count <= total and count <= longest and np.int64(positions) + count <= room):
            raise IndexError("a posting ends beyond the tokens, or there is no room for it")
        document = tokens[(np.uint64(start) << _1) + _1] >> _FIELD_BITS
        if document >= documents:
            raise IndexError("a document has no length")
        distinct = _0
        for token in range(np.uint64(start), np.uint64(start + count)):
            form = tokens[token << _1] >> _HALF
            position_forms[positions] = form
            positions += _1
            low, high = _0, distinct
            while low < high:
                middle = (low + high) >> _1
                if forms[middle] < form:
                    low = middle + _1
                else:
                    high = middle
            if low == distinct or forms[low] != form:
                make_room(forms, by_field, low, distinct)
                forms[low] = form
                distinct += _1
            by_field[(low << _SLOT_BITS) + (tokens[(token << _1) + _1] & _SLOT_MASK)] += 1
        for pair in range(distinct):
            row = packed_row(by_field, pair << _SLOT_BITS, norms_title[document], norms_body[document])
            if row == 0:
                return -1
            pair_forms[pairs], rows[pairs] = forms[pair], row
            pairs += _1
        pair_counts[mixed] = distinct
    return int(np.int64(pairs))  # without a sign it would become a fraction beside the -1
