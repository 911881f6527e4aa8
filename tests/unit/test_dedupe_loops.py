"""Compiled loops find of texts and pairs what numpy's way finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.archive import candidates as candidates_module
from searchapp.archive import fingerprints as fingerprints_module
from searchapp.archive.fingerprint_loops import count_pairs
from searchapp.archive.fingerprints import ARTICLE_BITS, FingerprintIndex, Matches
from searchapp.archive.opening import open_for_writing
from searchapp.dedupe.judgement import LEAST_WORDS, _first_look, judge_all
from searchapp.dedupe.names import own_words
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.dedupe.sampling_loops import SEEN_WORDS, sample_texts
from searchapp.dedupe.sketches import SketchSet
from searchapp.dedupe.textset import Pairs, TextSet
from searchapp.dedupe.words import SHINGLE_WORDS, Text, pack, shingles_of_numbers
from searchapp.model import Article

pytest.importorskip("numba")

FEW = ["قال", "الوزير", "ان", "المدينه", "خمسة", "1436", "الملك", "احمد", "زيارة", "في"]
MANY = [f"{first}{second}{third}" for first in "بتثجح" for second in "رزسشص" for third in "طظعغف"]


@pytest.fixture(autouse=True)
def switched_off_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    yield
    compiled.stop()


def article(number: int, words: list[str]) -> Article:
    return Article(id=str(number), title="عنوان", body=" ".join(words))


def bodies(seed: int) -> list[list[str]]:
    """Texts of all lengths with common passages, in order and not, repeated, edited and cut off."""
    chance = random.Random(seed)
    sources = [chance.choices(MANY, k=200), chance.choices(MANY + FEW, k=120), chance.choices(FEW, k=90)]
    found: list[list[str]] = [[], ["كلمة"], *sources, chance.choices(MANY, k=3_000)]
    for _ in range(12):
        one, other = chance.choice(sources), chance.choice(sources)
        start = chance.randrange(60)
        passage = one[start : start + chance.randrange(5, 120)]
        words = [*passage, *chance.choices(FEW, k=chance.randrange(8)), *chance.choice([other[:40], passage, []])]
        found.append([chance.choice(MANY) if chance.random() < 0.03 else word for word in words])
    return found


def prepared(preparer: Preparer, texts: list[list[str]]) -> list[PreparedText]:
    return preparer.prepare([article(number, words) for number, words in enumerate(texts)])


@given(st.integers(0, 1 << 30))
@settings(max_examples=8, deadline=None)
def test_texts_are_prepared_alike(seed: int) -> None:
    preparer, texts = Preparer(), bodies(seed)
    compiled.stop()
    expected = prepared(preparer, texts)
    compiled.prepare(at_once=True)
    assert sample_texts.ready(np.empty(0, np.uint16)) is not None
    for one, other in zip(expected, prepared(preparer, texts), strict=True):
        assert (one.key, one.sketch) == (other.key, other.sketch)
        assert one.fingerprints.tolist() == other.fingerprints.tolist()
        assert one.text.words.tolist() == other.text.words.tolist()


def compared(texts: list[Text], pairs: Pairs) -> list[list[int]]:
    together = TextSet(texts)
    own = own_words(together, pairs)
    long_enough = np.flatnonzero(together.lengths.take(pairs.short) >= LEAST_WORDS)
    look = _first_look(together, pairs.take(long_enough))
    of_left = (look.own.pair, look.own.place, look.own.word, look.own.counts, look.own.telling, *look.gaps)
    columns = (own.pair, own.place, own.word, own.counts, own.telling, *look[:6], *of_left)
    numbers = together.numbers(pairs.short[:3])
    return [column.tolist() for column in (*columns, *numbers)]


@given(st.integers(0, 1 << 30))
@settings(max_examples=12, deadline=None)
def test_pairs_are_compared_and_judged_alike(seed: int) -> None:
    preparer = Preparer()
    texts = [each.text for each in prepared(preparer, bodies(seed))]
    pairs = list(combinations(range(len(texts)), 2))
    ordered = [sorted(pair, key=lambda at: len(texts[at])) for pair in pairs]
    ordered.sort(key=lambda pair: pair[1])
    columns = Pairs(*np.ascontiguousarray(np.array(ordered, np.int64).T))
    compiled.stop()
    expected = compared(texts, columns), judge_all(texts, pairs)
    compiled.prepare(at_once=True)
    assert TextSet(texts).tables is not None
    assert (compared(texts, columns), judge_all(texts, pairs)) == expected


@given(st.lists(st.integers(0, 40) | st.integers(0, (1 << 31) - 1), max_size=300))
@settings(max_examples=60, deadline=None)
def test_shingles_are_the_same_where_all_their_words_are(numbers: list[int]) -> None:
    words = np.array(numbers, np.int32)
    compiled.stop()
    hashes = shingles_of_numbers(words).tolist()
    compiled.prepare(at_once=True)
    assert shingles_of_numbers(words).tolist() == hashes
    in_a_row = [tuple(numbers[at : at + SHINGLE_WORDS]) for at in range(len(numbers) - SHINGLE_WORDS + 1)]
    assert len(hashes) == len(in_a_row)
    assert len(set(hashes)) == len(set(in_a_row)) == len(set(zip(hashes, in_a_row, strict=True)))


@given(st.integers(0, 1 << 30))
@settings(max_examples=8, deadline=None)
def test_sketches_are_compared_alike(seed: int) -> None:
    sketches = [each.sketch for each in prepared(Preparer(), bodies(seed))]
    pairs = np.array(list(combinations(range(len(sketches)), 2)))
    compiled.stop()
    sizes = np.array([len(sketch) for sketch in sketches])
    together = np.frombuffer(b"".join(sketches), np.uint8), np.cumsum(sizes) - sizes, sizes
    expected = SketchSet(*together).likeness(pairs).tolist()
    compiled.prepare(at_once=True)
    assert SketchSet(*together).likeness(pairs).tolist() == expected
    assert len(SketchSet(*together).likeness(np.empty((0, 2), np.int64))) == 0


@pytest.mark.parametrize("held", [0, 1 << 20])
def test_fingerprints_are_found_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(fingerprints_module, "HELD_ENTRIES", held)
    monkeypatch.setattr(fingerprints_module, "CHUNK_ENTRIES", 16)
    chance = np.random.default_rng(7)
    batches = [(chance.integers(0, 3_000, 200, np.uint64) << np.uint64(20), np.arange(200) + 1) for _ in range(11)]
    wanted = np.arange(0, 3_000, dtype=np.uint64) << np.uint64(20)
    found = []
    for is_compiled in (False, True):
        compiled.stop()
        if is_compiled:
            compiled.prepare(at_once=True)
        connection = open_for_writing(tmp_path / f"{is_compiled}.sqlite")
        index = FingerprintIndex(connection)
        for fingerprints, articles in batches:
            index.add(fingerprints, articles)
        filters = connection.execute("SELECT number, entries, filter FROM fingerprint_runs ORDER BY number").fetchall()
        pairs = sorted(
            pair
            for each in index.find(wanted)
            for pair in zip(np.repeat(each.places, each.counts).tolist(), each.articles.tolist(), strict=True)
        )
        connection.close()
        found.append((filters, pairs))
    assert found[0] == found[1]
    assert len(found[0][1]) == sum(len(articles) for _, articles in batches)


def test_new_articles_are_paired_with_known_ones_alike() -> None:
    chance = np.random.default_rng(5)
    places = np.sort(chance.choice(40, 25, replace=False))
    counts = chance.integers(1, 6, len(places))
    begins = np.cumsum(counts) - counts
    entries = np.repeat(places.astype(np.uint64), counts) << np.uint64(ARTICLE_BITS)
    entries |= chance.integers(1, 1 << ARTICLE_BITS, len(entries), np.uint64)
    matches = Matches(entries, places, begins, begins + counts)
    bounds = np.concatenate([[0], np.cumsum(chance.integers(1, 4, 40))])
    owners = chance.integers(0, 500, int(bounds[-1]))
    compiled.stop()
    expected = sorted(candidates_module._with_known(matches, bounds, owners).tolist())
    compiled.prepare(at_once=True)
    assert sorted(candidates_module._with_known(matches, bounds, owners).tolist()) == expected
    assert len(expected) == int((counts * np.diff(bounds)[places]).sum())


@given(st.integers(0, 1 << 30), st.integers(0, 1_500), st.integers(1, 9), st.sampled_from([1, 40, (1 << 28) - 1]))
@settings(max_examples=60, deadline=None)
def test_whom_articles_share_most_with_is_counted_alike(seed: int, size: int, owners: int, highest: int) -> None:
    chance = np.random.default_rng(seed)
    known = chance.integers(1, highest, size, endpoint=True)
    shared = (chance.integers(0, owners, size) << 32) | known
    shared = np.append(shared, chance.choice(shared, size) if size else shared)
    compiled.stop()
    pairs, counts = candidates_module._counted(shared, owners)
    compiled.prepare(at_once=True)
    assert count_pairs.ready() is not None
    looped_pairs, looped_counts = candidates_module._counted(shared, owners)
    assert looped_pairs.tolist() == pairs.tolist()
    assert looped_counts.tolist() == counts.tolist()
    assert (counts >= candidates_module.LEAST_SHARED).all()


def test_a_run_that_is_read_much_is_kept_in_memory_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints_module, "CHUNK_ENTRIES", 16)
    connection = open_for_writing(tmp_path / "archive.sqlite")
    fingerprints = np.arange(1_000, dtype=np.uint64) << np.uint64(20)
    FingerprintIndex(connection).add(fingerprints, np.arange(1_000) + 1)
    for room, is_kept in ((999, False), (1_000, True)):
        monkeypatch.setattr(fingerprints_module, "HELD_ENTRIES", room)
        index = FingerprintIndex(connection)
        for _ in range(3):
            (found,) = index.find(fingerprints)
            assert found.articles.tolist() == list(range(1, 1_001))
        (run,) = index._loaded()
        assert (run.held is not None) == is_kept
    connection.close()


def test_a_large_merged_run_is_held_in_place_of_those_that_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints_module, "CHUNK_ENTRIES", 16)
    monkeypatch.setattr(fingerprints_module, "MERGED_AT_ONCE", 100)
    monkeypatch.setattr(fingerprints_module, "HELD_ENTRIES", 8 * 50)
    connection = open_for_writing(tmp_path / "archive.sqlite")
    index = FingerprintIndex(connection)
    fingerprints = np.arange(8 * 50, dtype=np.uint64) << np.uint64(20)
    for part in np.split(np.random.default_rng(2).permutation(8 * 50), 8):
        index.add(fingerprints[part], part + 1)
    (run,) = index._loaded()
    assert run.held is not None
    assert len(run.held) == 8 * 50
    (found,) = index.find(fingerprints)
    assert found.articles.tolist() == list(range(1, 8 * 50 + 1))
    connection.close()


def test_texts_are_remembered_as_they_are() -> None:
    preparer = Preparer()
    texts = [each.text for each in prepared(preparer, bodies(3))]
    texts.append(
        Text(b"k" * 16, np.array([0, 1, 255, 256, 65_535, 65_536, (1 << 24) - 1], np.int32), texts[0].vocabulary)
    )
    packed = pack(texts)
    sizes = np.array([len(each) for each in packed])
    data = np.frombuffer(b"".join(packed), np.uint8), np.cumsum(sizes) - sizes, sizes
    for text, again in zip(texts, preparer.unpack(*data), strict=True):
        assert (text.key, text.words.tolist()) == (again.key, again.words.tolist())
        assert again.words.dtype == np.int32
    assert preparer.unpack(data[0], sizes[:0], sizes[:0]) == []


def test_what_was_sampled_of_one_text_is_not_found_in_the_next() -> None:
    compiled.prepare(at_once=True)
    preparer = Preparer()
    alone = prepared(preparer, [MANY[:100]])[0]
    _, behind = prepared(preparer, [MANY[::-1], MANY[:100]])
    assert alone.sketch == behind.sketch
    words = (1 << 16) // 64
    assert words + words // 64 == SEEN_WORDS
