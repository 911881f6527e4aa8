"""The index follows the archive: brought up to its last change, commit by commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from searchapp import compiled
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.archive.directory import DataDirectory
from searchapp.archive.store import Archive
from searchapp.compiled_runs import MANY_ARTICLES, prepare_for_articles
from searchapp.engine.protocol import EngineBackend, IndexWriter
from searchapp.errors import IndexBroken
from searchapp.memory import release
from searchapp.model import Story

if TYPE_CHECKING:
    from searchapp.archive.intake import Progress

STORIES_PER_COMMIT: Final = 500_000
"""Changed stories that one commit of the index holds: what a killed run must index again, some two minutes' work."""
STORIES_PER_REPORT: Final = 200
"""How often progress is told while indexing."""
STORIES_PER_RELEASE: Final = 4_000
"""How often freed memory is given back while indexing."""


@dataclass(slots=True)
class _Taking:
    """A writer, the sequence number up to which it has the archive's stories, and how many it was given."""

    writer: IndexWriter
    reached: int
    count: int = 0

    def take(self, story: Story) -> None:
        self.writer.replace(story)
        self.reached = story.sequence
        self.count += 1


@dataclass(slots=True)
class FollowingIndex:
    """The index of one directory, and the archive that it follows. `indexed` are the words of the latest stories.

    Leaving it as a context manager lets go of what was built ahead and not committed.
    """

    backend: EngineBackend
    path: Path
    archive: Archive
    progress: Progress
    processes: int = 1
    indexed: IndexedWords = field(default_factory=IndexedWords)
    _ahead: _Taking | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ahead is not None:
            self._ahead.writer.cancel()
            self._ahead = None

    def build_ahead(self) -> None:
        """Have other processes, if there are any, build stories while more are taken in; `catch_up` commits them.

        To be called outside of transactions. A story that changes once more is built once more, and the index keeps
        both until it is merged, so that this is for runs in which stories seldom do.

        Raises:
            SearchAppError: one of the processes has died.
        """
        if self.processes == 1:
            return
        if self._ahead is None:
            done = self.backend.archive_sequence(self.path)
            if self.archive.changes_after(done) < MANY_ARTICLES:
                return
            self._ahead = _Taking(self._open_writer(), done)
        ahead = self._ahead
        stories = self.archive.stories(ahead.reached)
        while ahead.writer.is_free() and (story := next(stories, None)) is not None:
            ahead.take(story)

    def _open_writer(self) -> IndexWriter:
        return self.backend.open_writer(self.path, self.processes, self.indexed)

    @compiled.for_a_while()
    def catch_up(self, per_commit: int = STORIES_PER_COMMIT) -> None:
        """Bring the index up to the archive's last change, in commits of so many stories at most."""
        done, latest = self.backend.archive_sequence(self.path), self.archive.sequence
        if done > latest:
            raise IndexBroken(
                f"the index {self.path} is newer than the archive {self.archive.path}, as if an older archive had been "
                f"put in its place; make the index anew with: searchapp rebuild --index {self.archive.path.parent}"
            )
        if done == latest:
            self.backend.finish(self.path)
        total, told = self.archive.changes_after(done), 0
        prepare_for_articles(total)
        while done < latest:
            done, written = self._commit_next(done, per_commit, told, total)
            told += written

    def _commit_next(self, after: int, stories: int, told: int, total: int) -> tuple[int, int]:
        """One commit; returns the sequence number that it reached, and how many stories it took."""
        release()
        taking, self._ahead = self._ahead or _Taking(self._open_writer(), after), None
        try:
            for story in islice(self.archive.stories(taking.reached), max(stories - taking.count, 0)):
                taking.take(story)
                if taking.count % STORIES_PER_REPORT == 0:
                    self.progress.phase("index", min(told + taking.count, total), total)
                if taking.count % STORIES_PER_RELEASE == 0:
                    release()  # of the articles that were kept in memory until now
            release()
            taking.writer.commit(taking.reached)
        except BaseException:
            taking.writer.cancel()
            raise
        release()
        self.progress.phase("index", min(told + taking.count, total), total)
        return taking.reached, taking.count


def follow_archive(
    data: DataDirectory,
    backend: EngineBackend,
    archive: Archive,
    progress: Progress,
    processes: int = 1,
) -> FollowingIndex:
    """The current index, caught up with what a killed run left undone; on the first run, an empty one."""
    if data.current() is None:
        number, path = data.new_index()
        backend.create(path)
        data.swap(number)
    index = FollowingIndex(backend, data.current_index()[1], archive, progress, processes)
    index.catch_up()
    return index
