"""The power fails at every storage operation of a long run; what was acknowledged is there when it comes back."""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from searchapp.archive.directory import DataDirectory
from searchapp.errors import IndexMissing, SearchAppError
from searchapp.indexing import verify
from tests.crash.recorded_disk import LEAVINGS, CrashedDisk, Operation, can_record, put_down, record
from tests.crash.workload import (
    Step,
    found_in_index,
    held_in_archive,
    make_steps,
    run_step,
    strangers,
    words_after,
    write_sources,
)
from tests.stress.scale import LONG, note, scaled

STEPS = 21
"""Nine of every ten end in a commit of the index; one is a deletion."""
AFTERWARDS = Step(STEPS, "index", -1)
"""Given after each crash, for its commit."""
OPERATIONS = scaled(50, 1_000_000)
"""After how many of the operations the power fails; at most after all of them."""
PARTS = scaled(1, 4)
"""The operations are parted, one after another, so that several processes can try them side by side."""

RUN = """
import os, sys
from pathlib import Path
from tests.crash.workload import commit_often, make_steps, run_step

commit_often()
directory, sources = map(Path, sys.argv[1:3])
for step in make_steps(int(sys.argv[3])):
    run_step(directory, sources, step)
    os.write(1, b"acknowledged %d" % step.number)
"""


@pytest.fixture
def steps(tmp_path: Path) -> list[Step]:
    made = make_steps(STEPS)
    write_sources(tmp_path / "sources", [*made, AFTERWARDS])
    return made


@pytest.fixture
def operations(tmp_path: Path, steps: list[Step], project_root: Path) -> list[Operation]:
    """The run as the disk saw it; the data directory is "index", in a folder that was there before."""
    if not can_record():
        reason = "strace is not here or may not trace"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    root = tmp_path / "recorded"
    root.mkdir()
    command = [sys.executable, "-c", RUN, str(root / "index"), str(tmp_path / "sources"), str(len(steps))]
    recorded = record(command, root, tmp_path / "trace", project_root)
    disk = CrashedDisk()
    for operation in recorded:
        disk.apply(operation)
    put_down(disk.after("all unsynced is kept", random.Random(0)), tmp_path / "replayed")
    assert held_in_archive(tmp_path / "replayed" / "index") == words_after(steps)
    syncs = Counter(operation.path for operation in recorded if operation.kind == "sync")
    assert all(count > 1 for path, count in syncs.items() if path.endswith(".seg")), "none was synced ahead of its end"
    return recorded


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.usefixtures("committing_often")
def test_a_loss_of_power_at_any_operation_loses_nothing_that_was_acknowledged(
    tmp_path: Path, quick_disk: Path, steps: list[Step], operations: list[Operation], part: int
) -> None:
    chance = random.Random(6 + part)
    tried = Counter[str]()
    within = range(len(operations) * part // PARTS, len(operations) * (part + 1) // PARTS)
    for at, done, leaving, files in crashed_states(operations, within, chance):
        put_down(files, quick_disk / "crashed")
        try:
            check(quick_disk / "crashed" / "index", tmp_path / "sources", steps, done)
        except (SearchAppError, AssertionError) as error:
            pytest.fail(f"{leaving} at operation {at} ({operations[at].kind} {operations[at].path}): {error!r}")
        tried[leaving] += 1
    kinds = Counter(operation.kind for operation in operations[within.start : within.stop])
    note("power loss", part=part, operations=len(within), states=tried.total(), kinds=kinds, leavings=tried)


def crashed_states(
    operations: list[Operation], within: range, chance: random.Random
) -> Iterator[tuple[int, int, str, dict[str, bytes | None]]]:
    """Each different state that a crash `within` may leave: after which operation, steps acknowledged, how, the files.

    The short form takes some of the operations, and of each but one of the ways.
    """
    disk, done, seen = CrashedDisk(), 0, set[bytes]()
    chosen = set(chance.sample(within, min(OPERATIONS, len(within))))
    for at, operation in enumerate(operations):
        disk.apply(operation)
        if operation.kind == "acknowledge":
            done = int(operation.data) + 1
        if at not in chosen:
            continue
        for leaving in LEAVINGS if LONG else [chance.choice(list(LEAVINGS))]:
            files = disk.after(leaving, chance)
            print_of = fingerprint(done, files)
            if print_of not in seen:
                seen.add(print_of)
                yield at, done, leaving, files


def fingerprint(done: int, files: dict[str, bytes | None]) -> bytes:
    found = hashlib.sha256(str(done).encode())
    for path, content in files.items():
        size = -1 if content is None else len(content)
        found.update(f"\0{path}\0{size}\0".encode() + (content or b""))
    return found.digest()


def check(directory: Path, sources: Path, steps: list[Step], done: int) -> None:
    """What was acknowledged is there and found; the step that was cut off can be given again, and all fits then."""
    known, cut_off = words_after(steps[:done]), steps[: done + 1]
    if done:
        assert found_in_index(directory).keys() >= known.keys() - words_gone(cut_off)
        assert all("as a stopped run leaves it" in problem for problem in verify(directory).problems)
        held = held_in_archive(directory)
        later = words_after(cut_off)
        for name in known.keys() | held.keys():
            assert held.get(name) in (known.get(name), later.get(name)), name
    else:
        with suppress(IndexMissing):  # there may be an archive already
            DataDirectory(directory).require_archive()
            held_in_archive(directory)
    recover(directory, sources, steps, done)


def words_gone(steps: list[Step]) -> set[str]:
    """The articles that these steps delete."""
    return {name for step in steps if step.kind == "delete" for name in (f"a{step.about}-0",)}


def recover(directory: Path, sources: Path, steps: list[Step], done: int) -> None:
    """Go on from the step that was cut off; the next commit removes what it left."""
    again = steps[done] if done < len(steps) else steps[-1]
    run_step(directory, sources, again)
    whole = words_after(steps[: done + 1])
    assert held_in_archive(directory) == whole
    if again.kind != "delete":
        assert verify(directory).problems == ()
        assert found_in_index(directory) == whole
    run_step(directory, sources, AFTERWARDS)
    assert strangers(directory) == []
    assert not DataDirectory(directory).is_being_written()
