"""What passes the filters of a request, and what facets count, in one pass over what matches, as loops.

Every story has one copy here, and outlets and months are counted together, as `facet_pairs` numbers them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Flags, Float32s, Int32s, Int64s, Varying, loop, part

OUTLETS, YEARS, MONTHS, DAYS, UNDATED, PASSING = range(6)
"""What stands before the rows: how many of each kind there are, stories without a date, and stories that pass."""
HEAD: Final = 6
NOT_COUNTED: Final = -1
"""In place of how many days there are, where days were not looked at."""
SORTED: Final = 64
"""The rows of more outlets are left in the order of their numbers: this sort is for few."""
FIRST, LAST, FIRST_CHOSEN, LAST_CHOSEN, WIDTH = range(5)
"""In `limits`: the first and the last day of the span, those of the chosen period, and how many outlets there are."""
LIMITS: Final = 5
LATEST: Final = (1 << 31) - 1
"""As in `copies`; the first day that there may be is 0."""
DAYS_OF_MONTH: Final = 31
"""At most, so that each leaves another remainder."""


@part
def rows_of_outlets(counts: Int64s, outlets: int, found: Int64s) -> int:
    """Make rows of counts by pair, as `split_pairs` says, of the outlets; where they end."""
    by_outlet, end = np.zeros(outlets, np.int64), HEAD
    for first in range(0, len(counts), outlets):
        for outlet in range(outlets):
            by_outlet[outlet] += counts[first + outlet]
    for outlet in range(outlets):
        count, to = by_outlet[outlet], end
        if count > 0:
            while outlets <= SORTED and to > HEAD and found[to - 1] < count:
                found[to], found[to + 1] = found[to - 2], found[to - 1]
                to -= 2
            found[to], found[to + 1] = outlet, count
            end += 2
    return end


@part
def rows_of_months(counts: Int64s, outlets: int, months: Int64s, allowed: Flags, found: Int64s, begin: int) -> int:
    """The same of the months, from `begin` on; the count of what has no date is told, too."""
    end = begin
    found[UNDATED] = 0
    for back in range(len(months)):
        place, count = len(months) - 1 - back, 0
        for outlet in range(outlets):
            if len(allowed) == 0 or allowed[outlet]:
                count += counts[place * outlets + outlet]
        if months[place] == 0:
            found[UNDATED] = count
        elif count > 0:
            found[end], found[end + 1] = months[place], count
            end += 2
    return end


@part
def split(of_outlets: Int64s, of_months: Int64s, outlets: int, months: Int64s, allowed: Flags, found: Int64s) -> int:
    """As `split_pairs`."""
    years_at = rows_of_outlets(of_outlets, outlets, found)
    # Months go behind the room that years may need, then up to them.
    begin = years_at + 2 * len(months)
    stop = rows_of_months(of_months, outlets, months, allowed, found, begin)
    end = years_at
    for at in range(begin, stop, 2):
        year = found[at] // 12
        if end > years_at and found[end - 2] == year:
            found[end - 1] += found[at + 1]
        else:
            found[end], found[end + 1] = year, found[at + 1]
            end += 2
    found[OUTLETS], found[YEARS], found[DAYS] = (years_at - HEAD) >> 1, (end - years_at) >> 1, NOT_COUNTED
    found[MONTHS], found[PASSING] = (stop - begin) >> 1, 0
    for at in range(begin, stop):
        found[end] = found[at]
        end += 1
    return end


@loop(writes=("found",))
def split_pairs(
    of_outlets: Int64s, of_months: Int64s, outlets: int, months: Int64s, allowed: Flags, found: Int64s
) -> int:
    """The counts by outlet, year and month that are not 0, of counts by month and outlet; where their rows end.

    Args:
        of_outlets: a count for each month and outlet, month by month, for counts by outlet.
        of_months: the same for counts by year and month.
        outlets: how many there are.
        months: the number of each month (year × 12 + month − 1, 0 for none), rising.
        allowed: only outlets of which this is True count in years and months; empty for all.
        found: takes what `HEAD` says, then rows of two numbers, what is counted and its count: of outlets by falling
            count and then by number, of years and of months, the newest first. It has room for `HEAD` numbers, 2 of
            each outlet, and 4 of each month.
    """
    return int(split(of_outlets, of_months, outlets, months, allowed, found))


@part
def rows_of_days(
    documents: Int64s,
    days: Int32s,
    pairs: Varying,
    first: int,
    last: int,
    limits: Int64s,
    allowed_pairs: Flags,
    found: Int64s,
) -> int:
    """Make rows of the days of stories whose pairs are among [first, last), the newest first; how many."""
    counts, values = np.zeros(DAYS_OF_MONTH, np.int64), np.zeros(DAYS_OF_MONTH, np.int64)
    for document in documents:
        day, pair = np.int64(days[document]), np.int64(pairs[document])
        if pair < first or pair >= last or day < limits[FIRST] or day > limits[LAST]:
            continue
        if len(allowed_pairs) == 0 or allowed_pairs[pair]:
            counts[day % DAYS_OF_MONTH] += 1
            values[day % DAYS_OF_MONTH] = day
    end = 0
    for number in range(DAYS_OF_MONTH):
        if counts[number] > 0:
            to = end
            while to > 0 and found[to - 2] < values[number]:
                found[to], found[to + 1] = found[to - 2], found[to - 1]
                to -= 2
            found[to], found[to + 1] = values[number], counts[number]
            end += 2
    return end >> 1


@loop(writes=("passing", "passing_scores", "found"), usual=[("u2",)])
def sift(
    documents: Int64s,
    scores: Float32s,
    days: Int32s,
    pairs: Varying,
    limits: Int64s,
    allowed_pairs: Flags,
    passing: Int64s,
    passing_scores: Float32s,
    found: Int64s,
) -> int:
    """Keep the stories that pass, with their scores, and make the rows of facets of all; where these end.

    Args:
        documents: the stories, each once.
        scores: theirs.
        days: the day of each of all stories.
        pairs: month · outlets + outlet of each of all stories, by the month's place.
        limits: see `FIRST`; behind these, the months as `split_pairs` takes them. A day that is not of the span counts
            nowhere, one that is not chosen in no outlet.
        allowed_pairs: as `split_pairs` takes what is `allowed`, for the pairs; stories of others do not pass.
        passing: takes the documents that pass; none where there is no room, as nothing is filtered.
        passing_scores: takes their scores.
        found: as `split_pairs` has it, with room for 31 days more: where there is one month only, its days are counted.
    """
    outlets, first, last, months = limits[WIDTH], limits[FIRST], limits[LAST], limits[LIMITS:]
    allowed = allowed_pairs[: min(outlets, len(allowed_pairs))]
    first_chosen, last_chosen = limits[FIRST_CHOSEN], limits[LAST_CHOSEN]
    chosen, is_open = first_chosen > first or last_chosen < last, first <= 0 and last >= LATEST
    of_months = np.zeros(len(months) * outlets, np.int64)
    of_outlets = np.zeros(len(of_months) if chosen else 0, np.int64)
    count, is_kept = 0, len(passing) > 0
    for at in range(len(documents)):
        document = documents[at]
        pair = np.int64(pairs[document])
        # Where days do not matter, they are not fetched from memory.
        day = np.int64(0) if is_open and not chosen else np.int64(days[document])
        if day < first or (day > last and not is_open):
            continue
        of_months[pair] += 1
        if chosen:
            if day < first_chosen or day > last_chosen:
                continue
            of_outlets[pair] += 1
        if is_kept and (len(allowed_pairs) == 0 or allowed_pairs[pair]):
            passing[count], passing_scores[count] = document, scores[at]
            count += 1
    end = split(of_outlets if chosen else of_months, of_months, outlets, months, allowed, found)
    found[PASSING] = count
    if found[MONTHS] == 1:
        month = found[end - 2]
        place = 0
        while months[place] != month:
            place += 1
        begin = place * outlets
        rows = found[end:]
        found[DAYS] = rows_of_days(documents, days, pairs, begin, begin + outlets, limits, allowed_pairs, rows)
        end += 2 * found[DAYS]
    return int(end)
