"""How the program ends: exit codes, messages, and quick answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from searchapp.cli.program import EXIT_CODES, Program
from searchapp.cli.program import program as searchapp
from searchapp.errors import IndexBroken, IndexBusy, RejectedInput, SearchAppError, UsageError
from tests.waiting import PATIENCE, next_line, started

HEAVY = ("numpy", "whoosh", "flask", "rich", "waitress", "searchapp.engine.backend")
NO_SEARCH = (
    "sqlite3", "zstandard", "hashlib", "logging", "socket", "shutil", "difflib", "concurrent.futures", "urllib.request",
    "importlib.metadata", "importlib.resources", "whoosh", "flask", "pyarabic",
    "searchapp.indexing", "searchapp.ingest", "searchapp.archive.reading", "searchapp.dedupe",
    "searchapp.engine.storage.index_writer", "searchapp.engine.retrieval.corrections", "searchapp.query.lexer",
    "searchapp.query.pasted",
)  # fmt: skip
"""What a plain search that finds enough must not load: each takes from one to ten milliseconds."""
NO_SEARCH_FROM_PYTHON = (*NO_SEARCH, "click", "rich", "html", "calendar", "csv", "searchapp.web", "searchapp.cli")


def ends_with(error: BaseException, command: str = "try") -> Result:
    """What a program does whose only command raises this error."""

    @click.command(command)
    def failing() -> None:
        raise error

    return CliRunner().invoke(Program(commands=[failing]), [command])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SearchAppError("m"), 1),
        (UsageError("m"), 2),
        (RejectedInput("m"), 3),
        (IndexBusy("m"), 4),
        (IndexBroken("m"), 5),
    ],
)
def test_every_deliberate_error_is_one_line_on_stderr_and_its_own_exit_code(error: SearchAppError, code: int) -> None:
    result = ends_with(error)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", "searchapp: m\n")
    assert f"  {code}  " in EXIT_CODES


def test_a_file_that_cannot_be_read_is_named_with_the_reason() -> None:
    result = ends_with(PermissionError(13, "Permission denied", "/data/archive.sqlite"))
    assert (result.exit_code, result.stderr) == (1, "searchapp: /data/archive.sqlite: Permission denied\n")


def test_a_fault_of_ours_is_not_hidden() -> None:
    result = ends_with(ZeroDivisionError())
    assert isinstance(result.exception, ZeroDivisionError)


def test_ctrl_c_ends_with_130_and_says_that_indexing_can_go_on() -> None:
    result = ends_with(KeyboardInterrupt(), command="index")
    assert result.exit_code == 130
    assert result.stderr == "searchapp: interrupted; give the same command again and it goes on from here\n"


def test_ctrl_c_promises_nothing_of_a_command_that_starts_anew() -> None:
    assert ends_with(KeyboardInterrupt(), command="search").stderr == "searchapp: interrupted\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["find"], "searchapp: No such command 'find'."),
        (["search", "--limit", "ten", "q"], "searchapp: Invalid value for '--limit': 'ten' is not a valid integer"),
        (["index"], "searchapp: Missing argument 'PATH…'."),
    ],
)
def test_a_command_that_is_not_understood_ends_with_2_and_points_to_the_help(
    arguments: list[str], message: str
) -> None:
    result = CliRunner().invoke(searchapp, arguments, prog_name="searchapp")
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert "--help' for help." in result.stderr


def test_without_a_command_the_help_is_printed_and_the_exit_code_is_2() -> None:
    result = CliRunner().invoke(searchapp, [])
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


@pytest.mark.parametrize("name", sorted(searchapp.commands))
def test_the_help_of_every_command_has_an_example(name: str) -> None:
    result = CliRunner().invoke(searchapp, [name, "--help"])
    assert result.exit_code == 0
    assert f"\n    searchapp {name} " in result.stdout


@pytest.mark.parametrize(
    "name", ["analyze", "extract", "index", "optimize", "rebuild", "search", "serve", "show", "stats", "verify"]
)
def test_the_commands_are_there_and_listed_in_the_help(name: str) -> None:
    assert f"\n  {name} " in CliRunner().invoke(searchapp, ["--help"]).stdout


def test_the_help_loads_nothing_heavy(project_root: Path) -> None:
    code = (
        "import sys\nfrom searchapp.cli.program import program\n"
        "try: program(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert ran.stderr.strip() == "[]"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which a word is in enough articles for no other search to be looked for."""
    path = tmp_path_factory.mktemp("searched")
    lines = [json.dumps({"id": f"n{n}", "title": f"خبر {n}", "text": f"وقف النار {n}"}) for n in range(30)]
    (path / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert (
        CliRunner().invoke(searchapp, ["index", str(path / "news.jsonl"), "--index", str(path / "data")]).exit_code == 0
    )
    return path / "data"


EXPORTING = """
import signal, sys, time
from searchapp import exporting
from searchapp.cli.program import main

def encoded(record):
    print("writing", flush=True)
    time.sleep(600)

exporting._encoded = encoded
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.argv[1:] = ["export", "--index", sys.argv[1], "--output", sys.argv[2]]
main()
"""


@pytest.mark.parametrize(
    ("number", "code", "told"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")]
)
def test_a_command_that_is_told_to_end_leaves_no_unfinished_file(
    archive: Path, project_root: Path, tmp_path: Path, number: signal.Signals, code: int, told: str
) -> None:
    command = [sys.executable, "-c", EXPORTING, str(archive), str(tmp_path / "news.jsonl")]
    with started(command, cwd=project_root, stderr=subprocess.PIPE) as exporting:
        assert next_line(exporting) == "writing"
        assert list(tmp_path.iterdir())
        exporting.send_signal(number)
        assert exporting.wait(PATIENCE) == code
        assert exporting.stderr is not None
        assert exporting.stderr.read() == f"searchapp: {told}\n"
    assert not list(tmp_path.iterdir())
    assert f"  {code}  " in EXIT_CODES


@pytest.mark.parametrize(
    ("search", "unneeded"),
    [
        (
            "from searchapp import SearchRequest, open_index\n"
            "with open_index({directory!r}) as index:\n"
            "    assert index.search(SearchRequest(q='وقف النار', sources=())).total == 30\n",
            NO_SEARCH_FROM_PYTHON,
        ),
        (
            "from searchapp.cli.program import program\n"
            "try: program(['search', 'وقف', 'النار', '--index', {directory!r}, '--format', 'json'])\n"
            "except SystemExit as ended: assert not ended.code\n",
            NO_SEARCH,
        ),
    ],
)
def test_a_search_loads_nothing_that_it_does_not_need(
    project_root: Path, archive: Path, search: str, unneeded: tuple[str, ...]
) -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\n"
        + search.format(directory=str(archive))
        + f"print([name for name in {unneeded!r} if name in sys.modules and name not in before], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr.strip()) == (0, "[]")


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_reader_that_has_seen_enough_is_no_error(project_root: Path, form: str) -> None:
    # The pipe's reading end is closed before anything is written to it.
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "searchapp", "analyze", "كلمة", "--format", form]
    with os.fdopen(writing, "wb") as pipe:
        ran = subprocess.run(
            command, cwd=project_root, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
        )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_streams_that_are_closed_from_the_start_are_no_error_and_their_numbers_no_file_s(project_root: Path) -> None:
    code = "import os, sys; os.closerange(0, 3); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    looking = "from searchapp.cli import program; import os, sys; program._open_missing_streams(); "
    looking += "sys.exit([os.readlink(f'/proc/self/fd/{number}') for number in range(3)] != [os.devnull] * 3)"
    for ends_with_code, *arguments in (
        (0, "-m", "searchapp", "analyze", "كلمة"),
        (3, "-m", "searchapp", "extract", "-"),  # an input in which nothing is
        (0, "-c", looking),
    ):
        command = [sys.executable, "-c", code, *arguments]
        ran = subprocess.run(command, cwd=project_root, check=False, timeout=PATIENCE)
        assert ran.returncode == ends_with_code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_output_that_finds_no_room_is_an_error_that_says_so(project_root: Path) -> None:
    command = [sys.executable, "-m", "searchapp", "analyze", "كلمة"]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            command, cwd=project_root, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
        )
    assert (ran.returncode, ran.stderr) == (1, "searchapp: No space left on device\n")


def test_too_little_memory_is_an_error_that_says_so() -> None:
    result = ends_with(MemoryError("Unable to allocate 571 KiB"))
    assert result.exit_code == 1
    assert result.stderr.startswith("searchapp: there is not enough memory (Unable to allocate 571 KiB)")


def test_output_is_utf8_whatever_the_locale_says(project_root: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "searchapp", "extract", "seeds/000_020e1a231129afe4.txt"]
    ran = subprocess.run(command, cwd=project_root, capture_output=True, env=environment, check=True, timeout=PATIENCE)
    assert "بلينكن" in ran.stdout.decode("utf-8")


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(searchapp, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("searchapp")
