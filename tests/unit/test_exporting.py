"""An archive written out, and made again from what was written."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result

from searchapp.archive.reading import ArchiveReader
from searchapp.cli.program import program
from searchapp.indexing import verify
from searchapp.model import Article
from tests.waiting import PATIENCE

COPIED = "وصل وزير الخارجية إلى العاصمة اليوم واجتمع مع نظيره وبحثا سبل التعاون " * 5
PARTED = "أعلنت الحكومة قرارها الجديد بشأن أسعار النفط في الأسواق العالمية أمس " * 5


def run(directory: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(program, [*map(str, arguments), "--index", str(directory)])


def write_news(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return path


@pytest.fixture
def directory(tmp_path: Path, seeds: Path) -> Path:
    """An archive with sample pages, copies, a split, a deletion, half a character and articles kept unfolded."""
    directory = tmp_path / "index"
    news = write_news(
        tmp_path / "news.jsonl",
        {"id": "a", "text": COPIED, "source": "الرياض", "date": "2015-07-21", "url": "https://example.org/a"},
        {"id": "b", "text": COPIED, "source": "عكاظ", "date": "2015-07-22"},
        {"id": "c", "text": PARTED, "source": "الرياض"},
        {"id": "d", "text": PARTED, "source": "عكاظ"},
        {"id": "gone", "text": "هطلت الأمطار على المدينة"},
        {"id": "half", "text": "نص فيه نصف حرف \ud83d", "keywords": "كلمة"},
    )
    unfolded = write_news(tmp_path / "unfolded.jsonl", {"id": "e", "text": COPIED}, {"id": "f", "text": COPIED})
    assert run(directory, "index", news, seeds).exit_code == 0
    assert run(directory, "index", unfolded, "--dedupe", "off").exit_code == 0
    assert run(directory, "dups", "--split", "c", "d").exit_code == 0
    assert run(directory, "delete", "gone").exit_code == 0
    return directory


def exported(directory: Path, path: Path, *options: str) -> Path:
    result = run(directory, "export", "--output", path, *options)
    assert result.exit_code == 0, result.stderr
    return path


def holding(directory: Path) -> tuple[dict[int, tuple[Article, ...]], list[Any]]:
    """Every story with its articles, and why they are together."""
    assert verify(directory).problems == ()
    with ArchiveReader(directory / "archive.sqlite") as archive:
        return {story.number: story.articles for story in archive.stories() if story.articles}, list(archive.folds())


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"])
def test_the_same_archive_is_made_from_an_export(directory: Path, tmp_path: Path, name: str) -> None:
    file = exported(directory, tmp_path / name)
    summary = json.loads(run(tmp_path / "copy", "index", file, "--format", "json").stdout)
    counted = json.loads(run(directory, "stats", "--format", "json").stdout)
    assert [summary[key] for key in ("read", "accepted")] == [counted["articles"]] * 2
    assert [summary[key] for key in ("folded", "undated")] == [counted[key] for key in ("folded", "undated")]
    assert holding(tmp_path / "copy") == holding(directory)
    again = exported(tmp_path / "copy", tmp_path / f"again-{name}")
    assert again.read_bytes() == file.read_bytes()


def test_the_copy_goes_on_as_the_archive_would(directory: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    run(copy, "index", exported(directory, tmp_path / "out.jsonl"))
    more = write_news(
        tmp_path / "more.jsonl",
        {"id": "g", "text": COPIED, "source": "سبق"},
        {"id": "gone", "text": "هطلت الأمطار على المدينة"},
        {"id": "c", "text": PARTED + " جديد", "source": "الرياض"},
    )
    summaries = [json.loads(run(one, "index", more, "--format", "json").stdout) for one in (directory, copy)]
    assert [(one["accepted"], one["updated"], one["folded"]) for one in summaries] == [(1, 1, 1)] * 2
    assert holding(copy)[0] == holding(directory)[0]
    assert json.loads(run(copy, "index", tmp_path / "out.jsonl", "--format", "json").stdout)["files_skipped"] == 1


def test_pages_come_along_where_they_are_wanted(directory: Path, tmp_path: Path) -> None:
    run(tmp_path / "copy", "index", exported(directory, tmp_path / "out.jsonl", "--with-raw"))
    with ArchiveReader(directory / "archive.sqlite") as one, ArchiveReader(tmp_path / "copy/archive.sqlite") as other:
        ids = [article.id for articles in holding(directory)[0].values() for article in articles]
        assert [other.raw(name) for name in ids] == [one.raw(name) for name in ids]


def test_stdout_gets_one_json_object_a_line(directory: Path, tmp_path: Path) -> None:
    result = run(directory, "export")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines == records(exported(directory, tmp_path / "out.jsonl"))
    assert lines[0]["searchapp_export"] == 1
    (article,) = [line for line in lines if line.get("id") == "a"]
    assert (article["kind"], article["body"], article["date"]) == ("article", COPIED.strip(), "2015-07-21")
    assert lines[-1] == {"kind": "end", "articles": sum(line.get("kind") == "article" for line in lines)}


def test_an_export_is_added_to_an_archive_that_holds_others(directory: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    news = write_news(
        tmp_path / "others.jsonl",
        {"id": "x", "text": COPIED, "source": "سبق"},
        {"id": "gone", "text": "هطلت الأمطار على المدينة"},
    )
    run(other, "index", news)
    file = exported(directory, tmp_path / "out.jsonl")
    assert run(other, "index", file, "--dry-run").exit_code == 0
    assert run(other, "index", file).exit_code == 0
    stories, _ = holding(other)
    ids = sorted(sorted(article.id for article in articles) for articles in stories.values())
    assert ["c"] in ids
    assert ["d"] in ids
    assert ["a", "b", "e", "f", "x"] in ids
    assert not any("gone" in story for story in ids)


@pytest.mark.parametrize("damage", ["broken off", "a broken line", "cut within gzip"])
def test_of_a_damaged_export_all_that_can_be_read_is_taken_and_the_rest_told(
    directory: Path, tmp_path: Path, damage: str
) -> None:
    file = exported(directory, tmp_path / "out.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    if damage == "broken off":
        file.write_bytes(b"".join(lines[:4]))
    elif damage == "a broken line":
        file.write_bytes(b"".join([*lines[:3], b"{broken\n", *lines[3:]]))
    else:
        file = file.with_suffix(".jsonl.gz")
        file.write_bytes(gzip.compress(b"".join(lines))[:-200])
    result = run(tmp_path / "copy", "index", file, "--format", "json")
    summary = json.loads(result.stdout)
    assert (result.exit_code, summary["rejected"]) == (3, 1)
    assert summary["accepted"] >= (0 if damage == "cut within gzip" else 3)
    assert verify(tmp_path / "copy").problems == ()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a"},
        {"id": 7},
        {"story": [1]},
        {"page": "one"},
        {"leads": None},
        {"date": "yesterday"},
        {"date_origin": "guessed"},
        {"related": "x"},
        {"sequence": 2**70},
        {"kind": "poem"},
        {"first_seen": "noon"},
    ],
)
def test_no_record_makes_a_broken_archive(directory: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    file = exported(directory, tmp_path / "out.jsonl")
    lines = records(file)
    at = next(number for number, line in enumerate(lines) if line.get("id") == "b")
    write_news(file, *lines[:at], lines[at] | change, *lines[at + 1 :])
    assert run(tmp_path / "copy", "index", file).exit_code in {0, 3}
    assert verify(tmp_path / "copy").problems == ()
    stories, _ = holding(tmp_path / "copy")
    assert {"a", "c", "d"} <= {article.id for articles in stories.values() for article in articles}


def test_a_version_that_is_not_known_is_refused(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text('{"searchapp_export": 99, "outlets": null}\n', "utf-8")
    result = run(tmp_path / "copy", "index", file)
    assert (result.exit_code, "version 99" in result.stderr) == (2, True)


def test_a_failed_export_leaves_the_file_that_was_there(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl.zst"
    file.write_bytes(b"before")
    assert run(tmp_path / "nowhere", "export", "--output", file).exit_code == 5
    assert file.read_bytes() == b"before"
    exported(directory, file)
    with file.open("rb") as stream:
        assert zstandard.ZstdDecompressor().stream_reader(stream).read().count(b"\n") > 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_file_that_has_no_room_is_named(directory: Path, tmp_path: Path) -> None:
    full = tmp_path / "full.jsonl.gz"
    full.symlink_to("/dev/full")
    result = run(directory, "export", "--output", full)
    assert (result.exit_code, result.stderr) == (1, f"searchapp: {full}: No space left on device\n")


def test_a_pipe_is_written_to_and_stays_a_pipe(directory: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reading:
        read = reading.submit(pipe.read_bytes)
        exported(directory, pipe)
        assert json.loads(read.result(timeout=PATIENCE).splitlines()[0])["searchapp_export"] == 1
    assert pipe.is_fifo()


def test_a_link_still_leads_to_the_file_that_is_written(directory: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "of today.jsonl", tmp_path / "latest.jsonl"
    target.write_text("of yesterday", "utf-8")
    link.symlink_to(target)
    exported(directory, link)
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith('{"searchapp_export": 1')


@pytest.mark.parametrize("name", ["archive.sqlite", "CURRENT", "segments/1/commit.1.json"])
def test_the_archives_own_files_are_never_written_over(directory: Path, name: str) -> None:
    result = run(directory, "export", "--output", directory / name)
    assert (result.exit_code, "is part of the archive itself" in result.stderr) == (2, True)
    assert verify(directory).problems == ()


def test_a_folder_that_is_missing_is_named(directory: Path, tmp_path: Path) -> None:
    result = run(directory, "export", "--output", tmp_path / "missing" / "news.jsonl")
    assert (result.exit_code, result.stderr) == (
        2,
        f"searchapp: {tmp_path}/missing: no such folder; make it, or write to another one\n",
    )


def piped(directory: Path, content: bytes, *options: str) -> dict[str, Any]:
    """What `index -` says of this on its standard input, in a process of its own."""
    command = [sys.executable, "-m", "searchapp", "index", "-", "--index", str(directory), "--format", "json", *options]
    ran = subprocess.run(command, input=content, capture_output=True, check=False, timeout=PATIENCE)
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("pack", [bytes, bz2.compress])
def test_an_export_that_is_piped_in_makes_the_same_archive(
    directory: Path, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    content = exported(directory, tmp_path / "out.jsonl", "--with-raw").read_bytes()
    summary = piped(tmp_path / "copy", pack(content))
    assert (summary["read"], summary["rejected"]) == (json.loads(content.splitlines()[-1])["articles"], 0)
    assert holding(tmp_path / "copy") == holding(directory)
    again = exported(tmp_path / "copy", tmp_path / "again.jsonl", "--with-raw")
    assert again.read_bytes() == content


def test_an_export_may_be_piped_into_an_archive_that_holds_others(directory: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    news = write_news(
        tmp_path / "others.jsonl", {"id": "x", "text": COPIED, "source": "سبق"}, {"id": "gone", "text": "أ"}
    )
    run(other, "index", news)
    content = exported(directory, tmp_path / "out.jsonl").read_bytes()
    articles = json.loads(content.splitlines()[-1])["articles"]
    would = piped(other, content, "--dry-run")
    assert (would["read"], would["rejected"]) == (articles, 0)
    assert piped(other, content)["accepted"] == articles
    kept = records(exported(other, tmp_path / "all.jsonl"))
    assert [one["id"] for one in kept if one.get("kind") == "deleted"] == ["gone"]
    assert [one["ids"] for one in kept if one.get("kind") == "split"] == [["c", "d"]]


def test_of_an_export_that_breaks_off_in_the_pipe_the_articles_are_taken(directory: Path, tmp_path: Path) -> None:
    content = exported(directory, tmp_path / "out.jsonl").read_bytes()
    whole = content[: content.rindex(b'{"kind": "end"')]
    summary = piped(tmp_path / "copy", whole)
    assert (summary["accepted"], summary["rejected"]) == (json.loads(content.splitlines()[-1])["articles"], 1)
