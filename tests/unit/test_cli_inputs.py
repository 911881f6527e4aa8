"""Every kind of input, from the command line to what a search finds."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import pytest
from click.testing import CliRunner, Result

from searchapp.cli.program import program
from tests.input_samples import COMPRESSED, RECORDS, SAMPLES, json_array, json_lines, table, web_page, zipped
from tests.waiting import PATIENCE

FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "a.jsonl.zst": lambda: COMPRESSED[".zst"](json_lines()),
    "a.parquet": SAMPLES["a.parquet"],
    "a.warc": SAMPLES["a.warc"],
    "a.rss": SAMPLES["a.rss"],
    "a.csv": lambda: table("cp1256"),
    "a.zip": lambda: zipped({"2024/06.json": json_array()}),
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, list(map(str, arguments)))


def run_apart(*arguments: str | Path, piped: bytes) -> subprocess.CompletedProcess[bytes]:
    """As a process of its own, whose standard input is a pipe."""
    command = [sys.executable, "-m", "searchapp", *map(str, arguments)]
    return subprocess.run(command, input=piped, capture_output=True, check=False, timeout=PATIENCE)


def titles(ran: Result | subprocess.CompletedProcess[bytes]) -> list[str]:
    return [json.loads(line)["title"] for line in ran.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same three articles in a file of each format."""
    folder = tmp_path_factory.mktemp("inputs")
    for name, content in FILES.items():
        (folder / name).write_bytes(content())
    return folder


def test_extract_takes_every_format(folder: Path) -> None:
    assert titles(run("extract", folder)) == [record["title"] for record in RECORDS] * len(FILES)


def test_index_takes_every_format_and_reads_none_twice(folder: Path, tmp_path: Path) -> None:
    summary = json.loads(run("index", folder, "--index", tmp_path, "--format", "json").stdout)
    assert (summary["read"], summary["rejected"], summary["undated"]) == (3 * len(FILES), 0, 0)
    assert (summary["accepted"], summary["updated"] + summary["unchanged"]) == (3, 3 * len(FILES) - 3)
    again = json.loads(run("index", folder, "--index", tmp_path, "--format", "json").stdout)
    assert (again["read"], again["files_skipped"]) == (0, len(FILES))
    found = json.loads(run("search", "المغرب", "--index", tmp_path, "--format", "json").stdout)
    assert [hit["url"] for hit in found["hits"]] == [RECORDS[2]["url"]]


def test_a_folder_of_web_pages_is_taken(tmp_path: Path) -> None:
    for number, record in enumerate(RECORDS):
        (tmp_path / f"{number}.html").write_text(web_page(record), encoding="utf-8")
    assert titles(run("extract", tmp_path)) == [record["title"] for record in RECORDS]


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet", "a.zip"])
def test_the_standard_input_may_be_of_any_format(name: str) -> None:
    ran = run_apart("extract", "-", piped=SAMPLES[name]())
    assert ran.stderr == b""
    assert titles(ran) == [record["title"] for record in RECORDS]


QUICKLY: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    ".gz": partial(gzip.compress, compresslevel=1),
    ".xz": partial(lzma.compress, preset=0),
}
"""Noise of megabytes takes seconds with as much care as is usual, and is no smaller for it."""


@pytest.mark.parametrize("ending", [*COMPRESSED, "skippable frame"])
def test_what_is_piped_in_may_be_compressed_in_large_blocks(ending: str) -> None:
    noise = "".join(map(chr, Random(1).choices(range(0x621, 0x64A), k=200_000)))
    records = "".join(json.dumps({"title": title, "text": noise}) + "\n" for title in ("أول", "ثان")).encode()
    packed = QUICKLY.get(ending, COMPRESSED.get(ending, COMPRESSED[".zst"]))(records)
    ran = run_apart("extract", "-", piped=packed if ending in COMPRESSED else b"P*M\x18\4\0\0\0abcd" + packed)
    assert (ran.stderr, titles(ran)) == (b"", ["أول", "ثان"])


def test_a_table_that_is_called_a_text_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(table("utf-8", ","))
    (tmp_path / "b.txt").write_text("الرياض, جدة\nالمصدر: الحرة", encoding="utf-8")
    assert len(titles(run("extract", tmp_path))) == len(RECORDS) + 1


def test_what_is_piped_in_twice_is_taken_once(tmp_path: Path) -> None:
    for accepted, unchanged in ((3, 0), (0, 3)):
        ran = run_apart("index", "-", "--index", tmp_path, "--format", "json", piped=json_lines())
        summary = json.loads(ran.stdout)
        assert (summary["accepted"], summary["unchanged"]) == (accepted, unchanged)


def test_a_file_that_broke_off_is_read_on_when_it_is_whole(tmp_path: Path) -> None:
    file, directory = tmp_path / "a.json", tmp_path / "index"
    content = json_array()
    file.write_bytes(content[:-100])
    for _ in range(2):
        ran = run("index", file, "--index", directory, "--format", "json")
        summary = json.loads(ran.stdout)
        assert (ran.exit_code, summary["rejected"], summary["files_skipped"]) == (3, 1, 0)
    file.write_bytes(content)
    ran = run("index", file, "--index", directory, "--format", "json")
    assert (ran.exit_code, json.loads(ran.stdout)["stories"]) == (0, 3)


def test_an_item_in_a_packed_file_is_named_with_its_member(tmp_path: Path) -> None:
    file, directory = tmp_path / "a.zip", tmp_path / "index"
    file.write_bytes(zipped({"day/1.jsonl": b'{"text": "x"}\n{broken\n'}))
    ran = run("extract", file)
    assert f"{file}/day/1.jsonl:2: broken JSON" in ran.stderr
    run("index", file, "--index", directory)
    (reject,) = [json.loads(line) for line in (directory / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (reject["file"], reject["line"]) == (str(file), 2)
    assert reject["reason"].startswith("day/1.jsonl: broken JSON")


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("a.parquet", "pyarrow", "parquet"), ("a.warc", "fastwarc", "warc"), ("a.rss", "lxml", "feeds")],
)
def test_a_missing_package_is_named_with_its_extra(tmp_path: Path, name: str, module: str, extra: str) -> None:
    file = tmp_path / name
    file.write_bytes(SAMPLES[name]())
    hidden = f"import sys; sys.modules[{module!r}] = None; from searchapp.cli import main; main()"
    command = [sys.executable, "-c", hidden, "extract", str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 3
    assert f"pip install 'searchapp[{extra}]'" in ran.stderr


@pytest.mark.parametrize(
    "name", ["a\x1b]0;b\x07\x1b[2J.jsonl", "a\nsearchapp: all is well.jsonl", "a\u202eb.jsonl", "a\x9b2Jb.jsonl"]
)
@pytest.mark.parametrize("command", ["extract", "watch"])
def test_a_file_s_name_gives_a_terminal_no_commands(tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(b"{broken\n" + json_lines())
    options = ["--once", "--interval", "0.1", "--index", str(tmp_path / "index")] if command == "watch" else []
    told = run(command, tmp_path / "in", *options).stderr
    (line,) = told.removesuffix("\n").split("\n")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", line)
    assert line.endswith(".jsonl:1: broken JSON: Expecting property name enclosed in double quotes at column 2")
