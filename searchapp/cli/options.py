"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from searchapp.config import DEFAULT_DATA_DIRECTORY, LIMITS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

index_option: Final[Decorator] = click.option(
    "--index",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA_DIRECTORY,
    envvar="SEARCHAPP_INDEX",
    show_default=True,
    show_envvar=True,
    metavar="DIR",
    help="The data directory: the archive and the index made from it.",
)

map_option: Final[Decorator] = click.option(
    "--map",
    "mapping",
    default="",
    metavar="FIELD=NAME,…",
    help="What records (JSON, CSV, Parquet) call their fields, as in --map text=content,id=_id. The fields are id,"
    " title, text, html, source, date, crawled, url, keywords and language; those that are not given are found by the"
    " names usual for them.",
)

paths_argument: Final[Decorator] = click.argument(
    "paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path)
)


dedupe_option: Final[Decorator] = click.option(
    "--dedupe",
    type=click.Choice(["near", "exact", "off"]),
    default="near",
    show_default=True,
    help="Which articles are copies of one story: those that reuse a text, those with the same text, or none.",
)


processes_option: Final[Decorator] = click.option(
    "--processes",
    type=click.IntRange(min=1, max=LIMITS.processes),
    default=1,
    show_default=True,
    metavar="N",
    help="Read pages and index words in so many processes, at most one a core. Little input gains nothing. Each process"
    " takes 200 MB and more while pages are read, some 600 MB while words are indexed, and writes a segment of its own;"
    " searches are a fifth slower over two, until searchapp optimize.",
)


def format_option(*formats: str) -> Decorator:
    """`--format`, with the first of these as the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to write the answer.",
    )
