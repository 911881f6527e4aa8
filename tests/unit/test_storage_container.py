"""Segment files: named arrays come back as they went in, and anything else than what was written is refused."""

from __future__ import annotations

import json
import pickle
import random
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.engine.storage import container
from searchapp.engine.storage.container import MAGIC, SegmentFile
from searchapp.engine.storage.file_writing import write_segment_file
from searchapp.errors import IndexBroken

DTYPES = ("u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4")
SAMPLE: Mapping[str, container.Array] = {
    "bytes": np.frombuffer("كلمات بالعربية".encode(), np.uint8),
    "nothing": np.empty(0, np.uint16),
    "numbers": np.arange(-20, 20, dtype=np.int64),
    "scores": np.linspace(0, 1, 7, dtype=np.float32),
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "sample.seg"
    write_segment_file(path, {"documents": 3, "name": "غزة"}, SAMPLE)
    return path


def refused(path: Path, data: bytes) -> str:
    """The message with which a file of these bytes is refused, at opening or at reading all of it."""
    path.write_bytes(data)
    try:
        problems = SegmentFile(path).verify()
    except IndexBroken as error:
        problems = [str(error)]
    assert problems
    assert all(problem.startswith(str(path)) and "searchapp rebuild" in problem for problem in problems)
    return problems[0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 40_000])
def test_arrays_of_every_dtype_and_length_come_back(tmp_path: Path, dtype: str, count: int) -> None:
    kind = np.dtype(dtype)
    array = np.random.default_rng(count).integers(0, 256, count * kind.itemsize, np.uint8).view(kind)
    size = write_segment_file(tmp_path / "a", {}, {"first": array, "other": np.ones(3, np.uint8), "last": array})
    file = SegmentFile(tmp_path / "a")
    for name in ("first", "last"):
        assert file.array(name).dtype == kind
        assert file.touched(name).tobytes() == array.tobytes()
    assert file.verify() == []
    assert (tmp_path / "a").stat().st_size == size


@given(
    st.dictionaries(
        st.text(max_size=8), st.tuples(st.sampled_from(DTYPES), st.binary(max_size=300)), min_size=0, max_size=6
    )
)
def test_any_arrays_under_any_names_come_back(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, tuple[str, bytes]]
) -> None:
    kept = {
        name: np.frombuffer(data[: len(data) // 8 * 8], np.dtype(dtype)) if len(data) >= 8 else np.empty(0, dtype)
        for name, (dtype, data) in arrays.items()
    }
    path = tmp_path_factory.mktemp("any") / "a"
    write_segment_file(path, {}, kept)
    file = SegmentFile(path)
    assert {name: file.touched(name).tobytes() for name in kept} == {name: a.tobytes() for name, a in kept.items()}
    assert file.verify() == []


def test_the_meta_part_comes_back(written: Path) -> None:
    file = SegmentFile(written)
    assert file.meta == {"documents": 3, "name": "غزة"}


def test_numbers_of_the_other_byte_order_are_stored_as_the_same_numbers(tmp_path: Path) -> None:
    write_segment_file(tmp_path / "a", {}, {"big": np.array([1, 500], np.dtype(">u4"))})
    assert SegmentFile(tmp_path / "a").touched("big").tolist() == [1, 500]


@pytest.mark.parametrize(
    "array", [np.array(["text"], object), np.zeros((2, 2), np.uint8), np.array([1.5]), np.array([True])]
)
def test_arrays_that_have_no_stored_form_are_not_written(tmp_path: Path, array: Any) -> None:
    with pytest.raises(TypeError, match="array odd"):
        write_segment_file(tmp_path / "a", {}, {"odd": array})
    assert not (tmp_path / "a").exists()


def test_a_file_that_exists_is_never_written_over(written: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(FileExistsError):
        write_segment_file(written, {}, {})
    assert written.read_bytes() == before


def test_mapped_arrays_cannot_be_written_to(written: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        SegmentFile(written).touched("numbers")[0] = 1


def test_a_file_cut_short_anywhere_is_refused(written: Path) -> None:
    data = written.read_bytes()
    for length in range(len(data)):
        refused(written, data[:length])


def test_a_file_with_more_at_its_end_is_refused(written: Path) -> None:
    assert "length" in refused(written, written.read_bytes() + b"\0")


def test_every_flipped_bit_is_found(written: Path) -> None:
    """Gaps between arrays among them: every byte of the file is under a checksum."""
    data = bytearray(written.read_bytes())
    chosen = random.Random(3)
    for at in range(len(data)):
        bit = 1 << chosen.randrange(8)
        data[at] ^= bit
        refused(written, bytes(data))
        data[at] ^= bit


def test_another_magic_or_version_is_refused(written: Path) -> None:
    data = written.read_bytes()
    assert "not a segment file of this version" in refused(written, b"SAPPSEG2" + data[8:])
    assert "not a segment file of this version" in refused(written, b"PK\3\4" + data[4:])
    assert "not a segment file of this version" in refused(written, b"short")


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "none.seg", tmp_path):
        with pytest.raises(IndexBroken, match="cannot be opened") as refusal:
            SegmentFile(path)
        assert str(path) in str(refusal.value)


class _Payload:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_in_place_of_a_segment_is_refused_and_not_run(tmp_path: Path) -> None:
    payload = pickle.dumps(_Payload(tmp_path / "was run"))
    refused(tmp_path / "evil.seg", payload)
    assert not (tmp_path / "was run").exists()
    pickle.loads(payload)  # noqa: S301 - the payload is a real one
    assert (tmp_path / "was run").exists()


def forged(arrays: dict[str, list[Any]], data: bytes) -> bytes:
    """A file whose checksums all fit, with a directory of arrays that the writer would never write."""
    table = struct.pack("<I", zlib.crc32(data))
    facts = {"meta": {}, "arrays": arrays, "data_bytes": len(data), "blocks_crc": zlib.crc32(table)}
    header = json.dumps(facts).encode()
    start = -(-(32 + len(header)) // 64) * 64
    head = struct.pack("<8sQQI", MAGIC, len(header), start, zlib.crc32(header))
    gap = bytes(start - 32 - len(header))
    return head + struct.pack("<I", zlib.crc32(head)) + header + gap + data + table


def test_a_forged_file_that_is_sound_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(forged({"x": ["u1", 8, 0]}, b"12345678"))
    assert SegmentFile(tmp_path / "a").touched("x").tobytes() == b"12345678"


@pytest.mark.parametrize(
    "entry", [["|O", 1, 0], ["O", 1, 0], ["<u8", 2, 0], ["u1", 9, 0], ["u1", 1, 8], ["u1", -1, 0], ["u1", 1, -1]]
)
def test_a_forged_array_of_objects_or_beyond_the_data_is_refused(tmp_path: Path, entry: list[Any]) -> None:
    payload = pickle.dumps(_Payload(tmp_path / "was run"))[:8].ljust(8, b"\0")
    refused(tmp_path / "a", forged({"x": entry}, payload))


def test_only_the_blocks_that_are_read_are_checked_and_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "BLOCK", 64)
    path = tmp_path / "a"
    write_segment_file(path, {}, {"x": np.arange(64, dtype=np.uint32)})
    data = bytearray(path.read_bytes())
    data[-4 * 4 - 1] ^= 1  # the last byte of the fourth and last block
    path.write_bytes(data)
    file = SegmentFile(path)
    file.guard("x")(0, 48)
    with pytest.raises(IndexBroken, match="do not fit their checksum"):
        file.guard("x")(47, 49)
    with pytest.raises(IndexBroken):
        file.guard("x")(63, 64)
    with pytest.raises(IndexBroken):
        file.touched("x")
    assert len(file.verify()) == 1


def test_of_many_pieces_just_their_blocks_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "BLOCK", 64)
    path = tmp_path / "sample.seg"
    write_segment_file(path, {}, {"first": np.zeros(16, np.uint32), "numbers": np.arange(160, dtype=np.uint32)})
    file = SegmentFile(path)
    guard = file.guard("numbers")
    guard.pieces(np.array([3, 30, 64]), np.array([4, 34, 100]))
    seen = [at - 1 for at, unseen in enumerate(file.unseen) if not unseen]
    assert seen == [0, 1, 2, 4, 5, 6]
    guard(0, 160)
    assert guard.has_seen_all()
    guard.pieces(np.array([3]), np.array([4]))


def test_an_array_that_is_not_there_is_told(tmp_path: Path) -> None:
    write_segment_file(tmp_path / "a.seg", {}, {"one": np.arange(3, dtype=np.uint32)})
    for reading in (SegmentFile(tmp_path / "a.seg").touched, SegmentFile(tmp_path / "a.seg").guard):
        with pytest.raises(IndexBroken, match=r"a\.seg: lacks the array two.*searchapp rebuild"):
            reading("two")
