"""The best documents of a union of words, as loops.

Documents are numbered within a segment; `base` is the number of the segment's first document among those of all.
`live` is True for each document that counts, and empty where all do. Sums are 0 where no word has given anything.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from searchapp.compiled import Flags, Float32s, Float64s, Int32s, Int64s, Varying, loop, part, widths

LEAST: Final = np.finfo(np.float32).tiny
"""Less than any word gives."""
WINDOW_BITS: Final = 14
"""Words are added up for so many documents at a time (2^14): their sums stay at hand, however many there are."""
START, STOP, PAIR, LAST_PAIR, FORMS, FACTORS = range(0, 12, 2)
"""What is known of a word, as `intersection_loops` has it."""
LOWER_BITS: Final = 24
"""Of its whole numbers, as there."""
USUAL: Final = (
    ("u2", "u2", "u1", "u4", "u1", "u2"),
    ("u4", "u2", "u2", "u4", "u2", "u2"),
    ("u2", "u2", "u1", "u2", "u1", "u2"),
)
"""The arrays of a segment go together: it is of middle size, large, or small."""


@part
def select(values: Float32s, count: int, rank: int) -> float:
    """The value that would stand at a rank if the first of the values were sorted; they change places (quickselect)."""
    low, high = 0, count - 1
    while low < high:
        pivot = values[(low + high) >> 1]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return np.float64(values[rank])


@part
def cut(found: Int64s, scores: Float32s, kept: int, wanted: int, slack: float, lowest: Float64s, room: Float32s) -> int:
    """Leave out those kept that are not among the highest that are wanted, and raise `lowest`; how many are left."""
    if kept > wanted:
        for at in range(kept):
            room[at] = scores[at]
        lowest[0] = max(lowest[0], select(room, kept, kept - wanted) * slack)
    left = 0
    for at in range(kept):
        if scores[at] >= lowest[0]:
            found[left] = found[at]
            scores[left] = scores[at]
            left += 1
    return left


@loop(writes=("sums", "lowest", "found", "scores", "room"), usual=widths(1))
def keep_best(
    documents: Varying,
    base: int,
    live: Flags,
    wanted: int,
    slack: float,
    is_last: bool,
    sums: Float32s,
    lowest: Float64s,
    found: Int64s,
    scores: Float32s,
    room: Float32s,
    kept: int,
) -> int:
    """Add to those kept all whose sum may be among the highest; how many are kept, -1 where there is no room for them.

    The sums of the documents are set back to 0, so that each counts once, in whichever list of several it comes first.

    Args:
        documents: of one list.
        base: see above.
        live: see above.
        wanted: how many of the highest there are to be; those that score as the last of them are kept, too.
        slack: what a sum that others must reach is multiplied by: 1, or less where sums are not quite exact.
        is_last: whether nothing comes after this list: then those kept are cut to what is wanted.
        sums: those of all documents.
        lowest: what is below this one number is left out; it is raised.
        found: takes the documents, numbered through.
        scores: takes their sums (as many as `found`).
        room: to calculate in (as many).
        kept: how many documents are kept already.
    """
    least = max(np.float32(lowest[0]), LEAST)
    for at in range(len(documents)):
        document = base + np.int64(documents[at])
        score = sums[document]
        sums[document] = 0
        if score < least or (len(live) > 0 and not live[document]):
            continue
        if kept == len(found):
            kept = cut(found, scores, kept, wanted, slack, lowest, room)
            if kept == len(found):
                return -1
            least = max(np.float32(lowest[0]), LEAST)
        found[kept] = document
        scores[kept] = score
        kept += 1
    if is_last:
        kept = cut(found, scores, kept, wanted, slack, lowest, room)
    return kept


@loop(writes=("sums", "found", "found_scores", "counts"), usual=[("u2", "u2"), ("u4", "u2")])
def best_and_counts(
    documents: Varying,
    scores: Float32s,
    bounds: Int64s,
    live: Flags,
    wanted: int,
    known: float,
    sums: Float32s,
    found: Int64s,
    found_scores: Float32s,
    values: Varying,
    counts: Int64s,
) -> int:
    """`add`, `keep_best` and `count_new` of short lists in one; how many documents are kept, -1 as in `keep_best`.

    The lists are stretches of `documents`: `bounds` say where each begins, then where each ends, then the base of each.
    `scores` are theirs, one list after the other. `values` and `counts` are as for `count_new`, but that the last of
    `counts` counts all documents; the rest is as for `keep_best`. `known` is its `lowest`, as it is known before.
    """
    lists = len(bounds) // 3
    first = np.uint64(0)
    for one in range(lists):
        base, mine = np.uint64(bounds[2 * lists + one]), documents[bounds[one] : bounds[lists + one]]
        # What is never negative is unsigned: at each index, one question less is asked.
        for at in range(np.uint64(len(mine))):
            sums[base + np.uint64(mine[at])] += scores[first + at]
        first += np.uint64(len(mine))
    lowest, room = np.empty(1), np.empty(len(found), np.float32)
    lowest[0] = known
    kept, total, least = 0, 0, max(np.float32(known), LEAST)
    counting = len(counts) > 1
    for one in range(lists):
        base, mine = np.uint64(bounds[2 * lists + one]), documents[bounds[one] : bounds[lists + one]]
        for at in range(np.uint64(len(mine))):
            document = base + np.uint64(mine[at])
            score = sums[document]
            sums[document] = 0
            if len(live) > 0 and not live[document]:
                continue
            new = int(score != 0)
            total += new
            if counting:
                counts[np.int64(values[document])] += new
            if score < least:
                continue
            if kept == len(found):
                kept = cut(found, found_scores, kept, wanted, 1.0, lowest, room)
                if kept == len(found):
                    return -1
                least = max(np.float32(lowest[0]), LEAST)
            found[kept] = document
            found_scores[kept] = score
            kept += 1
    counts[len(counts) - 1] = total
    return cut(found, found_scores, kept, wanted, 1.0, lowest, room)


@part
def whole_number(words: Float32s, at: Any) -> Any:
    """A whole number of what is known of a word."""
    return np.int64(words[at]) << LOWER_BITS | np.int64(words[at + 1])


@part
def seek(documents: Varying, at: Any, stop: Any, wanted: Any) -> Any:
    """The first place from `at` on whose document is not below the one that is wanted: steps double, then halve."""
    step = 1
    while at + step < stop and np.int64(documents[at + step]) < wanted:
        at += step
        step *= 2
    high = min(at + step, stop)
    while at < high:
        middle = (at + high) >> 1
        if np.int64(documents[middle]) < wanted:
            at = middle + 1
        else:
            high = middle
    return at


@part
def score_word(
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    table: Float32s,
    factors: Float32s,
    begin: int,
    end: int,
    pair: Any,
    last_pair: Any,
    given: Float32s,
) -> Any:
    """Put what a word gives by each of its postings in [begin, end) into `given`; the first pair behind these.

    `factors` are those of its forms by ordinal, of the lemma alone, and of the light stem. Pairs are looked for from
    `pair` on. What a posting gives is made as `word_lists.FormFactors` says.
    """
    lemma = np.uint64(len(factors) - 2)
    own, light = factors[len(factors) - 2], factors[len(factors) - 1]
    first = np.uint64(begin)
    for at in range(np.uint64(end) - first):
        # The mark of mixed postings lies above all forms. What is never negative is unsigned: of each index, one
        # question less is asked.
        given[at] = factors[min(np.uint64(forms[first + at]), lemma)] * table[np.uint64(codes[first + at])]
    # Of a word that stands in none of its own forms, no form counts more than another.
    if lemma == 0:
        return pair
    pair = seek(pair_places, pair, last_pair, begin)
    end_pair = seek(pair_places, pair, last_pair, end)
    before, gained, beyond = np.int64(-1), np.float32(0), np.float32(0)
    # Each pair writes what its posting gives by the pairs so far: without a branch that is hard to foretell.
    for at in range(np.uint64(pair), np.uint64(end_pair)):
        place = np.int64(pair_places[at])
        whole, each = table[np.uint64(codes[place])], table[np.uint64(pair_codes[at])]
        gain = factors[np.uint64(pair_forms[at])] - own
        gained = (gained if place == before else np.float32(0)) + gain * each
        beyond = (beyond if place == before else np.float32(0)) + (each if gain != 0 else np.float32(0))
        before = place
        more = beyond - whole
        given[place - begin] = own * whole + (gained - (more if more > 0 else np.float32(0)) * light)
    return end_pair


@part
def add_up(documents: Varying, low: Any, given: Float32s, sums: Float32s, rows: Int32s) -> None:
    """Add what postings give to the sums of documents from `low` on, and note which are theirs."""
    first = np.uint64(low)
    for at in range(np.uint64(len(documents))):
        slot = np.uint64(documents[at]) - first
        sums[slot] += given[at]
        rows[slot] = at


@part
def choose(
    documents: Varying,
    codes: Varying,
    table: Float32s,
    low: Any,
    least: Any,
    least_with: Any,
    most: Any,
    sums: Float32s,
    chosen: Int32s,
) -> Any:
    """Put into `chosen` which postings may lift a document among the best; how many they are.

    Their documents have at least so much already, and so much more with the `most` that the posting may give.
    """
    first, count, left = np.uint64(low), np.uint64(0), np.uint64(0)
    for at in range(np.uint64(len(documents))):
        chosen[count] = at
        count += np.uint64(sums[np.uint64(documents[at]) - first] >= least)
    for number in range(count):
        row = np.uint64(chosen[number])
        chosen[left] = row
        left += np.uint64(sums[np.uint64(documents[row]) - first] + most * table[np.uint64(codes[row])] >= least_with)
    return np.int64(left)


@part
def falling(highest: Float64s) -> Int64s:
    """The numbers of the words, the one that gives most first."""
    order = np.arange(len(highest))
    for at in range(1, len(order)):
        moved, to = order[at], at
        while to > 0 and highest[order[to - 1]] < highest[moved]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = moved
    return order


@loop(writes=("lowest", "found", "scores"), usual=USUAL)
def best_of_words(  # noqa: PLR0912, PLR0915 (its steps share thirty arrays)
    documents: Varying,
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    table: Float32s,
    words: Float32s,
    highest: Float64s,
    most: Float32s,
    base: int,
    live: Flags,
    wanted: int,
    slack: float,
    lowest: Float64s,
    found: Int64s,
    scores: Float32s,
) -> int:
    """Add up what W words give to the documents of a segment, and keep the best; how many are kept, -1 as `keep_best`.

    Words that cannot lift a document among the best by themselves are only asked for the documents that the others
    give. Some more may be kept than those that score as the last of the `wanted` and above.

    The first arrays are those of all postings of the segment and of all its pairs of a mixed posting and a form, as
    `intersection_loops.all_of` has them, and so are `table` and `words`. `highest` is what each word gives at most (W),
    `most` what its forms count at most (W): both a little more than that, as `slack` is a little less than 1, by more
    than the rounding of a few sums. `base` and `live` are as above. What is below the one number `lowest` is left out;
    it is raised. `found` takes the documents, numbered through, in any order, and `scores` their sums (as many).
    """
    count = len(highest)
    at, stops, ends = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    pairs, last_pairs, begins = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros(count + 1, np.int64)
    room = np.empty(len(found), np.float32)
    for word in range(count):
        begin = begins[word]
        at[word], stops[word] = whole_number(words, begin + START), whole_number(words, begin + STOP)
        pairs[word], last_pairs[word] = whole_number(words, begin + PAIR), whole_number(words, begin + LAST_PAIR)
        begins[word + 1] = begin + FACTORS + whole_number(words, begin + FORMS) + 2
    order, left = falling(highest), np.zeros(count + 1)
    for turn in range(count - 1, -1, -1):
        left[turn] = left[turn + 1] + highest[order[turn]]
    size = 1 << WINDOW_BITS
    sums, given, rows = np.zeros(size, np.float32), np.empty(count * size, np.float32), np.empty(count * size, np.int32)
    chosen = np.empty(size, np.int32)
    kept, full, needed = 0, min(3 * wanted, len(found)), count
    while True:
        low = np.int64(-1)
        for turn in range(needed):
            word = order[turn]
            if at[word] < stops[word]:
                document = np.int64(documents[at[word]])
                low = document if low < 0 else min(low, document)
        if low < 0:
            break
        low = low >> WINDOW_BITS << WINDOW_BITS
        while needed > 1 and left[needed - 1] < lowest[0] * slack:
            needed -= 1
        for turn in range(count):
            word = order[turn]
            if at[word] < stops[word] and np.int64(documents[at[word]]) < low:
                at[word] = seek(documents, at[word], stops[word], low)
            ends[word] = seek(documents, at[word], stops[word], low + (1 << WINDOW_BITS))
            mine, its_rows = documents[at[word] : ends[word]], rows[word * size : (word + 1) * size]
            gives, last = given[word * size : (word + 1) * size], last_pairs[word]
            own = words[begins[word] + FACTORS : begins[word + 1]]
            if turn < needed:
                pairs[word] = score_word(
                    *(codes, forms, pair_places, pair_forms, pair_codes, table),
                    *(own, at[word], ends[word], pairs[word], last, gives),
                )
                add_up(mine, low, gives, sums, its_rows)
                continue
            # A little less, so that whatever is left out here is left out below.
            floor = lowest[0] * slack * slack
            least, least_with = np.float32(max(floor - left[turn], LEAST)), np.float32(floor - left[turn + 1])
            its_codes = codes[at[word] : ends[word]]
            some = choose(mine, its_codes, table, low, least, least_with, most[word], sums, chosen)
            for row in chosen[:some]:
                place = at[word] + np.int64(row)
                pairs[word] = score_word(
                    *(codes, forms, pair_places, pair_forms, pair_codes, table),
                    *(own, place, place + 1, pairs[word], last, gives[row : row + 1]),
                )
                its_slot = np.int64(documents[place]) - low
                sums[its_slot] += gives[row]
                its_rows[its_slot] = row
        least = max(np.float32(lowest[0] * slack), LEAST)
        for turn in range(needed):
            word = order[turn]
            mine = documents[at[word] : ends[word]]
            for row in range(np.uint64(len(mine))):
                slot = np.uint64(mine[row]) - np.uint64(low)
                score = sums[slot]
                sums[slot] = 0
                if score < least:
                    continue
                numbered = np.uint64(base + low) + slot
                if len(live) > 0 and not live[numbered]:
                    continue
                if kept == full:
                    kept = cut(found, scores, kept, wanted, slack, lowest, room)
                    if kept == len(found):
                        return -1
                    full = min(max(full, 2 * kept), len(found))
                    least = max(np.float32(lowest[0] * slack), LEAST)
                found[kept], scores[kept] = numbered, 0
                # Sums of floats depend on the order: that is the one in which words were asked for, as elsewhere. Where
                # a word has no posting, what is noted of it is of another document, or nothing at all.
                for each in range(count):
                    its = np.int64(rows[each * size + np.int64(slot)])
                    if its < 0 or its >= ends[each] - at[each]:
                        continue
                    if np.uint64(documents[at[each] + its]) - np.uint64(low) == slot:
                        scores[kept] += given[each * size + its]
                kept += 1
        for word in range(count):
            at[word] = ends[word]
    return cut(found, scores, kept, wanted, slack, lowest, room)
