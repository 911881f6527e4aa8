"""A data directory that someone else made, to harm: nothing of it is run, and what does not fit is refused."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searchapp import SearchRequest, open_index
from searchapp.archive.records import compress
from searchapp.archive.schema import checksum_of
from searchapp.errors import IndexBroken, SearchAppError
from searchapp.indexing import IndexOptions, index_paths, optimize, rebuild, verify
from tests.crash.workload import Silent
from tests.security.test_table_of_contents import Payload
from tests.stress.news import WORDS, write_news
from tests.stress.scale import note, scaled

CRAFTED = scaled(60, 2000)
BOMB_BYTES = 1 << 28


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for number in range(2):
        source = write_news(folder / f"{number}.jsonl", 60, seed=number, prefix="n")
        index_paths(folder / "index", [source], IndexOptions(), Silent())
    return folder / "index"


@pytest.fixture
def directory(tmp_path: Path, made: Path) -> Path:
    shutil.copytree(made, tmp_path / "index")
    return tmp_path / "index"


def commit_of(directory: Path) -> Path:
    (path,) = (directory / "segments" / "1").glob("commit.*.json")
    return path


def craft_commit(path: Path, **changes: Any) -> None:
    """Change a commit and let its checksum fit."""
    fields = json.loads(path.read_bytes())["commit"] | changes
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    path.write_text(json.dumps({"crc32": zlib.crc32(text), "commit": fields}), encoding="utf-8")


def everything_tried(directory: Path, source: Path) -> Iterator[SearchAppError | None]:
    """All that a person might do with it; each is done or refused with an error of ours."""
    for act in (
        lambda: open_index(directory).search(SearchRequest(q=WORDS[0])),
        lambda: verify(directory),
        lambda: index_paths(directory, [source], IndexOptions(), Silent()),
        lambda: optimize(directory),
        lambda: rebuild(directory, Silent()),
    ):
        try:
            act()
            yield None
        except SearchAppError as error:
            yield error


def test_a_pickle_in_the_place_of_any_file_is_refused_and_never_run(tmp_path: Path, directory: Path) -> None:
    marker = tmp_path / "the payload ran"
    source = write_news(tmp_path / "more.jsonl", 5, prefix="m")
    names = [path.relative_to(directory) for path in directory.rglob("*") if path.is_file()]
    assert len(names) >= 5
    for name in names:
        copy = tmp_path / "copy"
        shutil.copytree(directory, copy)
        (copy / name).write_bytes(pickle.dumps(Payload(marker)))
        list(everything_tried(copy, source))
        shutil.rmtree(copy)
        assert not marker.exists(), name


def test_sql_in_the_archive_is_not_run_beyond_what_sql_may_do(tmp_path: Path, directory: Path) -> None:
    """Triggers and views of a stranger's schema may call no function that reaches out of the database."""
    connection = sqlite3.connect(directory / "archive.sqlite")
    library = str(tmp_path / "library")
    for statement in (
        f"CREATE TRIGGER loads AFTER UPDATE ON sources BEGIN SELECT load_extension('{library}'); END",
        f"CREATE TRIGGER writes AFTER INSERT ON stories BEGIN SELECT writefile('{library}', 'x'); END",
        f"CREATE TRIGGER tokenizes AFTER INSERT ON pages BEGIN SELECT fts3_tokenizer('{library}'); END",
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    tried = list(everything_tried(directory, write_news(tmp_path / "more.jsonl", 5, prefix="m")))
    assert tried[0] is None
    assert isinstance(tried[2], IndexBroken)
    assert not Path(library).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": [{"name": "../../../outside", "documents": 1}]},
        {"segments": [{"name": "/etc/passwd", "documents": 1}]},
        {"segments": [{"name": "00000000", "documents": 60, "deletes": "../../../outside.del", "deleted": 1}]},
        {"segments": [{"name": "00000000", "documents": -1}]},
        {"segments": [{"name": "00000000", "documents": "many"}]},
        {"segments": [{"name": "00000000", "documents": 60, "unknown": 1}]},
        {"segments": "00000000"},
        {"segments": [1]},
        {"next_segment": "x"},
        {"archive_sequence": None},
        {"number": 77},
        {"another": 1},
    ],
)
def test_a_commit_of_odd_values_is_refused(tmp_path: Path, directory: Path, changes: dict[str, Any]) -> None:
    outside = tmp_path / "outside.del"
    outside.touch()
    craft_commit(commit_of(directory), **changes)
    with pytest.raises(IndexBroken, match="run searchapp rebuild"):
        open_index(directory)
    with pytest.raises(IndexBroken, match="run searchapp rebuild"):
        optimize(directory)
    rebuild(directory, Silent())
    assert verify(directory).problems == ()
    assert outside.exists()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"commit": ' * 50_000, "NaN", "{}", '{"commit": [], "crc32": 1}', ""])
def test_a_commit_that_is_other_json_is_refused(directory: Path, text: str) -> None:
    commit_of(directory).write_text(text, encoding="utf-8")
    with pytest.raises(IndexBroken, match="run searchapp rebuild"):
        open_index(directory)


def header_of(data: bytes) -> tuple[dict[str, Any], int]:
    """The header of a segment file, and where its data begin."""
    _, length, offset, _ = struct.unpack_from("<8sQQI", data)
    return json.loads(data[32 : 32 + length]), offset


def with_header(data: bytes, header: bytes) -> bytes:
    """A segment file with another header, and the checksums that fit."""
    _, offset = header_of(data)
    at = -(-(32 + len(header)) // 64) * 64
    head = struct.pack("<8sQQI", b"SAPPSEG1", len(header), at, zlib.crc32(header))
    return head + struct.pack("<I", zlib.crc32(head)) + header + bytes(at - 32 - len(header)) + data[offset:]


def test_a_segment_with_an_odd_header_is_refused(directory: Path) -> None:
    path = sorted((directory / "segments" / "1").glob("*.seg"))[0]
    sound = path.read_bytes()
    header, _ = header_of(sound)
    assert with_header(sound, json.dumps(header).encode())[:8] == sound[:8]
    name = next(iter(header["arrays"]))
    arrays: list[Any] = [
        ["|O", 1, 0],
        ["<u4", -1, 0],
        ["<u4", 1 << 60, 0],
        ["<u4", 1, 1 << 62],
        [1],
        "x",
        None,
        ["<u4"],
    ]
    odd = [header | {"arrays": header["arrays"] | {name: array}} for array in arrays]
    odd += [header | {"arrays": {}}, header | {"arrays": []}, header | {"meta": 1}, header | {"data_bytes": -5}, {}]
    for crafted in [*(json.dumps(one).encode() for one in odd), b"[" * 100_000, b"\xff", b"null"]:
        path.write_bytes(with_header(sound, crafted))
        with pytest.raises(IndexBroken, match="run searchapp rebuild"):
            open_index(directory).search(SearchRequest(q=WORDS[0]))


@pytest.mark.parametrize("way", ["numpy", "loops"])
def test_segments_crafted_with_fitting_checksums_never_crash_the_process(
    tmp_path: Path, directory: Path, project_root: Path, way: str
) -> None:
    """Whoever can compute a checksum can let the index answer anything; they must not get further than that."""
    if way == "loops":
        pytest.importorskip("numba")
    script = """
import random, sys
from pathlib import Path
from searchapp import SearchRequest, compiled, open_index
from tests.security.test_directory_of_another import craft_segment
directory, chance = Path(sys.argv[1]), random.Random(int(sys.argv[3]))
if sys.argv[4] == "loops":
    compiled.prepare(at_once=True)
path = sorted((directory / "segments" / "1").glob("*.seg"))[0]
sound = path.read_bytes()
for _ in range(int(sys.argv[2])):
    path.unlink()
    path.write_bytes(craft_segment(sound, chance))
    for query in ("وزير", '"وزير الخارجية"', "وز*", "", "مدينة سوق"):
        try:
            open_index(directory).search(SearchRequest(q=query))
        except Exception as error:
            assert not isinstance(error, (MemoryError, SystemError)), error
print("alive")
"""
    arguments = [sys.executable, "-c", script, str(directory), str(CRAFTED), "1", way]
    ran = subprocess.run(arguments, cwd=project_root, capture_output=True, text=True, timeout=1200, check=False)
    assert ran.stdout == "alive\n", ran.stderr
    note(f"crafted segments, {way}", crafted=CRAFTED)


def craft_segment(sound: bytes, chance: random.Random) -> bytes:
    """Some bytes of the data changed, and every checksum made to fit."""
    header, offset = header_of(sound)
    size, block = header["data_bytes"], 1 << 16
    data = bytearray(sound[offset : offset + size])
    for _ in range(chance.choice((1, 3, 30))):
        at = chance.randrange(size)
        data[at : at + 1] = bytes([chance.choice((0, 1, 127, 255, chance.randrange(256)))])
    table = b"".join(struct.pack("<I", zlib.crc32(data[at : at + block])) for at in range(0, size, block))
    header["blocks_crc"] = zlib.crc32(table)
    return with_header(sound[:offset] + bytes(data) + table, json.dumps(header).encode())


def test_an_article_that_unpacks_to_far_more_than_was_ever_taken_in_is_refused(directory: Path) -> None:
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(BOMB_BYTES >> 20)) + packer.flush()
    plant(directory, "n5", bomb)
    with open_index(directory) as index, pytest.raises(IndexBroken, match="article n5"):
        index.article("n5")


@pytest.mark.parametrize("data", [b"[" * 100_000, b"{}", b"[]", b'{"id": 1, "unknown": 2}', b"\xff", b""])
def test_an_article_that_is_other_json_is_refused(directory: Path, data: bytes) -> None:
    plant(directory, "n5", compress(data))
    with open_index(directory) as index, pytest.raises(IndexBroken, match="article n5"):
        index.article("n5")


def plant(directory: Path, article: str, data: bytes) -> None:
    """Give an article other bytes, with the checksum that fits."""
    connection = sqlite3.connect(directory / "archive.sqlite")
    connection.execute("UPDATE articles SET data = ? WHERE id = ?", (data, article))
    columns = [row[1] for row in connection.execute("PRAGMA table_info(articles)")][:-1]
    casts = ", ".join(f"CAST({column} AS BLOB)" for column in columns)
    values = connection.execute(f"SELECT {casts} FROM articles WHERE id = ?", (article,)).fetchone()  # noqa: S608
    connection.execute("UPDATE articles SET checksum = ? WHERE id = ?", (checksum_of(values), article))
    connection.commit()
    connection.close()
