"""Charts of coverage over time in a real browser: with the pointer, with the keyboard, without scripts, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def records() -> Iterator[dict[str, str]]:
    """One article every five days of three years, of three outlets, on two matters."""
    for number in range(200):
        word = "القمر" if number % 3 == 0 else "النجم"
        day = date(2021, 1, 1) + timedelta(days=5 * number)
        outlet = ("سبق", "عكاظ", "The Daily")[number % 7 % 3]
        text = f"{word} مضيء {number} في سماء {number * 7}"
        yield {"id": f"n{number}", "title": f"خبر {number}", "text": text, "source": outlet, "date": day.isoformat()}


@pytest.fixture(scope="module")
def charts(serve: Callable[..., str]) -> str:
    """The address of `searchapp serve` over these articles."""
    return serve(records())


class Opener:
    """Opens addresses of the server, each in a browser that has seen nothing yet."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self.contexts: list[BrowserContext] = []

    def __call__(self, address: str, **settings: object) -> Page:
        context = self._browser.new_context(base_url=self._address, **settings)  # type: ignore[arg-type]
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address)
        return page


@pytest.fixture
def open_chart(browser: Browser, charts: str) -> Iterator[Opener]:
    opener = Opener(browser, charts)
    yield opener
    for context in opener.contexts:
        context.close()


def count(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#count").inner_text()))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_bar_leads_to_its_articles(open_chart: Opener, scripts: bool) -> None:
    page = open_chart("/search?q=القمر&interval=year", java_script_enabled=scripts)
    bar = page.locator(".bars a").nth(1)
    assert "2022" in (bar.locator("title").text_content() or "")
    bar.click()
    page.wait_for_url(re.compile("from=2022-01-01&to=2022-12-31"))
    expect(page.locator(".chip")).to_have_count(2)
    assert count(page) == 24
    expect(page.locator(".bars a")).to_have_count(24)


def test_a_bar_applies_at_once_and_back_leads_back(open_chart: Opener) -> None:
    page = open_chart("/search?q=القمر&interval=year")
    page.evaluate("window.stayed = true")
    page.locator(".bars a").first.click()
    expect(page.locator(".chip")).to_have_count(2)
    assert page.evaluate("window.stayed === true")
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".bars a")).to_have_count(3)


@pytest.mark.parametrize(("ui", "onwards"), [("ar", "ArrowLeft"), ("en", "ArrowRight")])
def test_the_arrow_keys_lead_from_bar_to_bar_as_time_runs(open_chart: Opener, ui: str, onwards: str) -> None:
    page = open_chart(f"/search?q=القمر&interval=year&ui={ui}")
    first, second = page.locator(".bars a").first, page.locator(".bars a").nth(1)
    places = [bar.locator("rect").last.bounding_box() for bar in (first, second)]
    assert places[0] is not None
    assert places[1] is not None
    assert (places[1]["x"] < places[0]["x"]) == (onwards == "ArrowLeft")
    first.focus()
    page.keyboard.press(onwards)
    expect(second).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator(".bars a").last).to_be_focused()
    page.keyboard.press("Home")
    expect(first).to_be_focused()
    assert "px" in str(first.locator(".reach").evaluate("element => getComputedStyle(element).strokeWidth"))
    page.keyboard.press(onwards)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from=2022-01-01&to=2022-12-31"))


def test_the_chart_is_one_stop_on_the_way_to_the_hits(open_chart: Opener) -> None:
    page = open_chart("/search?q=القمر&interval=month")
    page.locator(".bars a").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.bars') === null")


def test_without_scripts_the_figures_have_every_link(open_chart: Opener) -> None:
    page = open_chart("/search?q=القمر&interval=month", java_script_enabled=False)
    page.locator(".figures > summary").focus()
    page.keyboard.press("Enter")
    bars = page.locator(".bars a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    rows = page.locator(".figures a:visible").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert bars == rows
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") in rows


@pytest.mark.parametrize("address", ["/search?q=القمر", "/search?q=القمر&from=2021-01-01&to=2021-01-01", "/"])
@pytest.mark.parametrize("settings", [{}, PHONE], ids=["desktop", "phone"])
def test_the_strip_is_72_pixels_high_and_nothing_sticks_out(
    open_chart: Opener, address: str, settings: dict[str, object]
) -> None:
    page = open_chart(address, **settings)
    strip = page.locator(".strip").bounding_box()
    assert strip is not None
    assert strip["height"] == 72
    outside = """places => places.map(place => place.getBoundingClientRect()).filter(
        box => box.left < %f || box.right > %f || box.top < %f || box.bottom > %f).length"""
    edges = (strip["x"] - 1, strip["x"] + strip["width"] + 1, strip["y"] - 1, strip["y"] + strip["height"] + 1)
    assert page.locator(".strip rect, .strip text, .strip span").evaluate_all(outside % edges) == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_searches_are_compared_from_the_results_on(open_chart: Opener, scripts: bool) -> None:
    page = open_chart("/search?q=القمر&source=عكاظ", java_script_enabled=scripts)
    page.get_by_role("link", name="قارن عبر الزمن").first.click()
    page.wait_for_url(re.compile("/compare"))
    page.get_by_label("البحث 2").fill("النجم")
    page.get_by_role("button", name="قارن", exact=True).click()
    page.wait_for_url(re.compile("q=.*q="))
    expect(page.locator(".legend li")).to_have_count(2)
    expect(page.locator("polyline")).to_have_count(2)
    expect(page.locator(".chip", has_text="عكاظ")).to_be_visible()
    page.get_by_role("link", name="النسبة").click()
    page.wait_for_url(re.compile("share=1"))
    page.get_by_role("link", name="أعوام").click()
    page.wait_for_url(re.compile("interval=year"))
    cell = page.locator("tbody a").first
    promised = re.search(r"\((\d+)\)", cell.inner_text())
    cell.click()
    page.wait_for_url(re.compile("/search"))
    assert promised is not None
    assert count(page) == int(promised[1])


def test_outlets_are_compared_by_choosing_them(open_chart: Opener) -> None:
    page = open_chart("/compare?q=القمر")
    page.locator(".terms nav").get_by_role("link", name="المنافذ").click()
    page.wait_for_url(re.compile("by=outlet"))
    expect(page.locator(".legend li")).to_have_count(3)
    page.get_by_role("checkbox", name="عكاظ").uncheck()
    page.get_by_role("button", name="قارن", exact=True).click()
    page.wait_for_url(re.compile("source="))
    expect(page.locator(".legend li")).to_have_count(2)


def test_a_point_is_a_link_that_the_keyboard_reaches(open_chart: Opener) -> None:
    page = open_chart("/compare?q=القمر&q=النجم&interval=year")
    points = page.locator(".roving.series-2 a")
    points.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(points.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from=2022-01-01"))
    page.go_back()
    points.nth(1).hover()
    points.nth(1).click()
    page.wait_for_url(re.compile("from=2022-01-01"))


def test_lines_differ_in_more_than_their_colour(open_chart: Opener) -> None:
    page = open_chart("/compare?q=القمر&q=النجم&q=مضيء&q=خبر&q=سماء&interval=year")
    style = "lines => lines.map(line => getComputedStyle(line).%s)"
    for property_ in ("strokeDasharray", "stroke"):
        assert len(set(page.locator("polyline").evaluate_all(style % property_))) == 5
    marks = page.locator(".lines .mark").evaluate_all(
        "groups => groups.map(g => g.querySelector('.reach').nextElementSibling.outerHTML)"
    )
    assert len(set(marks)) == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_bars_stand_out_from_the_paper(open_chart: Opener, scheme: str) -> None:
    """At least 3 to 1 (WCAG 2.2, 1.4.11)."""
    page = open_chart("/compare?q=القمر&q=النجم&q=مضيء&q=خبر&q=سماء", color_scheme=scheme)
    colours = page.locator("polyline").evaluate_all("lines => lines.map(line => getComputedStyle(line).stroke)")
    paper = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    for colour in colours:
        lighter, darker = sorted((luminance(colour), paper), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3, colour


def luminance(colour: str) -> float:
    """Relative luminance of "rgb(…)" (WCAG 2.2)."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("address", ["/search?q=القمر&interval=month", "/compare?q=القمر&q=The&share=1", "/"])
@pytest.mark.parametrize("settings", [{}, {**PHONE, "color_scheme": "dark"}], ids=["desktop", "dark phone"])
def test_axe_finds_nothing_with_the_figures_unfolded(
    open_chart: Opener, address: str, settings: dict[str, object]
) -> None:
    page = open_chart(address, **settings)
    for folded in page.locator(".figures > summary, .terms summary:visible").all():
        folded.click()
    violations = Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in violations] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_chart_scrolls_the_page_sideways(open_chart: Opener, width: int) -> None:
    long_ = "كلمة" * 20
    page = open_chart("/", viewport={"width": width, "height": 800})
    for address in (
        f"/compare?q=القمر&q=النجم&q=مضيء&q=خبر&q={long_}",
        "/compare?by=outlet&share=1",
        "/search?q=القمر",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_on_paper_the_comparison_has_its_chart_and_table_and_no_controls(open_chart: Opener) -> None:
    page = open_chart("/compare?q=القمر&q=النجم&interval=year")
    page.emulate_media(media="print")
    expect(page.locator(".lines")).to_be_visible()
    expect(page.locator("table")).to_be_visible()
    for control in (".terms", ".beneath", ".remove", ".export"):
        expect(page.locator(control).first).to_be_hidden()


def test_on_a_phone_the_form_is_folded_once_there_is_a_chart(open_chart: Opener) -> None:
    page = open_chart("/compare", **PHONE)
    expect(page.get_by_label("البحث 1")).to_be_visible()
    page.goto("/compare?q=القمر")
    expect(page.get_by_label("البحث 1")).to_be_hidden()
    page.get_by_text("ما يُقارَن").click()
    expect(page.get_by_label("البحث 1")).to_have_value("القمر")
