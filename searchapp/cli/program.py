"""The `searchapp` program: its commands, its exit codes, and how it ends when something goes wrong."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

from searchapp.cli.complaints import complain
from searchapp.cli.deleting import delete
from searchapp.cli.duplicates import dups
from searchapp.cli.ending import Terminated, heed_termination
from searchapp.cli.exporting import export
from searchapp.cli.looking import analyze, show, stats
from searchapp.cli.searching import search
from searchapp.cli.serving import serve
from searchapp.cli.watching import watch
from searchapp.cli.writing import extract, index, optimize, rebuild, verify
from searchapp.errors import SearchAppError

HELP: Final = """Search an archive of Arabic news.

Give it a folder of crawled pages; it keeps every article in an archive of its own and finds it again, whatever
spelling the outlet used.

\b
  searchapp index seeds/           read a folder of pages
  searchapp search "وزير الخارجية"   search in the terminal
  searchapp serve                  search in the browser
"""

EXIT_CODES: Final = """\b
Exit codes:
    0  done
    1  it failed, and the message says why
    2  the command was not understood
    3  some of the input was rejected; the rest was taken
    4  another process is writing to the data directory
    5  there is no index, or it is broken or of another version
  130  interrupted with Ctrl-C
  143  ended by SIGTERM
"""

INTERRUPTED: Final = 130
TERMINATED: Final = 143
RESUMABLE: Final = frozenset({"index"})
"""Commands that go on where they were stopped when they are given again."""


class Program(click.Group):
    """A group of commands whose return value is the exit code, and whose errors are one line on stderr each."""

    def main(self, *arguments: Any, **options: Any) -> NoReturn:
        """Run, and end the process. A closed pipe is no error: the reader has seen enough."""
        for stream in (sys.stdout, sys.stderr):
            _speak_utf8(stream)
        options["standalone_mode"] = False
        sys.exit(_exit_code(lambda: super(Program, self).main(*arguments, **options)))

    def invoke(self, context: click.Context) -> Any:
        """Run the command, and answer what click would answer in its own way."""
        try:
            code = super().invoke(context)
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes stdout once more as it ends and would complain there; nobody reads it any more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt as error:
            is_told = isinstance(error, Terminated)
            again = "; give the same command again and it goes on from here"
            ended = "ended by SIGTERM" if is_told else "interrupted"
            complain(ended + (again if context.invoked_subcommand in RESUMABLE else ""))
            return TERMINATED if is_told else INTERRUPTED
        return code


def _speak_utf8(stream: Any) -> None:
    """Write UTF-8 whatever the locale says; what UTF-8 cannot hold (half a character) is written as an escape."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _exit_code(run: Callable[[], Any]) -> int:
    """Run, and turn what comes out of it into an exit code, with a message on stderr where there is an error."""
    try:
        return int(run() or 0)
    except click.UsageError as error:
        complain(error.format_message())
        if error.ctx is not None:
            click.echo(f"Try '{error.ctx.command_path} --help' for help.", err=True)
        return error.exit_code
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except SearchAppError as error:
        complain(str(error))
        return error.exit_code
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
    except MemoryError as error:
        complain(f"there is not enough memory{f' ({error})' if str(error) else ''}; what was acknowledged is safe")
    return 1


def _print_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"searchapp {version('searchapp')}")
    except PackageNotFoundError:
        click.echo("searchapp, from a checkout that is not installed")
    context.exit()


@click.group(cls=Program, help=HELP, epilog=EXIT_CODES, invoke_without_command=True)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
@click.pass_context
def program(context: click.Context) -> int:
    """The group; without a command it tells what there is."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return click.UsageError.exit_code
    return 0


for command in (
    index,
    watch,
    search,
    show,
    serve,
    stats,
    dups,
    delete,
    export,
    analyze,
    extract,
    verify,
    rebuild,
    optimize,
):
    program.add_command(command)


def _open_missing_streams() -> None:
    """Nothing is read from, and nothing goes to, a stream that whoever started the process has closed (`>&-`).

    Its number would go to the next file that is opened, maybe of the archive, and what is printed into that file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - for as long as the process lives


def main() -> None:
    """The entry point of the `searchapp` command."""
    _open_missing_streams()
    heed_termination()
    # No command multiplies matrices that are worth it, and numpy would start a thread a core for that as it is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # At its end Python looks for cycles among all objects, a tenth of a second after much was indexed. The system frees
    # them as well, and what must be written out is closed by then.
    atexit.register(gc.freeze)
    program(prog_name="searchapp")
