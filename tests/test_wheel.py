"""The wheel, installed in an environment of its own and started from elsewhere: nothing is missing from it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from urllib.parse import quote, urljoin
from urllib.request import urlopen

import pytest

from tests.waiting import end, next_line, started

pytestmark = pytest.mark.slow

SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "searchapp", "templates")
"""What a wheel is built from."""


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; its errors are shown when it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "SEARCHAPP_INDEX"}}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which nothing of the checkout can be seen."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def installed(project_root: Path, elsewhere: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel in it; what the wheel needs is borrowed from this one.

    The wheel is built from a copy, since setuptools takes up what an earlier build has left in the folder. Neither
    step needs a network.
    """
    source = tmp_path_factory.mktemp("source")
    for path in (project_root / name for name in SOURCES):
        if path.is_dir():
            shutil.copytree(path, source / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    wheels = tmp_path_factory.mktemp("wheels")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", source, "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, cwd=elsewhere)
    [wheel] = wheels.glob("searchapp-*.whl")
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=elsewhere)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=elsewhere).strip()
    # Plain paths in a .pth file are searched last, and .pth files in them, as an editable install has, are not read.
    Path(packages, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin"


def test_the_installed_package_is_the_wheels_own(installed: Path, elsewhere: Path) -> None:
    where = run(installed / "python", "-c", "import searchapp; print(searchapp.__file__)", cwd=elsewhere)
    assert Path(where).is_relative_to(installed.parent)


def test_the_installed_command_tells_its_version(installed: Path, elsewhere: Path) -> None:
    assert run(installed / "searchapp", "--version", cwd=elsewhere).startswith("searchapp 0.")


def test_the_installed_command_indexes_and_serves_the_page(installed: Path, elsewhere: Path, seeds: Path) -> None:
    run(installed / "searchapp", "index", seeds, cwd=elsewhere)
    assert (elsewhere / "index" / "archive.sqlite").is_file()
    command = [str(installed / "searchapp"), "serve", "--port", "0"]
    with started(command, cwd=elsewhere) as server:
        address = next_line(server)
        pages = [_fetch(address + path) for path in ("", "search?q=" + quote("بلينكن"))]
        [style] = re.findall(r'href="([^"]+\.css[^"]*)"', pages[0])
        assert _fetch(urljoin(address, style))
        assert end(server) == 0
    assert all('dir="rtl"' in page for page in pages)
    assert "<mark" in pages[1]
    assert "بلينكن" in pages[1]


def _fetch(address: str) -> str:
    with urlopen(address, timeout=30) as answer:  # noqa: S310 - an address on this machine
        assert answer.status == 200
        return str(answer.read().decode("utf-8"))
