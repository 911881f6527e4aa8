"""One commit as retrieval sees it: segments one after the other, documents numbered through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import FIELDS
from searchapp.engine.storage.segment import LiveSegment

Value = TypeVar("Value")
_MISSING: Final = object()


class Snapshot:
    """The segments of one commit, and what is derived from all of them together, made at first use and kept.

    Deleted documents still count in document frequencies and average lengths until they are merged away, as in Lucene.
    """

    def __init__(self, parts: Sequence[LiveSegment]) -> None:
        self.parts = tuple(parts)
        self.bases: list[int] = np.cumsum([0, *(part.segment.documents for part in parts)]).tolist()
        self.documents: int = self.bases[-1]
        # As in Lucene, of the documents that have the field: where few have a title, theirs are not long.
        self.average_lengths = {
            name: self._sum("lengths", name) / max(self._sum("with_field", name), 1) for name in FIELDS
        }
        self.has_deletes = any(part.deleted is not None for part in parts)
        self._derived: dict[object, Any] = {}
        self._columns: dict[str, NDArray[Any]] = {}
        self._local = threading.local()

    def _sum(self, fact: str, field: str) -> int:
        return sum(part.segment.file.meta[fact][field] for part in self.parts)

    def derived(self, key: object, make: Callable[[], Value]) -> Value:
        """A value that follows from this commit alone; two threads may both make it."""
        found = self._derived.get(key, _MISSING)
        if found is _MISSING:
            found = self._derived[key] = make()
        value: Value = found
        return value

    def let_go(self, key: object) -> None:
        """Forget a derived value: it is made anew when it is asked for."""
        self._derived.pop(key, None)

    def forget(self) -> None:
        """Let go of what was derived: some of it refers to the snapshot, which would wait for the garbage collector."""
        self._derived.clear()
        self._columns.clear()

    def marks(self) -> NDArray[np.bool_]:
        """This thread's array of False, one a document. Whoever writes into it sets it back."""
        found: NDArray[np.bool_] | None = getattr(self._local, "marks", None)
        if found is None:
            found = self._local.marks = np.zeros(self.documents, bool)
        return found

    def sums(self) -> NDArray[np.float32]:
        """This thread's array of 0, one a document. Whoever writes into it sets it back."""
        found: NDArray[np.float32] | None = getattr(self._local, "sums", None)
        if found is None:
            found = self._local.sums = np.zeros(self.documents, np.float32)
        return found

    def spoilt(self) -> None:
        """This thread's arrays could not be set back: others are made when they are asked for."""
        self._local.__dict__.clear()

    def rest(self) -> None:
        """Let go of all threads' arrays and of columns of several segments: they are made anew as they are asked for.

        Who has one goes on with it.
        """
        self._local = threading.local()
        self._columns.clear()

    def live(self) -> NDArray[np.bool_]:
        """Which documents are not deleted."""
        return self.derived("live", self._live)

    def _live(self) -> NDArray[np.bool_]:
        live = np.ones(self.documents, bool)
        for part, base in zip(self.parts, self.bases, strict=False):
            if part.deleted is not None:
                live[base : base + part.segment.documents] = ~part.deleted
        return live

    def column(self, name: str) -> NDArray[Any]:
        """A column of all segments, kept until `rest`; a view on the map where there is one segment only."""
        if len(self.parts) == 1:
            return self.joined(name)
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self.joined(name)
        return found

    def joined(self, name: str) -> NDArray[Any]:
        """The same without being kept, for what is made of it once."""
        if len(self.parts) == 1:
            return self.parts[0].segment.column(name)
        columns = [part.segment.column(name) for part in self.parts]
        return np.concatenate(columns) if columns else np.empty(0, np.int64)
