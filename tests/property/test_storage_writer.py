"""Whatever is replaced, deleted, committed and cancelled in whatever order: the index holds what a dict would."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.engine.storage import building, index_writer, merging
from searchapp.model import SearchRequest
from tests.index_samples import BACKEND, file_names, gone, make_story, new_index

WORDS = ("قمر", "شمس", "بحر", "نهر")
bodies = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)
changes = st.tuples(st.integers(0, 12), st.one_of(st.none(), bodies))
"""A story's number and its new words; None takes it out."""
rounds = st.lists(
    st.tuples(st.lists(changes, max_size=12), st.sampled_from(("commit", "commit", "cancel", "die", "optimize"))),
    max_size=8,
)
Model = dict[int, tuple[int, list[str]]]
"""Story → the sequence number of its last change, and its words."""


def changed(
    directory: Path, model: Model, wanted: list[tuple[int, list[str] | None]], end: str, sequence: int
) -> Model:
    """Make one round of changes; returns what the index then holds."""
    writer, after = BACKEND.open_writer(directory), dict(model)
    for number, words in wanted:
        sequence += 1
        writer.replace(gone(number) if words is None else make_story(number, " ".join(words), sequence=sequence))
        after.pop(number, None)
        if words is not None:
            after[number] = (sequence, words)
    if end in ("commit", "optimize"):
        if end == "optimize":
            writer.optimize()
        writer.commit(sequence)
        return after
    if end == "cancel":
        writer.cancel()
    return model


def check(directory: Path, model: Model) -> None:
    reader = BACKEND.open_reader(directory)
    assert reader.story_sequences() == {number: sequence for number, (sequence, _) in model.items()}
    for word in WORDS:
        found = reader.search(SearchRequest(q=word, per_page=100))
        assert {hit.story for hit in found.hits} == {number for number, (_, words) in model.items() if word in words}
        for hit in found.hits:
            assert hit.snippet
            assert hit.snippet.text == " ".join(model[hit.story][1])
    assert reader.search(SearchRequest()).total == len(model)


@settings(max_examples=60)
@given(rounds)
def test_the_index_holds_what_was_committed_last(history: list[tuple[list[tuple[int, list[str] | None]], str]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(index_writer, "BATCH_STORIES", 3),
        patch.object(building, "SOURCE_TOKENS", 8),
        patch.object(building, "RUN_TOKENS", 3),
        patch.object(merging, "SMALLEST_FACTOR", 3),
        patch.object(merging, "SMALLEST_LEVEL", 2),
    ):
        directory = new_index(Path(folder) / "1")
        model: Model = {}
        for at, (wanted, end) in enumerate(history):
            model = changed(directory, model, wanted, end, at * 1000)
            check(directory, model)
        changed(directory, model, [], "commit", 0)
        check(directory, model)
        assert BACKEND.open_reader(directory).damage() == []
        check_files(directory)


def check_files(directory: Path) -> None:
    """Nothing is there but one commit, what it names, and Whoosh's table of contents."""
    names = [name for name in file_names(directory) if not name.endswith(".toc")]
    (commit,) = (name for name in names if name.endswith(".json"))
    text = (directory / commit).read_text(encoding="utf-8")
    assert all(name.removesuffix(".seg") in text for name in names if name != commit)
