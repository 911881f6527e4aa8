"""A segment's documents go to the disk while its postings are written: nothing changes, and no failure is missed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from searchapp.engine.storage import segment_writing
from searchapp.engine.storage.building import SourceBuilder
from searchapp.engine.storage.gathered_stories import gather
from searchapp.engine.storage.segment_writing import write_segment
from tests.index_samples import make_story


def built(path: Path) -> Path:
    builder = SourceBuilder(path.with_suffix(".part"))
    builder.add(gather([make_story(number, f"قمر بحر{number}") for number in range(20)]))
    write_segment(path, builder.finish())
    return path


def counting(synced: list[int], fails: Callable[[int], bool]) -> Callable[[int], None]:
    fsync = os.fsync

    def fsync_counted(descriptor: int) -> None:
        synced.append(os.stat(descriptor).st_size)
        if fails(len(synced)):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    return fsync_counted


def test_a_large_segment_is_synced_before_its_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", counting(synced, lambda _count: False))
    small = built(tmp_path / "small.seg").read_bytes()
    assert synced == [len(small)]
    monkeypatch.setattr(segment_writing, "SYNCED_AHEAD", 1)
    large = built(tmp_path / "large.seg").read_bytes()
    assert large == small
    assert len(synced) == 3
    assert synced[-1] == len(large)


def test_what_the_disk_says_in_between_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_writing, "SYNCED_AHEAD", 1)
    # A system tells of a page that it could not write once only: the last sync would succeed.
    monkeypatch.setattr(os, "fsync", counting([], lambda count: count == 1))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        built(tmp_path / "1.seg")
