"""What a browser gets besides what it shows: little weight, answers that it may keep, files, and its search box."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

HEAVIEST = {"document": 20_000, "stylesheet": 15_000, "script": 10_000}
"""Bytes that come over the wire for a page of results, by kind."""


def received(session: CDPSession) -> dict[str, int]:
    """How much each request has brought so far, as it fills up; by its id."""
    sizes: dict[str, int] = {}
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    return sizes


def test_a_page_of_results_is_light(open_page: OpenPage) -> None:
    page = open_page("about:blank")
    session = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"].lower()}))
    sizes = received(session)
    session.send("Network.enable")
    page.goto("/search?q=بلينكن&per_page=50", wait_until="networkidle")
    by_kind = {kind: sum(sizes[one] for one in sizes if kinds.get(one) == kind) for kind in HEAVIEST}
    assert all(by_kind.values())
    assert {kind: size for kind, size in by_kind.items() if size > HEAVIEST[kind]} == {}


def test_what_the_browser_has_is_not_sent_again_and_nothing_is_kept_about_the_reader(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    document = page.reload(wait_until="networkidle")
    assert document is not None
    assert document.status in (200, 304)  # the browser may hide that it had it
    assert page.evaluate("performance.getEntriesByType('navigation')[0].transferSize") < 1_500
    timings = page.evaluate("performance.getEntriesByType('navigation')[0].serverTiming.map(one => one.name)")
    assert set(timings) <= {"parse", "search", "render"}
    headers = page.request.get(page.url).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["x-robots-tag"] == "noindex"
    assert "accept-encoding" in headers["vary"].lower()
    assert {"parse", "search", "render"} <= set(re.findall(r"(\w+);dur", headers["server-timing"]))
    assert page.context.cookies() == []


def test_inline_code_is_refused(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None


def test_the_results_are_saved_as_a_table_that_spreadsheets_read(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/search?q=بلينكن&source=الحرة")
    with page.expect_download() as saving:
        page.get_by_role("navigation", name="تصدير").get_by_role("link", name="CSV").click()
    file = tmp_path / "found.csv"
    saving.value.save_as(file)
    assert saving.value.suggested_filename.endswith(".csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfrank,")
    assert file.read_text("utf-8-sig").count("\n") == page.locator(".hit").count() + 1


def test_the_feed_of_a_search_is_found_by_readers(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    link = page.locator('link[rel="alternate"][type="application/atom+xml"]').get_attribute("href")
    answer = page.request.get(str(link))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.text().count("<entry") == page.locator(".hit").count()


def test_the_browsers_own_search_box_can_use_the_archive(open_page: OpenPage) -> None:
    page = open_page("/")
    link = page.locator('link[rel="search"]').get_attribute("href")
    described = page.request.get(str(link)).text()
    suggest, results = (
        re.findall(rf'<Url[^>]*type="{kind}"[^>]*template="([^"]+)"', described)
        for kind in ("application/x-suggestions\\+json", "text/html")
    )
    typed, completions, *_ = page.request.get(suggest[0].replace("{searchTerms}", "بلي")).json()
    assert typed == "بلي"
    assert any(words.startswith("بلينكن") for words in completions)
    page.goto(results[0].replace("{searchTerms}", completions[0]).replace("&amp;", "&"))
    expect(page.locator(".hit").first).to_be_visible()


def test_the_language_and_the_digits_are_one_click_and_stay(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator("#count")).to_have_text(re.compile(r"^\d+ articles$"))
    page.locator(".hit h2 a").first.click()
    expect(page.get_by_role("link", name="Back to the results")).to_be_visible()
    page.get_by_role("link", name="العربية").click()
    page.get_by_role("link", name=re.compile("الأرقام")).click()
    expect(page.locator(".meta time").first).to_have_text(re.compile("[٠-٩]"))
    assert "digits=arab" in urlsplit(page.url).query
