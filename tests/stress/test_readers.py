"""Many readers under one writer: whole commits only, in order, without an error and without a growing pile of files."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from searchapp import open_index
from searchapp.indexing import IndexOptions, index_paths, optimize, rebuild
from tests.crash.workload import Silent
from tests.stress.scale import note, scaled
from tests.waiting import PATIENCE, next_line, started

PROCESSES = scaled(3, 8)
THREADS = scaled(3, 8)
"""Of one more process."""
SECONDS = scaled(3, 60)
LEAST_COMMITS = 5
"""However slow the machine is, all readers see more than one of them."""
STORIES = 5
FILES_ALLOWED = 2
"""How many more files a reader may have open at the end than at its start; the index is one segment both times."""

READ = """
import gc, json, select, sys, threading
from searchapp import SearchRequest, open_index
from tests.crash.workload import open_files

index = open_index(sys.argv[1])
counts = {"searches": 0, "generations": 0, "errors": []}
over = threading.Event()

def read():
    last, seen = -1, set()
    try:
        while not over.is_set():
            result = index.search(SearchRequest(q="حالة", per_page=50))
            states = {hit.snippet.text.split()[1] for hit in result.hits}
            assert result.total == len(result.hits) == STORIES, f"half a commit: {result.total} stories"
            assert len(states) == 1, f"two commits at once: {states}"
            assert result.generation >= last, f"generation {result.generation} after {last}"
            last = result.generation
            seen.add(last)
            counts["searches"] += 1
            index.article("s1")
    except Exception as error:
        counts["errors"].append(repr(error))
    counts["generations"] = max(counts["generations"], len(seen))

read_once = index.search(SearchRequest(q="حالة"))
index.article("s1")
before = open_files()
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads:
    thread.start()
print("reading", flush=True)
sys.stdin.readline()
over.set()
for thread in threads:
    thread.join()
last = int(sys.stdin.readline())
while index.generation < last:
    pass
index.search(SearchRequest(q="حالة"))
gc.collect()
print(json.dumps(counts | {"files": open_files() - before}), flush=True)
""".replace("STORIES", str(STORIES))


def write_state(directory: Path, source: Path, state: int) -> None:
    """One commit that changes all the stories together."""
    lines = [
        json.dumps({"id": f"s{story}", "text": f"حالة {state} من الخبر {story}"}, ensure_ascii=False)
        for story in range(STORIES)
    ]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    index_paths(directory, [source], IndexOptions(), Silent())


@pytest.fixture
def start_readers(project_root: Path) -> Iterator[Callable[[Path], list[subprocess.Popen[str]]]]:
    def start(directory: Path) -> list[subprocess.Popen[str]]:
        commands = [[sys.executable, "-c", READ, str(directory), str(count)] for count in [1] * PROCESSES + [THREADS]]
        readers = [
            running.enter_context(started(command, cwd=project_root, stdin=subprocess.PIPE)) for command in commands
        ]
        assert [next_line(reader) for reader in readers] == ["reading"] * len(readers)
        return readers

    with ExitStack() as running:
        yield start


def current_generation(directory: Path) -> int:
    with open_index(directory) as index:
        return index.generation


def test_readers_see_whole_commits_in_order_and_keep_no_files(
    tmp_path: Path, start_readers: Callable[[Path], list[subprocess.Popen[str]]]
) -> None:
    directory, source = tmp_path / "index", tmp_path / "states.jsonl"
    write_state(directory, source, 0)
    readers = start_readers(directory)
    state, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until or state < LEAST_COMMITS:
        state += 1
        write_state(directory, source, state)
        if state % 10 == 0:
            optimize(directory)
        if state % 25 == 0:
            rebuild(directory, Silent())
    for reader in readers:
        assert reader.stdin is not None
        reader.stdin.write("over\n")
        reader.stdin.flush()
    optimize(directory)
    last = current_generation(directory)
    counts = [json.loads(reader.communicate(f"{last}\n", timeout=PATIENCE)[0]) for reader in readers]
    assert [count["errors"] for count in counts] == [[]] * len(readers)
    assert min(count["generations"] for count in counts) > 1
    assert max(count["files"] for count in counts) <= FILES_ALLOWED
    note(
        "readers",
        processes=PROCESSES,
        threads=THREADS,
        seconds=SECONDS,
        commits=state,
        searches=sum(count["searches"] for count in counts),
        files_more=max(count["files"] for count in counts),
    )
