"""Articles as no editor would have them: endless words, titles and names; text in two directions; two spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

LONG_TITLE = "رئيس الوزراء يستقبل وفدًا رفيع المستوى من وزراء خارجية الدول الأعضاء لبحث التطورات الأخيرة " * 4
LONG_OUTLETS = (
    "وكالة الأنباء الوطنية للجمهورية العربية المتحدة والإدارة العامة للإعلام الداخلي والخارجي",
    "The Very Long Named International Herald Tribune & Gazette of the Middle East",
    "ب" * 60,
)
TEXTS = (
    "x" * 300 + " القمر",
    "القمر وغرّد @WhiteHouse: The moon is lit up tonight (10/10) ثم اتصل على +966 11 123 4567 في 2015-08-11 مساءً.",
    "The whole article about the moon is in English, القمر. It says what is to be said.",
)
NARROW = {"width": 360, "height": 740}


def records() -> Iterator[dict[str, str]]:
    for number in range(36):
        outlet = LONG_OUTLETS[number % 3] if number < 9 else f"صحيفة رقم {number}"
        title = (LONG_TITLE, "ل" * 200, "عنوان فيه <b>علامات</b> & «أقواس»")[number % 3]
        text = f"{TEXTS[number % 3]} {number} {number * 7}"
        yield {"id": f"a/{number}?x=<b>", "title": f"{title} {number}", "text": text, "source": outlet,
               "date": f"{1990 + number}-01-02"}  # fmt: skip
    yield {"id": "s1", "title": "أتلتيكو يفوز", "text": "فاز أتلتيكو أمس.", "source": "سبق", "date": "2024-01-01"}
    yield {"id": "s2", "title": "أتليتيكو يخسر", "text": "خسر أتليتيكو اليوم.", "source": "سبق", "date": "2024-01-02"}


@pytest.fixture(scope="module")
def odd(serve: Callable[..., str]) -> str:
    """The address of a server over these articles; the user has said which two spellings are one word."""
    return serve(records(), variants="اتلتيكو\tاتليتيكو\tyes\n")


@pytest.fixture
def page(browser: Browser, odd: str) -> Iterator[Page]:
    context = browser.new_context(base_url=odd)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_word_title_or_name_is_long_enough_to_make_a_page_scroll_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/", "/search?q=القمر&per_page=50", "/outlets", "/compare?by=outlet", "/search?source=" + "ب" * 60):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    for number in range(3):
        page.goto(f"/article/a%2F{number}%3Fx=%3Cb%3E?q=القمر")
        expect(page.locator("mark").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, number


def test_a_snippet_keeps_to_a_few_lines_whatever_is_in_it(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/search?q=القمر&per_page=50")
    heights = page.locator(".snippet").evaluate_all("list => list.map(one => one.getBoundingClientRect().height)")
    assert max(heights) < 6 * 31


@pytest.mark.parametrize("ui", ["ar", "en"])
def test_axe_finds_nothing_in_odd_articles_at_phone_width(page: Page, ui: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for address in ("/search?q=القمر", "/article/a%2F1%3Fx=%3Cb%3E?q=القمر", "/?"):
        page.goto(f"{address}&ui={ui}")
        assert [fault["id"] for fault in Axe().run(page).response["violations"]] == [], address


def test_all_outlets_are_looked_through_and_several_chosen(page: Page) -> None:
    page.goto("/search?q=القمر")
    page.get_by_role("link", name=re.compile("^عرض الكل")).click()
    page.get_by_label("اسم المنفذ").fill("رقم 1")
    page.get_by_role("button", name="ابحث فيها").click()
    expect(page.get_by_role("checkbox")).to_have_count(10)
    for name in ("صحيفة رقم 10", "صحيفة رقم 12"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="اعرض أخبارها").click()
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator(".hit")).to_have_count(2)


def test_an_outlet_is_left_out_and_put_back(page: Page) -> None:
    page.goto("/search?q=القمر")
    everything = page.locator("#count").inner_text()
    page.locator(".exclude").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chip", has_text="ما عدا")).to_be_visible()
    expect(page.locator("#count")).not_to_have_text(everything)
    page.locator(".chip", has_text="ما عدا").click()
    expect(page.locator("#count")).to_have_text(everything)


def test_the_order_and_the_pages_are_links_that_keep_the_search(page: Page) -> None:
    page.goto("/search?q=القمر")
    page.get_by_role("navigation", name="الترتيب").get_by_role("link", name="الأحدث").click()
    expect(page.locator(".hit time").first).to_have_attribute("datetime", "2025-01-02")
    page.get_by_role("link", name="التالية").click()
    expect(page.locator('[aria-current="page"]')).to_have_text("2")
    assert page.locator('link[rel="prev"]').get_attribute("href") == page.locator('a[rel="prev"]').get_attribute("href")
    assert page.locator('link[rel="next"]').count() == 1
    expect(page.locator(".hits")).to_have_attribute("start", "11")


@pytest.mark.parametrize("scripts", [True, False])
def test_other_spellings_are_told_and_can_be_left_out(browser: Browser, odd: str, scripts: bool) -> None:
    context = browser.new_context(base_url=odd, java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/search?q=أتلتيكو")
    expect(page.locator(".hit")).to_have_count(2)
    page.locator(".understood > summary").click()
    expect(page.locator(".understood li").first).to_contain_text("وبتهجئات أخرى: اتليتيكو")
    page.get_by_role("link", name="اترك التهجئات الأخرى").click()
    page.wait_for_url(re.compile("variants=0"))
    expect(page.locator(".hit")).to_have_count(1)
    page.locator(".chip", has_text="بلا تهجئات أخرى").click()
    expect(page.locator(".hit")).to_have_count(2)
    context.close()


def test_the_hijri_calendar_is_told_beside_every_date_of_the_facet(page: Page) -> None:
    page.goto("/search?q=أتلتيكو&cal=hijri&when=2024-01")
    expect(page.locator(".facets .choice", has_text=re.compile("^يناير"))).to_contain_text("جمادى الآخرة – رجب 1445 هـ")
    page.goto("/search?q=أتلتيكو&digits=arab&cal=hijri&when=2024-01")
    expect(page.locator(".facets .choice", has_text=re.compile("^يناير"))).to_contain_text("رجب ١٤٤٥ هـ")
    expect(page.locator("#count")).to_have_text("خبران")
    expect(page.locator(".choice .number").first).to_have_text("(٢)")
