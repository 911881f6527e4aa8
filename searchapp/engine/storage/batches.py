"""The stories of one writer on their way into segments: batch by batch, here or in other processes, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.indexed_words import IndexedWords
from searchapp.engine.storage.building import SourceBuilder
from searchapp.engine.storage.gathered_stories import gather
from searchapp.engine.storage.segment_writing import write_segment
from searchapp.engine.storage.shelf import SUFFIX
from searchapp.model import Story

if TYPE_CHECKING:
    from searchapp.engine.storage.building_process import BuildingProcesses, Placed
    from searchapp.engine.storage.building_wires import Job

Numbers = NDArray[np.int64]

_FIRST_STORIES: Final = 64
"""Built before there are other processes: enough for the loops of analysis to be loaded, and for the
commonest words to be met."""
_WRITING: Final = 0.3
"""What a story costs when its segment is written, in the time that it takes to be built."""
_LEAST_PARTED: Final = 256
"""Stories of a first batch of which the others are given the rest; fewer are not worth starting them."""


class Written(NamedTuple):
    """A segment file, and the documents in it that were replaced by later ones."""

    path: Path
    replaced: Numbers


class Building(Protocol):
    """Where a writer's stories are built."""

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        """Take in changed stories: the numbers of all, and those that have articles. They replace earlier ones."""

    def is_free(self) -> bool:
        """Whether another process would take stories at once."""

    def write(self, new_path: Callable[[], Path]) -> list[Written]:
        """Write what was built, each process a segment of its own; nothing can be added any more.

        `new_path` gives a path for each of the files.
        """

    def close(self) -> None:
        """See that no process is left; to be called some time after `write`."""

    def cancel(self) -> None:
        """Stop; files that are left are removed by the next commit."""


def building(path: Path, processes: int, indexed: IndexedWords | None = None) -> Building:
    """Build in so many processes, this one among them; `path` is where files go, without a suffix."""
    here = path.with_suffix(SUFFIX)
    if processes == 1:
        return _BuildingHere(here, indexed)
    return _BuildingTogether(here, indexed, [path.with_suffix(f".{number}{SUFFIX}") for number in range(1, processes)])


class _Log:
    """Which stories each batch had."""

    def __init__(self) -> None:
        self._numbers: list[Numbers] = []
        self._alive: list[Numbers] = []

    def note(self, numbers: Numbers, stories: Sequence[Story]) -> None:
        self._numbers.append(numbers)
        self._alive.append(np.array([story.number for story in stories], np.int64))

    def replaced(self, firsts: Sequence[int]) -> Numbers:
        """The documents of stories that came again in a later batch; `firsts` is each batch's first document."""
        batches = np.arange(len(self._numbers))
        stories, which = np.unique(np.concatenate(self._numbers), return_inverse=True)
        last = np.zeros(len(stories), np.int64)
        np.maximum.at(last, which, batches.repeat([len(numbers) for numbers in self._numbers]))
        documents = np.concatenate(
            [first + np.arange(len(alive)) for first, alive in zip(firsts, self._alive, strict=True)]
        )
        own = batches.repeat([len(alive) for alive in self._alive])
        found: Numbers = documents[last.take(stories.searchsorted(np.concatenate(self._alive))) > own]
        return found


class _BuildingHere:
    def __init__(self, part: Path, indexed: IndexedWords | None) -> None:
        self._builder, self._log = SourceBuilder(part, indexed=indexed), _Log()
        self._firsts: list[int] = []

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        self._log.note(numbers, stories)
        self._firsts.append(self._builder.add(gather(stories)) if stories else 0)

    def is_free(self) -> bool:
        return False

    def write(self, new_path: Callable[[], Path]) -> list[Written]:
        path = new_path()
        write_segment(path, self._builder.finish())
        self._builder.close()
        return [Written(path, self._log.replaced(self._firsts))]

    def close(self) -> None:
        """There is none."""

    def cancel(self) -> None:
        self._builder.close()


class _BuildingTogether:
    """This process hands batches to the others as long as one is free, and else builds them itself.

    The beginning of the first batch is built before there are others, which begin with what it has loaded and taught;
    what is small needs none.
    """

    def __init__(self, here: Path, indexed: IndexedWords | None, others: Sequence[Path]) -> None:
        self._others, self._indexed, self._log = others, indexed, _Log()
        self._builder = SourceBuilder(here, indexed=indexed)
        self._processes: BuildingProcesses | None = None
        self._given: list[int | None] = []
        self._elsewhere = 0
        """Stories that were handed to the others."""
        self._firsts: list[int] = []

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        if self._processes is None and not self._builder.documents and len(stories) >= _LEAST_PARTED:
            self._add(numbers, stories[:_FIRST_STORIES])
            stories = stories[_FIRST_STORIES:]
            numbers = np.array([story.number for story in stories], np.int64)
        self._add(numbers, stories)

    def _add(self, numbers: Numbers, stories: list[Story]) -> None:
        self._log.note(numbers, stories)
        given = self._offer(stories) if stories else None
        self._given.append(given)
        self._firsts.append(self._builder.add(gather(stories)) if stories and given is None else 0)

    def is_free(self) -> bool:
        return self._started().is_free()

    def _started(self) -> BuildingProcesses:
        if self._processes is None:
            # Most runs need one process only.
            from searchapp.engine.storage.building_process import BuildingProcesses  # noqa: PLC0415

            self._processes = BuildingProcesses(self._others, self._indexed)
        return self._processes

    def _offer(self, stories: list[Story]) -> int | None:
        if self._processes is None and not self._builder.documents:
            return None
        given = self._started().offer(stories)
        self._elsewhere += 0 if given is None else len(stories)
        return given

    def write(self, new_path: Callable[[], Path]) -> list[Written]:
        processes = self._processes
        if processes is None:
            path = new_path()
            write_segment(path, self._builder.finish())
            self._builder.close()
            return [Written(path, self._log.replaced(self._firsts))]
        paths = [new_path() for _ in range(processes.count + 1)]
        ours = processes.take_back(partial(self._share, processes.count))
        processes.write(paths[1:])
        self._build(processes, ours)
        if self._builder.documents:
            write_segment(paths[0], self._builder.finish())
        self._builder.close()
        counts = [self._builder.documents, *processes.finish()]
        bases = np.cumsum([0, *counts])
        replaced = self._log.replaced(self._first_documents(bases[1:], processes.placed))
        return [
            Written(path, replaced[(replaced >= base) & (replaced < base + count)] - base)
            for path, base, count in zip(paths, bases.tolist(), counts, strict=False)
            if count
        ]

    def _build(self, processes: BuildingProcesses, taken_back: Sequence[Job]) -> None:
        """Build batches that the others were given and have not begun."""
        places = {given: place for place, given in enumerate(self._given) if given is not None}
        for job in taken_back:
            self._firsts[places[job.number]] = self._builder.add(processes.stories_of(job))
            self._given[places[job.number]] = None

    def _share(self, others: int, waiting: int) -> int:
        """How many of so many stories that wait this process builds, so that all end together.

        Who has built more has more to write as a segment. This process has built less, as it hands out, too.
        """
        ahead = (self._elsewhere - waiting) / others - self._builder.documents
        return round((waiting + others * ahead * _WRITING / (1 + _WRITING)) / (others + 1))

    def _first_documents(self, bases: Numbers, placed: Mapping[int, Placed]) -> list[int]:
        """The number of each batch's first document when those of all processes follow each other, ours first."""
        return [
            first if given is None else int(bases[placed[given].process]) + placed[given].first
            for given, first in zip(self._given, self._firsts, strict=True)
        ]

    def close(self) -> None:
        if self._processes is not None:
            self._processes.close()

    def cancel(self) -> None:
        self._builder.close()
        if self._processes is not None:
            self._processes.cancel()
