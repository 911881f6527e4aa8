"""Write what a deployment installs, each package at one version and with the hashes of its files.

`requirements.lock` is the program alone, `requirements-compiled.lock` the program with compiled loops. They are made by
pip's own resolver for each of the machines below. Install from one of them, and then the program itself:
`pip install --require-hashes -r requirements.lock && pip install --no-deps .`
"""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCKS: Final = {"requirements.lock": None, "requirements-compiled.lock": "compiled"}
"""Each file with the extra of searchapp that it has."""
PYTHONS: Final = ("3.11", "3.12", "3.13")
PLATFORMS: Final = (
    ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    ("macosx_14_0_arm64", "macosx_11_0_arm64"),
)
"""Linux on Intel and ARM, and macOS on ARM: one of each line is what a wheel there is named for."""
HEAD: Final = "# Written by tools/lock_requirements.py from setup.cfg; give that command again to renew it.\n"

Hashes = dict[str, set[str]]


def requirements(extra: str | None) -> list[str]:
    """What setup.cfg asks for, with an extra or without."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = settings["options"]["install_requires"]
    if extra is not None:
        wanted += settings["options.extras_require"][extra]
    return wanted.strip().splitlines()


def resolved(wanted: list[str], python: str, platforms: tuple[str, ...]) -> Hashes:
    """Each package as name==version, with the hash of the file that pip would install there."""
    options = [
        "--dry-run",
        "--quiet",
        "--ignore-installed",
        "--only-binary=:all:",
        "--target",
        "unused",
        "--report",
        "-",
    ]
    machine = [f"--platform={name}" for name in platforms] + [f"--python-version={python}"]
    command = [sys.executable, "-m", "pip", "install", *options, *machine, *wanted]
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603 - our own words
    found: Hashes = {}
    for package in report["install"]:
        metadata = package["metadata"]
        name = metadata["name"].lower().replace("_", "-")
        found[f"{name}=={metadata['version']}"] = {package["download_info"]["archive_info"]["hashes"]["sha256"]}
    return found


def locked(extra: str | None) -> Hashes:
    """The versions that the oldest Python takes, with their hashes on all machines."""
    hashes = resolved(requirements(extra), PYTHONS[0], PLATFORMS[0])
    pinned = list(hashes)
    for python in PYTHONS:
        for platforms in PLATFORMS:
            for package, found in resolved(pinned, python, platforms).items():
                hashes[package] |= found
    return hashes


def lock_text(hashes: Hashes) -> str:
    """The file as `pip install --require-hashes` reads it."""
    lines = [HEAD]
    for package in sorted(hashes):
        rows = [package, *(f"    --hash=sha256:{digest}" for digest in sorted(hashes[package]))]
        lines.append(" \\\n".join(rows) + "\n")
    return "".join(lines)


if __name__ == "__main__":
    for file, extra in LOCKS.items():
        (ROOT / file).write_text(lock_text(locked(extra)), encoding="utf-8")
