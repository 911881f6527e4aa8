"""Counts for facets by a loop over the copies of what matches."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Flags, Int32s, Int64s, Varying, loop


@loop(writes=("by_outlet", "by_month", "by_year", "seen"), usual=[("u2", "u2"), ("u4", "u2")])
def count_stories(
    documents: Int64s,
    pointers: Int64s,
    days: Int32s,
    outlets: Varying,
    months: Varying,
    years: Int64s,
    first: int,
    last: int,
    starts: Int64s,
    ends: Int64s,
    allowed: Flags,
    by_outlet: Int64s,
    by_month: Int64s,
    by_year: Int64s,
    seen: Int64s,
) -> int:
    """Count stories by outlet, month and year, once in a bucket, in every bucket that one of their copies is of; 0.

    Args:
        documents: the stories, each once.
        pointers: where the copies of each of all stories begin, and the end.
        days: the day of each copy.
        outlets: its outlet.
        months: its month, by the month's place among all.
        years: the year of each month, by the year's place.
        first: what has an earlier day than this counts nowhere.
        last: nor what has a later day than this.
        starts: the first days of periods: only copies of one of these count in outlets.
        ends: the last days of the periods.
        allowed: only copies of outlets of which this is True count in months and years; empty for all.
        by_outlet: the counters of outlets.
        by_month: those of months.
        by_year: those of years.
        seen: 0, one for each counter: takes which story was counted last.
    """
    month_at = len(by_outlet)
    year_at = month_at + len(by_month)
    for at in range(len(documents)):
        document = documents[at]
        mark = document + 1
        for copy in range(pointers[document], pointers[document + 1]):
            day = days[copy]
            if day < first or day > last:
                continue
            outlet = np.int64(outlets[copy])
            if seen[outlet] != mark:
                for period in range(len(starts)):
                    if starts[period] <= day <= ends[period]:
                        seen[outlet] = mark
                        by_outlet[outlet] += 1
                        break
            if len(allowed) == 0 or allowed[outlet]:
                month = np.int64(months[copy])
                if seen[month_at + month] != mark:
                    seen[month_at + month] = mark
                    by_month[month] += 1
                    year = years[month]
                    if seen[year_at + year] != mark:
                        seen[year_at + year] = mark
                        by_year[year] += 1
    return 0


@loop(writes=("found",))
def split_pairs(
    of_outlets: Int64s, of_months: Int64s, outlets: int, months: Int64s, allowed: Flags, found: Int64s
) -> int:
    """The counts by outlet, by month and by year that are not 0, of counts by month and outlet; how long they are.

    Args:
        of_outlets: a count for each month and outlet, month by month, for counts by outlet.
        of_months: the same for counts by month and year.
        outlets: how many there are.
        months: the number of each month (year × 12 + month − 1), rising.
        allowed: only outlets of which this is True count in months and years; empty for all.
        found: takes how many outlets, months and years have a count; then the number and the count of each of these,
            one kind after the other, each rising. There is room for 2 numbers of each outlet, and 4 of each month.
    """
    by_outlet, at, end = np.zeros(outlets, np.int64), 0, 3
    for _ in range(len(months)):
        for outlet in range(outlets):
            by_outlet[outlet] += of_outlets[at]
            at += 1
    for outlet in range(outlets):
        if by_outlet[outlet] > 0:
            found[end], found[end + 1] = outlet, by_outlet[outlet]
            end += 2
    found[0], begin, at = (end - 3) >> 1, end, 0
    for month in range(len(months)):
        count = 0
        for outlet in range(outlets):
            if len(allowed) == 0 or allowed[outlet]:
                count += of_months[at]
            at += 1
        if count > 0:
            found[end], found[end + 1] = months[month], count
            end += 2
    found[1], stop = (end - begin) >> 1, end
    for place in range(begin, stop, 2):
        year = found[place] // 12
        if end > stop and found[end - 2] == year:
            found[end - 1] += found[place + 1]
        else:
            found[end], found[end + 1] = year, found[place + 1]
            end += 2
    found[2] = (end - stop) >> 1
    return end


@loop(writes=("counts",), usual=[("u2",)])
def count_days(
    documents: Int64s, days: Int32s, first: int, last: int, outlets: Varying, allowed: Flags, counts: Int64s
) -> int:
    """Count the documents of each day from `first` to `last`, for each of which there is a counter; 0.

    `days` and `outlets` have one entry a document, `allowed` one an outlet, or none where all are.
    """
    for at in range(len(documents)):
        document = documents[at]
        day = np.int64(days[document])
        if first <= day <= last and (len(allowed) == 0 or allowed[np.int64(outlets[document])]):
            counts[day - first] += 1
    return 0
