"""The index follows the archive: brought up to its last change, commit by commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from searchapp import compiled
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.archive.directory import DataDirectory
from searchapp.archive.store import Archive
from searchapp.compiled_runs import prepare_for_articles
from searchapp.engine.protocol import EngineBackend
from searchapp.errors import IndexBroken
from searchapp.memory import release

if TYPE_CHECKING:
    from searchapp.archive.intake import Progress

STORIES_PER_COMMIT: Final = 500_000
"""Changed stories that one commit of the index holds: what a killed run must index again, some two minutes' work."""
STORIES_PER_REPORT: Final = 200
"""How often progress is told while indexing."""
STORIES_PER_RELEASE: Final = 4_000
"""How often freed memory is given back while indexing."""


@dataclass(frozen=True, slots=True)
class FollowingIndex:
    """The index of one directory, and the archive that it follows. `indexed` are the words of the latest stories."""

    backend: EngineBackend
    path: Path
    archive: Archive
    progress: Progress
    processes: int = 1
    indexed: IndexedWords = field(default_factory=IndexedWords)

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
        writer = self.backend.open_writer(self.path, self.processes, self.indexed)
        written = 0
        try:
            for story in islice(self.archive.stories(after), stories):
                writer.replace(story)
                after = story.sequence
                written += 1
                if written % STORIES_PER_REPORT == 0:
                    self.progress.phase("index", told + written, total)
                if written % STORIES_PER_RELEASE == 0:
                    release()  # of the articles that were kept in memory until now
            release()
            writer.commit(after)
        except BaseException:
            writer.cancel()
            raise
        release()
        self.progress.phase("index", told + written, total)
        return after, written


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
