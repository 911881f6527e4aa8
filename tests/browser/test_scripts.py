"""What scripts add: suggestions, filters that apply at once, the slash key, and recent searches."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

BOX = "#q"


def suggest(page: Page, *completions: str) -> None:
    """Answer every question for suggestions with these."""

    def answer(route: Route) -> None:
        typed = parse_qs(urlsplit(route.request.url).query)["q"][0]
        route.fulfill(json=[typed, list(completions)])

    page.route("**/suggest?*", answer)


def test_the_slash_key_goes_to_the_box(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("غزة/")
    expect(page.locator(BOX)).to_have_value("غزة/")


def test_suggestions_are_gone_through_with_the_arrow_keys(open_page: OpenPage) -> None:
    page = open_page("/")
    suggest(page, "بلينكن", "بلينكن في القاهرة")
    box = page.get_by_role("combobox", name="كلمات البحث")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("بلين")
    expect(page.get_by_role("listbox", name="اقتراحات").get_by_role("option")).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    expect(active).to_have_text("بلينكن في القاهرة")
    expect(active).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    box.press("Enter")
    page.wait_for_url(re.compile("/search"))
    assert parse_qs(urlsplit(page.url).query) == {"q": ["بلينكن في القاهرة"]}


def test_a_suggestion_can_be_clicked(open_page: OpenPage) -> None:
    page = open_page("/search?q=غزة&sort=newest")
    suggest(page, "غزة اليوم")
    page.locator(BOX).fill("غز")
    page.get_by_role("option", name="غزة اليوم").click()
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query) == {"q": ["غزة اليوم"], "sort": ["newest"]})


def test_escape_closes_the_suggestions_and_enter_searches_what_was_typed(open_page: OpenPage) -> None:
    page = open_page("/")
    suggest(page, "بلينكن")
    box = page.locator(BOX)
    box.press_sequentially("بل")
    expect(page.get_by_role("option")).to_have_count(1)
    box.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(box).to_have_value("بل")
    box.press("Enter")
    page.wait_for_url(re.compile("/search"))
    assert parse_qs(urlsplit(page.url).query) == {"q": ["بل"]}


@pytest.mark.parametrize("status", [404, 500])
def test_without_suggestions_the_box_works_as_before(open_page: OpenPage, status: int) -> None:
    page = open_page("/")
    page.route("**/suggest?*", lambda route: route.fulfill(status=status, body="<html>"))
    page.locator(BOX).press_sequentially("بلينكن")
    page.locator(BOX).press("Enter")
    expect(page.locator(".hit").first).to_be_visible()


def test_the_archives_own_suggestions_come_under_the_box(open_page: OpenPage) -> None:
    page = open_page("/")
    page.locator(BOX).press_sequentially("بلين")
    expect(page.get_by_role("option").filter(has_text="بلينكن").first).to_be_visible()


def test_a_filter_applies_without_leaving_the_page(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.evaluate("window.still = true")
    outlet = page.locator(".facets .choice", has_text="البوابة نيوز")
    outlet.click()
    page.wait_for_url(re.compile("source="))
    expect(page.locator(".chip", has_text="البوابة نيوز")).to_be_visible()
    assert page.evaluate("window.still") is True
    expect(outlet).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("خبر واحد")
    assert "خبر واحد" in page.title()
    hidden = page.locator("form.box input[type=hidden]")
    assert [field.get_attribute("name") for field in hidden.all()] == ["source"]
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)
    assert page.evaluate("window.still") is True
    page.go_forward()
    expect(page.locator(".chip")).to_have_count(1)


def test_a_filter_that_cannot_be_fetched_is_opened_as_a_page(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('offline')) }")
    page.locator(".facets .choice", has_text="البوابة نيوز").click()
    page.wait_for_url(re.compile("source="))
    expect(page.locator(".chip")).to_have_count(1)


def test_a_filter_opened_in_another_tab_stays_a_link(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    with page.context.expect_page() as opened:
        page.locator(".facets .choice").first.click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(re.compile("source="))
    assert "source=" not in page.url


def test_what_is_unfolded_stays_so_when_a_filter_applies(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن", viewport={"width": 390, "height": 844})
    page.locator(".understood > summary").click()
    page.locator(".facets > details > summary").click()
    page.locator(".facets .choice").first.click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".understood")).to_have_attribute("open", "")
    expect(page.locator(".facets .choice").first).to_be_visible()


def test_a_range_of_days_applies_when_it_is_chosen(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.get_by_label("من", exact=True).fill("2024-06-22")
    page.wait_for_url(re.compile("from=2024-06-22"))
    expect(page.locator(".chip", has_text="22 يونيو 2024")).to_be_visible()


def test_a_range_can_be_typed_digit_by_digit(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.get_by_label("من", exact=True).press_sequentially("06222024", delay=150)
    page.wait_for_url(re.compile("from=2024-06-22"))


def test_recent_searches_stay_in_the_browser_and_can_be_forgotten(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.goto("/search?q=غزة")
    page.goto("/")
    recent = page.get_by_role("region", name="عمليات بحث سابقة")
    expect(recent.get_by_role("link")).to_have_text(["غزة", "بلينكن"])
    page.locator(BOX).press("ArrowDown")
    expect(page.get_by_role("listbox", name="عمليات بحث سابقة").get_by_role("option")).to_have_text(["غزة", "بلينكن"])
    page.locator(BOX).press("Escape")
    recent.get_by_role("link", name="بلينكن").click()
    page.wait_for_url(re.compile(r"/search\?q="))
    page.goto("/")
    recent.get_by_role("button", name="انسها").click()
    expect(recent).to_be_hidden()
    page.reload()
    expect(page.locator("#recent")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []


def test_a_browser_that_stores_nothing_is_served_all_the_same(open_page: OpenPage) -> None:
    page = open_page("/")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused') } })")
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto("/search?q=بلينكن")
    page.locator(".facets .choice").first.click()
    expect(page.locator(".chip")).to_have_count(1)
    page.goto("/")
    expect(page.locator(BOX)).to_be_focused()
    assert troubles == []
