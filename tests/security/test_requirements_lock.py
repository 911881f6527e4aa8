"""What a deployment installs is fixed to the byte, with compiled loops and without."""

from __future__ import annotations

import re
from configparser import ConfigParser
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from searchapp.compiled.kept import TESTED
from tools.lock_requirements import LOCKS, requirements

EACH_LOCK = pytest.mark.parametrize(("file", "extra"), LOCKS.items(), ids=LOCKS)


def locked(lock: Path) -> dict[str, str]:
    """Name → version and hashes as they stand in the file."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.split("==")[0]: line.split("==")[1] for line in lines}


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


@EACH_LOCK
def test_every_package_has_one_version_and_its_hashes(project_root: Path, file: str, extra: str | None) -> None:
    for name, rest in locked(project_root / file).items():
        assert re.fullmatch(r"[0-9][\w.]*(\s+--hash=sha256:[0-9a-f]{64})+", rest), name


@EACH_LOCK
def test_the_lock_holds_all_that_the_program_needs_at_versions_that_it_takes(
    project_root: Path, file: str, extra: str | None
) -> None:
    held = locked(project_root / file)
    for wanted in requirements(extra):
        requirement = Requirement(wanted)
        assert held[requirement.name].split()[0] in requirement.specifier, wanted


@EACH_LOCK
def test_no_registry_is_named(project_root: Path, file: str, extra: str | None) -> None:
    assert "://" not in (project_root / file).read_text(encoding="utf-8")


@EACH_LOCK
def test_nothing_is_locked_that_nothing_needs(project_root: Path, file: str, extra: str | None) -> None:
    wanted = list(map(Requirement, requirements(extra)))
    needed: set[str] = set()
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        if name not in needed and (one.marker is None or one.marker.evaluate({"extra": ""})):
            needed.add(name)
            wanted += map(Requirement, requires(name) or [])
    assert set(locked(project_root / file)) == needed


def test_the_deployments_install_from_a_lock(project_root: Path) -> None:
    for place in ("deploy/Dockerfile", "deploy/README.md"):
        installs = re.findall(r"pip install (.*)", (project_root / place).read_text(encoding="utf-8"))
        assert installs, place
        assert [one for one in installs if "--require-hashes" not in one and "--no-deps" not in one] == [], place


def test_an_extra_that_is_locked_is_one_of_the_program(project_root: Path) -> None:
    settings = ConfigParser()
    settings.read(project_root / "setup.cfg", encoding="utf-8")
    assert {extra for extra in LOCKS.values() if extra} <= set(settings["options.extras_require"])


def test_the_numba_that_is_locked_is_one_whose_code_is_loaded_without_it(project_root: Path) -> None:
    """Else servers would import it at each start: after a new lock, `TESTED` names what the tests of loops ran with."""
    (file,) = [file for file, extra in LOCKS.items() if extra == "compiled"]
    assert tuple(numbers(locked(project_root / file)["numba"])[:2]) in TESTED
