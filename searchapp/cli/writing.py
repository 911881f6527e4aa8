"""Commands that read pages and keep the archive: extract, index, verify, rebuild."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from searchapp.cli.complaints import complain
from searchapp.cli.options import (
    dedupe_option,
    format_option,
    index_option,
    map_option,
    paths_argument,
    processes_option,
)
from searchapp.errors import IndexBroken, RejectedInput

if TYPE_CHECKING:
    from searchapp.indexing import IndexSummary
    from searchapp.model import Reject


@click.command(short_help="Print what is read out of pages, one JSON object a page.")
@paths_argument
@index_option
@map_option
def extract(paths: tuple[Path, ...], directory: Path, mapping: str) -> int:
    """Print what is read out of pages: title, date, outlet, text and the rest.

    One JSON object for each page or record goes to stdout. Nothing is kept; of the data directory only the names in its
    outlets.tsv are used, if it is there. What cannot be read is told on stderr, the rest is printed all the same, and
    the exit code is then 3.

    \b
      searchapp extract seeds/
      searchapp extract news.jsonl.gz --map text=content,id=_id
    """
    rejected = 0
    for outcome in _extracted(paths, directory, mapping):
        if isinstance(outcome, str):
            rejected += 1
            complain(outcome)
        else:
            click.echo(json.dumps(outcome, ensure_ascii=False))
    return RejectedInput.exit_code if rejected else 0


def _extracted(paths: tuple[Path, ...], directory: Path, mapping: str) -> Iterator[dict[str, object] | str]:
    """The record of each page, or a line that tells why there is none."""
    from searchapp.ingest.extraction import extract as extract_page
    from searchapp.ingest.outlets import load_outlets
    from searchapp.ingest.output import page_record
    from searchapp.ingest.readers import FieldMapping, read
    from searchapp.ingest.sources import find_sources
    from searchapp.model import Reject

    fields, outlets = FieldMapping.parse(mapping), load_outlets(directory)
    for source in find_sources(paths):
        for item in read(source, fields):
            if isinstance(item, Reject):
                yield _rejection(item)
                continue
            try:
                yield page_record(item, extract_page(item, outlets))
            except RejectedInput as error:
                yield f"{_place(item.path, item.line)}: {error}"


def _rejection(reject: Reject) -> str:
    return f"{_place(reject.path, reject.line)}: {reject.reason}"


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


@click.command(short_help="Read pages into the archive and make them searchable.")
@paths_argument
@index_option
@map_option
@dedupe_option
@processes_option
@click.option("--dry-run", is_flag=True, help="Read everything and tell what would happen, and keep nothing.")
@format_option("table", "json")
def index(
    *,
    paths: tuple[Path, ...],
    directory: Path,
    mapping: str,
    dedupe: Literal["near", "exact", "off"],
    processes: int,
    dry_run: bool,
    form: str,
) -> int:
    """Read pages into the archive and make them searchable.

    PATH is a folder, a file, or - for what is piped in: pages (.txt, .html), records (.jsonl, .json, .csv, .tsv,
    .parquet), web archives (.warc, .arc), feeds (.rss, .atom, .xml), each also compressed (.gz, .bz2, .xz, .zst) and
    packed (.zip, .tar). Text is in UTF-8, or in UTF-16 or an old Arabic code page where it reads as Arabic. What was
    read before is not read again, and a run that was stopped goes on where it was, even after a power cut. Items that
    cannot be read go into a file with the reason; the rest is taken, and the exit code is then 3. What
    `searchapp export` wrote, in a file or piped in, is taken as it is.

    \b
      searchapp index seeds/
      searchapp index news.jsonl.gz --map text=content,id=_id --index /data/news
    """
    from searchapp.cli.progress import TerminalProgress
    from searchapp.indexing import IndexOptions, index_paths
    from searchapp.ingest.readers import FieldMapping

    options = IndexOptions(mapping=FieldMapping.parse(mapping), dedupe=dedupe, dry_run=dry_run, processes=processes)
    with TerminalProgress() as progress:
        summary = index_paths(directory, paths, options, progress)
    _print_summary(summary_record(summary), form)
    return RejectedInput.exit_code if summary.rejected else 0


def summary_record(summary: IndexSummary) -> dict[str, Any]:
    """What a run of `index` did, as JSON says it. `seconds` is wall time."""
    return {
        "read": summary.read,
        "accepted": summary.accepted,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "folded": summary.folded,
        "rejected": summary.rejected,
        "undated": summary.undated,
        "files": summary.files,
        "files_skipped": summary.files_skipped,
        "stories": summary.stories,
        "seconds": round(summary.seconds, 3),
        "articles_per_second": round(summary.articles_per_second, 1),
        "rejects_file": str(summary.rejects_file) if summary.rejects_file else None,
    }


def _print_summary(record: dict[str, Any], form: str) -> None:
    """Print a record as JSON or as a table of names and values."""
    if form == "json":
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    from searchapp.cli.tables import print_summary

    print_summary(record)


@click.command(short_help="Check the archive and the index against each other.")
@index_option
@format_option("table", "json")
def verify(directory: Path, form: str) -> int:
    """Check the archive and the index against each other.

    Every article is read and compared with its checksum, and the index must hold exactly what the archive holds. When
    something is wrong it is told, and the exit code is 5. `searchapp rebuild` mends an index; the archive is the truth.
    What is only to be known, as that a file is missing which the next run makes anew, changes nothing of the exit code.

    \b
      searchapp verify --index /data/news
    """
    from searchapp.indexing import verify as verify_directory

    report = verify_directory(directory)
    problems, notes = list(report.problems), list(report.notes)
    record = {"articles": report.articles, "stories": report.stories, "problems": problems, "notes": notes}
    if form == "json":
        click.echo(json.dumps(record, ensure_ascii=False))
    else:
        click.echo(f"{report.articles:,} articles in {report.stories:,} stories: ", nl=False)
        click.echo("this is wrong:" if problems else "all is well")
        for problem in problems:
            click.echo(f"  {problem}")
        for note in notes:
            click.echo(f"to know: {note}")
    return IndexBroken.exit_code if problems else 0


@click.command(short_help="Merge the index into one segment, so that searches are quicker.")
@index_option
@format_option("table", "json")
def optimize(directory: Path, form: str) -> None:
    """Merge the index into one segment, so that searches are quicker.

    Each time that pages are indexed the index grows by a segment, and some are merged by themselves. Merging all of
    them also lets go of what deleted and updated articles have left. A server goes on answering meanwhile.

    \b
      searchapp optimize --index /data/news
    """
    from searchapp.indexing import optimize as optimize_directory

    _print_summary({"seconds": round(optimize_directory(directory), 3)}, form)


@click.command(short_help="Make the index anew from the archive.")
@index_option
@processes_option
@format_option("table", "json")
def rebuild(directory: Path, processes: int, form: str) -> None:
    """Make the index anew from the archive.

    The new index is made beside the old one and put in its place at the end, in one step; a server goes on answering
    from the old one until then. The pages that were read are not needed.

    \b
      searchapp rebuild --index /data/news
    """
    from dataclasses import asdict

    from searchapp.cli.progress import TerminalProgress
    from searchapp.indexing import rebuild as rebuild_directory

    with TerminalProgress() as progress:
        summary = rebuild_directory(directory, progress, processes=processes)
    _print_summary(asdict(summary), form)
