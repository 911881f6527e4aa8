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
SMALLEST_LEVEL: Final = 1024
"""Segments up to so many documents count as one size."""


def choose_merge(sizes: Sequence[int]) -> list[int]:
    """Which segments to merge, by their live sizes: the places of `MERGE_FACTOR` or more of one level, else none."""
    levels: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        level = 0
        while size > SMALLEST_LEVEL * MERGE_FACTOR**level:
            level += 1
        levels.setdefault(level, []).append(place)
    return next((places for _, places in sorted(levels.items()) if len(places) >= MERGE_FACTOR), [])


def merge_segments(parts: Sequence[LiveSegment], path: Path, threads: int = 1) -> None:
    """Write one segment with the live documents of all parts, in their order; raises as `write_segment` does."""
    write_segment(path, [SegmentSource(part.segment, part.deleted) for part in parts], threads)
