"""What the examples for running it say is what the program takes."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path

import click
import pytest

from searchapp.cli.serving import serve


def options_of(command: list[str]) -> dict[str, object]:
    """The options of a serve command as it reads them."""
    given = command[command.index("serve") + 1 :]
    with serve.make_context("serve", given, default_map={"directory": "x"}) as context:
        return dict(context.params)


def test_the_unit_starts_the_server_behind_one_proxy(project_root: Path) -> None:
    unit = (project_root / "deploy/searchapp.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    options = options_of(command.removesuffix(" $SEARCHAPP_OPTIONS").split())
    assert (options["host"], options["workers"], options["proxies"]) == ("127.0.0.1", 2, 1)
    (folder,) = re.findall(r"^ReadOnlyPaths=(.+)$", unit, re.MULTILINE)
    assert f"Environment=SEARCHAPP_INDEX={folder}/" in unit


def test_the_image_starts_the_server_and_asks_it_whether_it_is_ready(project_root: Path) -> None:
    image = (project_root / "deploy/Dockerfile").read_text(encoding="utf-8")
    (command,) = re.findall(r"^CMD (.+)$", image, re.MULTILINE)
    options = options_of(json.loads(command))
    assert f"http://127.0.0.1:{options['port']}/ready" in image
    assert re.findall(r"^USER (.+)$", image, re.MULTILINE) == ["searchapp"]
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", image, re.MULTILINE):
        assert all((project_root / name).exists() for name in source.split())


@pytest.mark.parametrize("name", ["README.md", "searchapp.service", "nginx.conf", "Caddyfile"])
def test_every_option_that_is_named_is_one_of_the_command(project_root: Path, name: str) -> None:
    text = (project_root / "deploy" / name).read_text(encoding="utf-8")
    known = {option for parameter in serve.params if isinstance(parameter, click.Option) for option in parameter.opts}
    others = {
        "--index",
        "--system",
        "--home-dir",
        "--create-home",
        "--now",
        "--rm",
        "--read-only",
        "--tmpfs",
        "--name",
        "--build-arg",
        "--require-hashes",
        "--no-deps",
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known | others


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_metrics_are_refused_from_outside_below_the_path_of_a_base_url_too(project_root: Path, name: str) -> None:
    text = (project_root / "deploy" / name).read_text(encoding="utf-8")
    (pattern,) = re.findall(r"location ~ (\S+) \{ deny all; \}|@metrics path (\S+)", text)
    matched = re.compile(pattern[0] or fnmatch.translate(pattern[1]))
    assert all(matched.search(path) for path in ("/metrics", "/news/metrics"))
    assert not any(matched.search(path) for path in ("/", "/search", "/metrics.json"))
