"""How far a long piece of work has come: a bar on stderr, and only where that is a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

READING: Final = "reading"
SECONDS_PER_LOOK: Final = 0.1
"""How often the bars are drawn anew, at most."""


class TerminalProgress:
    """One bar for reading, measured in bytes, and one for each other step of the work."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            auto_refresh=False,  # by a thread, beside which no process can be forked
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._articles = 0
        self._started = 0.0
        self._shown = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, total_bytes: int) -> None:
        """Reading begins; this many bytes are to be read."""
        self._task(READING, total_bytes)
        self._started = time.monotonic()

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """So many more bytes have been read, with so many more articles in them."""
        self._articles += articles
        rate = self._articles / max(time.monotonic() - self._started, 1e-9)
        said = f"{self._articles:,} articles, {rate:,.0f} a second"
        self._bars.update(self._tasks[READING], advance=consumed_bytes, said=said)
        self._show()

    def phase(self, name: str, done: int, total: int) -> None:
        """Another step of the work, called `name`: `done` of its `total` pieces are done."""
        said = f"{done:,} of {total:,}"
        self._bars.update(self._task(name, total), completed=done, total=total, said=said)
        self._show(now=done >= total)

    def _show(self, *, now: bool = False) -> None:
        """Draw the bars anew, `now` or if that was a while ago."""
        seconds = time.monotonic()
        if now or seconds - self._shown >= SECONDS_PER_LOOK:
            self._shown = seconds
            self._bars.refresh()

    def _task(self, name: str, total: int) -> TaskID:
        """The bar of a step, a new one where there is none yet."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, said="")
        return self._tasks[name]
