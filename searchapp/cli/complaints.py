"""What is wrong, on stderr: one line each, and nothing in it that a terminal takes for a command."""

from __future__ import annotations

import re
from typing import Final

import click

_COMMANDS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Controls (ECMA-48), line breaks, and what turns the direction of all that follows."""


def complain(message: str) -> None:
    """Tell what is wrong. Who sends files may have named them so that a terminal shows something else."""
    click.echo(f"searchapp: {_COMMANDS.sub(' ', message)}", err=True)
