"""What a segment holds is what can be read off its stories, however they came into it: in batches, runs or merges."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.storage import building, segment_source, segment_writing, vocabulary
from searchapp.engine.storage.building import SourceBuilder
from searchapp.engine.storage.codes import BODY, FIELD_GAP, LEAD_TOKENS
from searchapp.engine.storage.gathered_stories import gather
from searchapp.engine.storage.merging import merge_segments
from searchapp.engine.storage.norms import encode_lengths
from searchapp.engine.storage.segment import LiveSegment, Segment
from searchapp.engine.storage.segment_writing import write_segment
from searchapp.model import UNKNOWN_OUTLET, AnalyzedToken, Article, Story
from tests.index_samples import Posting, contents_of, offsets_of, text_of

WORDS = ("قمر", "القمر", "شمس", "والشمس", "بحر", "٢٠٢٤", "word", "漢字", "!", "ـ", "\U0001f600", "ط" * 300, "؟" * 300)
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
titles = st.one_of(st.none(), texts)
articles = st.builds(
    Article,
    id=st.text(max_size=4),
    title=titles,
    body=texts,
    title_inferred=st.booleans(),
    outlet=st.sampled_from((None, "سبق", "عكاظ")),
    date=st.sampled_from((None, date(1, 1, 1), date(2024, 6, 25))),
    keywords=titles,
    url=st.sampled_from((None, "news.example/1")),
)
stories = st.builds(
    Story, st.integers(0, 2**40), st.integers(0, 2**40), st.lists(articles, min_size=1, max_size=3).map(tuple)
)
archives = st.lists(stories, min_size=1, max_size=6)


def written(path: Path, batches: Sequence[Sequence[Story]], held_bytes: int | None = None) -> Segment:
    builder = SourceBuilder(path.with_suffix(".part"), held_bytes)
    for batch in batches:
        builder.add(gather(batch))
    write_segment(path, builder.finish())
    builder.close()
    return Segment(path)


def shown_title(article: Article) -> str:
    return "" if article.title_inferred else article.title or ""


def fields_of(story: Story) -> list[list[AnalyzedToken]]:
    """The tokens of the four fields: of other copies, each word that stands nowhere else, once."""
    analyze = default_analyzer().analyze
    first, *others = story.articles
    fields = [analyze(" ".join(text.split())) for text in (shown_title(first), first.body)]
    fields.append(analyze(first.keywords or ""))
    known = {token.exact for tokens in fields for token in tokens}
    loose = []
    for copy in others:
        for token in analyze("\n".join((shown_title(copy), copy.body, copy.keywords or ""))):
            if token.exact not in known:
                known.add(token.exact)
                loose.append(token)
    return [*fields, loose]


def brute_force(archive: Sequence[Story], form: str) -> dict[str, list[Posting]]:
    found: dict[str, list[Posting]] = {}
    for document, story in enumerate(archive):
        fields = fields_of(story)
        norms = encode_lengths(np.array([len(fields[0]), len(fields[1])])).tolist()
        places: dict[str, list[tuple[int, int, bool]]] = {}
        before = 0
        for number, tokens in enumerate(fields):
            for at, token in enumerate(tokens):
                loose = at * FIELD_GAP if number == 3 else 0
                position, leading = before + at + number * FIELD_GAP + loose, number == BODY and at < LEAD_TOKENS
                places.setdefault(getattr(token, form), []).append((number, position, leading))
            before += len(tokens)
        for term, standing in places.items():
            frequencies = [sum(field == number for field, _, _ in standing) for number in range(4)]
            lead = sum(leading for _, _, leading in standing)
            row = (*frequencies, lead, norms[0] * (frequencies[0] > 0), norms[1] * (frequencies[1] > 0))
            found.setdefault(term, []).append((document, row, tuple(position for _, position, _ in standing)))
    return found


range_sizes = st.sampled_from((1, 7, None))
"""How much is read at once: postings, terms and documents; None for as much as ever."""


@contextmanager
def ranges_of(size: int | None) -> Iterator[None]:
    with ExitStack() as patches:
        if size is not None:
            patches.enter_context(patch.object(segment_writing, "RANGE_POSITIONS", size))
            patches.enter_context(patch.object(segment_source, "COUNTED_POSTINGS", size))
            patches.enter_context(patch.object(segment_source, "DOCUMENTS_AT_ONCE", size))
            patches.enter_context(patch.object(vocabulary, "UNITED_TERMS", size))
        yield


def in_parts(archive: list[Story], sizes: Sequence[int]) -> list[list[Story]]:
    """The stories in batches of at most these sizes, the rest one by one."""
    batches: list[list[Story]] = []
    left = archive
    while left:
        size = sizes[len(batches)] if len(batches) < len(sizes) else 1
        batches.append(left[:size])
        left = left[size:]
    return batches


@settings(max_examples=60)
@given(
    archives,
    st.lists(st.integers(1, 4), max_size=4),
    st.sampled_from((1, 5, 1 << 20)),
    st.sampled_from((9, 1 << 27)),
    st.sampled_from((0, 2_000, None)),
    range_sizes,
)
def test_a_segment_holds_its_stories(
    archive: list[Story],
    sizes: list[int],
    run_tokens: int,
    source_tokens: int,
    held_bytes: int | None,
    range_size: int | None,
) -> None:
    """However many runs and sources they are built in, wherever these wait, whatever is read of them at once."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(building, "RUN_TOKENS", run_tokens),
        patch.object(building, "SOURCE_TOKENS", source_tokens),
        ranges_of(range_size),
    ):
        segment = written(Path(folder) / "1.seg", in_parts(archive, sizes), held_bytes)
        assert segment.file.verify() == []
        found = contents_of(segment)
        copies = [copy for story in archive for copy in story.articles]
        fields = [fields_of(story) for story in archive]
        assert found["exact"] == brute_force(archive, "exact")
        assert found["lemma"] == brute_force(archive, "lemma")
        assert found["story/numbers"] == [story.number for story in archive]
        assert found["story/sequences"] == [story.sequence for story in archive]
        assert found["outlets"] == [copy.outlet or UNKNOWN_OUTLET for copy in copies]
        assert found["copy/dates"] == [copy.date.toordinal() if copy.date else 0 for copy in copies]
        assert found["copy/months"] == [
            copy.date.year * 12 + copy.date.month - 1 if copy.date else 0 for copy in copies
        ]
        for number, name in enumerate(("title", "body", "keywords", "copies")):
            assert found[f"length/{name}"] == [len(each[number]) for each in fields]
        check_texts(segment, archive)


def check_texts(segment: Segment, archive: Sequence[Story]) -> None:
    """The stored text is the title and the body; offsets say where in it each token stands."""
    for document, story in enumerate(archive):
        fields = fields_of(story)
        title, body = (" ".join(text.split()) for text in (shown_title(story.articles[0]), story.articles[0].body))
        assert text_of(segment, document) == f"{title} {body}"
        shift = len(title) + 1
        assert offsets_of(segment, document, len(fields[0]) + len(fields[1])) == [
            *((token.start, token.end - token.start) for token in fields[0]),
            *((token.start + shift, token.end - token.start) for token in fields[1]),
        ]


@settings(max_examples=60)
@given(st.lists(archives, min_size=1, max_size=4), range_sizes, st.sampled_from((1, 2)), st.data())
def test_merged_segments_are_the_segment_of_the_stories_that_live(
    parts: list[list[Story]], range_size: int | None, threads: int, data: st.DataObject
) -> None:
    deleted = [data.draw(st.lists(st.booleans(), min_size=len(part), max_size=len(part))) for part in parts]
    living = [
        story
        for part, gone in zip(parts, deleted, strict=True)
        for story, is_gone in zip(part, gone, strict=True)
        if not is_gone
    ]
    with tempfile.TemporaryDirectory() as folder:
        segments = [written(Path(folder) / f"{at}.seg", [part]) for at, part in enumerate(parts)]
        live = [
            LiveSegment(segment, np.array(gone) if any(gone) else None)
            for segment, gone in zip(segments, deleted, strict=True)
        ]
        with ranges_of(range_size):
            merge_segments(live, Path(folder) / "merged.seg", threads)
        merged = Segment(Path(folder) / "merged.seg")
        assert merged.file.verify() == []
        if living:
            assert contents_of(merged) == contents_of(written(Path(folder) / "fresh.seg", [living]))
        else:
            assert merged.documents == 0


def test_a_story_of_nothing_but_punctuation_has_no_words_and_can_be_read(tmp_path: Path) -> None:
    segment = written(tmp_path / "1.seg", [[Story(1, 1, (Article(id="a", title=None, body="!؟ ... ـ"),))]])
    found = contents_of(segment)
    assert (found["exact"], found["lemma"], found["texts"]) == ({}, {}, [" !؟ ... ـ"])
