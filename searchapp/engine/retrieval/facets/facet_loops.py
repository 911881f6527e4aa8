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


@loop(writes=("seen", "counts"))
def count_owners(owners: Int64s, values: Int64s, seen: Int64s, counts: Int64s) -> int:
    """Count how many different owners have each value; 0. What is of one owner comes together.

    `seen` is below 0 for each value, and takes which owner was counted last.
    """
    for at in range(len(owners)):
        value = values[at]
        if seen[value] != owners[at]:
            seen[value] = owners[at]
            counts[value] += 1
    return 0
