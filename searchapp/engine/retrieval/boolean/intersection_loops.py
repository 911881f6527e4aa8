"""Documents that words have in common, and what the words give to them, by loops."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from searchapp.compiled import Flags, Float32s, Int32s, Int64s, Varying, loop, part, widths

START, STOP, PAIR, LAST_PAIR, FORMS, FACTORS = range(0, 12, 2)
"""What is known of a word, in one array: where its postings begin and end, and its pairs of a mixed posting and a form;
how many forms it has; what each of them counts, by ordinal, what the lemma alone counts, and what a form of the same
light stem counts more. Each of the first five is two numbers (`whole_number`)."""
LOWER_BITS: Final = 24
"""Of a whole number, as many as a float of 32 bits holds; the higher ones stand before them."""
FIRST, LAST = range(2)
"""In `limits`: the first and the last day of what passes."""
USUAL: Final = (
    ("u2", "u2", "u1", "u4", "u1", "u2"),
    ("u4", "u2", "u2", "u4", "u2", "u2"),
    ("u2", "u2", "u1", "u2", "u1", "u2"),
)
"""The arrays of a segment go together: it is of middle size, large, or small."""
SEEK_FACTOR: Final = 30
"""A list so many times longer than the candidates is searched for each of them; a shorter one is read through."""


@part
def seek(documents: Varying, at: int, stop: int, wanted: Any) -> int:
    """The first place from `at` on whose document is not below the one that is wanted: steps double, then halve."""
    if at >= stop or documents[at] >= wanted:
        return at
    step = 1
    while at + step < stop and documents[at + step] < wanted:
        at += step
        step *= 2
    high = min(at + step, stop)
    low = at + 1
    while low < high:
        middle = (low + high) >> 1
        if documents[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@part
def whole_number(words: Float32s, at: int) -> Any:
    """A whole number of what is known of a word."""
    return np.int64(words[at]) << LOWER_BITS | np.int64(words[at + 1])


@part
def sought(documents: Varying, start: int, stop: int, known: Int64s, found: Int64s, kept: Int64s) -> int:
    """Look each of the candidates, whose places are `known`, up in a list.

    `found` takes where those stand in it that it has, and `kept` which of the candidates they are.
    """
    count = 0
    for at in range(len(known)):
        wanted = np.int64(documents[known[at]])
        start = seek(documents, start, stop, wanted)
        if start == stop:
            break
        if documents[start] == wanted:
            found[count], kept[count] = start, at
            count += 1
    return count


@part
def read_through(
    documents: Varying, start: int, stop: int, known: Int64s, marks: Flags, found: Int64s, kept: Int64s
) -> int:
    """As `sought`, for a list that is not much longer, without a branch: one taken by chance costs as much as ten."""
    start = seek(documents, start, stop, np.int64(documents[known[0]]))
    stop = seek(documents, start, stop, np.int64(documents[known[-1]]) + 1)
    for at in known:
        marks[documents[at]] = True
    count = 0
    others = documents[start:stop]
    for at in range(len(others)):
        found[count] = start + at
        count += marks[others[at]]
    for at in found[:count]:
        marks[documents[at]] = False
    # Those that were found are no longer marked.
    left = 0
    for at in range(len(known)):
        document = documents[known[at]]
        kept[left] = at
        left += not marks[document]
        marks[document] = False
    return count


@part
def by_length(starts: Int64s, stops: Int64s) -> Int64s:
    """The numbers of the lists, the shortest first."""
    order = np.arange(len(starts))
    for at in range(1, len(order)):
        moved, to = order[at], at
        while to > 0 and stops[order[to - 1]] - starts[order[to - 1]] > stops[moved] - starts[moved]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = moved
    return order


@part
def met(documents: Varying, starts: Int64s, stops: Int64s, marks: Flags, places: Int64s) -> Any:
    """As `meet`."""
    order = by_length(starts, stops)
    width = stops[order[0]] - starts[order[0]]
    count = width
    first = places[order[0] * width : (order[0] + 1) * width]
    for at in range(count):
        first[at] = starts[order[0]] + at
    kept = np.empty(width, np.int64)
    for turn in range(1, len(order)):
        if count == 0:
            break
        start, stop = starts[order[turn]], stops[order[turn]]
        known, found = first[:count], places[order[turn] * width : (order[turn] + 1) * width]
        if count * SEEK_FACTOR < stop - start:
            left = sought(documents, start, stop, known, found, kept)
        else:
            left = read_through(documents, start, stop, known, marks, found, kept)
        if left < count:
            for before in order[:turn]:
                row = places[before * width : (before + 1) * width]
                for at in range(left):
                    row[at] = row[kept[at]]
        count = left
    return count


@loop(writes=("marks", "places"), usual=widths(1))
def meet(documents: Varying, starts: Int64s, stops: Int64s, marks: Flags, places: Int64s) -> int:
    """The documents that all of W lists have, which lie at [start, stop) of one array; how many there are.

    Args:
        documents: rising within each list.
        starts: where each list begins (W).
        stops: where it ends (W).
        marks: all False, one for each document; all False again afterwards, unless an error is raised.
        places: takes where the common documents stand, list by list (W × the length of the shortest).
    """
    count: int = met(documents, starts, stops, marks, places)
    return count


@part
def first_pair(pair_places: Varying, at: Any, stop: Any, place: Any) -> Any:
    """The first pair from `at` on whose posting is not before a place: steps double, then halve."""
    step = 1
    while at + step < stop and pair_places[at + step] < place:
        at += step
        step *= 2
    high = min(at + step, stop)
    while at < high:
        middle = (at + high) >> 1
        if pair_places[middle] < place:
            at = middle + 1
        else:
            high = middle
    return at


@part
def add_up(
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    table: Float32s,
    word: Float32s,
    places: Int64s,
    scores: Float32s,
) -> None:
    """Add what a word gives to its postings at some places, rising, to their scores."""
    code, form = np.empty(len(places), np.int64), np.empty(len(places), np.int64)
    # All that is far apart in memory is asked for at once, before a branch depends on it.
    for at in range(len(places)):
        code[at], form[at] = codes[places[at]], forms[places[at]]
    lemma = whole_number(word, FORMS)
    own = word[FACTORS:]
    light = own[lemma + 1]
    pair, stop = whole_number(word, PAIR), whole_number(word, LAST_PAIR)
    for at in range(len(places)):
        whole = table[code[at]]
        # The mark of mixed postings lies above all forms.
        if form[at] < lemma:
            scores[at] += own[form[at]] * whole
            continue
        # Of a word that stands in none of its own forms, no form counts more than another.
        if lemma == 0:
            scores[at] += own[0] * whole
            continue
        gained, beyond = np.float32(0), np.float32(0)
        pair = first_pair(pair_places, pair, stop, places[at])
        while pair < stop and pair_places[pair] == places[at]:
            gain = own[pair_forms[pair]] - own[lemma]
            if gain != 0:
                each = table[pair_codes[pair]]
                gained += gain * each
                beyond += each
            pair += 1
        if light != 0:
            gained -= max(beyond - whole, np.float32(0)) * light
        scores[at] += own[lemma] * whole + gained


@loop(writes=("scores",), usual=tuple([widths_of[1:] for widths_of in USUAL]))
def add_scores(
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    table: Float32s,
    word: Float32s,
    places: Int64s,
    scores: Float32s,
) -> int:
    """Add what a word gives to its postings at some places, rising, to their scores; the rest as `all_of` takes it."""
    add_up(codes, forms, pair_places, pair_forms, pair_codes, table, word, places, scores)
    return len(scores)


@part
def keep_passing(
    found: Int64s,
    pairs: Varying,
    days: Int32s,
    limits: Int64s,
    allowed: Flags,
    places: Int64s,
    width: int,
    passing: Int64s,
) -> int:
    """Keep what passes of the documents found, with the places of its postings; how many pass."""
    count, words = 0, len(places) // max(width, 1)
    for at in range(len(found)):
        document = found[at]
        if len(allowed) and not allowed[pairs[document]]:
            continue
        if len(days) and (days[document] < limits[FIRST] or days[document] > limits[LAST]):
            continue
        passing[count] = document
        for word in range(words):
            places[word * width + count] = places[word * width + at]
        count += 1
    return count


@loop(writes=("marks", "found", "passing", "scores"), usual=[(*widths_of, "u2") for widths_of in USUAL])
def all_of(
    documents: Varying,
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    table: Float32s,
    words: Float32s,
    count: int,
    base: int,
    marks: Flags,
    pairs: Varying,
    days: Int32s,
    limits: Int64s,
    allowed: Flags,
    found: Int64s,
    passing: Int64s,
    scores: Float32s,
) -> tuple[int, int]:
    """The documents of a segment that have all of W words, and of those that pass the sum of what the words give.

    Sums are made as `word_lists.FormFactors` says, and in the same order. Returns how many documents there are, and how
    many of these pass.

    Args:
        documents: those of all postings of the segment, rising within a word; so are `codes` and `forms`.
        codes: see `documents`.
        forms: see `documents`.
        pair_places: those of all its pairs of a mixed posting and a form; so are `pair_forms` and `pair_codes`.
        pair_forms: see `pair_places`.
        pair_codes: see `pair_places`.
        table: code → score at weight 1.
        words: what is known of each word, as `START` and so on say, one word after the other.
        count: how many words there are (W).
        base: the number of the segment's first document.
        marks: as `meet` takes them.
        pairs: the outlet and month of each of all documents, as one number; empty where outlets do not matter.
        days: the day of each of all documents; empty where days do not matter.
        limits: see `FIRST`; empty where all documents pass.
        allowed: what passes is of one of the pairs of which this is True; empty for all.
        found: takes the documents, numbered through; as long as the postings of the rarest word.
        passing: takes those that pass; as long, unless all do.
        scores: takes the sums; as long as `found`.
    """
    starts, stops, begins = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros(count + 1, np.int64)
    for word in range(count):
        begin = begins[word]
        starts[word], stops[word] = whole_number(words, begin + START), whole_number(words, begin + STOP)
        begins[word + 1] = begin + FACTORS + whole_number(words, begin + FORMS) + 2
    width = len(found)
    places = np.empty(count * width, np.int64)
    left: int = met(documents, starts, stops, marks, places)
    for at in range(left):
        found[at] = np.int64(documents[places[at]]) + base
    kept = left
    if len(limits):
        kept = keep_passing(found[:left], pairs, days, limits, allowed, places, width, passing)
    scores[:kept] = 0
    for word in range(count):
        add_up(
            *(codes, forms, pair_places, pair_forms, pair_codes, table),
            *(words[begins[word] : begins[word + 1]], places[word * width : word * width + kept], scores[:kept]),
        )
    return left, kept


@loop(writes=("marks", "kept", "there"), usual=(("u2", "u2"), ("u4", "u4"), ("i8", "i8")))
def common(found: Varying, other: Varying, marks: Flags, kept: Int64s, there: Int64s) -> int:
    """Which of the candidates `found` are in another list, and where in it; how many there are.

    Both rise; `kept` and `there` are as long as the candidates. `marks` are as `meet` takes them.
    """
    count = 0
    if len(found) * SEEK_FACTOR < len(other):
        place = 0
        for at in range(len(found)):
            wanted = np.int64(found[at])
            place = seek(other, place, len(other), wanted)
            if place == len(other):
                break
            if other[place] == wanted:
                kept[count], there[count] = at, place
                count += 1
        return count
    for at in range(len(found)):
        marks[found[at]] = True
    for at in range(len(other)):
        if count == len(found):
            break
        there[count] = at
        count += marks[other[at]]
    for at in range(len(found)):
        marks[found[at]] = False
    place = 0
    for at in range(len(found)):
        if place == count:
            break
        kept[place] = at
        place += found[at] == other[there[place]]
    return count
