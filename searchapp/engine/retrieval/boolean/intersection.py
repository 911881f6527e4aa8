"""Documents that several sorted lists have in common, and where each of them stands in every list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.intersection_loops import common

SEARCH_FACTOR: Final = 14
"""A list so many times longer than the candidates is searched; a shorter one is read through by marks."""
SEARCH_ALWAYS: Final = 48
"""So few candidates are searched in any list."""


def intersect(
    lists: Sequence[NDArray[np.uint32]], marks: NDArray[np.bool_]
) -> tuple[NDArray[Any], list[NDArray[np.intp]]]:
    """The common entries, rising, and for each list (in the order given) their places in it.

    Args:
        lists: rising, without repeats, at least one.
        marks: all False, one for each number that may occur; all False again afterwards.
    """
    order = sorted(range(len(lists)), key=lambda at: len(lists[at]))
    found: NDArray[Any] = lists[order[0]]
    places: dict[int, NDArray[np.intp]] = {order[0]: np.arange(len(found))}
    for at in order[1:]:
        if not len(found):
            places[at] = np.empty(0, np.intp)
            continue
        kept, there = _common(found, lists[at], marks)
        if kept is not None:
            found = found.take(kept)
            places = {other: place.take(kept) for other, place in places.items()}
        places[at] = there
    return found, [places[at] for at in range(len(lists))]


def _common(
    found: NDArray[Any], other: NDArray[Any], marks: NDArray[np.bool_]
) -> tuple[NDArray[np.intp] | None, NDArray[np.intp]]:
    """Which of the candidates are in the other list (None: all), and where those stand in it."""
    if (made := common.ready(found, other)) is not None:
        return _by_loop(made, found, other, marks)
    if len(found) < SEARCH_ALWAYS or len(found) * SEARCH_FACTOR < len(other):
        there = other.searchsorted(found)
        (kept,) = (other.take(there, mode="clip") == found).nonzero()
        return (None, there) if len(kept) == len(found) else (kept, there.take(kept))
    # By numbers of another width than its own, numpy writes several times slower.
    marked = found.astype(np.intp)
    marks[marked] = True
    (there,) = marks.take(other).nonzero()
    marks[marked] = False
    if len(there) == len(found):
        return None, there
    return found.searchsorted(other.take(there)), there


def _by_loop(
    loop: Callable[..., int], found: NDArray[Any], other: NDArray[Any], marks: NDArray[np.bool_]
) -> tuple[NDArray[np.intp] | None, NDArray[np.intp]]:
    kept, there = np.empty(len(found), np.int64), np.empty(len(found), np.int64)
    try:
        count = loop(np.ascontiguousarray(found), np.ascontiguousarray(other), marks, kept, there)
    except IndexError:
        marks.fill(False)
        raise
    return None if count == len(found) else kept[:count], there[:count]
