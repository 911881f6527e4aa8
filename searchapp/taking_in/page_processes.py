"""Processes that make pages ready: batches go to whichever is free, what becomes of them comes back.

They are forked from the process that writes, where that can be, as those that build the index are. When it ends,
however it ends, its end of their lines closes, and they end with it.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from searchapp import compiled
from searchapp.analysis.batch import default_batch_analyzer
from searchapp.archive.page_work import PageWork, TakenPage
from searchapp.archive.ready import ReadyPage
from searchapp.dedupe.elsewhere import WordsElsewhere
from searchapp.engine.storage import building_start
from searchapp.engine.storage.building_start import Process
from searchapp.engine.storage.building_wires import Job, JobQueue, Slot
from searchapp.engine.storage.process_ends import how_it_ended, wait_for_all
from searchapp.errors import SearchAppError
from searchapp.ingest.readers import Unread
from searchapp.model import RawPage, Reject
from searchapp.taking_in.page_service import PICKLE_PROTOCOL, Failure, Made, Order, PageMaker, sent_page, serve

BATCHES_WAITING: Final = 3
"""For each process, done or not: so that none waits for work while the one that writes is busy."""

_PROGRAM: Final = """
import json, sys
sys.path[:], numbers, loops = json.loads(sys.argv[1])
from searchapp.taking_in.page_processes import serve_fresh
serve_fresh(numbers, loops)
"""


class FailedElsewhere(Exception):
    """Where another process raised what is raised here; the cause of that."""


class PageProcesses:
    """Several processes side by side that do `work`, and make ready what the archive stores of pages."""

    def __init__(self, count: int, work: PageWork) -> None:
        """Start so many.

        Raises:
            OSError: the system has no room for them.
        """
        self._numbering = self._given = 0
        self._jobs = JobQueue.make()
        self._slots = [Slot.make() for _ in range(BATCHES_WAITING * count)]
        self._free = list(range(len(self._slots)))
        self._taken: dict[int, int] = {}
        """The slot of each batch that was given and not fetched."""
        self._answers: dict[int, tuple[int, int]] = {}
        """Of each batch that is done: by which process, and how many bytes its answer has."""
        self._lines: list[Connection[Any, Any]] = []
        self._processes: list[Process] = []
        self._words: list[WordsElsewhere] = []
        try:
            for _ in range(count):
                self._start(work)
        except BaseException:
            self.cancel()
            raise

    @property
    def is_free(self) -> bool:
        """Whether one more batch may be given."""
        return bool(self._free)

    @property
    def ids(self) -> list[int]:
        """The numbers by which the system knows them."""
        return [process.pid for process in self._processes]

    def _start(self, work: PageWork) -> None:
        ours, theirs = Pipe()
        self._lines.append(ours)
        with theirs:
            kept = [theirs.fileno(), self._jobs.fileno(), *(slot.fileno() for slot in self._slots)]
            loops = compiled.is_prepared()
            if building_start.may_fork():
                # A fork numbers the words that are known by now as this process does.
                known = len(default_batch_analyzer().exact_terms)
                maker = PageMaker(work, known)
                process = building_start.fork(lambda: serve(self._jobs, self._slots, theirs, maker, loops=loops), kept)
            else:
                known, process = 0, _started_fresh(kept, loops=loops)
                ours.send((work.mapping, work.outlets))
            self._processes.append(process)
        self._words.append(WordsElsewhere(known))

    def give(self, pages: Sequence[RawPage | Unread], *, prepares: bool) -> int:
        """Give a batch to the next process that has nothing to do; returns the batch's number.

        With `prepares` its articles are prepared to be compared, too.
        """
        number, slot = self._given, self._free.pop()
        data = pickle.dumps(Order(self._numbering, prepares, list(map(sent_page, pages))), PICKLE_PROTOCOL)
        self._slots[slot].put(data)
        self._taken[number] = slot
        self._jobs.put(Job(number, slot, len(data), 0))
        self._given += 1
        return number

    def take_back(self) -> int | None:
        """The number of the first batch that no process has begun yet, if there is one: it is the caller's again."""
        job = self._jobs.take_now()
        if job is None:
            return None
        self._free.append(self._taken.pop(job.number))
        return job.number

    def is_done(self, number: int) -> bool:
        """Whether what became of a batch can be fetched.

        Raises:
            SearchAppError: one of the processes has died.
        """
        while self._hear(0.0):
            pass
        return number in self._answers

    def wait(self) -> None:
        """Wait until a batch is done.

        Raises:
            SearchAppError: one of the processes has died.
        """
        self._hear(None)

    def fetch(self, number: int, pages: Sequence[RawPage | Unread]) -> list[TakenPage | Reject]:
        """What became of the pages of a batch that is done; to be called in the order of batches.

        Raises what was raised there.
        """
        process, size = self._answers.pop(number)
        data = bytearray(size)
        slot = self._taken.pop(number)
        self._slots[slot].take(memoryview(data))
        self._free.append(slot)
        made: Made | Failure = pickle.loads(data)  # noqa: S301 (our own process's)
        if isinstance(made, Failure):
            raise made.error from FailedElsewhere(f"\n{made.trace}")
        self._put_texts(process, made)
        return [_taken(*pair) for pair in zip(pages, made.pages, strict=True)]

    def _put_texts(self, process: int, made: Made) -> None:
        """Give articles what finding copies needs of them, where its words can be numbered as here."""
        if not self._words[process].are_current:
            self._numbering += 1
            for words in self._words:
                words.begin_anew()
        if made.texts is None or made.numbering != self._numbering:
            return
        texts = iter(self._words[process].texts(made.texts))
        for page in made.pages:
            if isinstance(page, ReadyPage):
                for article, text in zip(page.ready, texts):  # noqa: B905 (more texts are there, for other pages)
                    article.text = text

    def end(self) -> None:
        """Let the processes end that have nothing to do any more."""
        self._jobs.end()
        self._wait_for_all()

    def cancel(self) -> None:
        """End the processes; what they have done is gone."""
        for process in self._processes:
            process.kill()
        self._wait_for_all()

    def _wait_for_all(self) -> None:
        wait_for_all(self._processes, [self._jobs, *self._slots, *self._lines])

    def _hear(self, seconds: float | None) -> bool:
        """Take in answers that have come, or come within so many seconds, None for however long it takes; whether any.

        Raises:
            SearchAppError: one of the processes has died.
        """
        heard = wait(self._lines, seconds)
        for line in heard:
            at = self._lines.index(line)  # type: ignore[arg-type]
            try:
                number, size = self._lines[at].recv()
            except (EOFError, OSError) as error:
                raise self._death(at, error) from error
            self._answers[number] = at, size
        return bool(heard)

    def _death(self, at: int, error: BaseException) -> SearchAppError:
        how = how_it_ended(self._processes[at])
        return SearchAppError(
            f"a process that reads pages ended before its work was done ({how}); what was taken in before is "
            "kept, so run the command again, with fewer processes if it happens again "
            f"({str(error) or 'it closed its line'})"
        )


def _taken(item: RawPage | Unread, made: ReadyPage | Reject) -> TakenPage | Reject:
    if isinstance(made, Reject):
        return made
    if isinstance(item, Unread):
        place = item.path, item.name, item.offset, item.end_offset, item.consumed, item.line
        return RawPage(*place, item.raw, ""), made  # its text is in the article
    return item, made


def _started_fresh(kept: Sequence[int], *, loops: bool) -> Process:
    settings = json.dumps([[entry for entry in sys.path if entry], kept, loops])
    command = [sys.executable, "-c", _PROGRAM, settings]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=kept)  # noqa: S603


def serve_fresh(descriptors: Sequence[int], loops: bool) -> None:
    """The work of a process that was started fresh, with these open files."""
    building_start.leave_ending_to_parent()
    number, jobs, *slots = descriptors
    line: Connection[Any, Any] = Connection(number)
    try:
        mapping, outlets = line.recv()
    except (EOFError, OSError):  # the parent has died
        os._exit(1)
    maker = PageMaker(PageWork(mapping, outlets), 0)
    serve(JobQueue(jobs), list(map(Slot, slots)), line, maker, loops=loops)
