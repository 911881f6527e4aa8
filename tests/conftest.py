"""Fixtures that every kind of test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from searchapp import compiled
from tests.compiled_once import compile_all

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Processes of their own, which tests start, load machine code from disk, as everybody's do.
compiled.check_arguments()

# A deadline is of wall time: on a machine that does other things too, it says nothing of the code.
settings.register_profile("searchapp", deadline=None)
settings.load_profile("searchapp")

SLOWEST = (
    "browser",
    "contract/test_stock_whoosh.py",
    "unit/test_cli_serving.py",
    "unit/test_looped_unions.py",
    "unit/test_match_loops.py",
    "crash",
    "property/test_analysis_batch.py",
    "unit/test_storage_widths.py",
    "unit/test_variant_loops.py",
    "unit/test_gunicorn_worker.py",
    "unit/test_cli_inputs.py",
    "unit/test_exporting.py",
    "unit/test_watching.py",
    "security/test_hostile_input.py",
    "unit/test_taking_in_ending.py",
    "contract/test_reference.py",
    "unit/test_archive_copies.py",
    "unit/test_taking_in.py",
    "unit/test_building_ahead.py",
    "property/test_storage_postings.py",
    "test_wheel.py",
)
"""Folders and files whose tests take seconds, the slowest first; all others follow."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where several processes will run the tests, loops are compiled before any of them begins."""
    config = session.config
    processes = config.getoption("numprocesses", None)
    if not processes or hasattr(config, "workerinput") or config.option.collectonly:
        return
    if (terminal := config.pluginmanager.get_plugin("terminalreporter")) is not None:
        terminal.write_line("loops are compiled that were not yet (once in a checkout)")
    compile_all(ROOT, processes)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest tests first: of several processes none ends with a long one while the others have nothing to do.

    Files stay whole, and in each the order in which tests that share a fixture stand together.
    """
    tests = ROOT / "tests"
    ranks = {tests / name: rank for rank, name in enumerate(SLOWEST)}
    if gone := [str(path) for path in ranks if not path.exists()]:
        raise pytest.UsageError(f"SLOWEST in tests/conftest.py names what is not there: {', '.join(gone)}")

    def rank(item: pytest.Item) -> int:
        return min(ranks.get(path, len(ranks)) for path in (item.path, item.path.parent))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout: where setup.cfg and seeds/ are."""
    return ROOT


@pytest.fixture(scope="session")
def seeds(project_root: Path) -> Path:
    """The five sample pages and what must be read out of them."""
    return project_root / "seeds"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The measuring data beside the project; a test that needs it is skipped where it is absent, and fails in CI."""
    data = SHARED / "data"
    if not data.is_dir():
        reason = "the measuring data (../shared/data) are not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return data


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def each_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests of a module by numpy's way, and once more by compiled loops."""
    if request.param == "compiled" and not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed, or switched off")
    yield
    compiled.stop()
