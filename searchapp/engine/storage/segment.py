"""An open segment: typed views of its arrays, look-ups in its dictionaries, and the documents that were deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import COLUMNS, CodeTable
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.contents import SKIP
from searchapp.engine.storage.dictionary import ARRAYS, TermDictionary
from searchapp.engine.storage.pointers import sizes
from searchapp.engine.storage.postings import Postings
from searchapp.engine.storage.text_store import StoredTexts, decode
from searchapp.engine.storage.token_offsets import TokenOffsets, decode_offsets

FormName = Literal["exact", "stem"]
SUFFIX: Final = ".seg"
_WITHIN_SKIP: Final = np.arange(SKIP)


@dataclass(frozen=True, slots=True)
class TermPostings:
    """One term's postings in one segment: `documents` (rising) and `codes`, views on the map where nothing is left out.

    `first` is the place of the term's first posting in the form's flat arrays; `kept` says which of its postings these
    are, None for all.
    """

    documents: NDArray[np.uint32]
    codes: NDArray[Any]
    first: int
    kept: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.documents)

    def places(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where some of these postings lie in the form's flat arrays."""
        return self.first + (indices if self.kept is None else self.kept.take(indices))

    def only(self, wanted: NDArray[np.bool_]) -> TermPostings:
        """Those of the postings that are wanted."""
        kept = np.flatnonzero(wanted)
        return TermPostings(self.documents.take(kept), self.codes.take(kept), self.first, kept)


class Form:
    """The dictionary and postings of one form of the words."""

    def __init__(self, file: SegmentFile, name: FormName, frequencies: NDArray[np.uint32]) -> None:
        self._file, self._name, self._frequencies = file, name, frequencies
        # A look-up reads a few places all over the dictionary: checking all of it at first use is one pass.
        self.dictionary = TermDictionary(*(file.touched(f"{name}/{part}") for part in ARRAYS))
        self._pointers = file.touched(f"{name}/document_pointers")
        self._skips = file.touched(f"{name}/position_skips")
        self._documents = file.array(f"{name}/documents")
        self._codes = file.array(f"{name}/codes")
        self._positions = file.array(f"{name}/positions")
        self._guard_documents, self._guard_codes, self._guard_positions = (
            file.guard(f"{name}/{part}") for part in ("documents", "codes", "positions")
        )

    def bounds(self, term: bytes) -> tuple[int, int]:
        """Where a term's postings lie in the flat arrays; (0, 0) for an unknown term."""
        number = self.dictionary.find(term)
        if number < 0:
            return 0, 0
        start, stop = self._pointers[number : number + 2].tolist()
        return start, stop

    def range_bounds(self, prefix: bytes) -> tuple[int, int]:
        """Where the postings of all terms with a prefix lie in the flat arrays; give whole characters."""
        start, stop = self.dictionary.prefix_range(prefix)
        return int(self._pointers[start]), int(self._pointers[stop])

    def document_counts(self, start: int, stop: int) -> NDArray[np.int64]:
        """The document frequency of the terms numbered [start, stop)."""
        return sizes(self._pointers[start : stop + 1])

    def postings(self, start: int, stop: int) -> TermPostings:
        """The postings in [start, stop) of the flat arrays.

        Raises:
            IndexBroken: a block of them does not fit its checksum.
        """
        self._guard_documents(start, stop)
        self._guard_codes(start, stop)
        return TermPostings(self._documents[start:stop], self._codes[start:stop], start)

    def position_bounds(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For postings at these places of the flat arrays: where their positions begin, and how many there are."""
        if not len(places):
            return places, places
        first, last = int(places.min()) // SKIP * SKIP, int(places.max()) + 1
        self._guard_codes(first, last)
        if last - first > len(places) * SKIP:
            return self._scattered_bounds(places)
        frequencies = self._frequencies.take(self._codes[first:last]).astype(np.int64)
        ends = np.cumsum(frequencies)
        ends += int(self._skips[first // SKIP])
        counts = frequencies.take(places - first)
        return ends.take(places - first) - counts, counts

    def _scattered_bounds(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As `position_bounds`, for places far apart: each is counted up to from the skip before it."""
        blocks = places // SKIP
        around = (blocks * SKIP)[:, None] + _WITHIN_SKIP
        frequencies = self._frequencies.take(self._codes.take(around, mode="clip"))
        before = np.where((places % SKIP)[:, None] > _WITHIN_SKIP, frequencies, 0).sum(axis=1, dtype=np.int64)
        counts = self._frequencies.take(self._codes.take(places)).astype(np.int64)
        return self._skips.take(blocks).astype(np.int64) + before, counts

    def positions(self, starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The positions of several postings, one after the other."""
        if not len(starts):
            return np.empty(0, np.int64)
        self._guard_positions(int(starts.min()), int((starts + counts).max()))
        places = np.repeat(starts - (np.cumsum(counts) - counts), counts)
        places += np.arange(len(places))
        return self._positions.take(places).astype(np.int64)

    def all_postings(self) -> Postings:
        """Everything, for merging; term numbers are those of the dictionary."""
        frequencies = self._frequencies.take(self._file.touched(f"{self._name}/codes"))
        document_pointers = self._pointers.astype(np.int64)
        every = np.concatenate([[0], np.cumsum(frequencies, dtype=np.int64)])
        return Postings(
            np.arange(len(self.dictionary), dtype=np.int64),
            sizes(document_pointers),
            sizes(every.take(document_pointers)),
            self._file.touched(f"{self._name}/documents"),
            self._codes.astype(np.uint32),
            self._file.touched(f"{self._name}/positions").astype(np.uint32),
        )


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
        self.codes = CodeTable(*(self.file.touched(f"code/{name}").astype(np.uint32) for name in COLUMNS))
        self.frequencies = self.codes.frequencies()
        self.caches: dict[Any, Any] = {}
        self._records = self.file.array("story/records").data
        self._guard_records, self._guard_text, self._guard_steps, self._guard_lengths = (
            self.file.guard(name) for name in ("story/records", "text/data", "token/steps", "token/lengths")
        )

    @cached_property
    def exact(self) -> Form:
        """The normalised words."""
        return Form(self.file, "exact", self.frequencies)

    @cached_property
    def stem(self) -> Form:
        """Their light stems."""
        return Form(self.file, "stem", self.frequencies)

    def form(self, name: FormName) -> Form:
        """One of the two."""
        return self.exact if name == "exact" else self.stem

    @cached_property
    def outlets(self) -> tuple[str, ...]:
        """The outlets' names by number."""
        names = TermDictionary(*(self.file.touched(f"outlet/{part}") for part in ARRAYS))
        return tuple(name.decode("utf-8", "surrogatepass") for name in names.terms(0, len(names)))

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

    def text_bounds(self, document: int) -> tuple[int, int]:
        """Where a document's text lies in the text store."""
        start, stop = self.column("text/pointers")[document : document + 2].tolist()
        return start, stop

    def text(self, start: int, stop: int) -> str:
        """Characters [start, stop) of the text store."""
        self._guard_text(start, stop)
        return decode(self.texts, start, stop)

    def token_offsets(self, document: int, count: int) -> tuple[Sequence[int], Sequence[int]]:
        """Starts and lengths of the first `count` tokens of a document's title and body, in its stored text."""
        start: int = self.column("token/pointers").item(document)
        self._guard_steps(start, start + count)
        self._guard_lengths(start, start + count)
        return decode_offsets(self.offsets, start, start + count)

    def record(self, document: int) -> list[Any]:
        """What a hit shows of a document, as `documents.py` lists it."""
        start, stop = self.column("story/record_pointers")[document : document + 2].tolist()
        self._guard_records(start, stop)
        found: list[Any] = json.loads(str(self._records[start:stop], "utf-8", "surrogatepass"))
        return found
