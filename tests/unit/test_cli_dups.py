"""`searchapp dups`: stories with several articles, pairs judged by themselves, and folds undone."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchapp.cli.program import program

WORDS = [f"كلمة{first}{second}" for first in "بتثجحخدذر" for second in "سشصضطظعغ"]


def call(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments)


@pytest.fixture
def index(tmp_path: Path) -> str:
    texts = {"n1": WORDS, "n2": WORDS[:40], "n3": WORDS[::-1]}
    lines = [json.dumps({"id": name, "title": f"خبر {name}", "text": " ".join(text)}) for name, text in texts.items()]
    (tmp_path / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    directory = str(tmp_path / "index")
    assert call("index", str(tmp_path / "news.jsonl"), "--index", directory).exit_code == 0
    return directory


def test_stories_are_listed_with_why_each_article_is_there(index: str) -> None:
    (line,) = call("dups", "--index", index, "--format", "jsonl").stdout.splitlines()
    story = json.loads(line)
    assert [article["id"] for article in story["articles"]] == ["n1", "n2"]
    assert story["articles"][1]["copy_of"] == "n1"
    assert story["articles"][1]["reason"] == "abridged: 100% of the shorter text"
    assert json.loads(call("dups", "--index", index, "--format", "json").stdout) == [story]
    rows = list(csv.DictReader(io.StringIO(call("dups", "--index", index, "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == ["n1", "n2"]
    assert "abridged" in call("dups", "--index", index).stdout


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_reader_that_has_seen_enough_is_no_error(index: str, form: str) -> None:
    command = [sys.executable, "-m", "searchapp", "dups", "--index", index, "--format", form]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (errors, process.returncode) == ("", 0)


def test_an_article_without_copies_is_a_story_of_one(index: str) -> None:
    (story,) = json.loads(call("dups", "n3", "--index", index, "--format", "json").stdout)
    assert [article["id"] for article in story["articles"]] == ["n3"]


def test_pairs_are_judged_line_by_line_and_unknown_ids_are_told(index: str, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("id1\tid2\tlabel\nn1\tn2\t1\nn1\tnowhere\t0\n\nn3\tn1\t0\n", encoding="utf-8")
    result = call("dups", "--pairs", str(pairs), "--index", index)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [line[:3] for line in lines] == [["n1", "n2", "1"], ["n3", "n1", "0"]]
    assert all(len(line) == 5 for line in lines)
    assert 0 <= float(lines[0][3]) <= 1
    assert "pairs.tsv:3: no article has the id nowhere" in result.stderr
    assert result.exit_code == 3


def test_pairs_may_be_piped_in_and_a_line_without_two_ids_is_told(index: str) -> None:
    result = CliRunner().invoke(program, ["dups", "--pairs", "-", "--index", index], input="n1\tn2\nn1\n\tn2\n")
    assert [line[:7] for line in result.stdout.splitlines()] == ["n1\tn2\t1"]
    assert [line for line in result.stderr.splitlines() if line] == [
        f"searchapp: -:{number}: not two ids, parted by a tab" for number in (2, 3)
    ]


def test_a_fold_is_undone(index: str) -> None:
    assert call("dups", "--split", "n1", "n2", "--index", index).exit_code == 0
    assert json.loads(call("dups", "--index", index, "--format", "json").stdout) == []


def test_only_one_thing_is_done_at_a_time(index: str) -> None:
    result = call("dups", "n1", "--split", "n1", "n2", "--index", index)
    assert result.exit_code == 2
    assert "give one of" in result.stderr
