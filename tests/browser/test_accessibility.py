"""Every page for everyone: no fault that axe finds, in both languages, light and dark; and the keyboard reaches all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

PAGES = {
    "home": "/?",
    "results": "/search?q=بلينكن",
    "filtered": "/search?q=بلينكن&source=الحرة&not_source=البوابة+نيوز&undated=1&from=2024",
    "browsing": "/search?when=2024-06",
    "understood": '/search?q=في "بلينكن',
    "outlets": "/outlets?q=بلينكن",
    "compare": "/compare?q=بلينكن&q=غزة",
    "compare outlets": "/compare?by=outlet&share=1&interval=month",
    "begin to compare": "/compare?",
    "help": "/help?",
    "nothing": "/search?q=زقزقزق&when=1999",
    "meant": "/search?q=blinken",
    "few": "/search?q=بلينكن&source=الحرة",
    "error": "/search?q=بلينكن&page=x",
    "missing": "/nothing/here?",
}


COLOURS = {"type": "tag", "values": ["cat.color"]}
"""Those of axe's rules that look at colours; to all others a page is the same in its light and its dark scheme."""


def faults(page: Page, **options: Any) -> list[str]:
    """What axe finds by all its rules, with the elements that it finds it in. A fault of any weight counts."""
    options = {"resultTypes": ["violations"], **options}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [f"{fault['id']}: {[node['html'][:120] for node in fault['nodes'][:3]]}" for fault in found]


def faults_in_both_schemes(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    in_the_dark = faults(page, runOnly=COLOURS)
    page.emulate_media(color_scheme="light")
    return [*in_the_dark, *faults(page)]


@pytest.mark.parametrize("ui", ["ar", "en"])
def test_axe_finds_nothing_in_the_light_and_in_the_dark(open_page: OpenPage, ui: str) -> None:
    page = open_page("/")
    found = {}
    for name, address in PAGES.items():
        page.goto(f"{address}&ui={ui}")
        for folded in page.locator("details.understood:not([open]) > summary").all():
            folded.click()
        found[name] = faults_in_both_schemes(page)
    page.goto(f"/search?q={quote('بلينكن')}&ui={ui}")
    page.locator(".hit h2 a").first.click()
    page.wait_for_url(re.compile("/article/"))
    found["article"] = faults_in_both_schemes(page)
    assert {name: list_ for name, list_ in found.items() if list_} == {}


@pytest.mark.parametrize("ui", ["ar", "en"])
def test_axe_finds_nothing_on_a_phone_with_everything_unfolded(open_page: OpenPage, ui: str) -> None:
    page = open_page(
        f"/search?q=بلينكن&source=الحرة&ui={ui}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page.locator(".facets > details > summary").click()
    page.locator(".understood > summary").click()
    assert faults(page) == []


def test_axe_finds_nothing_in_the_open_suggestions(open_page: OpenPage) -> None:
    page = open_page("/")
    page.route("**/suggest?*", lambda route: route.fulfill(json=["بل", ["بلينكن", "بلينكن يصل", "بلدية غزة"]]))
    page.get_by_label("كلمات البحث").press_sequentially("بل")
    expect(page.get_by_role("option")).to_have_count(3)
    assert faults(page) == []


def reached_by_tab(page: Page) -> list[str]:
    """The address of each link, and the name of each control, that the tab key comes to, in order."""
    told = "(e => e.getAttribute('href') || e.name || e.type || e.tagName)(document.activeElement)"
    reached: list[str] = []
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(str(page.evaluate(told)))
    return reached


@pytest.mark.parametrize("address", ["/search?q=بلينكن&source=الحرة", "/outlets?q=بلينكن", "/help", "/compare?q=غزة"])
def test_the_keyboard_reaches_every_link_and_control(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    shown = "links => links.filter(link => link.checkVisibility()).map(link => link.getAttribute('href'))"
    # A chart is one stop, from which arrow keys go on; its table has the same links.
    links = set(page.locator('a[href]:not([tabindex="-1"])').evaluate_all(shown))
    page.evaluate("document.activeElement.blur()")
    reached = reached_by_tab(page)
    assert links - set(reached) == set()
    assert {"q", "submit"} <= set(reached)


def test_the_way_to_leave_an_outlet_out_shows_when_the_keyboard_comes_to_it(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    link = page.locator(".exclude").first
    link.focus()
    box = link.bounding_box()
    assert box is not None
    assert box["width"] > 20
    assert "3px" in str(link.evaluate("element => getComputedStyle(element).outline"))


def test_landmarks_and_headings_tell_the_parts_of_the_results(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    for role in ("search", "main", "contentinfo", "complementary", "banner"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("أخبار|خبر"))
    assert page.get_by_role("heading", level=2).count() >= 6


@pytest.mark.parametrize("factor", [2, 4])
def test_pages_can_be_enlarged_without_scrolling_sideways(open_page: OpenPage, factor: int) -> None:
    """A page zoomed to 200 or 400 per cent is a page on a screen of that part of the width (WCAG 1.4.10)."""
    page = open_page("/search?q=بلينكن&source=الحرة", viewport={"width": 1280 // factor, "height": 1024 // factor})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280 // factor


def press_until(page: Page, wanted: str) -> None:
    """Go on with the tab key until the focus is on an element that fits the selector."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the tab key does not come to {wanted}")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_alone_searches_filters_reads_and_goes_back(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/", java_script_enabled=scripts)
    expect(page.get_by_label("كلمات البحث")).to_be_focused()
    page.keyboard.type("بلينكن")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?"))
    press_until(page, ".facets .choice")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("source="))
    filtered = page.url
    press_until(page, ".hit h2 a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/article/"))
    press_until(page, ".back a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?"))
    assert page.url.partition("#")[0] == filtered


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_the_systems_own_colours_marks_bars_and_choices_still_show(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/search?q=بلينكن&source=الحرة", forced_colors="active", color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    colour = "(element, name) => getComputedStyle(element)[name]"
    assert page.locator(".hit mark").first.evaluate(colour, "backgroundColor") != page.evaluate(paper)
    assert page.locator(".bars rect:not(.reach)").first.evaluate(colour, "fill") != page.evaluate(paper)
    assert page.locator(".sort [aria-current]").evaluate(colour, "textDecorationLine") == "underline"
    chosen = page.locator(".choice[aria-current]").first
    assert "✓" in chosen.evaluate("element => getComputedStyle(element, '::before').content")


def test_nothing_moves_by_itself(open_page: OpenPage) -> None:
    """There is nothing to be reduced for those who want less motion."""
    page = open_page("/search?q=بلينكن")
    moving = """[...document.querySelectorAll("*")].filter(element => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || !/^0s(, 0s)*$/.test(style.transitionDuration);
    }).length"""
    assert page.evaluate(moving) == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
