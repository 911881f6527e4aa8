"""Builders in processes of their own: batches of stories go to whichever is free; each writes a segment of its own.

A process is a plain `python` that reads pickled orders from its standard input and answers on its standard output. When
its parent ends, however it ends, the input does too, and the process with it.
"""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO, Any, Final

from searchapp import compiled
from searchapp.engine.storage.building import SourceBuilder
from searchapp.engine.storage.segment_writing import write_segment
from searchapp.errors import SearchAppError
from searchapp.memory import rarely_collected
from searchapp.model import Article, Story

BATCHES_WAITING: Final = 2
"""For each process, so that none waits for work."""
_FIRST_MESSAGE_BYTES: Final = 8
_PATIENCE_SECONDS: Final = 0.2
_ENDING_SECONDS: Final = 10.0

_FIELDS: Final = tuple(field.name for field in fields(Article))
_FIELDS_OF: Final = attrgetter(*_FIELDS)
_FlatStory = tuple[int, int, list[tuple[Any, ...]]]

_PROGRAM: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from searchapp.engine.storage.building_process import serve
serve(sys.argv[2], loops=sys.argv[3] == "compiled")
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a batch went: the process, and the number of its first document there."""

    process: int
    first: int


class BuildingProcesses:
    """Several builders side by side.

    `placed` tells where each batch that was not taken back went; it is complete after `finish`.
    """

    def __init__(self, parts: Sequence[Path]) -> None:
        """Start a process for each of these paths, beside which it keeps what does not fit into memory."""
        self._batches: Queue[tuple[int, list[Story]]] = Queue(BATCHES_WAITING * len(parts))
        self.placed: dict[int, Placed] = {}
        self.count = len(parts)
        self._paths: list[Path] = []
        self._documents: dict[int, int] = {}
        self._errors: list[BaseException] = []
        self._over, self._cancelled = Event(), Event()
        self._given = 0
        self._processes = [_start(path) for path in parts]
        self._threads = [
            Thread(target=self._feed, args=(number, process), daemon=True)
            for number, process in enumerate(self._processes)
        ]
        for thread in self._threads:
            thread.start()

    def offer(self, stories: list[Story]) -> int | None:
        """Give a batch to the next process that is free; returns the batch's number, None where none will be soon.

        Raises:
            SearchAppError: one of the processes has died.
        """
        self._raise_errors()
        try:
            self._batches.put_nowait((self._given, stories))
        except Full:
            return None
        self._given += 1
        return self._given - 1

    def take_back(self) -> tuple[int, list[Story]] | None:
        """A batch that no process has begun yet, if there is one, with its number: it is the caller's again."""
        with suppress(Empty):
            return self._batches.get_nowait()
        return None

    def write(self, paths: Sequence[Path]) -> None:
        """Let each process write what it has built as a segment, while the caller does the like."""
        self._paths = list(paths)
        self._over.set()

    def finish(self) -> list[int]:
        """Wait for all to be written; returns the number of documents in each segment. The processes end.

        Without documents no file is written.

        Raises:
            SearchAppError: one of the processes has died.
        """
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_PATIENCE_SECONDS)
                self._raise_errors()
        self._raise_errors()
        self._end()
        return [self._documents[number] for number in range(self.count)]

    def cancel(self) -> None:
        """End the processes; what they have built is gone."""
        self._cancelled.set()
        for process in self._processes:
            process.kill()
        self._end()

    def _end(self) -> None:
        for process in self._processes:
            try:
                process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:  # its work is done or not wanted
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            for pipe in _pipes(process):
                with suppress(BrokenPipeError):
                    pipe.close()

    def _raise_errors(self) -> None:
        if self._errors:
            raise self._errors[0]

    def _feed(self, number: int, process: subprocess.Popen[bytes]) -> None:
        """Give batches to one process, and let it write them in the end."""
        try:
            self._documents[number] = self._exchange(number, process)
        except (BrokenPipeError, EOFError) as error:
            if not self._cancelled.is_set():
                self._errors.append(_death(process, error))
        except BaseException as error:
            self._errors.append(error)

    def _exchange(self, number: int, process: subprocess.Popen[bytes]) -> int:
        orders, answers = _pipes(process)
        first = 0
        while not self._cancelled.is_set():
            try:
                at, stories = self._batches.get(timeout=_PATIENCE_SECONDS)
            except Empty:
                if self._over.is_set():
                    break
                continue
            self.placed[at] = Placed(number, first)
            first += len(stories)
            _send(orders, _flat(stories))
        if self._cancelled.is_set():
            return 0
        _send(orders, str(self._paths[number]))
        answer = _receive(answers)
        if isinstance(answer, BaseException):
            raise answer
        return first


def _start(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps([entry for entry in sys.path if entry]), str(path)]
    command.append("compiled" if compiled.is_prepared() else "plain")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ourselves


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """What a process reads from, and what it writes to."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    return process.stdin, process.stdout


def _death(process: subprocess.Popen[bytes], error: BaseException) -> SearchAppError:
    code = process.wait()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    hint = "; the system may have run out of memory" if code == -signal.SIGKILL else ""
    return SearchAppError(
        f"an indexing process ended before its work was done ({how}{hint}); nothing of this commit was kept, "
        f"so run the command again, with fewer processes if it happens again ({error})"
    )


def _flat(stories: Sequence[Story]) -> list[_FlatStory]:
    """Stories as tuples, which are pickled several times as fast."""
    return [(story.number, story.sequence, list(map(_FIELDS_OF, story.articles))) for story in stories]


def _stories(flat: Sequence[_FlatStory]) -> list[Story]:
    return [
        Story(number, sequence, tuple([Article(**dict(zip(_FIELDS, values, strict=True))) for values in articles]))
        for number, sequence, articles in flat
    ]


def _send(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(data).to_bytes(_FIRST_MESSAGE_BYTES, "little"))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    length = int.from_bytes(_read(pipe, _FIRST_MESSAGE_BYTES), "little")
    return pickle.loads(_read(pipe, length))  # noqa: S301 - of a process that we started


def _read(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError("it closed its output")
    return data


def serve(part: str, *, loops: bool = False) -> None:
    """The work of one process: batches of stories until the path comes that they are written to.

    It takes compiled loops where its parent does.
    """
    # Ctrl-C reaches the whole group; the parent says what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    if loops:
        compiled.prepare(at_once=True)
    builder = SourceBuilder(Path(part))
    failure: BaseException | None = None
    try:
        with rarely_collected():
            while not isinstance(order := _receive(orders), str):
                failure = failure or _failure(builder.add, _stories(order))
            if builder.documents:
                failure = failure or _failure(write_segment, Path(order), builder.finish())
        _send(answers, failure)
    except (EOFError, BrokenPipeError):
        Path(part).unlink(missing_ok=True)


def _failure(work: Callable[..., object], *arguments: object) -> Exception | None:
    """Do something, and return what it raises."""
    try:
        work(*arguments)
    except Exception as error:
        return error
    return None
