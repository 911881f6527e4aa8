"""What is written grain by grain lies where it was to go, however little the system takes at once."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

import pytest

from searchapp.engine.storage.grains import GRAIN, write_in_grains


class Stingy(FileIO):
    """A file that takes little at once, and notes where writes began and how much they were of."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(path, "x+")
        self.most = most
        self.asked: list[tuple[int, int]] = []

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        self.asked.append((self.tell(), len(data)))
        return super().write(data[: self.most])


@pytest.mark.parametrize("at", [0, 5, GRAIN - 1, GRAIN, 3 * GRAIN + 7])
@pytest.mark.parametrize("most", [GRAIN // 3, GRAIN])
def test_bytes_lie_where_they_were_to_go(tmp_path: Path, at: int, most: int) -> None:
    data = bytes(range(251)) * (3 * GRAIN // 251)
    with Stingy(tmp_path / "file", most) as file:
        write_in_grains(file, memoryview(data), at)
        file.seek(0)
        assert file.read() == bytes(at) + data


def test_no_write_goes_over_the_end_of_a_grain(tmp_path: Path) -> None:
    with Stingy(tmp_path / "file", GRAIN) as file:
        write_in_grains(file, memoryview(bytes(3 * GRAIN)), 100)
        assert [start % GRAIN for start, _ in file.asked] == [100, 0, 0, 0]
        assert all(start // GRAIN == (start + count - 1) // GRAIN for start, count in file.asked)
