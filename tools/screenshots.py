"""Pictures of a running server's pages: phone and desktop, light and dark, Arabic and English, for a person to look at.

    python tools/screenshots.py http://127.0.0.1:8000 /tmp/pictures --query بلينكن --outlet الحرة

Needs the `test` extra (Playwright) and Chromium.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS: Final = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LANGUAGES: Final = ("ar", "en")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")


def addresses(page: Page, base: str, query: str, outlet: str) -> Iterator[tuple[str, str]]:
    """Every kind of page as (name, address); the article is the first hit of the query."""
    results = f"{base}/search?q={quote(query)}"
    yield "home", f"{base}/?"
    yield "results", results
    yield "all", f"{base}/search?"
    yield "filtered", f"{results}&source={quote(outlet)}&not_source={quote('زقزقزق')}&undated=1&digits=arab"
    yield "outlets", f"{base}/outlets?"
    yield "help", f"{base}/help?"
    page.goto(results)
    hit = page.locator(".hit h2 a").first
    if hit.count():
        yield "article", f"{base}{hit.get_attribute('href')}"
    yield "nothing", f"{base}/search?q={quote('زقزقزق')}&when=1999"
    yield "error", f"{base}/search?q={quote(query)}&page=x"


def take(browser: Browser, base: str, query: str, outlet: str, folder: Path) -> None:
    """Save one picture of each page in each width, scheme and language."""
    for (width_name, (width, height)), scheme in itertools.product(WIDTHS.items(), SCHEMES):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="ar")
        page = context.new_page()
        for (name, address), ui in itertools.product(list(addresses(page, base, query, outlet)), LANGUAGES):
            page.goto(f"{address}&ui={ui}" if ui != LANGUAGES[0] else address, wait_until="networkidle")
            page.screenshot(path=folder / f"{name}-{ui}-{width_name}-{scheme}.png", full_page=True)
        context.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the address of a running server")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--query", default="بلينكن")
    parser.add_argument("--outlet", default="الحرة", help="an outlet that the archive has, for a filtered page")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        take(browser, options.base.rstrip("/"), options.query, options.outlet, options.folder)
        browser.close()


if __name__ == "__main__":
    main()
