"""Fixtures that every kind of test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from searchapp import compiled

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# A deadline is of wall time: on a machine that does other things too, it says nothing of the code.
settings.register_profile("searchapp", deadline=None)
settings.load_profile("searchapp")


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
