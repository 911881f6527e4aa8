"""The command that writes the archive out: export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from searchapp.cli.options import index_option


@click.command(short_help="Write the archive out, one JSON object a line.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("-"),
    show_default=True,
    metavar="FILE",
    help="Where to; - is stdout. A file is compressed as its name says: .gz, .bz2, .xz or .zst.",
)
@click.option("--with-raw", is_flag=True, help="The pages, too, as they were read (in base64).")
@index_option
def export(output: Path, with_raw: bool, directory: Path) -> None:
    """Write the archive out, one JSON object a line: every article with all its fields, its story, and when it came.

    `searchapp index` makes the same archive again from the file, with the same ids, stories, splits and deletions, and
    without reading any page anew. Old versions and rejects are left out. Others may search and write meanwhile.

    \b
      searchapp export --output news.jsonl.zst
      searchapp export | jq -r 'select(.kind == "article") | .title'
      searchapp index news.jsonl.zst --index /data/copy
    """
    from searchapp.exporting import export as export_archive

    if output == Path("-"):
        sys.stdout.flush()
        export_archive(directory, sys.stdout.buffer, with_raw=with_raw)
        return
    done = export_archive(directory, output, with_raw=with_raw)
    click.echo(f"{done.articles:,} articles and {done.deleted:,} deletions written to {output}", err=True)
