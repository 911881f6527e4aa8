"""The command that tells which articles are copies of one another, and takes them apart: dups."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from searchapp.cli.complaints import complain
from searchapp.cli.options import format_option, index_option
from searchapp.errors import RejectedInput

if TYPE_CHECKING:
    from searchapp.archive.folds import Fold
    from searchapp.archive.reading import ArchiveReader

Story = tuple[int, "tuple[Fold, ...]"]

COLUMNS: Final = ("story", "id", "outlet", "date", "title", "copy_of", "similarity", "reason")
ID_COLUMNS: Final = 2
DIGITS: Final = 4


@click.command(short_help="Tell which articles are copies of one story, and why.")
@click.argument("article_id", metavar="[ID]", required=False)
@click.option(
    "--pairs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Judge each pair of ids in this file (two columns, parted by a tab); - reads stdin.",
)
@click.option("--split", nargs=2, metavar="ID ID", help="Take two articles of one story apart, for good.")
@index_option
@format_option("table", "json", "jsonl", "csv")
def dups(
    *, article_id: str | None, pairs: Path | None, split: tuple[str, str] | None, directory: Path, form: str
) -> int:
    """Tell which articles are copies of one story, and why they were folded together.

    Without an ID it lists every story that has several articles; with one, the story of that article. The first article
    stands for the story; each other one is a copy of it, with the similarity (1: the same text) and the reason.

    With --pairs each pair is judged by itself, whatever stories the two are in. A line on stdout tells both ids, 1 for
    copies or 0, the similarity and the reason, parted by tabs. The file may begin with a line of names.

    \b
      searchapp dups --format csv
      searchapp dups sn-20150721-0636
      searchapp dups --split sn-20150721-0636 sn-20150721-1527
    """
    if (article_id is not None) + (pairs is not None) + (split is not None) > 1:
        raise click.UsageError("give one of an ID, --pairs and --split")
    if split is not None:
        return _split(directory, *split)
    with _open(directory) as archive:
        if pairs is not None:
            return _judge(archive, pairs)
        with closing(archive.folds(article_id)) as stories:  # a reader may have seen enough before their end
            _write(stories, form)
    return 0


def _open(directory: Path) -> ArchiveReader:
    from searchapp.archive.directory import DataDirectory
    from searchapp.archive.reading import ArchiveReader

    data = DataDirectory(directory)
    data.require_archive()
    return ArchiveReader(data.archive)


def _split(directory: Path, one: str, other: str) -> int:
    from searchapp.cli.progress import TerminalProgress
    from searchapp.indexing import split

    with TerminalProgress() as progress:
        split(directory, one, other, progress)
    click.echo(f"{one} and {other} are in different stories now, and stay so")
    return 0


def _judge(archive: ArchiveReader, file: Path) -> int:
    """Judge the pairs of a file; an unknown id is told on stderr."""
    from searchapp.archive.judging import judge_pairs

    rejected = 0
    lines: list[int] = []
    for (one, other), judgement in judge_pairs(archive, _read_pairs(file, lines)):
        place = lines.pop(0)
        if judgement is None:
            if place == 1 and all("id" in name.lower() for name in (one, other)):
                continue  # the names of the columns
            rejected += 1
            complain(f"{file}:{place}: {_problem(archive, one, other)}")
            continue
        similarity = f"{judgement.similarity:.{DIGITS}f}"
        click.echo("\t".join((one, other, str(int(judgement.is_copy)), similarity, judgement.reason)))
    return RejectedInput.exit_code if rejected else 0


def _problem(archive: ArchiveReader, one: str, other: str) -> str:
    """Why a pair cannot be judged."""
    if not one or not other:
        return "not two ids, parted by a tab"
    missing = " and ".join(name for name in (one, other) if not archive.bodies([name]))
    return f"no article has the id {missing}"


def _read_pairs(file: Path, lines: list[int]) -> Iterator[tuple[str, str]]:
    """The first two columns of each line that is not blank; `lines` gets the number of each, from 1."""
    with click.open_file(str(file), encoding="utf-8-sig", errors="replace") as text:
        for number, line in enumerate(text, start=1):
            columns = line.rstrip("\r\n").split("\t")
            if not line.strip():
                continue
            lines.append(number)
            yield columns[0].strip(), columns[1].strip() if len(columns) >= ID_COLUMNS else ""


def _write(stories: Iterable[Story], form: str) -> None:
    if form == "json":
        _write_json(stories)
    elif form == "jsonl":
        for story in stories:
            click.echo(json.dumps(_record(*story), ensure_ascii=False))
    elif form == "csv":
        _write_csv(stories)
    else:
        from searchapp.cli.tables import print_folds

        print_folds(stories)


def _write_json(stories: Iterable[Story]) -> None:
    opening = "["
    for story in stories:
        click.echo(opening + json.dumps(_record(*story), ensure_ascii=False), nl=False)
        opening = ",\n"
    click.echo("]" if opening != "[" else "[]")


def _write_csv(stories: Iterable[Story]) -> None:
    from searchapp.output import cell

    rows = csv.writer(sys.stdout)
    rows.writerow(COLUMNS)
    for number, folds in stories:
        for fold in folds:
            record = {"story": number, **_fold_record(fold)}
            rows.writerow([cell(record[column]) for column in COLUMNS])


def _record(number: int, folds: tuple[Fold, ...]) -> dict[str, Any]:
    return {"story": number, "articles": [_fold_record(fold) for fold in folds]}


def _fold_record(fold: Fold) -> dict[str, Any]:
    return {
        "id": fold.id,
        "outlet": fold.outlet,
        "date": fold.date.isoformat() if fold.date else None,
        "title": fold.title,
        "copy_of": fold.copy_of,
        "similarity": fold.similarity,
        "reason": fold.reason,
    }
