"""Opening readers: a newer commit with what is open of the older one, and what stays when one is closed."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Final

import pytest

from searchapp import compiled
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.errors import IndexBroken
from searchapp.model import SearchRequest
from tests.index_samples import BACKEND, commit, gone, make_story, new_index, segments_of, stories_found


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return new_index(tmp_path / "1")


def test_a_newer_commit_is_opened_with_the_segments_that_are_open(directory: Path) -> None:
    opening = SegmentBackend()
    commit(directory, make_story(1, "قمر"))
    older = opening.open_reader(directory)
    commit(directory, make_story(2, "قمر"))
    newer = opening.open_reader(directory)
    first, second = (part.segment for part in newer._snapshot.parts)
    assert first is older._snapshot.parts[0].segment
    assert (stories_found(older, "قمر"), stories_found(newer, "قمر")) == ([1], [1, 2])
    gone_soon = weakref.ref(second)
    newer.close()
    del first, second, newer
    assert gone_soon() is None


def test_a_segment_that_was_changed_under_its_name_is_opened_again(directory: Path) -> None:
    opening = SegmentBackend()
    commit(directory, make_story(1, "قمر"))
    older = opening.open_reader(directory)
    (path,) = segments_of(directory)
    content = bytearray(path.read_bytes())
    path.unlink()
    with pytest.raises(IndexBroken, match=path.name):
        opening.open_reader(directory)
    content[10] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexBroken, match=path.name):
        opening.open_reader(directory)
    assert stories_found(older, "قمر") == [1]


def test_an_index_without_a_commit_says_so(directory: Path) -> None:
    (directory / "commit.0.json").unlink()
    with pytest.raises(IndexBroken, match=r"there is no commit in it; run searchapp rebuild"):
        BACKEND.open_reader(directory)


def test_a_closed_reader_is_gone_at_once_with_all_that_it_kept(directory: Path) -> None:
    """Not when the garbage collector comes by: it keeps megabytes, and there is a new one after each commit."""
    commit(directory, make_story(1, "قمر"))
    reader = BACKEND.open_reader(directory)
    assert reader.search(SearchRequest(q="قمر سمش")).total == 1
    assert reader.completions("قم") == ("قمر",)
    snapshot = weakref.ref(reader._snapshot)
    gc.disable()
    try:
        reader.close()
        del reader
        assert snapshot() is None
    finally:
        gc.enable()


ASKED: Final = ("قمر شمس", '"قمر شمس"', "قمر", "+قمر +شمس", "قمر -شمس", "title:قمر", "قم*", "قمرر")


@pytest.mark.parametrize("by_loops", [False, True])
def test_commit_after_commit_only_the_newest_is_kept_whatever_was_asked(directory: Path, by_loops: bool) -> None:
    """A server that goes on for months goes over to thousands."""
    if by_loops:
        pytest.importorskip("numba")
        compiled.prepare(at_once=True)
    opening, older = SegmentBackend(), None
    gone_soon: list[weakref.ref[Snapshot]] = []
    gc.disable()
    try:
        for number in range(1, 5):
            commit(directory, make_story(number, "قمر شمس قمر", "قمر"), *([gone(number - 1)] if number > 1 else []))
            newer = opening.open_reader(directory)
            if older is not None:
                older.close()
            older = newer
            for _ in range(2):
                for q in ASKED:
                    older.search(SearchRequest(q=q))
            older.search(SearchRequest(q="قمر", sort="newest", sources=("other",)))
            del newer
            gone_soon.append(weakref.ref(older._snapshot))
            assert [one() is None for one in gone_soon[:-1]] == [True] * (number - 1)
        assert older is not None
        assert len(opening._segments) == len(older._snapshot.parts)
    finally:
        gc.enable()
        compiled.stop()
