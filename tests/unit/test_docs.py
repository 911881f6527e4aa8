"""The documents say what is there: paths, folders, commands, limits and dependencies."""

from __future__ import annotations

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from searchapp.cli.program import program
from tests.waiting import PATIENCE

DOCUMENTS = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "index/README.md",
    "docs/reliability.md",
)


def folders(root: Path) -> list[str]:
    """Every folder of the package that holds code, as in searchapp/engine/."""
    return sorted(f"{path.parent.relative_to(root)}/" for path in (root / "searchapp").rglob("__init__.py"))


@pytest.fixture(scope="module")
def metadata(project_root: Path) -> ConfigParser:
    """What setup.cfg says."""
    parser = ConfigParser()
    parser.read(project_root / "setup.cfg", encoding="utf-8")
    return parser


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_linked_path_exists(project_root: Path, document: str) -> None:
    path = project_root / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_folder_of_the_package_is_in_the_architecture(project_root: Path) -> None:
    text = (project_root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert [folder for folder in folders(project_root) if f"[{folder}]({folder})" not in text] == []


def test_every_dependency_has_its_reason_in_the_architecture(project_root: Path, metadata: ConfigParser) -> None:
    text = (project_root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)", metadata["options"]["install_requires"].strip(), re.MULTILINE)
    assert names
    assert [name for name in names if f"| {name} |" not in text] == []


def test_every_folder_of_the_package_is_installed(project_root: Path, metadata: ConfigParser) -> None:
    listed = set(metadata["options"]["packages"].split())
    found = {folder.rstrip("/").replace("/", ".") for folder in folders(project_root)}
    assert listed == found | {"searchapp.templates"}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_is_in_the_makefile(project_root: Path, document: str) -> None:
    text = (project_root / document).read_text(encoding="utf-8")
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|^)(?:[A-Z]+=\S+ )?make ([a-z]+)", text, re.MULTILINE))
    assert targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_the_readme_begins_with_demo_and_test(project_root: Path) -> None:
    text = (project_root / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^make ([a-z]+)", text, re.MULTILINE)[:2] == ["demo", "test"]
    assert text.index("```sh") < text.index("\n## ")


def test_the_readme_lists_every_command(project_root: Path) -> None:
    text = (project_root / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+)", text, re.MULTILINE)) == set(program.commands)


def test_the_page_of_limits_is_what_the_settings_say(project_root: Path) -> None:
    code = (
        "from limits_page import PAGE, limits_page; assert PAGE.read_text('utf-8') == limits_page(), 'run: make docs'"
    )
    environment = {"PYTHONPATH": f"{project_root / 'tools'}:{project_root}"}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stderr


def test_no_pattern_has_a_possessive_group(project_root: Path) -> None:
    # Pythons before 3.11.5, Debian 12's among them, match wrongly or without end there (CPython issues 100061, 106052).
    possessive_group = re.compile(r"(?<!\\)\)[*+?]\+")
    files = (project_root / "searchapp").rglob("*.py")
    assert [str(file) for file in files if possessive_group.search(file.read_text(encoding="utf-8"))] == []
