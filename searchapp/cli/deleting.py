"""The command that deletes articles, and takes that back: delete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from searchapp.cli.complaints import complain
from searchapp.cli.options import format_option, index_option
from searchapp.errors import RejectedInput

if TYPE_CHECKING:
    from searchapp.archive.intake import Progress


@click.command(short_help="Delete articles for good, or take that back.")
@click.argument("ids", nargs=-1, metavar="ID…")
@click.option(
    "--from-file",
    "listed",
    type=click.File(encoding="utf-8-sig", errors="replace"),
    metavar="FILE",
    help="Delete these too: one id a line; - reads stdin.",
)
@click.option("--undo", is_flag=True, help="Take the deletion of these back, and read them anew from their sources.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, and change nothing.")
@index_option
@format_option("table", "json")
def delete(
    *, ids: tuple[str, ...], listed: TextIO | None, undo: bool, dry_run: bool, directory: Path, form: str
) -> int:
    """Delete articles for good.

    ID is what `searchapp search` prints after the date. The text leaves the archive and the index; copies of it that
    other outlets ran stay. A deleted article does not come back when its source is indexed again, but by --undo, which
    needs the source that it was read from. Ids that no article has are told on stderr, the others are deleted, and the
    exit code is then 3.

    \b
      searchapp delete trcuerlfxzfobjez
      searchapp delete --from-file withdrawn.txt --dry-run
      searchapp delete --undo trcuerlfxzfobjez
    """
    from searchapp.cli.progress import TerminalProgress

    wanted = [*ids, *(line.strip() for line in listed or () if line.strip())]
    if not wanted and listed is None:
        raise click.UsageError("give an ID, or --from-file with a file of them")
    with TerminalProgress() as progress:
        record, complaints = (_undelete if undo else _delete)(directory, wanted, progress, dry_run)
    for complaint in complaints:
        complain(complaint)
    if form == "json":
        click.echo(json.dumps(record, ensure_ascii=False))
    else:
        name, count = next(iter(record.items()))
        click.echo(f"{count:,} {'article' if count == 1 else 'articles'} {'to be ' if dry_run else ''}{name}")
    return RejectedInput.exit_code if complaints else 0


def _delete(directory: Path, ids: list[str], progress: Progress, dry_run: bool) -> tuple[dict[str, int], list[str]]:
    from searchapp.deleting import delete

    done = delete(directory, ids, progress, dry_run=dry_run)
    return {"deleted": done.deleted, "unknown": len(done.unknown)}, [
        f"no article has the id {one}" for one in done.unknown
    ]


def _undelete(directory: Path, ids: list[str], progress: Progress, dry_run: bool) -> tuple[dict[str, int], list[str]]:
    from searchapp.deleting import undelete

    done = undelete(directory, ids, progress, dry_run=dry_run)
    complaints = [f"no article with the id {one} was deleted" for one in done.unknown]
    complaints += [f"{one} is deleted no more, but {reason}" for one, reason in done.absent]
    return {"restored": done.restored, "unknown": len(done.unknown), "absent": len(done.absent)}, complaints
