"""Other searches for one that found little, told on stderr: what was asked for stays alone on stdout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from searchapp.model import Correction, CorrectionKind

OPTIONS: Final = {"in": "field"}
"""The filters whose option has another name than the URL's parameter."""

_OFFERS: Final[dict[CorrectionKind, str]] = {
    "spelling": "did you mean",
    "keyboard": "on the other keyboard layout",
    "name": "in Arabic letters",
    "unquoted": "without quotation marks",
    "fewer_words": "with fewer words",
    "filter": "without",
}


def tell_corrections(corrections: Iterable[Correction]) -> None:
    """One line for each, with how many stories it finds."""
    for correction in corrections:
        words = _option(correction.text) if correction.kind == "filter" else correction.text
        # What comes from the archive or the query may hold what a terminal would take for a command.
        shown = "".join(character if character.isprintable() else " " for character in words)
        stories = "story" if correction.total == 1 else "stories"
        click.echo(f"searchapp: {_OFFERS[correction.kind]}: {shown} ({correction.total:,} {stories})", err=True)


def _option(text: str) -> str:
    """A filter as the command line has it: `source=a` is `--source a`."""
    name, _, value = text.partition("=")
    if not name:
        return "any filter"
    flag = f"--{OPTIONS.get(name, name).replace('_', '-')}"
    return flag if name in ("undated", "exact") else f"{flag} {value}"
