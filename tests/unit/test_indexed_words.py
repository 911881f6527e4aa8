"""What was just indexed is learnt from as it lies in memory, with the same outcome as from the archive's texts."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import numpy as np
import pytest

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.store import Archive
from searchapp.engine.backend import SegmentBackend
from searchapp.following import FollowingIndex
from searchapp.indexing import IndexOptions, index_paths
from searchapp.memory import OBJECTS_PER_COLLECTION, rarely_collected
from searchapp.variants import refresh
from searchapp.variants.refresh import sample_words
from searchapp.variants.stream import analyzed
from searchapp.variants.table import VariantTable
from tests.variant_samples import reprints

NAMES = ("زرنتيمو", "زرنتايمو")


class Silent:
    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Reprints, an article without a title, one with keywords, and copies of a story."""
    records = [{"id": f"r{at}", "title": f"عنوان {at}", "text": text} for at, text in enumerate(reprints(*NAMES))]
    long = " ".join(f"كلمة{at} ومدينة{at}" for at in range(40))
    records += [
        {"id": "bare", "text": "قال الوزير في المدينة. ثم عاد إلى بلده"},
        {"id": "keys", "title": "كلمات", "text": "نص له كلمات دلالية", "keywords": "وزير، مدينة"},
        {"id": "one", "title": "قصة", "text": long},
        {"id": "copy", "title": "قصة أخرى", "text": f"{long} وزيادة يسيرة"},
    ]
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def learnt(directory: Path) -> list[tuple[str, object]]:
    table = VariantTable.in_directory(directory)
    return [(name, table.variants(name)) for name in NAMES]


def test_a_run_learns_from_what_it_indexed_without_reading_it_again(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(refresh, "run_texts", None)
        index_paths(tmp_path / "data", [articles], IndexOptions(), Silent())
    found = learnt(tmp_path / "data")
    assert found[0][1]
    with ArchiveReader(tmp_path / "data" / "archive.sqlite") as archive:
        refresh.refresh_variants(tmp_path / "data", archive, force=True)
    assert learnt(tmp_path / "data") == found


def test_the_words_kept_are_those_of_the_texts(articles: Path, tmp_path: Path) -> None:
    index_paths(tmp_path / "data", [articles], IndexOptions(), Silent())
    backend = SegmentBackend()
    (tmp_path / "index").mkdir()
    backend.create(tmp_path / "index")
    with Archive(tmp_path / "data" / "archive.sqlite") as archive:
        index = FollowingIndex(backend, tmp_path / "index", archive, Silent())
        index.catch_up()
        analyzer = index.indexed.analyzer
        assert analyzer is not None
        kept = list(sample_words(archive, index.indexed, analyzer))
        read = list(analyzed(refresh.sample_texts(archive), analyzer))
    assert [each.tolist() for each in kept] == [each.tolist() for each in read]


def test_the_oldest_words_go_first_and_another_analyzers_all() -> None:
    words, analyzer = IndexedWords(most=5), BatchAnalyzer()
    words.keep(analyzer, [1, 2], np.arange(4, dtype=np.int32), np.array([0, 3, 4]))
    assert [each.tolist() for each in words.of([1, 2]) or ()] == [[0, 1, 2], [3]]
    words.keep(analyzer, [3], np.arange(4, 6, dtype=np.int32), np.array([0, 2]))
    assert words.of([1]) is None
    assert words.of([2, 3]) is not None
    assert words.of([2, 4]) is None, "a story that is not kept"
    words.keep(BatchAnalyzer(), [5], np.arange(1, dtype=np.int32), np.array([0, 1]))
    assert words.of([3]) is None
    assert words.of([5]) is not None


def test_a_story_that_is_kept_again_counts_once() -> None:
    words, analyzer = IndexedWords(most=4), BatchAnalyzer()
    for _ in range(3):
        words.keep(analyzer, [1], np.arange(3, dtype=np.int32), np.array([0, 3]))
    assert words.of([1]) is not None


def test_cycles_are_looked_for_as_usual_after_a_run() -> None:
    usual = gc.get_threshold()
    with rarely_collected():
        assert gc.get_threshold() == (OBJECTS_PER_COLLECTION, *usual[1:])
    assert gc.get_threshold() == usual
    gc.set_threshold(0)
    try:
        with rarely_collected():
            assert gc.get_threshold()[0] == 0, "switched off by whoever uses this as a library"
    finally:
        gc.set_threshold(*usual)
