"""The work of one building process: batches of stories as they come, until it is told where to write them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from searchapp import compiled
from searchapp.analysis.indexed_words import IndexedWords, WordsElsewhere
from searchapp.engine.storage.building import SourceBuilder
from searchapp.engine.storage.building_wires import JobQueue, Slot
from searchapp.engine.storage.gathered_stories import GatheredStories
from searchapp.engine.storage.segment_writing import write_segment
from searchapp.memory import rarely_collected


class Taken:
    """An answer: this process has begun the batch `number`, whose first document has the number `first` here."""

    __slots__ = ("first", "number")

    def __init__(self, number: int, first: int) -> None:
        self.number, self.first = number, first


class Done:
    """The last answer: all is written, so many documents, of which these are the words; or what has failed."""

    __slots__ = ("documents", "failure", "words")

    def __init__(self, documents: int, failure: BaseException | None, words: WordsElsewhere | None) -> None:
        self.documents, self.failure, self.words = documents, failure, words


def serve(
    part: Path, jobs: JobQueue, slots: Sequence[Slot], line: Connection[Any, Any], *, loops: bool, words: bool
) -> None:
    """Build the batches that this process takes, and write them to the path that comes over the line.

    When the other end of the line closes, as when the writer has died, the process ends at once, whatever it is doing.

    Args:
        part: a file for what does not fit into memory.
        jobs: the queue that all processes share.
        slots: where batches lie.
        line: to the writer; paths come and answers go.
        loops: whether to take compiled loops.
        words: whether the writer wants the words of the stories.
    """
    if loops:
        compiled.prepare(at_once=True)
    orders: SimpleQueue[Path] = SimpleQueue()
    Thread(target=_listen, args=(line, orders, part), daemon=True).start()
    indexed = IndexedWords() if words else None
    builder = SourceBuilder(part, indexed=indexed)
    failure: BaseException | None = None
    room = bytearray()  # for one batch after the other: the system takes long to give a process new memory
    with rarely_collected():
        while (job := jobs.take()) is not None:
            if job.bytes > len(room):
                room = bytearray(job.bytes * 5 // 4)
            data = memoryview(room)[: job.bytes]
            slots[job.slot].take(data)
            line.send(Taken(job.number, builder.documents))
            stories = GatheredStories.unpacked(data[: job.first], data[job.first :])
            failure = failure or _failure(builder.add, stories)
        path = orders.get()
        if builder.documents:
            failure = failure or _failure(lambda: write_segment(path, builder.finish()))
    line.send(Done(builder.documents, failure, indexed.handed_over() if indexed and not failure else None))


def _listen(line: Connection[Any, Any], orders: SimpleQueue[Path], part: Path) -> None:
    """Pass orders on, and end the process when there is nobody any more who gives them."""
    try:
        while True:
            orders.put(line.recv())
    except (EOFError, OSError):
        part.unlink(missing_ok=True)
        os._exit(1)


def _failure(work: Callable[..., object], *arguments: object) -> Exception | None:
    """Do something, and return what it raises."""
    try:
        work(*arguments)
    except Exception as error:
        return error
    return None
