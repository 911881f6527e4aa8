"""Builders in processes of their own: batches of stories go to whichever is free; each writes a segment of its own.

How they are started says `building_start`, what they do `building_service`. When their parent ends, however it ends,
its end of their lines closes, and they end with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final, NamedTuple

from searchapp.analysis.indexed_words import IndexedWords
from searchapp.engine.storage.building_service import Done, Taken
from searchapp.engine.storage.building_start import Process, start
from searchapp.engine.storage.building_wires import Job, JobQueue, make_slots
from searchapp.engine.storage.gathered_stories import GatheredStories, gather
from searchapp.engine.storage.process_ends import how_it_ended, wait_for_all
from searchapp.errors import SearchAppError
from searchapp.model import Story

BATCHES_WAITING: Final = 8
"""For each process: none waits for work."""
MOST_WAITING: Final = 64
"""Batches that wait at most, unless those of all processes are more, …"""
WAITING_BYTES: Final = 1 << 27
"""… and while they take no more than this. The writer reads and hands out, so that in the end it has built less than
the others and has less to write. Of 310,300 articles it would have to build a third after the last was read for all to
end together; these are some 33,000. With them two processes take 13 seconds, with 8 batches 14.4
(`python -m bench.parallel --ways engine --corpus tenfold`)."""
_SILENCE_SECONDS: Final = 3600.0
"""How long a process may work at the end without a word. A segment of millions of articles takes minutes."""


class Placed(NamedTuple):
    """Where a batch went: the process, and the number of its first document there."""

    process: int
    first: int


class _Waiting(NamedTuple):
    """A batch that no process has begun, and how many stories it has."""

    job: Job
    stories: int


class BuildingProcesses:
    """Several builders side by side.

    `placed` tells where each batch that was not taken back went; it is complete after `finish`.
    """

    def __init__(self, parts: Sequence[Path], indexed: IndexedWords | None = None) -> None:
        """Start a process for each of these paths, at which it keeps what does not fit into memory.

        `indexed` is given the words of the stories in the end.

        Raises:
            OSError: the system has no room for them.
        """
        self.placed: dict[int, Placed] = {}
        self.count = len(parts)
        self._indexed = indexed
        self._given = 0
        self._done: dict[int, Done] = {}
        self._waiting: dict[int, _Waiting] = {}
        self._waiting_bytes = 0
        self._jobs = JobQueue.make()
        self._slots = make_slots(BATCHES_WAITING * self.count, MOST_WAITING)
        self._free = list(range(len(self._slots)))
        self._lines: list[Connection[Any, Any]] = []
        self._processes: list[Process] = []
        try:
            for part in parts:
                self._start(part)
        except BaseException:
            self.cancel()
            raise

    def _start(self, part: Path) -> None:
        ours, theirs = Pipe()
        with theirs:
            self._lines.append(ours)
            self._processes.append(start(part, self._jobs, self._slots, theirs, words=self._indexed is not None))

    def is_free(self) -> bool:
        """Whether one of them would begin another batch soon.

        Raises:
            SearchAppError: one of the processes has died.
        """
        while self._hear(0.0):
            pass
        if self._waiting_bytes >= WAITING_BYTES and len(self._waiting) >= BATCHES_WAITING * self.count:
            return False
        return bool(self._free)

    def offer(self, stories: list[Story]) -> int | None:
        """Give a batch to the next process that is free; returns the batch's number, None where none will be soon.

        Raises:
            SearchAppError: one of the processes has died.
        """
        if not self.is_free():
            return None
        number, slot, pieces = self._given, self._free.pop(), gather(stories).packed()
        self._slots[slot].put(*pieces)
        self._given += 1
        job = Job(number, slot, *map(len, pieces))
        self._waiting[number] = _Waiting(job, len(stories))
        self._waiting_bytes += job.bytes
        self._jobs.put(job)
        return number

    def take_back(self, share: Callable[[int], int]) -> list[Job]:
        """Batches that no process has begun yet: they are the caller's again.

        `share` says how many of so many stories in such batches the caller wants; the others are given anew.
        """
        jobs = []
        while (job := self._jobs.take_now()) is not None:
            jobs.append(job)
        counts = [self._waiting[job.number].stories for job in jobs]
        wanted, first = share(sum(counts)), len(jobs)
        while first and wanted * 2 > counts[first - 1]:
            first -= 1
            wanted -= counts[first]
        for job in jobs[:first]:
            self._jobs.put(job)
        return jobs[first:]

    def stories_of(self, job: Job) -> GatheredStories:
        """The stories of a batch that was taken back, once."""
        data = memoryview(bytearray(job.bytes))
        slot = self._slots[self._no_longer(job.number).slot]
        slot.take(data)
        slot.give_back()
        return GatheredStories.unpacked(data[: job.first], data[job.first :])

    def _no_longer(self, number: int) -> Job:
        """A batch that waits no longer."""
        job = self._waiting.pop(number).job
        self._waiting_bytes -= job.bytes
        return job

    def write(self, paths: Sequence[Path]) -> None:
        """Let each process write what it has built as a segment, while the caller does the like."""
        self._jobs.end()
        for number, path in enumerate(paths):
            try:
                self._lines[number].send(path)
            except OSError as error:
                raise self._death(number, error) from error

    def finish(self) -> list[int]:
        """Wait for all to be written; returns the number of documents in each segment. The processes are ending.

        Without documents no file is written.

        Raises:
            SearchAppError: one of the processes has died, or has not been heard of for an hour.
        """
        while len(self._done) < self.count:
            if not self._hear(_SILENCE_SECONDS):
                raise SearchAppError(
                    f"an indexing process has not answered for {_SILENCE_SECONDS / 60:.0f} minutes; nothing of this "
                    "commit was kept, so see whether the disk still works and run the command again"
                )
        for done in self._done.values():
            if done.failure is not None:
                raise done.failure
            if done.words is not None and self._indexed is not None:
                self._indexed.take_over(done.words)
        return [self._done[number].documents for number in range(self.count)]

    def cancel(self) -> None:
        """End the processes; what they have built is gone."""
        for process in self._processes:
            process.kill()
        self.close()

    def close(self) -> None:
        """Wait until the processes have ended: it takes them a while to give their memory back."""
        wait_for_all(self._processes, [self._jobs, *self._slots, *self._lines])

    def _hear(self, seconds: float) -> bool:
        """Take in answers that have come, or come within so many seconds; whether there were any.

        Raises:
            SearchAppError: one of the processes has died.
        """
        speaking = {line.fileno(): number for number, line in enumerate(self._lines) if number not in self._done}
        heard = wait(list(speaking), seconds)
        for line in heard:
            if isinstance(line, int):
                self._take_answer(speaking[line])
        return bool(heard)

    def _take_answer(self, number: int) -> None:
        try:
            answer: Taken | Done = self._lines[number].recv()
        except (EOFError, OSError) as error:
            raise self._death(number, error) from error
        if isinstance(answer, Taken):
            self._free.append(self._no_longer(answer.number).slot)
            self.placed[answer.number] = Placed(number, answer.first)
        else:
            self._done[number] = answer

    def _death(self, number: int, error: BaseException) -> SearchAppError:
        how = how_it_ended(self._processes[number])
        return SearchAppError(
            f"an indexing process ended before its work was done ({how}); nothing of this commit was kept, "
            f"so run the command again, with fewer processes if it happens again ({str(error) or 'it closed its line'})"
        )
