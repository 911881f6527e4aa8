"""The command that takes in files as they come: watch."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from searchapp.cli.complaints import complain
from searchapp.cli.options import dedupe_option, format_option, index_option, map_option, processes_option
from searchapp.errors import RejectedInput

if TYPE_CHECKING:
    from searchapp.archive.store import Dedupe
    from searchapp.indexing import IndexSummary

SECONDS: Final = 5.0


@click.command(short_help="Take in files as they come into folders.")
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    metavar="DIR…",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="The time between two looks; a file is taken when it was the same at both.",
)
@click.option("--once", is_flag=True, help="Take in what is there, and end.")
@index_option
@map_option
@dedupe_option
@processes_option
@format_option("text", "jsonl")
def watch(
    *,
    folders: tuple[Path, ...],
    interval: float,
    once: bool,
    directory: Path,
    mapping: str,
    dedupe: Dedupe,
    processes: int,
    form: str,
) -> int:
    """Take in files as they come into folders, and make them searchable at once.

    New and changed files of any kind that `searchapp index` reads are taken. One that is still being written to waits
    until it has been the same for the time between two looks. A server sees the articles by itself, and other commands
    may write between two batches. Each batch is told on stdout, each rejected item once on stderr. Ctrl-C or SIGTERM
    ends it after the batch that is being taken, with the exit code 0, or 3 when some of the input was rejected.

    \b
      searchapp watch /data/incoming --index /data/news
      searchapp watch /data/incoming --once --format jsonl
    """
    from searchapp.indexing import IndexOptions
    from searchapp.ingest.readers import FieldMapping
    from searchapp.watching import Watch

    options = IndexOptions(mapping=FieldMapping.parse(mapping), dedupe=dedupe, processes=processes)
    with _Stop.on_signals() as stop:
        watching = Watch(directory, folders, options, interval, _Teller(form), stop)
        if once:
            watching.run_once()
        else:
            watching.run()
    return RejectedInput.exit_code if watching.rejected else 0


class _Stop:
    """Whether someone asked for an end. Asked a second time, the program ends at once, as by Ctrl-C."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        return self._asked

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True

    @classmethod
    @contextmanager
    def on_signals(cls) -> Iterator[_Stop]:
        stop = cls()
        before = {number: signal.signal(number, stop._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield stop
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Teller:
    """Tells batches on stdout and complaints on stderr."""

    def __init__(self, form: str) -> None:
        self._form = form

    def took(self, summary: IndexSummary) -> None:
        """One line for a batch of files."""
        if self._form == "jsonl":
            from searchapp.cli.writing import summary_record

            click.echo(json.dumps(summary_record(summary), ensure_ascii=False))
            return
        files = summary.files - summary.files_skipped
        counts = {
            "accepted": summary.accepted,
            "updated": summary.updated,
            "unchanged": summary.unchanged,
            "rejected": summary.rejected,
        }
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing in them"
        click.echo(f"{files:,} {'file' if files == 1 else 'files'}: {told}")

    def complain(self, message: str) -> None:
        """One line for what is wrong."""
        complain(message)
