"""An open segment: typed views of its arrays, look-ups in its dictionaries, and the documents that were deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from searchapp.engine.storage.codes import COLUMNS, FREQUENCIES, CodeTable
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.dictionary import TermDictionary
from searchapp.engine.storage.terms import ExactTerms, LemmaTerms
from searchapp.engine.storage.text_store import StoredTexts, decode, decode_bytes
from searchapp.engine.storage.token_offsets import TokenOffsets, decode_offsets
from searchapp.errors import IndexBroken
from searchapp.frozen import dataclass
from searchapp.model import UNKNOWN_OUTLET

FormName = Literal["exact", "lemma"]
SUFFIX: Final = ".seg"
Value = TypeVar("Value")


class Segment:
    """One segment file, open. Safe to share between threads: nothing changes but caches of derived arrays."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            IndexBroken: it is missing or does not fit its checksums.
        """
        self.name = path.name.removesuffix(SUFFIX)
        self.file = SegmentFile(path)
        self.documents = int(self.file.meta["documents"])
        self.frequencies = self._frequencies()
        self._derived: dict[str, Any] = {}
        self._records = self.file.array("story/records").data
        self._guard_records, self._guard_text, self._guard_steps, self._guard_lengths = (
            self.file.guard(name) for name in ("story/records", "text/data", "token/steps", "token/lengths")
        )

    @property
    def codes(self) -> CodeTable:
        """What its codes stand for: made anew each time, as it is needed once a commit."""
        return CodeTable(*(self.file.touched(f"code/{name}").astype(np.uint32) for name in COLUMNS))

    def _frequencies(self) -> NDArray[np.uint32]:
        """Code → positions a posting: from the file where it has them, so that all processes read one map."""
        found = self.codes.frequencies()
        if not self.file.has(FREQUENCIES):
            return found
        stored = self.file.touched(FREQUENCIES)
        # Loops read as far as these say: nobody else's word is taken for it.
        if stored.dtype != found.dtype or not np.array_equal(stored, found):
            raise IndexBroken(f"{self.file.path}: {FREQUENCIES} is other than its codes say; run searchapp rebuild")
        return stored

    def derived(self, key: str, make: Callable[[Segment], Value]) -> Value:
        """A value that follows from this segment alone, and does not refer to it; two threads may both make it."""
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = make(self)
        value: Value = found
        return value

    def let_go(self, key: str) -> None:
        """Forget a value that was derived: it is made anew when it is asked for."""
        self._derived.pop(key, None)

    @cached_property
    def lemma(self) -> LemmaTerms:
        """The lemmas."""
        return LemmaTerms(self.file, self.frequencies)

    @cached_property
    def exact(self) -> ExactTerms:
        """The normalised words."""
        return ExactTerms(self.file, self.lemma)

    def form(self, name: FormName) -> LemmaTerms | ExactTerms:
        """The terms of one of the two forms."""
        return self.exact if name == "exact" else self.lemma

    @cached_property
    def outlets(self) -> tuple[str, ...]:
        """The outlets' names by number."""
        names = TermDictionary.in_file(self.file, "outlet")
        return tuple(name.decode("utf-8", "surrogatepass") for name in names.terms(0, len(names)))

    @cached_property
    def shown_outlets(self) -> tuple[str | None, ...]:
        """The same as hits show them: None stands for an unknown one."""
        return tuple(None if name == UNKNOWN_OUTLET else name for name in self.outlets)

    def column(self, name: str) -> NDArray[Any]:
        """A whole column such as "copy/outlets", its checksums checked."""
        return self.file.touched(name)

    @cached_property
    def single_copies(self) -> bool:
        """True when every document has exactly one copy, so that document numbers are copy numbers."""
        return len(self.file.array("copy/outlets")) == self.documents

    @cached_property
    def texts(self) -> StoredTexts:
        """The text store; its characters are unchecked until they are read through `text`."""
        rest = (self.column(f"text/{name}") for name in ("pointers", "escape_places", "escape_characters"))
        return StoredTexts(self.file.array("text/data"), *rest)

    @cached_property
    def offsets(self) -> TokenOffsets:
        """The token offsets; `steps` and `lengths` are unchecked until they are read through `token_offsets`."""
        wide = (self.column(f"token/{name}") for name in ("wide_tokens", "wide_steps", "wide_lengths"))
        return TokenOffsets(self.file.array("token/steps"), self.file.array("token/lengths"), *wide)

    def text_bounds(self, documents: NDArray[np.int64]) -> tuple[list[int], list[int]]:
        """Where the texts of some documents lie in the text store: their starts and stops."""
        return self._bounds("text/pointers", documents)

    def _bounds(self, name: str, documents: NDArray[np.int64]) -> tuple[list[int], list[int]]:
        """Where the parts of some documents begin and end, by the pointers of this name."""
        found = self.column(name)
        return found.take(documents).tolist(), found.take(documents + 1).tolist()

    def text(self, *bounds: tuple[int, int]) -> str:
        """Characters [start, stop) of the text store for each of the bounds, one piece after the other."""
        self._guard_text.each(bounds)
        return decode(self.texts, *bounds)

    def text_beginnings(self, documents: NDArray[np.int64], characters: int) -> list[memoryview]:
        """The first characters of documents' texts as they are stored, at most so many of each."""
        starts, stops = self.text_bounds(documents)
        bounds = [(start, min(stop, start + characters)) for start, stop in zip(starts, stops, strict=True)]
        self._guard_text.each(bounds)
        data = self.texts.data.data
        return [data[start:stop] for start, stop in bounds]

    def token_offsets(self, documents: NDArray[np.int64], counts: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        """Where the first so many tokens of documents' titles and bodies stand, as `decode_offsets` has it."""
        starts = self.column("token/pointers").take(documents).tolist()
        bounds = [(start, start + count) for start, count in zip(starts, counts, strict=True)]
        self._guard_steps.each(bounds)
        self._guard_lengths.each(bounds)
        return decode_offsets(self.offsets, bounds)

    def decoded(self, stored: bytes, bounds: Callable[[], Sequence[tuple[int, int]]]) -> str:
        """As `text`, of pieces whose bytes have been checked and put together; `bounds` says which they are."""
        return decode_bytes(self.texts, stored, bounds)

    def records(self, documents: NDArray[np.int64]) -> list[list[Any]]:
        """What a hit shows of each of some documents, as `documents.py` lists it."""
        bounds = list(zip(*self._bounds("story/record_pointers", documents), strict=True))
        self._guard_records.each(bounds)
        data = self._records
        # One list of all is read faster than each by itself.
        return self.read_records(b"[%b]" % b",".join([data[start:stop] for start, stop in bounds]))

    def read_records(self, joined: bytes) -> list[list[Any]]:
        """As `records`, of a JSON list of some."""
        found: list[list[Any]]
        try:
            found = orjson.loads(joined)
        except orjson.JSONDecodeError:  # it reads no lone surrogates
            found = json.loads(str(joined, "utf-8", "surrogatepass"))
        return found


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment and which of its documents are deleted (None: none is)."""

    segment: Segment
    deleted: NDArray[np.bool_] | None

    @property
    def live(self) -> int:
        """How many documents are not deleted."""
        return self.segment.documents - (0 if self.deleted is None else int(self.deleted.sum()))
