"""The stories of one writer on their way into a segment: batch by batch, here or in other processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.building import BuiltSource, SourceBuilder
from searchapp.engine.storage.building_process import BuildingProcesses
from searchapp.engine.storage.shelf import SUFFIX
from searchapp.model import Story

Numbers = NDArray[np.int64]


class Building(Protocol):
    """Where a writer's stories are built."""

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        """Take in changed stories: the numbers of all, and those that have articles. They replace earlier ones."""

    def finish(self) -> tuple[Sequence[BuiltSource], Numbers]:
        """What was built, and the documents in it that were replaced by later ones; nothing can be added any more."""

    def cancel(self) -> None:
        """Stop; files that are left are removed by the next commit."""


def building(path: Path, processes: int) -> Building:
    """Build in this process, or in so many others; `path` is where files go, without a suffix."""
    if processes == 1:
        return _BuildingHere(path.with_suffix(SUFFIX))
    return _BuildingElsewhere([path.with_suffix(f".{number}{SUFFIX}") for number in range(processes)])


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
    def __init__(self, part: Path) -> None:
        self._builder, self._log = SourceBuilder(part), _Log()
        self._firsts: list[int] = []

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        self._log.note(numbers, stories)
        self._firsts.append(self._builder.add(stories) if stories else 0)

    def finish(self) -> tuple[Sequence[BuiltSource], Numbers]:
        return self._builder.finish(), self._log.replaced(self._firsts)

    def cancel(self) -> None:
        self._builder.close()


class _BuildingElsewhere:
    def __init__(self, parts: Sequence[Path]) -> None:
        self._processes, self._log = BuildingProcesses(parts), _Log()
        self._batches: list[int | None] = []

    def add(self, numbers: Numbers, stories: list[Story]) -> None:
        self._log.note(numbers, stories)
        self._batches.append(self._processes.add(stories) if stories else None)

    def finish(self) -> tuple[Sequence[BuiltSource], Numbers]:
        built, placed = self._processes.finish()
        counts = [sum(source.documents.documents for source in sources) for sources in built]
        bases = np.cumsum([0, *counts]).tolist()
        firsts = [0 if batch is None else bases[placed[batch].process] + placed[batch].first for batch in self._batches]
        return [source for sources in built for source in sources], self._log.replaced(firsts)

    def cancel(self) -> None:
        self._processes.cancel()
