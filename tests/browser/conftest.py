"""A real server over the sample pages, and a real browser to open it with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.waiting import PATIENCE, end, kill_children, next_line, started

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same Chromium without the windows that nobody sees, which cost most of a page's time."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

OpenPage = Callable[..., Page]
ServeRecords = Callable[..., str]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; a test that needs it is skipped where there is none, and fails in CI."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    reason = f"no Chromium here (looked for {', '.join(BROWSERS)}); on Debian: apt install chromium-headless-shell"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def serving(project_root: Path, source: Path, data: Path) -> Iterator[str]:
    """The address of `searchapp serve` over the pages or the file of records that `source` is."""
    command = [sys.executable, "-m", "searchapp"]
    indexing = [*command, "index", str(source), "--index", str(data)]
    subprocess.run(indexing, cwd=project_root, check=True, capture_output=True, timeout=PATIENCE)
    with started([*command, "serve", "--index", str(data), "--port", "0"], cwd=project_root) as process:
        yield next_line(process).rstrip("/")
        end(process)


@pytest.fixture(scope="session")
def serve(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeRecords]:
    """Serves some records until the session ends; `variants` are pairs of spellings that the user has added."""
    with ExitStack() as servers:

        def serve(records: Iterable[Mapping[str, str]], variants: str = "") -> str:
            folder = tmp_path_factory.mktemp("browser")
            source, data = folder / "news.jsonl", folder / "index"
            source.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
            if variants:
                data.mkdir()
                (data / "variants.tsv").write_text(variants, encoding="utf-8")
            return servers.enter_context(serving(project_root, source, data))

        yield serve


@pytest.fixture(scope="session")
def server(project_root: Path, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `searchapp serve` over the five sample pages."""
    with serving(project_root, seeds, tmp_path_factory.mktemp("browser") / "index") as address:
        yield address


@contextmanager
def soon_done() -> Iterator[None]:
    """A browser may be waited for without end: in time its driver is killed, and the call that waits raises."""
    watchdog = Timer(PATIENCE, kill_children, ["run-driver"])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with soon_done():
        playwright = sync_playwright().start()
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    with soon_done():
        browser.close()
        playwright.stop()


@pytest.fixture(autouse=True)
def every_test_ends() -> Iterator[None]:
    with soon_done():
        yield


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[OpenPage]:
    """Opens an address of the server in a browser that has seen nothing yet."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, **settings: Any) -> Page:
        context = browser.new_context(base_url=server, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
