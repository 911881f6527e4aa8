"""`searchapp search --explain` tells what each part of ranking gave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from searchapp.cli.program import program

PAGE = "تعادل المعلمون مع المعلم\nتاريخ النشر: 25th, June 2024 GMT\nقال المعلمون في المدرسة إن معلم المدرسة غاب.\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(PAGE, encoding="utf-8")
    assert run("index", str(tmp_path / "pages"), "--index", str(tmp_path / "index")) == 0
    return tmp_path / "index"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        program(list(arguments))
    return int(ended.value.code or 0)


def test_the_parts_add_up_to_the_score(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("search", "معلم المدرسة", "--explain", "--format", "jsonl", "--index", str(archive)) == 0
    hit = json.loads(capsys.readouterr().out.splitlines()[0])
    assert {part["part"] for part in hit["explanation"]} >= {"lemma", "exact"}
    assert sum(part["score"] for part in hit["explanation"]) == pytest.approx(hit["score"], rel=1e-4)


def test_nothing_is_explained_unasked(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("search", "معلم", "--no-variants", "--format", "jsonl", "--index", str(archive)) == 0
    assert "explanation" not in json.loads(capsys.readouterr().out.splitlines()[0])


def test_the_table_shows_the_sum(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("search", "معلم", "--explain", "--index", str(archive)) == 0
    assert "معلم lemma" in capsys.readouterr().out


def test_what_recency_gave_is_told_and_a_bad_half_life_refused(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    asked = ("search", "معلم المدرسة", "--explain", "--format", "jsonl", "--index", str(archive))
    assert run(*asked, "--recency", "30", "--recency-from", "2024-07-25") == 0
    hit = json.loads(capsys.readouterr().out.splitlines()[0])
    parts = {part["part"]: part["score"] for part in hit["explanation"] if not part["word"]}
    assert parts["recency"] == pytest.approx(hit["score"] / 3, rel=1e-4), "it is one half-life old: a half more"
    assert run(*asked, "--recency", "soon") == 2
    assert "recent" in capsys.readouterr().err
