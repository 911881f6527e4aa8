"""Nothing in an index directory is unpickled by our own opener, whatever was put there."""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import whoosh.index
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.storage.commits import latest_number, read_commit
from searchapp.engine.whoosh_codec.schema import make_schema
from searchapp.engine.whoosh_codec.table_of_contents import write_table_of_contents
from searchapp.errors import IndexBroken
from searchapp.model import Article, SearchRequest, Story
from tests.waiting import PATIENCE

UNPICKLERS = {"pickle", "_pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle"}


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def story(number: int, body: str) -> Story:
    return Story(number, number, (Article(id=str(number), title=None, body=body),))


def commit(directory: Path, *stories: Story) -> None:
    writer = SegmentBackend().open_writer(directory)
    for made in stories:
        writer.replace(made)
    writer.commit(max(made.sequence for made in stories))
    write_table_of_contents(directory, read_commit(directory, latest_number(directory)))


def titles(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.toc*"))


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "the payload ran"


@pytest.fixture
def crafted(tmp_path: Path, marker: Path) -> Path:
    """An index whose table of contents, and whatever else Whoosh might read, run a payload when they are unpickled."""
    directory = tmp_path / "index"
    directory.mkdir()
    SegmentBackend().create(directory)
    commit(directory, story(1, "غزة"), story(2, "لبنان"))
    for generation in (1, 2, 99):
        TOC(make_schema(), [Payload(marker)], generation).write(FileStorage(str(directory)), f"MAIN{generation}")
        (directory / f"_MAIN{generation}_{generation}.toc").replace(directory / f"_MAIN_{generation}.toc")
    for name in ("MAIN_0.trm", "MAIN_0.seg", "00000000.dci", "commit.pickle", "state.pickle"):
        (directory / name).write_bytes(pickle.dumps(Payload(marker)))
    return directory


def test_the_payload_would_run_in_whooshs_own_opener(crafted: Path, marker: Path) -> None:
    script = "import sys, whoosh.index; whoosh.index.open_dir(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, str(crafted)], check=False, capture_output=True, timeout=PATIENCE)
    assert marker.is_dir()


def test_our_opener_runs_no_payload(crafted: Path, marker: Path) -> None:
    reader = SegmentBackend().open_reader(crafted)
    assert [hit.id for hit in reader.search(SearchRequest(q="غزة")).hits] == ["1"]
    assert reader.is_current()
    reader.close()
    assert SegmentBackend().archive_sequence(crafted) == 2
    assert not marker.exists()


def test_our_writer_runs_no_payload_and_takes_crafted_tables_away(crafted: Path, marker: Path) -> None:
    commit(crafted, story(3, "مصر"))
    assert not marker.exists()
    assert titles(crafted) == ["_MAIN_2.toc"]
    with whoosh.index.open_dir(str(crafted)).searcher() as searcher:
        assert searcher.doc_count() == 3
    assert not marker.exists()


@pytest.mark.parametrize("name", ["00000000.seg", "commit.1.json"])
def test_a_pickle_in_place_of_one_of_our_files_is_refused(crafted: Path, marker: Path, name: str) -> None:
    (crafted / name).write_bytes(pickle.dumps(Payload(marker)))
    with pytest.raises(IndexBroken, match="run searchapp rebuild"):
        SegmentBackend().open_reader(crafted)
    assert not marker.exists()


def test_a_table_of_contents_is_put_in_place_of_the_one_before(tmp_path: Path) -> None:
    SegmentBackend().create(tmp_path)
    commit(tmp_path, story(1, "غزة"))
    (tmp_path / "_MAIN_1.toc.1700000000.5").write_bytes(b"left over by a writer that died")
    commit(tmp_path, story(2, "لبنان"))
    write_table_of_contents(tmp_path, read_commit(tmp_path, 2))
    assert titles(tmp_path) == ["_MAIN_2.toc"]


def test_no_module_of_the_engine_imports_what_unpickles(project_root: Path) -> None:
    # Building processes are sent stories pickled, in memory that only they and the process that started them have open.
    between_processes = project_root / "searchapp" / "engine" / "storage" / "gathered_stories.py"
    for path in {*(project_root / "searchapp" / "engine").rglob("*.py")} - {between_processes}:
        imported: set[str] = set()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
            elif isinstance(node, ast.Attribute):
                assert node.attr not in {"read_pickle", "allow_pickle"}, path
        assert not imported & UNPICKLERS, path
