"""Small indexes for the tests of the storage: stories from a few words, and the whole content of a segment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import IndexReader
from searchapp.engine.storage.segment import FormName, Segment
from searchapp.model import Article, SearchRequest, SearchResult, Story

BACKEND = SegmentBackend()
Posting = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Document, row of the code table, positions."""


def make_article(identifier: str, body: str, title: str | None = None, **fields: Any) -> Article:
    return Article(id=identifier, title=title, body=body, **fields)


def make_story(number: int, body: str, title: str | None = None, *, sequence: int = 1, **fields: Any) -> Story:
    """A story of one article."""
    return Story(number, sequence, (make_article(f"a{number}", body, title, **fields),))


def gone(number: int, sequence: int = 1) -> Story:
    """A story that no longer exists."""
    return Story(number, sequence, ())


def new_index(directory: Path) -> Path:
    directory.mkdir(parents=True)
    BACKEND.create(directory)
    return directory


def commit(directory: Path, *stories: Story, sequence: int = 1) -> None:
    writer = BACKEND.open_writer(directory)
    for story in stories:
        writer.replace(story)
    writer.commit(sequence)


def file_names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def stories_found(reader: IndexReader, query: str, **request: Any) -> list[int]:
    """The numbers of the stories that a query finds, rising."""
    return sorted(hit.story for hit in reader.search(SearchRequest(q=query, per_page=100, **request)).hits)


def answer(result: SearchResult) -> dict[str, object]:
    """All of a result but the time that it took and its generation."""
    return {name: getattr(result, name) for name in result.__slots__ if name not in ("took", "generation")}


def marked_words(result: SearchResult) -> list[list[str]]:
    """For each hit, the words marked in its snippet."""
    return [
        [hit.snippet.text[start:end] for start, end in hit.snippet.spans] if hit.snippet else [] for hit in result.hits
    ]


def postings_of(segment: Segment, name: FormName) -> dict[str, list[Posting]]:
    """Every posting of one form, read as a search reads it."""
    form = segment.form(name)
    found: dict[str, list[Posting]] = {}
    rows = list(zip(*(column.tolist() for column in segment.codes.columns()), strict=True))
    for term in form.dictionary.terms(0, len(form.dictionary)):
        postings = form.find(term)
        assert postings is not None
        counts, positions = postings.positions(np.arange(len(postings)))
        parts = np.split(positions, np.cumsum(counts)[:-1])
        listed = zip(postings.documents.tolist(), postings.codes.tolist(), parts, strict=True)
        found[term.decode("utf-8", "surrogatepass")] = [
            (document, rows[code], tuple(part.tolist())) for document, code, part in listed
        ]
    return found


def text_of(segment: Segment, document: int) -> str:
    """A document's stored text."""
    (start,), (stop,) = segment.text_bounds(np.array([document]))
    return segment.text((start, stop))


def offsets_of(segment: Segment, document: int, count: int) -> list[tuple[int, int]]:
    """Start and length of each of the first tokens of a document's title and body."""
    starts, lengths = segment.token_offsets(np.array([document]), [count])
    return list(zip(starts, lengths, strict=True))[1:]


def contents_of(segment: Segment) -> dict[str, object]:
    """All that a segment says, free of how its codes and outlets are numbered."""
    columns = ("story/numbers", "story/sequences", "copy/pointers", "copy/dates", "copy/months", "token/pointers")
    lengths = tuple(f"length/{field}" for field in ("title", "body", "keywords", "copies"))
    tokens = np.diff(segment.column("token/pointers")).tolist()
    return {
        **{name: segment.column(name).tolist() for name in columns + lengths},
        "meta": dict(segment.file.meta),
        "outlets": [segment.outlets[number] for number in segment.column("copy/outlets").tolist()],
        "records": segment.records(np.arange(segment.documents)),
        "texts": [text_of(segment, document) for document in range(segment.documents)],
        "offsets": [offsets_of(segment, document, count) for document, count in enumerate(tokens)],
        "exact": postings_of(segment, "exact"),
        "lemma": postings_of(segment, "lemma"),
        "forms": [
            [part.tolist() for part in segment.lemma.forms_of(number)]
            for number in range(len(segment.lemma.dictionary))
        ],
    }


def day(text: str | None) -> dict[str, Any]:
    """The fields of an article with this date, such as "2024-06-25"."""
    return {"date": date.fromisoformat(text), "date_origin": "declared"} if text else {}


def segments_of(directory: Path) -> Sequence[Path]:
    return sorted(directory.glob("*.seg"))


STATE_WORD = "حالة"
STATE_STORIES = 4


def commit_state(directory: Path, state: int) -> None:
    """One commit that changes several stories together, adds one and takes one out."""
    told = (make_story(number, f"{STATE_WORD} {state} من الخبر", sequence=state) for number in range(STATE_STORIES))
    commit(directory, *told, make_story(1000 + state, "قمر"), gone(1000 + state - 5), sequence=state)


def state_of(reader: IndexReader) -> int:
    """The number of the state that a reader shows, which must be one whole state."""
    result = reader.search(SearchRequest(q=STATE_WORD))
    assert sorted(hit.story for hit in result.hits) == list(range(STATE_STORIES))
    (state,) = {int(hit.snippet.text.split()[1]) for hit in result.hits if hit.snippet}
    assert stories_found(reader, "قمر") == list(range(max(1001, 1000 + state - 4), 1001 + state))
    return state


def watch(directory: Path, is_over: Callable[[], bool]) -> list[int]:
    """Search until it is over, opening each newer commit; returns the states that were seen, in order."""
    reader = BACKEND.open_reader(directory)
    generation, states = reader.generation, [state_of(reader)]
    while not is_over():
        if not reader.is_current():
            reader = BACKEND.open_reader(directory)
            assert reader.generation > generation
        generation = reader.generation
        states.append(state_of(reader))
        time.sleep(0.002)  # so that many watchers do not keep the writer from the processor
    assert states == sorted(states)
    return states
