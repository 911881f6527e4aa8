"""What an engine must do; the rest of the product knows engines only by this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from searchapp.model import Article, Hit, Ranking, SearchRequest, SearchResult, Statistics, Story

if TYPE_CHECKING:
    from searchapp.analysis.indexed_words import IndexedWords

Variants = Callable[[str], tuple[tuple[str, float], ...]]
"""Lemma → the lemmas of its other spellings, with how much like it each is (0–1)."""


class IndexReader(Protocol):
    """A snapshot of one index. It may be used from many threads and never changes while it is open."""

    @property
    def generation(self) -> int:
        """Rises with every commit and every rebuild of this data directory's index."""

    def is_current(self) -> bool:
        """False when a newer commit can be opened."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request.

        Raises:
            LimitExceeded: the request passes one of `config.Limits`.
        """

    def ranking(self, request: SearchRequest) -> Ranking:
        """The hits of `search` without anything that is shown of them, for run files; raises as `search`."""

    def stream(
        self, request: SearchRequest, *, by_arrival: bool = False, start: int = 0, count: int | None = None
    ) -> tuple[SearchResult, Iterator[Hit]]:
        """Answer a request with all its hits, past every window: a result without hits, and the hits one by one.

        They are the hits that `total` counts, from number `start` (from 0) on, at most `count` of them, whatever
        `page` and `per_page` say. `by_arrival` puts what changed last in the archive first. Raises as `search`, and
        the iterator too may find the index broken.
        """

    def completions(self, typed: str) -> tuple[str, ...]:
        """What a reader may be typing, the likeliest first, in words of the archive as its articles write them."""

    def similar(self, article: Article, count: int) -> tuple[Hit, ...]:
        """At most `count` stories like an article, without its own, the likest first; none for one that says little."""

    def statistics(self) -> Statistics:
        """What the index holds, counted once."""

    def story_sequences(self) -> dict[int, int]:
        """Story number → archive sequence number that the index holds for it, for `verify` and for catching up."""

    def damage(self) -> list[str]:
        """Read every byte of the index; a sentence for each piece that does not fit its checksum."""

    def absent_files(self) -> list[str]:
        """A sentence for each file that only other programs need, and that is not there."""

    def rest(self) -> None:
        """Let go of what costs little to get again when the next search comes; others may be searching."""

    def close(self) -> None:
        """Let go of files; a search after this is an error."""


class IndexWriter(Protocol):
    """The one writer of an index. Nothing is seen by readers before `commit`."""

    def replace(self, story: Story) -> None:
        """Put in a story in place of what is there under its number; one without articles is taken out."""

    def is_free(self) -> bool:
        """Whether stories can be put in now that other processes will work on while the caller does something else."""

    def optimize(self) -> None:
        """Merge all segments into one, without what was deleted; seen after `commit`, as everything."""

    def commit(self, archive_sequence: int) -> None:
        """Make all of it seen at once, durable, and complete up to this sequence number of the archive; closes."""

    def cancel(self) -> None:
        """Leave the index as it was and close."""


class EngineBackend(Protocol):
    """Opens one engine's index in a directory that is its alone."""

    def create(self, directory: Path) -> None:
        """Make an empty index. The directory exists and is empty."""

    def open_reader(self, directory: Path, variants: Variants | None = None) -> IndexReader:
        """Open the last commit, to be searched with these spelling variants.

        Raises:
            IndexBroken: it cannot be read or is of another version; the message says to run `searchapp rebuild`.
        """

    def open_writer(self, directory: Path, processes: int = 1, indexed: IndexedWords | None = None) -> IndexWriter:
        """Open for writing. The data directory's lock is the caller's business.

        With more than one of `processes`, the work may be shared by as many. `indexed` is given the words of stories
        that this process analyses, of some or all.

        Raises:
            IndexBroken: as for `open_reader`.
        """

    def finish(self, directory: Path) -> None:
        """Do what is left undone of a commit that was cut off when it was in place; the lock is the caller's business.

        Raises:
            IndexBroken: as for `open_reader`.
        """

    def archive_sequence(self, directory: Path) -> int:
        """The archive sequence number up to which the last commit is complete; 0 for an empty index."""
