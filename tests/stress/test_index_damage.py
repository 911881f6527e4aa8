"""One flipped bit anywhere in an index is found, and a search never answers from it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from searchapp.engine.storage import container
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.segment import Segment
from searchapp.errors import IndexBroken
from searchapp.model import SearchRequest, Story
from tests.index_samples import BACKEND, answer, commit, day, gone, make_article, make_story, new_index
from tests.stress.scale import note, scaled

FLIPS = scaled(100, 300)
"""Flipped bits in each file."""
SEARCHED_FLIPS = scaled(30, 90)
LONG_WORD = "ط" * 400
WORDS = ("غزة", "مدار", "لبنان", "وزير", "قرار", "مدينة", "سوق", "نفط")
REQUESTS = (
    SearchRequest(q="غزة"),
    SearchRequest(q="غزة مدار", sources=("سبق",)),
    SearchRequest(q='"وزير قرار"'),
    SearchRequest(q='"سوق نفط"~3', sort="newest"),
    SearchRequest(q="مدا*"),
    SearchRequest(q="قر*"),
    SearchRequest(q="لبنان OR -نفط", when=("2024-06",)),
    SearchRequest(q="قرار", field="title", exact=True),
    SearchRequest(q="", undated=True),
    SearchRequest(q=LONG_WORD),
    SearchRequest(q="مدينة سوق وزير قرار غزة", snippets=False),
)


def make_stories(chance: random.Random) -> list[Story]:
    stories = []
    for number in range(40):
        body = " ".join(chance.choices(WORDS, k=chance.randint(1, 30)))
        strange = ("漢字 \U0001f600 ", f"{LONG_WORD} ", "! " + "؟" * 300 + " ")[number % 3] if number % 4 == 0 else ""
        when = day(chance.choice((None, "2024-06-25", "2023-01-01")))
        title = " ".join(chance.choices(WORDS, k=3)) if number % 3 else None
        outlet = chance.choice(("سبق", "عكاظ", None))
        copies = [make_article(f"a{number}", strange + body, title, outlet=outlet, keywords=WORDS[number % 8], **when)]
        if number % 5 == 0:
            copies.append(make_article(f"b{number}", body + " منقول", outlet="وكالة"))
        stories.append(Story(number, 1, tuple(copies)))
    return stories


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Two commits, the second of which deletes and replaces stories of the first."""
    stories = make_stories(random.Random(1))
    path = new_index(tmp_path / "1")
    commit(path, *stories)
    commit(path, gone(3), make_story(4, "غزة من جديد"), *make_stories(random.Random(2))[30:], make_story(50, "وزير"))
    return path


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many blocks as there may be, so that what a search leaves unread is next to what it reads."""
    monkeypatch.setattr(container, "BLOCK", 64)


@contextmanager
def flipped(path: Path, at: int, bit: int) -> Iterator[None]:
    data = bytearray(path.read_bytes())
    sound = bytes(data)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(sound)


def files_of(directory: Path) -> list[Path]:
    """All files that we read: the table of contents that Whoosh reads is not among them."""
    return sorted(path for path in directory.iterdir() if path.suffix != ".toc")


def places(path: Path, chance: random.Random, count: int = FLIPS) -> list[tuple[int, int]]:
    size = path.stat().st_size
    return [(at, chance.randrange(8)) for at in chance.sample(range(size), min(count, size))]


def is_found(directory: Path) -> bool:
    try:
        reader = BACKEND.open_reader(directory)
    except IndexBroken:
        return True
    return bool(reader.damage())


def test_a_sound_index_has_no_damage(directory: Path) -> None:
    assert {path.suffix for path in files_of(directory)} == {".json", ".seg", ".del"}
    assert BACKEND.open_reader(directory).damage() == []


def test_every_flipped_bit_of_every_file_is_found(directory: Path) -> None:
    chance = random.Random(4)
    for path in files_of(directory):
        for at, bit in places(path, chance):
            with flipped(path, at, bit):
                assert is_found(directory), (path.name, at, bit)


@pytest.mark.usefixtures("small_blocks")
def test_damage_names_the_file(directory: Path) -> None:
    path = sorted(directory.glob("*.seg"))[0]
    with flipped(path, path.stat().st_size // 2, 0):
        (problem,) = BACKEND.open_reader(directory).damage()
        assert problem.startswith(str(path))


@pytest.mark.usefixtures("small_blocks")
def test_a_search_answers_rightly_or_says_that_the_index_is_broken(directory: Path) -> None:
    """Asked twice: an error must leave nothing behind that a later search on the same reader would trip over."""
    reader = BACKEND.open_reader(directory)
    right = [answer(reader.search(request)) for request in REQUESTS]
    del reader
    chance, outcomes = random.Random(5), Counter[str]()
    for path in files_of(directory):
        for at, bit in places(path, chance, SEARCHED_FLIPS):
            with flipped(path, at, bit):
                outcomes.update(outcomes_of(directory, right))
    assert set(outcomes) == {"not opened", "refused", "right"}
    assert min(outcomes.values()) > SEARCHED_FLIPS
    note("bit flips in an index", flips=SEARCHED_FLIPS, **outcomes)


def outcomes_of(directory: Path, right: list[dict[str, object]]) -> list[str]:
    try:
        reader = BACKEND.open_reader(directory)
    except IndexBroken:
        return ["not opened"]
    outcomes = []
    for request, expected in zip(REQUESTS * 2, right * 2, strict=True):
        try:
            assert answer(reader.search(request)) == expected
            outcomes.append("right")
        except IndexBroken:
            outcomes.append("refused")
    return outcomes


@pytest.mark.usefixtures("small_blocks")
def test_a_prefix_that_breaks_halfway_leaves_nothing_to_the_next_search(tmp_path: Path) -> None:
    """The most frequent word of the prefix is read before the damaged one."""
    path = new_index(tmp_path / "1")
    commit(
        path, *(make_story(number, "مدار" if number < 40 else "مدير") for number in range(70)), make_story(70, "قرار")
    )
    file = SegmentFile(path / "00000000.seg")
    form = Segment(file.path).lemma
    _, stop = form.bounds("مدير".encode())
    with flipped(file.path, place_of(file, "lemma/documents", stop - 1), 3):
        reader = BACKEND.open_reader(path)
        with pytest.raises(IndexBroken):
            reader.search(SearchRequest(q="مد*"))
        assert reader.search(SearchRequest(q="قر*")).total == 1


def place_of(file: SegmentFile, array: str, entry: int) -> int:
    """Where an entry of an array lies in the file."""
    found = file.array(array)
    return int(found[entry:].ctypes.data - np.frombuffer(file._map, np.uint8).ctypes.data)
