"""Compiled: which characters and which marks the hits of a page show, from the bytes of a segment in one pass.

`shown_text` tells the rules, and has numpy's way; here are the same rules hit by hit.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Int64s, loop, part

# Where `facts` says what of a segment. A column has two facts: where it begins in the data, and the bytes an entry.
RECORDS: Final = 0
RECORD_POINTERS: Final = 2
TEXT: Final = 4
TEXT_POINTERS: Final = 6
STEPS: Final = 8
LENGTHS: Final = 10
TOKEN_POINTERS: Final = 12
TITLES: Final = 14
BODIES: Final = 16
STORIES: Final = 18
OUTLETS: Final = 20
DAYS: Final = 22
# What the rules need is told to the loops, as what is kept of them does not change with other modules.
BLOCK: Final = 24
GAP: Final = 25
SPACE: Final = 26
WINDOW_WORDS: Final = 27
LEAD: Final = 28
FACTS: Final = 29

# What stands before the rows: where in what was copied the texts end, and the records.
TEXTS_END: Final = 0
RECORDS_END: Final = 1
HEAD: Final = 2
# What stands in a row, one a hit.
RECORD: Final = 0
TITLE: Final = 2
WINDOW: Final = 4
LEADING: Final = 6
TRAILING: Final = 7
TITLE_SPANS: Final = 8
WINDOW_SPANS: Final = 9
SPANS_END: Final = 10
STORY: Final = 11
OUTLET: Final = 12
DAY: Final = 13
ROW: Final = 14

# Where what is known of marks says what, as `rescoring_loops` has it.
KNOWN: Final = 0
OCCURRENCES: Final = 1
BEGIN: Final = 2
KNOWN_HEAD: Final = 3

# What is answered in place of how many spans there are.
UNSEEN: Final = -1
UNKNOWN: Final = -2
OTHERWISE: Final = -3
FULL: Final = -4

# What is at hand of one document: its text, its first token, the words of its title and body, the characters of its
# title, whether that was inferred, and the first of its window's words and the one behind its last.
_TEXT: Final = 0
_TEXT_END: Final = 1
_TOKENS: Final = 2
_TITLE: Final = 3
_BODY: Final = 4
_CHARACTERS: Final = 5
_INFERRED: Final = 6
_START: Final = 7
_END: Final = 8
_AT_HAND: Final = 9

_WORD_BITS: Final = 6
_WORD: Final = (1 << _WORD_BITS) - 1
_DOCUMENT_BITS: Final = 38
_POSITION: Final = (1 << 32) - 1
_WIDE: Final = 255
_ZERO: Final = 48
_COMMA: Final = 44
_QUOTE: Final = 34
_BRACKET: Final = 91
_CLOSING: Final = 93
_SHORTEST: Final = len("[0,null,[]]")


@part
def entry(data: Bytes, facts: Int64s, column: int, at: int) -> int:
    """An entry of a column; all are little-endian."""
    width = facts[column + 1]
    first, found = facts[column] + at * width, 0
    for place in range(width):
        found |= int(np.int64(data[first + place])) << (8 * place)
    return found


@part
def first_from(keys: Int64s, least: int) -> int:
    """The place of the first of some rising keys that is not below `least`."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@part
def unseen_block(unseen: Flags, facts: Int64s, column: int, start: int, stop: int) -> int:
    """The first block under bytes [start, stop) of a column that has not been checked; −1 for none."""
    if start < stop:
        for block in range((facts[column] + start) // facts[BLOCK], (facts[column] + stop - 1) // facts[BLOCK] + 1):
            if unseen[block]:
                return block
    return -1


@part
def read_document(data: Bytes, facts: Int64s, document: int, at_hand: Int64s, row: Int64s) -> bool:
    """What is stored of a document, whose record is told in its row; whether that begins as all records do."""
    at, characters = facts[RECORDS] + row[RECORD] + 1, 0
    end = facts[RECORDS] + row[RECORD + 1]
    while at < end and _ZERO <= data[at] <= _ZERO + 9:
        characters = characters * 10 + int(np.int64(data[at])) - _ZERO
        at += 1
    if row[RECORD + 1] - row[RECORD] < _SHORTEST or data[at] != _COMMA:
        return False
    at_hand[_CHARACTERS], at_hand[_INFERRED] = characters, data[at + 1] == _QUOTE
    for column, place in ((TEXT_POINTERS, _TEXT), (TOKEN_POINTERS, _TOKENS), (TITLES, _TITLE), (BODIES, _BODY)):
        at_hand[place] = entry(data, facts, column, document)
    at_hand[_TEXT_END] = entry(data, facts, TEXT_POINTERS, document + 1)
    row[TITLE], row[TITLE + 1] = at_hand[_TEXT], at_hand[_TEXT] + characters
    for column, place in ((STORIES, STORY), (OUTLETS, OUTLET), (DAYS, DAY)):
        row[place] = entry(data, facts, column, document)
    return True


@part
def best_mark(marks: Int64s, low: int, high: int, worths: Int64s, within: Int64s, width: int) -> tuple[int, int]:
    """The first and last mark of the best window over the marks [low, high), as in `windows.Windows`.

    Of those that stand in one place the first counts. `within` has one 0 a word of the query, and is left so.
    """
    best, start, most, matches = low, low, -1, 0
    left, worth, places = low, 0, 0
    for right in range(low, high):
        place = marks[right] >> _WORD_BITS
        if right > low and marks[right - 1] >> _WORD_BITS == place:
            continue
        word = marks[right] & _WORD
        worth += worths[word] if within[word] == 0 else 0
        within[word] += 1
        places += 1
        while marks[left] >> _WORD_BITS <= place - width:
            if left == low or marks[left - 1] >> _WORD_BITS != marks[left] >> _WORD_BITS:
                word = marks[left] & _WORD
                within[word] -= 1
                places -= 1
                worth -= worths[word] if within[word] == 0 else 0
            left += 1
        if worth > most or (worth == most and places > matches):
            best, start, most, matches = right, left, worth, places
    within[:] = 0
    return start, best


@part
def place_window(marks: Int64s, number: int, worths: Int64s, within: Int64s, facts: Int64s, at_hand: Int64s) -> None:
    """Which words of the body the window shows: around the best of its marks, as in `windows.placed`."""
    width, words, base = facts[WINDOW_WORDS], at_hand[_BODY], at_hand[_TITLE] + facts[GAP]
    document = number << _DOCUMENT_BITS
    low = first_from(marks, document | base << _WORD_BITS)
    high = first_from(marks, document | (base + words) << _WORD_BITS)
    first = last = 0
    if low < high:
        left, right = best_mark(marks, low, high, worths, within, width)
        first = (marks[left] >> _WORD_BITS & _POSITION) - base
        last = (marks[right] >> _WORD_BITS & _POSITION) - base
    start = first - (width - 1 - (last - first)) // 3
    if start < 0 or (start <= facts[LEAD] and last < width):
        start = 0
    if start + width > words:
        start = max(0, words - width)
    at_hand[_START], at_hand[_END] = start, min(start + width, words)


@part
def cut_window(
    data: Bytes, unseen: Flags, facts: Int64s, at_hand: Int64s, starts: Int64s, stops: Int64s, row: Int64s
) -> int:
    """The characters of the window: its words whole, with what is written to them; a block to be checked, or −1."""
    text, title = at_hand[_TEXT], at_hand[_TITLE]
    first, behind = title + at_hand[_START], title + at_hand[_END]
    floor = text + (stops[first - 1] if row[LEADING] else at_hand[_CHARACTERS] + 1)
    ceiling = text + starts[behind] if row[TRAILING] else at_hand[_TEXT_END]
    block = unseen_block(unseen, facts, TEXT, floor, ceiling)
    if block < 0:
        cut, until = text + starts[first], text + stops[behind - 1]
        while cut > floor and data[facts[TEXT] + cut - 1] != facts[SPACE]:
            cut -= 1
        while until < ceiling and data[facts[TEXT] + until] != facts[SPACE]:
            until += 1
        row[WINDOW], row[WINDOW + 1] = cut, until
    return block


@part
def add_spans(
    marks: Int64s, first: int, last: int, gap: int, move: int, starts: Int64s, stops: Int64s, spans: Int64s, count: int
) -> int:
    """Write down where the marks from one occurrence to another stand, each place once; how many spans there then are.

    `gap` is what a position has more than its token, `move` what is added to where tokens begin.
    """
    before = -1
    for at in range(first_from(marks, first), first_from(marks, last)):
        position = marks[at] >> _WORD_BITS & _POSITION
        if position != before:
            spans[2 * count] = starts[position - gap] + move
            spans[2 * count + 1] = stops[position - gap] + move
            count += 1
        before = position
    return count


@part
def mark_document(
    title_marks: Int64s,
    body_marks: Int64s,
    document: int,
    gap: int,
    at_hand: Int64s,
    starts: Int64s,
    stops: Int64s,
    row: Int64s,
    spans: Int64s,
    count: int,
) -> int:
    """Write down the spans of a document, the least of whose occurrences is told; how many spans there then are."""
    title = at_hand[_TITLE]
    body = title + gap
    row[TITLE_SPANS] = count
    if at_hand[_INFERRED]:
        # It is the beginning of the body, and marked as that.
        first, last = document | body << _WORD_BITS, document | (len(starts) + gap) << _WORD_BITS
        count = add_spans(body_marks, first, last, gap, -(at_hand[_CHARACTERS] + 1), starts, stops, spans, count)
    else:
        count = add_spans(title_marks, document, document | title << _WORD_BITS, 0, 0, starts, stops, spans, count)
    row[WINDOW_SPANS] = count
    first, last = document | (body + at_hand[_START]) << _WORD_BITS, document | (body + at_hand[_END]) << _WORD_BITS
    count = add_spans(body_marks, first, last, gap, at_hand[_TEXT] - row[WINDOW], starts, stops, spans, count)
    row[SPANS_END] = count
    return count


@part
def read_tokens(data: Bytes, unseen: Flags, facts: Int64s, first: int, starts: Int64s, stops: Int64s) -> int:
    """Where the first tokens of a document begin and end in its text; 0, −1 for wide ones, or 1 + a block to check."""
    for column in (STEPS, LENGTHS):
        block = unseen_block(unseen, facts, column, first, first + len(starts))
        if block >= 0:
            return 1 + block
    reached, wide = 0, 0
    for at in range(len(starts)):
        step = int(np.int64(data[facts[STEPS] + first + at]))
        reached += step
        wide |= step == _WIDE
        starts[at] = reached
        stops[at] = reached + int(np.int64(data[facts[LENGTHS] + first + at]))
    return -1 if wide else 0


@part
def copy_texts(data: Bytes, facts: Int64s, rows: Int64s, copied: Bytes, head: Int64s) -> bool:
    """Copy the titles and windows of all rows one after the other, then the records; whether there is room."""
    count = len(rows) // ROW
    end = 2 * count + 2
    for first in range(0, len(rows), ROW):
        for column in (RECORD, TITLE, WINDOW):
            end += rows[first + column + 1] - rows[first + column]
    if end > len(copied):
        return False
    end = 0
    for first in range(0, len(rows), ROW):
        for column in (TITLE, WINDOW):
            start, stop = facts[TEXT] + rows[first + column], facts[TEXT] + rows[first + column + 1]
            copied[end : end + stop - start] = data[start:stop]
            end += stop - start
    head[TEXTS_END] = end
    # As one list of all.
    copied[end] = _BRACKET
    for first in range(0, len(rows), ROW):
        start, stop = facts[RECORDS] + rows[first + RECORD], facts[RECORDS] + rows[first + RECORD + 1]
        copied[end + 1 : end + 1 + stop - start] = data[start:stop]
        end += 1 + stop - start
        copied[end] = _COMMA
    copied[end] = _CLOSING
    head[RECORDS_END] = end + 1
    return True


@part
def plan_hit(
    data: Bytes,
    unseen: Flags,
    facts: Int64s,
    document: int,
    number: int,
    title_marks: Int64s,
    body_marks: Int64s,
    worths: Int64s,
    at_hand: Int64s,
    row: Int64s,
    spans: Int64s,
    count: int,
) -> int:
    """Plan one document, whose marks have this number; how many spans there then are, or one of the answers."""
    row[RECORD] = entry(data, facts, RECORD_POINTERS, document)
    row[RECORD + 1] = entry(data, facts, RECORD_POINTERS, document + 1)
    block = unseen_block(unseen, facts, RECORDS, row[RECORD], row[RECORD + 1])
    if block >= 0:
        row[0] = block
        return UNSEEN
    if not read_document(data, facts, document, at_hand, row):
        return OTHERWISE
    place_window(body_marks, number, worths, np.zeros(len(worths), np.int64), facts, at_hand)
    # One token past the window says how far the text between words goes.
    read = at_hand[_TITLE] + min(at_hand[_END] + 1, at_hand[_BODY])
    if 2 * (count + read + facts[WINDOW_WORDS]) > len(spans):
        return FULL
    starts, stops = np.empty(read, np.int64), np.empty(read, np.int64)
    block = read_tokens(data, unseen, facts, at_hand[_TOKENS], starts, stops)
    if block < 0:
        return OTHERWISE
    block = block - 1 if block else unseen_block(unseen, facts, TEXT, row[TITLE], row[TITLE + 1])
    row[WINDOW], row[WINDOW + 1] = -1, -1
    row[LEADING], row[TRAILING] = at_hand[_START] > 0, at_hand[_END] < at_hand[_BODY]
    if block < 0 and at_hand[_START] < at_hand[_END]:
        block = cut_window(data, unseen, facts, at_hand, starts, stops, row)
    if block >= 0:
        row[0] = block
        return UNSEEN
    return mark_document(
        title_marks, body_marks, number << _DOCUMENT_BITS, facts[GAP], at_hand, starts, stops, row, spans, count
    )


@loop(writes=("planned", "copied"))
def plan_hits(
    data: Bytes,
    unseen: Flags,
    facts: Int64s,
    documents: Int64s,
    known_in_titles: Int64s,
    known: Int64s,
    worths: Int64s,
    planned: Int64s,
    copied: Bytes,
) -> int:
    """Plan the titles and windows of some documents; where the plan ends, or one of the negative answers.

    `data`, `unseen` and `facts` are the segment's. Marks are occurrences as `proximity.occurrences` has them, rising,
    of documents by their place among those that are known. These rise too and are known only where 1 is told of them,
    as `rescoring_loops.KNOWN` says it; without any, marks are by the place in `documents`. For titles there may be
    other marks. The plan is `HEAD` numbers, a row a document, and two numbers a span.

    A row says of each document: where its record begins and ends in the records; where its title does in the text
    store, and its window, −1 where there is none; whether there is more of the body before it and behind it; which of
    the spans is the first of the title, which the window's first, and which the first behind these; its story's number,
    and its outlet and day, where all have one copy. Spans count from the title's beginning and from the window's; of an
    inferred title, from the body's. `copied` are the bytes of titles and windows, and behind these a JSON list of the
    records.

    `UNSEEN`: a block of the data, told in the first number of the plan, has first to be checked. `UNKNOWN`: a
    document's marks are not known. `OTHERWISE`: there is a record or a token that only numpy's way reads. `FULL`: there
    may be more spans or bytes than there is room for.
    """
    end = HEAD + len(documents) * ROW
    rows, spans, at_hand = planned[HEAD:end], planned[end:], np.zeros(_AT_HAND, np.int64)
    count, there = 0, known[KNOWN]
    those, several = known[KNOWN_HEAD : KNOWN_HEAD + there], known[KNOWN_HEAD + there : KNOWN_HEAD + 2 * there]
    body_marks = known[known[BEGIN] : known[BEGIN] + known[OCCURRENCES]]
    title_marks = known_in_titles[known_in_titles[BEGIN] : known_in_titles[BEGIN] + known_in_titles[OCCURRENCES]]
    for at in range(len(documents)):
        if there:
            number = first_from(those, documents[at])
            if number == there or those[number] != documents[at] or not several[number]:
                return UNKNOWN
    for at in range(len(documents)):
        row = rows[at * ROW : at * ROW + ROW]
        number = first_from(those, documents[at]) if there else at
        count = plan_hit(
            *(data, unseen, facts, documents[at], number, title_marks, body_marks, worths, at_hand, row, spans, count)
        )
        if count < 0:
            planned[0] = row[0]
            return count
    return end + 2 * count if copy_texts(data, facts, rows, copied, planned) else FULL
