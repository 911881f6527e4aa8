"""The engine behind the protocol: a Whoosh 2.7 index with Whoosh's own codec.

Whoosh keeps its table of contents, stored fields and postings as pickles, and reading a pickle can run code. So only
an index that this product wrote may be opened; a data directory from elsewhere is to be rebuilt from its archive.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Final

from whoosh import index as whoosh_index
from whoosh.reading import ReaderClosed

from searchapp.analysis.analyzer import ArabicAnalyzer, default_analyzer
from searchapp.engine.whoosh_reader import WhooshReader
from searchapp.engine.whoosh_schema import FORMAT_VERSION, make_schema
from searchapp.engine.whoosh_storage import DurableStorage, State
from searchapp.engine.whoosh_writer import WhooshWriter
from searchapp.errors import IndexBroken

ANALYZER_VERSION: Final = 1
"""Rises with every change of the analysis that changes terms: an index with other terms would not be found by it."""

# What Whoosh and the standard library raise over files that are missing, cut short or not theirs.
_BROKEN: Final = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    EOFError,
    ImportError,
    struct.error,
    zlib.error,
    UnpicklingError,
    ReaderClosed,
    whoosh_index.IndexError,
)


class WhooshBackend:
    """Makes and opens Whoosh indexes; an `engine.protocol.EngineBackend`."""

    def __init__(self, analyzer: ArabicAnalyzer | None = None) -> None:
        self._analyzer = analyzer or default_analyzer()

    def create(self, directory: Path) -> None:
        """Make an empty index. The directory exists and is empty."""
        State(FORMAT_VERSION, ANALYZER_VERSION, 0).write(directory)
        whoosh_index.FileIndex.create(DurableStorage(str(directory)), make_schema())

    def open_reader(self, directory: Path) -> WhooshReader:
        """Open the last commit.

        Raises:
            IndexBroken: it cannot be read or is of another version; the message says to run `searchapp rebuild`.
        """
        with _broken_when_unreadable(directory):
            _read_state(directory)
            return WhooshReader(directory, _open(directory), self._analyzer)

    def open_writer(self, directory: Path) -> WhooshWriter:
        """Open for writing. The data directory's lock is the caller's business.

        Raises:
            IndexBroken: as for `open_reader`.
            IndexBusy: another writer is open after all.
        """
        with _broken_when_unreadable(directory):
            state = _read_state(directory)
            return WhooshWriter(directory, _open(directory), self._analyzer, state)

    def archive_sequence(self, directory: Path) -> int:
        """The archive sequence number up to which the last commit is complete; 0 for an empty index.

        Raises:
            IndexBroken: as for `open_reader`.
        """
        with _broken_when_unreadable(directory):
            return _read_state(directory).archive_sequence


def _open(directory: Path) -> whoosh_index.FileIndex:
    return whoosh_index.FileIndex(DurableStorage(str(directory)), schema=make_schema())


def _read_state(directory: Path) -> State:
    state = State.read(directory)
    found = state.format_version, state.analyzer_version
    if found != (FORMAT_VERSION, ANALYZER_VERSION):
        expected = f"{FORMAT_VERSION} and {ANALYZER_VERSION}"
        message = f"it has versions {found[0]} and {found[1]} of index and analysis, this program has {expected}"
        raise IndexBroken(f"cannot use the index in {directory}: {message}; run `searchapp rebuild`")
    return state


@contextmanager
def _broken_when_unreadable(directory: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        reason = f"{type(error).__name__}: {error}"
        raise IndexBroken(f"cannot read the index in {directory} ({reason}); run `searchapp rebuild`") from error
