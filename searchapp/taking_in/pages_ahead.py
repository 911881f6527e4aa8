"""Pages are made ready ahead of what compares and writes them: by other processes, and by this one when it would wait.

What comes out is in the order of what is read. Not more is read ahead than the processes need to be busy.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from types import TracebackType
from typing import Final, Self

from searchapp.archive.page_work import Done, PageWork, Step, TakenPage
from searchapp.ingest.readers import Unread
from searchapp.model import RawPage, Reject
from searchapp.taking_in.page_processes import BATCHES_WAITING, PageProcesses

BATCH_BYTES: Final = 1 << 20
BATCH_ITEMS: Final = 250
"""How many pages or records, and how many bytes of them, are handed over at once, at most; but one at least."""
MOST_BYTES: Final = 1 << 26
"""Of pages that were read and are not taken in; one that is larger is alone."""
MOST_WAITING: Final = 2 * BATCHES_WAITING
"""Batches for each other process, those that this one did itself among them, while an earlier one is still not done."""
ALONE_SECONDS: Final = 0.5
"""CPU time that a run has taken before it starts other processes: from then on they pay."""
WORKING_SHARE: Final = 0.75
"""Of the CPU time of a run that does not prepare articles, what it must take to read pages and extract articles."""


@dataclass(slots=True)
class _Batch:
    """What was read, and of this the pages that are to be made ready.

    `number` is that of a batch that was given to processes, `outcomes` what became of one that was not.
    """

    steps: list[Step] = field(default_factory=list)
    pages: list[RawPage | Unread] = field(default_factory=list)
    size: int = 0
    number: int | None = None
    outcomes: list[TakenPage | Reject] | None = None


class PagesAhead:
    """Implements `archive.page_work.Work` with so many processes, this one among them.

    With `prepares`, articles are prepared to be compared, too. Leaving it as a context manager ends the processes.
    """

    reads_later = True

    def __init__(self, processes: int, work: PageWork, *, prepares: bool) -> None:
        self._others = processes - 1
        self._work = work
        self._prepares = prepares
        self._mostly_known = False
        self._processes: PageProcesses | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        processes, self._processes = self._processes, None
        if processes is not None:
            (processes.cancel if error else processes.end)()

    def done(self, steps: Iterator[Step]) -> Iterator[Done]:
        """As `Work.done`.

        Raises:
            SearchAppError: one of the processes has died.
        """
        batches = _batches(steps)
        began, working = time.process_time(), 0.0
        for batch in batches:
            if self._pays(time.process_time() - began, working):
                self._processes = PageProcesses(self._others, self._work)
                yield from self._done_together(self._processes, batch, batches)
                return
            before = time.process_time()
            outcomes = list(map(self._work.take, batch.pages))
            working += time.process_time() - before
            yield from _given_out(batch, iter(outcomes))

    def _pays(self, spent: float, working: float) -> bool:
        """Whether other processes pay, after so many seconds of CPU time, so many of them for pages by themselves.

        Where articles are not to be prepared, too, these must be most of it: to hand plain records over costs as much
        as it saves.
        """
        return spent >= ALONE_SECONDS and (self._is_preparing or working > spent * WORKING_SHARE)

    @property
    def _is_preparing(self) -> bool:
        """Whether articles are prepared to be compared: only those that are new or changed ever are."""
        return self._prepares and not self._mostly_known

    def note(self, articles: int, changed: int) -> None:
        """As `Work.note`."""
        self._mostly_known = changed * 2 < articles

    def _done_together(self, processes: PageProcesses, first: _Batch, batches: Iterator[_Batch]) -> Iterator[Done]:
        waiting = deque[_Batch]()
        batches = chain([first], batches)
        while True:
            self._read_on(processes, batches, waiting)
            if not waiting:
                return
            outcomes = self._outcomes(processes, waiting)
            if outcomes is not None:
                yield from _given_out(waiting.popleft(), iter(outcomes))

    def _read_on(self, processes: PageProcesses, batches: Iterator[_Batch], waiting: deque[_Batch]) -> None:
        """Give batches to the processes as far as there is room; where none wait, there is room for one of any size."""
        size = sum(batch.size for batch in waiting)
        while processes.is_free and len(waiting) < MOST_WAITING * self._others and size < MOST_BYTES:
            if (batch := next(batches, None)) is None:
                return
            self._give(processes, batch)
            waiting.append(batch)
            size += batch.size

    def _give(self, processes: PageProcesses, batch: _Batch) -> None:
        if batch.pages:
            batch.number = processes.give(batch.pages, prepares=self._is_preparing)
        else:
            batch.outcomes = []

    def _outcomes(self, processes: PageProcesses, waiting: deque[_Batch]) -> list[TakenPage | Reject] | None:
        """What became of the first batch; None where that is not known yet, and something was done meanwhile."""
        first = waiting[0]
        if first.outcomes is not None:
            return first.outcomes
        if first.number is not None and processes.is_done(first.number):
            return processes.fetch(first.number, first.pages)
        number = processes.take_back()
        if number is None:
            processes.wait()
            return None
        batch = next(batch for batch in waiting if batch.number == number)
        batch.outcomes = list(map(self._work.take, batch.pages))
        return None


def _batches(steps: Iterator[Step]) -> Iterator[_Batch]:
    batch = _Batch()
    for step in steps:
        batch.steps.append(step)
        if isinstance(step, RawPage | Unread):
            batch.pages.append(step)
            batch.size += len(step.raw)
        if len(batch.steps) >= BATCH_ITEMS or batch.size >= BATCH_BYTES:
            yield batch
            batch = _Batch()
    if batch.steps:
        yield batch


def _given_out(batch: _Batch, outcomes: Iterator[TakenPage | Reject]) -> Iterator[Done]:
    """The steps of a batch, with what became of its pages in their places."""
    for step in batch.steps:
        yield next(outcomes) if isinstance(step, RawPage | Unread) else step
