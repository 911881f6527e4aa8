"""Readers of every format take whatever comes: damaged, cut off, or of another format than the name says."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from searchapp.errors import RejectedInput
from searchapp.ingest.extraction import extract
from searchapp.ingest.html_text import as_text
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.ingest.text import unescaped
from searchapp.model import RawPage, Reject
from tests.input_samples import COMPRESSED, SAMPLES

CONTENTS = {name: sample() for name, sample in SAMPLES.items()} | {
    f"a.jsonl{ending}": compress(SAMPLES["a.jsonl"]()) for ending, compress in COMPRESSED.items()
}
NAMES = st.sampled_from([*CONTENTS, "a.html", "a.txt"])


def read_all(name: str, content: bytes) -> list[RawPage | Reject]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return [item for source in find_sources([Path(folder)]) for item in read(source, FieldMapping())]


def check(items: list[RawPage | Reject]) -> None:
    for item in items:
        assert item.offset >= 0
        assert item.end_offset >= 0
        if isinstance(item, Reject):
            assert item.reason
            continue
        try:
            article = extract(item).article
        except RejectedInput:
            continue
        (article.id + (article.title or "") + article.body + (article.outlet or "")).encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample with bytes changed, taken out, put in, or cut off."""
    content = bytearray(draw(st.sampled_from(list(CONTENTS.values()))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([0, 0, 1, 1, 4, 100, len(content)]))
        content[at : at + length] = draw(st.binary(max_size=8))
    return bytes(content)


@given(NAMES, damaged())
def test_readers_take_damaged_files(name: str, content: bytes) -> None:
    check(read_all(name, content))


@given(NAMES, st.binary(max_size=200))
def test_readers_take_any_bytes(name: str, content: bytes) -> None:
    check(read_all(name, content))


@given(
    st.text(st.characters(exclude_categories=()))
    | st.lists(st.sampled_from(["<p>", "</p>", "<b", "&lt;", "نص", "<!--", "<script>", ">", " "])).map("".join)
)
def test_markup_of_any_kind_becomes_text(text: str) -> None:
    as_text(text)
    assert "&" in text or unescaped(text) == text
