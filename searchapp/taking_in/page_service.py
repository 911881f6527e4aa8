"""The work of one process that makes pages ready: batches as they come, until there are no more."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from searchapp import compiled
from searchapp.archive.page_work import PageWork
from searchapp.archive.ready import ReadyPage, make_ready
from searchapp.dedupe.elsewhere import PreparerElsewhere, TextsElsewhere
from searchapp.engine.storage.building_wires import JobQueue, Slot
from searchapp.errors import SearchAppError
from searchapp.ingest.readers import Unread
from searchapp.memory import rarely_collected
from searchapp.model import RawPage, Reject

PICKLE_PROTOCOL: Final = 5


class Order(NamedTuple):
    """A batch of pages, and whether to prepare their articles to be compared.

    `numbering` says which numbering of words the one that gives it uses, see `PageMaker`.
    """

    numbering: int
    prepares: bool
    pages: Sequence[Unread | tuple[Any, ...]]


class Made(NamedTuple):
    """What became of a batch: each page ready, or rejected; and what finding copies needs of all their articles."""

    numbering: int
    pages: Sequence[ReadyPage | Reject]
    texts: TextsElsewhere | None


class Failure(NamedTuple):
    """What was raised instead, and where."""

    error: BaseException
    trace: str


class Answer(NamedTuple):
    """What became of the batch `number` lies in its slot, so many bytes."""

    number: int
    size: int


class PageMaker:
    """Makes pages ready.

    The first `known` words have the same numbers here and where batches come from; all others are told once, and again
    when a batch comes with another `numbering`.
    """

    def __init__(self, work: PageWork, known: int) -> None:
        self._work = work
        self._known = known
        self._preparer: PreparerElsewhere | None = None
        self._numbering = 0

    def make(self, order: Order) -> Made:
        """What becomes of a batch."""
        pages = [self._ready(page_of(page)) for page in order.pages]
        return Made(order.numbering, pages, self._texts(order.numbering, pages) if order.prepares else None)

    def _ready(self, item: RawPage | Unread) -> ReadyPage | Reject:
        taken = self._work.take(item)
        return taken if isinstance(taken, Reject) else make_ready(item.raw, taken[1])

    def _texts(self, numbering: int, pages: Sequence[ReadyPage | Reject]) -> TextsElsewhere:
        if self._preparer is None:
            self._preparer = PreparerElsewhere(self._known)
        if numbering != self._numbering:
            self._preparer.tell_all()
            self._numbering = numbering
        taken = [page for page in pages if not isinstance(page, Reject)]
        return self._preparer.prepare([article for page in taken for article in (page.article, *page.related)])


def serve(jobs: JobQueue, slots: Sequence[Slot], line: Connection[Any, Any], maker: PageMaker, *, loops: bool) -> None:
    """Make ready what this process takes, until there will be no more.

    When the other end of the line closes, as when the one that writes has died, the process ends at once, whatever it
    is doing.
    """
    if loops:
        compiled.prepare(at_once=True)
    Thread(target=_listen, args=(line,), daemon=True).start()
    with rarely_collected(), suppress(BrokenPipeError, ConnectionResetError):  # nobody wants its work any more
        while (job := jobs.take()) is not None:
            data = bytearray(job.first)
            slots[job.slot].take(memoryview(data))
            answer = _answer(maker, data)
            slots[job.slot].put(answer)
            line.send(Answer(job.number, len(answer)))


def _answer(maker: PageMaker, data: bytearray) -> bytes:
    """What became of a batch, or what was raised, for the other process."""
    try:
        return pickle.dumps(maker.make(pickle.loads(data)), PICKLE_PROTOCOL)  # noqa: S301 (our own parent's)
    except Exception as error:
        return pickle.dumps(Failure(_sendable(error), traceback.format_exc()), PICKLE_PROTOCOL)


def _sendable(error: Exception) -> Exception:
    """The error, or one that says the same, where it does not come out of a pickle as it was."""
    try:
        pickle.loads(pickle.dumps(error, PICKLE_PROTOCOL))  # noqa: S301 (our own)
    except Exception:
        return SearchAppError(str(error)) if isinstance(error, SearchAppError) else RuntimeError(repr(error))
    return error


def _listen(line: Connection[Any, Any]) -> None:
    """End the process when there is nobody any more who wants its work."""
    try:
        while True:
            line.recv()
    except (EOFError, OSError):
        os._exit(1)


def sent_page(item: RawPage | Unread) -> Unread | tuple[Any, ...]:
    """An item as it is sent to another process."""
    if isinstance(item, Unread):
        return item
    return (
        item.path, item.name, item.offset, item.end_offset, item.consumed, item.line, item.raw, item.text,
        dict(item.declared),
    )  # fmt: skip


def page_of(sent: Unread | tuple[Any, ...]) -> RawPage | Unread:
    """The item again."""
    if isinstance(sent, Unread):
        return sent
    path, name, offset, end_offset, consumed, line, raw, text, declared = sent
    return RawPage(path, name, offset, end_offset, consumed, line, raw, text, MappingProxyType(declared))
