"""Segments that compiled loops make are, byte for byte, those of numpy's way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from searchapp import compiled
from searchapp.analysis.batch import BatchAnalyzer
from searchapp.engine.storage import building, index_writer, inversion, row_table
from searchapp.model import Article, Story
from tests.index_samples import BACKEND, commit, make_article, make_story, new_index, segments_of

pytest.importorskip("numba")

COMMON = "قال الوزير والوزير وزيرها الاقتصاد اقتصادي كتاب كتب مكتبة عبدالله الوزيرأنتوني مستوى مستوياتهم فسيكفيكهم"
RARE = "3.5 2,000 covid19 Ⅷ نمـــو مؤكّدًا ﷲ \U00010330\U00010331 😀 ـــ \u200fيسار\u200f 5.\u200f6 ط漢字 \ud83d x\u2003y"
WORDS = (COMMON + " " + RARE).split(" ")


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    compiled.stop()
    yield
    compiled.stop()


@pytest.fixture
def many_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a segment is merged of several."""
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 10)
    monkeypatch.setattr(building, "RUN_TOKENS", 1000)


@pytest.fixture(autouse=True)
def fresh_analyzers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that both ways learn all words."""
    monkeypatch.setattr(building, "default_batch_analyzer", BatchAnalyzer)


def text(chance: Random, most: int) -> str:
    gaps = (" ", "  ", "\n", " \n\t", "، ", ". ", "")
    return "".join(chance.choice(WORDS) + chance.choice(gaps) for _ in range(chance.randrange(most)))


def article(chance: Random, number: int) -> Article:
    keywords = text(chance, 4) if chance.random() < 0.3 else None
    inferred = chance.random() < 0.2
    return make_article(f"a{number}", text(chance, 90), text(chance, 9), keywords=keywords, title_inferred=inferred)


def odd_stories() -> list[Story]:
    """Copies, keywords, empty fields, and frequencies, lengths and steps beyond what is usual."""
    chance = Random(7)
    stories = [
        Story(
            number, number, tuple(article(chance, 10 * number + copy) for copy in range(chance.choice((1, 1, 1, 2, 4))))
        )
        for number in range(1, 150)
    ]
    long_gap = "شمس" + "-" * 300 + "قمر " + "ب" * 700 + " و" + "\u064b" * 40
    return [
        *stories,
        make_story(150, long_gap),
        make_story(151, "", "عنوان"),
        make_story(152, "قمر " * 300, "قمر " * 40),
    ]


def build(directory: Path, stories: Sequence[Story], *, loops: bool, commits: int = 1) -> list[bytes]:
    """The segment files of an index of these stories."""
    compiled.stop()
    if loops:
        assert compiled.prepare(at_once=True)
    new_index(directory)
    step = -(-len(stories) // commits)
    for start in range(0, len(stories), step):
        commit(directory, *stories[start : start + step])
    compiled.stop()
    return [path.read_bytes() for path in sorted(directory.glob("*.seg"))]


def assert_same(directory: Path, stories: Sequence[Story], commits: int = 1) -> None:
    plain = build(directory / "numpy", stories, loops=False, commits=commits)
    assert plain
    assert build(directory / "loops", stories, loops=True, commits=commits) == plain


def test_odd_stories(tmp_path: Path) -> None:
    assert_same(tmp_path, odd_stories())


@pytest.mark.usefixtures("many_runs")
def test_runs_and_segments_are_merged_alike(tmp_path: Path) -> None:
    stories = odd_stories()
    for loops in (False, True):
        build(tmp_path / str(loops), stories, loops=loops, commits=3)
        if loops:
            compiled.prepare(at_once=True)
        writer = BACKEND.open_writer(tmp_path / str(loops))
        writer.optimize()
        writer.commit(2)
    assert len(segments_of(tmp_path / "True")) == 1
    found = [next(iter((tmp_path / str(loops)).glob("*.seg"))).read_bytes() for loops in (False, True)]
    assert found[0] == found[1]


@pytest.mark.usefixtures("many_runs")
def test_rows_that_do_not_fit_are_numpys(tmp_path: Path) -> None:
    repeated = [
        make_story(200, "شمس", "قمر " * 300),
        make_story(201, "قمر " * 70_000),
        make_story(202, "قمر", keywords="ب " * 400),
    ]
    assert_same(tmp_path, [*odd_stories()[:40], *repeated, *odd_stories()[40:]])


@pytest.mark.usefixtures("many_runs")
def test_more_new_rows_than_there_is_room_for_are_numpys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_table, "NEW_ROWS", 100)
    asked: list[bool] = []
    real = inversion._inverted_by

    def noted(*arguments: object) -> object:
        found = real(*arguments)  # type: ignore[arg-type]
        asked.append(found is not None)
        return found

    monkeypatch.setattr(inversion, "_inverted_by", noted)
    assert_same(tmp_path, odd_stories())
    assert set(asked) == {False, True}


@pytest.mark.usefixtures("many_runs")
def test_loops_that_are_ready_in_the_middle_of_a_segment_go_on(tmp_path: Path) -> None:
    stories = odd_stories()
    plain = build(tmp_path / "numpy", stories, loops=False)
    writer = BACKEND.open_writer(new_index(tmp_path / "both"))
    for at, story in enumerate(stories):
        if at % 40 == 20:
            compiled.prepare(at_once=True)
        elif at % 40 == 0:
            compiled.stop()
        writer.replace(story)
    writer.commit(1)
    assert [path.read_bytes() for path in sorted((tmp_path / "both").glob("*.seg"))] == plain


@pytest.mark.corpus
def test_news(tmp_path: Path, shared_data: Path) -> None:
    with gzip.open(shared_data / "news" / "saudinews.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 2000)]
    stories = [make_story(at, one["text"] or "", one["title"]) for at, one in enumerate(records, start=1)]
    assert_same(tmp_path, stories)
