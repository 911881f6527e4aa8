"""Which files are found below the paths that a user names."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from searchapp.errors import UsageError
from searchapp.ingest import sources
from searchapp.ingest.sources import find_sources


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def names(*paths: Path) -> list[str]:
    return [source.name for source in find_sources(paths)]


def test_the_name_says_the_format(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "b.JSONL", "c.ndjson", "d.jsonl.gz", "e.Ndjson.GZ", "f.txt.gz", "g.tgz", "h.WARC.Zst")
    found = [(source.name, source.layout, source.compression) for source in find_sources([tmp_path])]
    assert found == [
        ("a.txt", "page", "none"),
        ("b.JSONL", "jsonl", "none"),
        ("c.ndjson", "jsonl", "none"),
        ("d.jsonl.gz", "jsonl", "gzip"),
        ("e.Ndjson.GZ", "jsonl", "gzip"),
        ("f.txt.gz", "page", "gzip"),
        ("g.tgz", "tar", "gzip"),
        ("h.WARC.Zst", "warc", "zstd"),
    ]


def test_a_source_tells_where_it_lies_and_how_large_it_is(tmp_path: Path) -> None:
    put(tmp_path, "sub/a.txt")
    (source,) = find_sources([tmp_path])
    path = tmp_path / "sub" / "a.txt"
    assert (source.path, source.named, source.name, source.size) == (path, str(path), "a.txt", 1)
    assert source.modified_ns == path.stat().st_mtime_ns


def test_other_and_hidden_files_in_folders_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "b.md", "c.json", ".d.txt", ".git/e.txt", "gz", "f.gz", "txt")
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [
        ("article", "<!DOCTYPE html><html></html>", True),
        ("12345.php", "  <html lang='ar'>", True),
        ("dump", '{"text": "x"}\n{"text": "y"}\n', True),
        ("feed.xml", '<?xml version="1.0"?><rss version="2.0"></rss>', True),
        ("sitemap.xml", '<?xml version="1.0"?><urlset></urlset>', False),
        ("news.json", '[{"text": "x"}]', True),
        ("numbers.json", "[1, 2]", False),
        ("notes", "x", False),
        ("page.md", "# x", False),
        ("page", "العنوان\nتاريخ النشر: 25th, June 2024 GMT\nنص", True),
        ("page.md", "العنوان\nتاريخ النشر: 25th, June 2024 GMT\nنص", False),
        ("table", "url,text,timestamp\n", True),
    ],
)
def test_in_folders_the_content_tells_where_the_name_does_not(
    tmp_path: Path, name: str, content: str, taken: bool
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert names(tmp_path) == ([name] if taken else [])


@pytest.mark.parametrize("name", ["dump.dat", "dump", "dump.jsonl.1"])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_of_a_compressed_file_what_is_inside_tells(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).write_bytes(pack(b'{"text": "x"}\n{"text": "y"}\n' * 2000 + os.urandom(50_000)))
    (tmp_path / "noise").write_bytes(pack(os.urandom(9)))
    assert names(tmp_path) == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [("page", "نص"), ("table.dat", "url;text;date\n"), ("page.gz", "نص"), ("page.text", "المصدر: الحرة")],
)
def test_a_file_named_singly_is_taken_by_its_content(tmp_path: Path, name: str, content: str) -> None:
    stored = gzip.compress(content.encode()) if name.endswith(".gz") else content.encode()
    (tmp_path / name).write_bytes(stored)
    assert names(tmp_path / name) == [name]


def test_the_standard_input_is_a_dash(tmp_path: Path) -> None:
    put(tmp_path, "-.txt")
    piped, file = find_sources([Path("-"), tmp_path / "-.txt"])
    assert (piped.named, piped.layout) == ("-", None)
    assert file.name == "-.txt"


def test_files_are_sorted_and_each_comes_once(tmp_path: Path) -> None:
    put(tmp_path, "b/2.txt", "b/1.txt", "a/3.txt")
    assert names(tmp_path / "b", tmp_path, tmp_path / "a" / "3.txt") == ["3.txt", "1.txt", "2.txt"]


def test_folders_that_are_links_are_not_entered(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    assert names(tmp_path) == ["a.txt"]


def test_the_ignore_file_holds_in_its_folder_and_below(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "x.txt", "sub/x.txt", "drafts/b.txt", "sub/deep/c.txt", "other/drafts", "keep/d.txt")
    (tmp_path / ".searchappignore").write_text("# not these\n\nx.*\ndrafts/\nsub/deep\n", encoding="utf-8")
    assert names(tmp_path) == ["a.txt", "d.txt"]


def test_a_file_named_singly_is_taken_whatever_is_ignored(tmp_path: Path) -> None:
    put(tmp_path, "x.txt")
    (tmp_path / ".searchappignore").write_text("x.txt\n", encoding="utf-8")
    assert names(tmp_path / "x.txt") == ["x.txt"]


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no such file"), ("a.pdf", "not a file of a known format")])
def test_paths_that_cannot_be_taken_are_named(tmp_path: Path, name: str, message: str) -> None:
    put(tmp_path, "a.pdf")
    with pytest.raises(UsageError, match=f"{name}: {message}"):
        find_sources([tmp_path / name])


def test_a_name_that_is_not_utf8_can_be_printed(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.txt"
    try:
        Path(os.fsdecode(path)).write_text("x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (source,) = find_sources([tmp_path])
    assert source.name == "\ufffd.txt"
    assert source.path.exists()


def test_what_goes_while_folders_are_looked_through_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.txt", "b.txt", "c.txt", "sub/d.txt")

    def moved_away(path: Path, *, singly: bool) -> bool:
        if path.name == "a.txt":
            (tmp_path / "sub" / "d.txt").unlink()
            (tmp_path / "sub").rmdir()
            path.unlink()
        return is_known(path, singly=singly)

    is_known = sources._is_known
    monkeypatch.setattr(sources, "_is_known", moved_away)
    assert names(tmp_path) == ["b.txt", "c.txt"]


def test_a_closed_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "closed/b.txt")
    (tmp_path / "closed").chmod(0)
    if os.access(tmp_path / "closed", os.R_OK):
        pytest.skip("to root no folder is closed")
    with pytest.raises(UsageError, match=r"closed: the folder cannot be read: Permission denied; a \.searchappignore"):
        names(tmp_path)


def test_a_folder_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.txt", "lost+found/b.txt")

    def forbidden(folder: Path) -> Iterator[os.DirEntry[str]]:
        if folder.name == "lost+found":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", forbidden)
    with pytest.raises(
        UsageError, match=r"lost\+found: the folder cannot be read: Permission denied; a \.searchappignore"
    ):
        names(tmp_path)
    (tmp_path / ".searchappignore").write_text("lost+found/", encoding="utf-8")
    assert names(tmp_path) == ["a.txt"]
