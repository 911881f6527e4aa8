"""Several segments into one, without their deleted documents; texts are copied as stored, nothing is analysed again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from searchapp.engine.storage.segment import LiveSegment
from searchapp.engine.storage.segment_source import SegmentSource
from searchapp.engine.storage.segment_writing import write_segment

MERGE_FACTOR: Final = 8
"""So many segments of about one size become one: each document is rewritten log8(N) times in its life."""
SMALLEST_LEVEL: Final = 2048
"""Segments up to so many documents, some 12 MB, count as one size."""
SMALLEST_FACTOR: Final = 4
"""And so many of these become one: an archive that is fed all day has few segments, each of which costs every search
and every process a little, and they are rewritten in a moment."""


def choose_merge(sizes: Sequence[int]) -> list[int]:
    """Which segments to merge, by their live sizes: the places of those of one level that is full, else none."""
    levels: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        level = 0
        while size > SMALLEST_LEVEL * MERGE_FACTOR**level:
            level += 1
        levels.setdefault(level, []).append(place)
    factors = {0: SMALLEST_FACTOR}
    ordered = sorted(levels.items())
    return next((places for level, places in ordered if len(places) >= factors.get(level, MERGE_FACTOR)), [])


def merge_segments(parts: Sequence[LiveSegment], path: Path, threads: int = 1) -> None:
    """Write one segment with the live documents of all parts, in their order; raises as `write_segment` does."""
    write_segment(path, [SegmentSource(part.segment, part.deleted) for part in parts], threads)
