"""What a deployment installs is fixed to the byte."""

from __future__ import annotations

import re
from configparser import ConfigParser
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def locked(root: Path) -> dict[str, str]:
    """Name → version and hashes as they stand in requirements.lock."""
    text = (root / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.split("==")[0]: line.split("==")[1] for line in lines}


def test_every_package_has_one_version_and_its_hashes(project_root: Path) -> None:
    for name, rest in locked(project_root).items():
        assert re.fullmatch(r"[0-9][\w.]*(\s+--hash=sha256:[0-9a-f]{64})+", rest), name


def test_the_lock_holds_all_that_the_program_needs_at_versions_that_it_takes(project_root: Path) -> None:
    settings = ConfigParser()
    settings.read(project_root / "setup.cfg", encoding="utf-8")
    held = locked(project_root)
    for wanted in settings["options"]["install_requires"].strip().splitlines():
        name, bound, version = re.split(r"(==|>=)", wanted.split(";")[0].strip())
        found = held[name].split()[0]
        assert found == version if bound == "==" else numbers(found) >= numbers(version), wanted


def numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_no_registry_is_named(project_root: Path) -> None:
    assert "://" not in (project_root / "requirements.lock").read_text(encoding="utf-8")


def test_nothing_is_locked_that_nothing_needs(project_root: Path) -> None:
    settings = ConfigParser()
    settings.read(project_root / "setup.cfg", encoding="utf-8")
    wanted = list(map(Requirement, settings["options"]["install_requires"].strip().splitlines()))
    needed: set[str] = set()
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        if name not in needed and (one.marker is None or one.marker.evaluate({"extra": ""})):
            needed.add(name)
            wanted += map(Requirement, requires(name) or [])
    assert set(locked(project_root)) == needed
