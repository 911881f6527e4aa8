"""Where phrases stand and how well, by a loop: as `phrases.py` has it, document by document.

What a loop is compiled from lies in its own module, so that some numbers are written here once more; tests hold them to
those that they stand for.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from searchapp.compiled import Flags, Float32s, Float64s, Int64s, UInt32s, Varying, loop, part

MIXED, LAST_MIXED, FORM = range(3)
"""What is known of words: where their mixed postings begin and end, and which of the lemma's forms is meant (`ALL`:
any)."""
SKIP_BITS: Final = 5
"""It is known how many positions lie before each 2^5 postings."""
HALF: Final = 1 << (SKIP_BITS - 1)
BLOCK_BITS: Final = 16
"""Blocks of 2^16 bytes are checked."""
GAP: Final = 64
"""Positions left free between fields."""
ALL: Final = -1
"""In place of where the forms of a posting's positions lie: all positions are of the form."""
NONE: Final = -2
"""None of them is."""
MIXED_ONES: Final = -3
"""From here downwards, a mixed posting for which that is still to be read."""
CHUNK: Final = 64
"""Candidates that are looked at together."""
NEXT, FOUND, SPENT, VERY_SPENT, BLOCK, LAST_BLOCK, STATE = range(7)
"""What the loop keeps: the next candidate, documents found; occurrences read, and those of very forms where words may
stand between; the blocks to be checked."""
K1, SHARES, AVERAGES, FACTORS, VERY_FACTORS, BOUND, NUMBERS = 0, 1, 3, 5, 9, 13, 14
"""What scores are made of: k1; of titles and bodies, the share of the length that counts and the average; for the form
that is looked up and then for the very form, what each field counts; what the very form gives beside."""
USUAL: Final = (
    ("u2", "u2", "u1", "u2", "u4", "u4", "u4", "u1", "u2", "u2", "u2"),
    ("u4", "u2", "u2", "u2", "u4", "u4", "u4", "u2", "u2", "u2", "u2"),
    ("u2", "u2", "u1", "u2", "u2", "u2", "u2", "u1", "u2", "u2", "u2"),
    ("u2", "u2", "u1", "u2", "u4", "u2", "u2", "u1", "u2", "u2", "u2"),
    ("u2", "u2", "u1", "u2", "u4", "u4", "u2", "u1", "u2", "u2", "u2"),
)
"""The arrays of a segment go together: it is of middle size, large, or small, as what one commit brings mostly is."""


@part
def locate(
    codes: Varying,
    skips: Varying,
    frequencies: UInt32s,
    places: Int64s,
    begins: Int64s,
    counts: Int64s,
    code: Int64s,
) -> None:
    """Where the positions of postings at some places begin, and how many there are; `code` takes their codes.

    Arrays are read as far as possible in loops without branches: what is far apart in memory is then asked for at once.
    """
    for at in range(len(places)):
        code[at] = codes[places[at]]
        begins[at] = skips[places[at] >> SKIP_BITS]
    for at in range(len(places)):
        counts[at] = frequencies[code[at]]
        skip = places[at] >> SKIP_BITS
        begin = np.int64(0)
        # Counted from where it is known that is nearer, before or behind.
        if places[at] & HALF == 0 or skip + 1 == len(skips):
            for one in codes[skip << SKIP_BITS : places[at]]:
                begin += np.int64(frequencies[one])
            begins[at] += begin
        else:
            for one in codes[places[at] : (skip + 1) << SKIP_BITS]:
                begin += np.int64(frequencies[one])
            begins[at] = np.int64(skips[skip + 1]) - begin


@part
def select(
    forms: Varying,
    mark: int,
    mixed_places: Varying,
    mixed_pointers: Varying,
    cursor: int,
    stop: int,
    form: int,
    places: Int64s,
    chosen: Int64s,
) -> int:
    """Which positions of postings at some places, rising, are of a form: `ALL`, `NONE`, or where their forms lie.

    Mixed postings are looked for from `cursor` on; where to look for the next.
    """
    for at in range(len(places)):
        chosen[at] = forms[places[at]]
    for at in range(len(places)):
        if chosen[at] != mark:
            chosen[at] = ALL if chosen[at] == form else NONE
            continue
        step = 1
        while cursor + step < stop and mixed_places[cursor + step] < places[at]:
            cursor += step
            step *= 2
        high = min(cursor + step, stop)
        while cursor < high:
            middle = (cursor + high) >> 1
            if mixed_places[middle] < places[at]:
                cursor = middle + 1
            else:
                high = middle
        chosen[at] = MIXED_ONES - cursor
    for at in range(len(places)):
        if chosen[at] <= MIXED_ONES:
            chosen[at] = mixed_pointers[MIXED_ONES - chosen[at]]
    return cursor


@part
def times(mixed_forms: Varying, begin: int, count: int, form: int) -> int:
    """How many of the positions of a posting are of a form, given what `select` says."""
    if begin == ALL:
        return count
    found = 0
    if begin != NONE:
        for at in range(begin, begin + count):
            found += mixed_forms[at] == form
    return found


@part
def chain(
    positions: Varying,
    mixed_forms: Varying,
    phrase: Int64s,
    begins: Int64s,
    counts: Int64s,
    chosen: Int64s,
    wanted: Int64s,
    slop: int,
    candidates: Int64s,
    ends: Int64s,
    bounds: Int64s,
    standing: Int64s,
) -> int:
    """Where the last word of a phrase stands, as `phrases.phrase_ends` has it, in each of some candidates of a chunk.

    `begins` and `counts` are where positions lie, a chunk for each word. `chosen` is what `select` says, a chunk for
    each word of the phrase, and `wanted` the words' forms; empty where any may stand. Of the candidates that have the
    phrase, `standing` takes which they are, `ends` where it ends, and `bounds` where these ends begin.
    """
    stands, most = 0, 0
    for at in range(len(counts)):
        most = max(most, counts[at])
    reached, following = np.empty(most, np.int64), np.empty(most, np.int64)
    bounds[0] = 0
    for at in candidates:
        known = 0
        for turn in range(len(phrase)):
            begin, count = begins[phrase[turn] * CHUNK + at], counts[phrase[turn] * CHUNK + at]
            picked = chosen[turn * CHUNK + at] if len(wanted) else ALL
            kept, last = 0, 0
            for place in range(count):
                if picked != ALL and (picked == NONE or mixed_forms[picked + place] != wanted[turn]):
                    continue
                position = np.int64(positions[begin + place])
                if turn:
                    while last + 1 < known and reached[last + 1] < position:
                        last += 1
                    if reached[last] >= position or position - reached[last] > slop + 1:
                        continue
                following[kept] = position
                kept += 1
            known = kept
            if known == 0:
                break
            for place in range(known):
                reached[place] = following[place]
        if known:
            for place in range(known):
                ends[bounds[stands] + place] = reached[place]
            standing[stands] = at
            stands += 1
            bounds[stands] = bounds[stands - 1] + known
    return stands


@part
def rounded(length: Any) -> Any:
    """A length as its code stands for it, as `norms.rounded` has it: what is above 24, in four significant bits."""
    above, shift = length - 24, 0
    while above >> shift > 15:
        shift += 1
    return (above >> shift << shift) + 24


@part
def score(
    title_lengths: Varying,
    body_lengths: Varying,
    keyword_lengths: Varying,
    documents: Int64s,
    ends: Int64s,
    bounds: Int64s,
    numbers: Float64s,
    factors: int,
    title: bool,
    totals: Float64s,
) -> None:
    """What a phrase gives to documents, by its ends there; less than nothing where it does not stand after all."""
    by_field = np.empty(4, np.int64)
    for turn, document in enumerate(documents):
        title_length, body_length = np.int64(title_lengths[document]), np.int64(body_lengths[document])
        body = title_length + GAP
        keywords = body + body_length + GAP
        copies = keywords + np.int64(keyword_lengths[document]) + GAP
        by_field[:] = 0
        for at in range(bounds[turn], bounds[turn + 1]):
            by_field[np.int64(ends[at] >= body) + np.int64(ends[at] >= keywords) + np.int64(ends[at] >= copies)] += 1
        totals[turn], stands = 0.0, False
        for field in range(1 if title else 4):
            if by_field[field] == 0:
                continue
            floor = numbers[K1]
            if field < 2:
                length = rounded(body_length if field else title_length)
                share = numbers[SHARES + field]
                floor = numbers[K1] * (1 - share + share * (length / numbers[AVERAGES + field]))
            totals[turn] += numbers[factors + field] * (by_field[field] / (by_field[field] + floor))
            stands = True
        if not stands:
            totals[turn] = -1.0


@part
def keep_very(
    positions: Varying,
    mixed_forms: Varying,
    phrase: Int64s,
    begins: Int64s,
    chosen: Int64s,
    very: Int64s,
    standing: Int64s,
    ends: Int64s,
    bounds: Int64s,
) -> None:
    """Of the ends of a phrase without gaps, those where its words stand in the very forms; the others are left out."""
    kept, first = 0, 0
    for turn in range(len(standing)):
        at = standing[turn]
        last = bounds[turn + 1]
        for end in range(first, last):
            fits = True
            for word in range(len(phrase)):
                picked = chosen[word * CHUNK + at]
                if picked == ALL:
                    continue
                fits = picked != NONE
                if fits:
                    begin, position = begins[phrase[word] * CHUNK + at], ends[end] - (len(phrase) - 1 - word)
                    place = begin
                    while positions[place] < position:
                        place += 1
                    fits = mixed_forms[picked + place - begin] == very[word]
                if not fits:
                    break
            if fits:
                ends[kept] = ends[end]
                kept += 1
        first, bounds[turn + 1] = last, kept


@part
def is_unseen(
    unseen: Flags, begin: int, width: int, begins: Int64s, counts: Int64s, candidates: Int64s, state: Int64s
) -> bool:
    """Whether positions that are to be read of candidates lie in blocks that have not been checked: `state` says which.

    `begin` is where in the file the positions begin, `width` how many bytes each takes.
    """
    for word in range(0, len(begins), CHUNK):
        for at in candidates:
            first = (begin + begins[word + at] * width) >> BLOCK_BITS
            last = (begin + (begins[word + at] + counts[word + at]) * width - 1) >> BLOCK_BITS
            for block in range(first, last + 1):
                if unseen[block]:
                    state[BLOCK], state[LAST_BLOCK] = first, last + 1
                    return True
    return False


@loop(writes=("state", "found", "scores"), usual=USUAL)
def stand(  # noqa: PLR0912, PLR0915 (its steps share thirty arrays)
    documents: Varying,
    codes: Varying,
    forms: Varying,
    positions: Varying,
    skips: Varying,
    mixed_places: Varying,
    mixed_pointers: Varying,
    mixed_forms: Varying,
    title_lengths: Varying,
    body_lengths: Varying,
    keyword_lengths: Varying,
    frequencies: UInt32s,
    in_titles: Float32s,
    unseen: Flags,
    places: Int64s,
    candidates: int,
    words: Int64s,
    said: Int64s,
    phrase: Int64s,
    very: Int64s,
    numbers: Float64s,
    slop: int,
    mark: int,
    positions_begin: int,
    base: int,
    state: Int64s,
    found: Int64s,
    scores: Float32s,
) -> bool:
    """The documents among candidates in which a phrase stands, and its scores; whether blocks must be checked first.

    Then it is called again, and goes on. The first arrays are those of a segment, as `PostingArrays.placed` has them,
    and the lengths of its documents' fields; `frequencies` is code → positions. `in_titles` is code → score in titles,
    where only these are looked at, else empty; `unseen` says which blocks of the file have not been checked.

    `places` is where the postings of each of W words in the candidates are, word by word. `words` is what is known of
    the words, as `MIXED` and so on say, one thing of all words after the other (3 W); `said` how often the phrase says
    each (W). `phrase` is which of them the phrase has, in its order (M), and `very` which forms of the lemmas are the
    very forms (M), empty where these do not count. `numbers` is what scores are made of (`NUMBERS`), `slop` how many
    other words may stand between two, `mark` what stands for the form of a mixed posting, `positions_begin` where in
    the file the positions begin, `base` the number of the segment's first document.

    `state` is as `NEXT` and so on say, all 0 at first. `found` takes the documents, numbered through, `scores` theirs.
    """
    count, width, title = len(said), len(places) // len(said), len(in_titles) > 0
    begins, counts = np.empty(count * CHUNK, np.int64), np.empty(count * CHUNK, np.int64)
    rooms = np.empty((8, CHUNK), np.int64)
    own, code, picked, of_word, spends = rooms[0], rooms[1], rooms[2], rooms[3], rooms[4]
    here, fitting, standing = rooms[5], rooms[6], rooms[7]
    chosen, bounds, ends = np.empty(len(phrase) * CHUNK, np.int64), np.empty(CHUNK + 1, np.int64), np.empty(0, np.int64)
    totals, more = np.empty(CHUNK, np.float64), np.empty(CHUNK, np.float64)
    fits = np.empty(CHUNK, np.bool_)
    cursors, very_cursors = np.empty(count, np.int64), np.empty(len(phrase), np.int64)
    wanted = np.empty(0, np.int64)
    for word in range(count):
        cursors[word] = words[MIXED * count + word]
        if words[FORM * count + word] != ALL:
            wanted = np.full(len(phrase), ALL)
    for turn in range(len(phrase)):
        very_cursors[turn] = words[MIXED * count + phrase[turn]]
        if len(wanted):
            wanted[turn] = words[FORM * count + phrase[turn]]
    for low in range(state[NEXT], candidates, CHUNK):
        state[NEXT] = low
        many = min(CHUNK, candidates - low)
        counts[:], fits[:], spends[:] = 0, True, 0
        for word in range(count):
            postings, first = places[word * width + low : word * width + low + many], word * CHUNK
            locate(codes, skips, frequencies, postings, begins[first:], counts[first:], code)
            own[:many] = counts[first : first + many]
            form = words[FORM * count + word]
            if form != ALL:
                last = words[LAST_MIXED * count + word]
                cursors[word] = select(
                    forms, mark, mixed_places, mixed_pointers, cursors[word], last, form, postings, picked
                )
                for at in range(many):
                    own[at] = times(mixed_forms, picked[at], counts[first + at], form)
                for turn in range(len(phrase)):
                    if phrase[turn] == word:
                        chosen[turn * CHUNK : turn * CHUNK + many] = picked[:many]
            for at in range(many):
                spends[at] += own[at] * said[word]
                fits[at] &= own[at] >= max(said[word], 1)
                if title:
                    fits[at] &= in_titles[code[at]] > 0
        left = 0
        for at in range(many):
            fitting[left] = at
            left += fits[at]
        if is_unseen(unseen, positions_begin, positions.itemsize, begins, counts, fitting[:left], state):
            return True
        # What is read next is asked for at once, as above.
        for word in range(count):
            for at in fitting[:left]:
                code[at] = positions[begins[word * CHUNK + at]]
        room = 0
        for at in fitting[:left]:
            code[at] = documents[places[low + at]]
            state[SPENT] += spends[at]
            room += counts[phrase[-1] * CHUNK + at]
        if room > len(ends):
            ends = np.empty(2 * room, np.int64)
        stands = chain(
            *(positions, mixed_forms, phrase, begins, counts, chosen, wanted, slop),
            *(fitting[:left], ends, bounds, standing),
        )
        if stands == 0:
            continue
        for at in range(stands):
            here[at] = documents[places[low + standing[at]]]
        score(
            title_lengths, body_lengths, keyword_lengths, here[:stands], ends, bounds, numbers, FACTORS, title, totals
        )
        more[:stands] = -1.0
        if len(very):
            for turn in range(len(phrase)):
                for at in range(stands):
                    of_word[at] = places[phrase[turn] * width + low + standing[at]]
                last = words[LAST_MIXED * count + phrase[turn]]
                very_cursors[turn] = select(
                    *(forms, mark, mixed_places, mixed_pointers, very_cursors[turn], last),
                    *(very[turn], of_word[:stands], picked),
                )
                for at in range(stands):
                    chosen[turn * CHUNK + standing[at]] = picked[at]
                    if slop and totals[at] >= 0:
                        count_here = counts[phrase[turn] * CHUNK + standing[at]]
                        state[VERY_SPENT] += times(mixed_forms, picked[at], count_here, very[turn])
            if slop:
                room = chain(
                    *(positions, mixed_forms, phrase, begins, counts, chosen, very, slop),
                    *(standing[:stands], ends, bounds, fitting),
                )
            else:
                keep_very(positions, mixed_forms, phrase, begins, chosen, very, standing[:stands], ends, bounds)
                room = stands
                fitting[:stands] = standing[:stands]
            for at in range(room):
                of_word[at] = documents[places[low + fitting[at]]]
            of_very = of_word[:room]
            score(
                title_lengths, body_lengths, keyword_lengths, of_very, ends, bounds, numbers, VERY_FACTORS, title, more
            )
            # From those that have the very forms to those that have any; the last first, as they are in one array.
            at = room
            for turn in range(stands - 1, -1, -1):
                if at and fitting[at - 1] == standing[turn]:
                    at -= 1
                    more[turn] = more[at]
                else:
                    more[turn] = -1.0
        at = state[FOUND]
        for turn in range(stands):
            if totals[turn] >= 0:
                found[at], scores[at] = here[turn] + base, np.float32(totals[turn])
                if more[turn] >= 0:
                    scores[at] += np.float32(more[turn]) + np.float32(numbers[BOUND])
                at += 1
        state[FOUND] = at
    state[NEXT] = candidates
    return False
