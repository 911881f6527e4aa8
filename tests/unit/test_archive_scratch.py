"""What memory has no room for is kept in a file without a name, in bounded room."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from searchapp.archive.scratch import Scratch


def read(scratch: Scratch, *parts: tuple[int, int]) -> list[bytes | None]:
    begins, sizes = (np.array(column, np.int64) for column in zip(*parts, strict=True))
    there, data = scratch.read(begins, sizes)
    stream = BytesIO(data)
    found = [stream.read(size) if is_there else None for (_, size), is_there in zip(parts, there, strict=True)]
    assert not stream.read()
    return found


def test_what_was_written_is_read_back_and_no_file_is_seen(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert read(scratch, (0, 1)) == [None]
    scratch.write(memoryview(b"one"))
    scratch.write(memoryview(b"two"))
    assert read(scratch, (3, 3), (0, 3), (4, 3), (1, 2), (0, 6)) == [b"two", b"one", None, b"ne", b"onetwo"]
    assert list(tmp_path.iterdir()) == []


def test_the_latest_are_kept_in_bounded_room(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, most=40)
    for number in range(30):
        scratch.write(memoryview(bytes([number]) * 4))
        assert scratch._file is not None
        assert os.fstat(scratch._file.fileno()).st_size <= 40
        found = read(scratch, *((4 * at, 4) for at in range(30)))
        kept = [at for at, data in enumerate(found) if data == bytes([at]) * 4]
        assert kept == list(range(max(0, number - 9), number + 1))
    scratch.clear()
    assert (scratch.begin, scratch.end) == (0, 0)
    scratch.write(memoryview(b"again"))
    assert read(scratch, (0, 5)) == [b"again"]


def test_where_it_cannot_be_written_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch(tmp_path)
    scratch.write(memoryview(b"one"))

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", refuse)
        assert read(scratch, (0, 3)) == [None]
    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", lambda _, size, begin: b"one"[: size - 1 + begin])  # cut short by somebody
        assert read(scratch, (0, 3), (1, 2)) == [None, b"on"]
    monkeypatch.setattr(os, "pwrite", refuse)
    scratch.write(memoryview(b"two"))
    monkeypatch.undo()
    scratch.write(memoryview(b"three"))
    assert (scratch.begin, scratch.end) == (11, 11)
    assert read(scratch, (0, 3), (3, 3), (6, 3)) == [None] * 3
    for nowhere in (Scratch(tmp_path / "missing"), Scratch(tmp_path, most=0)):
        nowhere.write(memoryview(b"one"))
        assert (nowhere.begin, nowhere.end) == (3, 3)
        assert read(nowhere, (0, 3)) == [None]
