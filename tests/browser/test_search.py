"""What a reader does, in a real browser over the sample pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from searchapp.model import Snippet
from searchapp.web.markup import marked
from searchapp.web.presentation import runs

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PAGES = (
    "/",
    "/search",
    "/search?q=بلينكن",
    "/search?q=بلينكن&source=الحرة&not_source=البوابة+نيوز",
    "/search?q=زقزقزق&when=1999",
    "/search?q=بلينكن&page=x",
    "/search?q=blinken",
    "/outlets?q=بلينكن",
    "/compare?q=بلينكن&q=غزة",
    "/compare?by=outlet&share=1",
    "/help",
    "/nothing",
)


def search(page: Page, words: str) -> None:
    page.get_by_label("كلمات البحث").fill(words)
    page.get_by_role("button", name="بحث").click()
    page.wait_for_url(re.compile(r"/search\?"))


def titles(page: Page) -> list[str]:
    return page.locator(".hit h2").all_inner_texts()


def filters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("scripts", [True, False])
def test_search_filter_and_share(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/", java_script_enabled=scripts)
    search(page, "بلينكن")
    everything = titles(page)
    assert len(everything) >= 4
    assert all("بلينكن" in text for text in page.locator(".hit mark").all_inner_texts())
    outlet = page.locator(".facets .choice", has_text="البوابة نيوز")
    promised = re.search(r"\((\d+)\)", outlet.inner_text())
    outlet.click()
    page.wait_for_url(re.compile("source="))
    found = titles(page)
    assert promised is not None
    assert len(found) == int(promised[1]) < len(everything)
    assert filters(page) == {"q": ["بلينكن"], "source": ["البوابة نيوز"]}
    shared = open_page(page.url)
    assert titles(shared) == found
    expect(shared.locator(".chip", has_text="البوابة نيوز")).to_be_visible()
    shared.locator(".chip", has_text="البوابة نيوز").click()
    expect(shared.locator(".hit")).to_have_count(len(everything))


def test_several_outlets_at_once(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    for outlet in ("البوابة نيوز", "الحرة"):
        page.locator(".facets .choice", has_text=outlet).click()
        expect(page.locator(".chip", has_text=outlet)).to_be_visible()
    assert len(titles(page)) == 2
    page.get_by_role("link", name="امسح الكل").click()
    page.wait_for_url(lambda url: "source" not in url)
    assert len(titles(page)) > 2


def test_dates_open_from_year_to_day(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.locator(".facets .choice", has_text=re.compile("^25 يونيو")).click()
    page.wait_for_url(re.compile("when="))
    assert filters(page)["when"] == ["2024-06-25"]
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator(".hit time")).to_have_attribute("datetime", "2024-06-25")


def test_the_form_of_dates_keeps_the_search(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.get_by_label("من", exact=True).fill("2024-06-22")
    page.get_by_role("button", name="طبّق").click()
    expect(page.locator(".chip", has_text="22 يونيو 2024")).to_be_visible()
    assert len(titles(page)) == 1


def test_the_undated_can_be_asked_for(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.locator(".facets .choice", has_text="بلا تاريخ").click()
    page.wait_for_url(re.compile("undated=1"))
    assert titles(page)
    assert page.locator(".hit time").count() == 0


def test_the_article_marks_the_words_and_leads_back(open_page: OpenPage) -> None:
    page = open_page("/search?q=كوهين")
    page.locator(".hit h2 a").first.click()
    expect(page.locator(".text mark").first).to_have_text("كوهين")
    tweet = page.locator(".text p", has_text="The White House is lit up")
    assert tweet.evaluate("element => getComputedStyle(element).direction") == "ltr"
    page.get_by_role("link", name="عُد إلى نتائج البحث").click()
    page.wait_for_url(re.compile("/search"))
    assert filters(page) == {"q": ["كوهين"]}


def test_the_keyboard_alone_reaches_the_search_and_the_hits(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.get_by_label("كلمات البحث")).to_be_focused()
    page.keyboard.type("بلينكن")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?"))
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.hit h2') !== null"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "3px" in outline
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/article/"))


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page("/", viewport={"width": width, "height": 800})
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_on_a_phone_the_facets_are_folded_and_the_chips_in_sight(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن&source=الحرة", **PHONE)
    expect(page.locator(".facets > details > summary")).to_have_text("تصفية (1)")
    expect(page.locator(".chip")).to_be_visible()
    facet = page.locator(".facets .choice", has_text="البوابة نيوز")
    expect(facet).to_be_hidden()
    page.locator(".facets > details > summary").click()
    expect(facet).to_be_visible()
    low = "links => links.filter(link => link.getBoundingClientRect().height < 43.5).map(link => link.innerText)"
    reached = ".choice:visible, .exclude:visible, .chip, .clear, .sort a, .hit h2 a, .meta a, .foot a"
    reached += ", button:visible, summary:visible"
    assert page.locator(reached).evaluate_all(low) == []


def test_on_a_wide_screen_the_facets_stand_at_the_right_of_the_hits(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن", viewport={"width": 1280, "height": 900})
    facets, hits = page.locator(".facets").bounding_box(), page.locator(".hits").first.bounding_box()
    assert facets is not None
    assert hits is not None
    assert facets["x"] > hits["x"] + hits["width"]
    expect(page.locator(".facets .choice").first).to_be_visible()


def test_marks_do_not_break_joined_letters(open_page: OpenPage) -> None:
    """A marked word is as wide as the same word unmarked: its letters keep joining, nothing is added at its sides."""
    page = open_page("/search?q=بلينكن")
    mark = page.locator(".snippet mark").first
    width = "element.getBoundingClientRect().width"
    unmarked = mark.evaluate(f"element => {{ element.style.all = 'unset'; return {width} }}")
    page.reload()
    assert page.locator(".snippet mark").first.evaluate(f"element => {width}") == pytest.approx(unmarked, abs=0.5)


def troubles_of(page: Page) -> list[str]:
    """What a page tells on the console, and the addresses that it asks for in vain; fills up as it loads."""
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    return troubles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_refused_or_missing(open_page: OpenPage, scheme: str) -> None:
    context = open_page("about:blank", color_scheme=scheme).context
    opened = []
    for address in PAGES:  # side by side: each is waited for until nothing more has come for half a second
        page = context.new_page()
        troubles = troubles_of(page)
        opened.append((page, troubles, page.goto(address, wait_until="commit")))
    for page, troubles, response in opened:
        assert response is not None
        page.wait_for_load_state("networkidle")
        expect(page.locator("h1").first).to_be_visible()
        # Chromium reports the status of the error pages themselves.
        assert [trouble for trouble in troubles if response.ok or f" {response.status} " not in trouble] == []


def test_results_printed_have_addresses_and_no_controls(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    page.emulate_media(media="print")
    expect(page.locator(".box")).to_be_hidden()
    expect(page.locator(".address").first).to_be_visible()


def test_the_pages_are_set_in_the_fonts_that_are_shipped(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن", java_script_enabled=True)
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', '') + f.weight)"
    assert set(page.evaluate(loaded)) >= {
        "IBM Plex Sans Arabic400",
        "IBM Plex Sans Arabic600",
        "Noto Naskh Arabic400 700",
    }
    sizes = "getComputedStyle(document.querySelector('.hit h2')).fontSize"
    assert page.evaluate(sizes) == "19.2px"


def test_a_hit_in_arabic_runs_from_the_right_on_an_english_page(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن&when=2024&ui=en")
    hit = page.locator(".hit").first
    assert hit.evaluate("element => getComputedStyle(element).direction") == "rtl"
    line, date = hit.locator(".meta").bounding_box(), hit.locator("time").bounding_box()
    assert line is not None
    assert date is not None
    assert date["x"] + date["width"] / 2 > line["x"] + line["width"] / 2
    assert hit.locator("time").evaluate("element => getComputedStyle(element).direction") == "ltr"


WHERE = """
([text, word]) => {
  const place = document.createElement("p");
  place.className = "snippet";
  place.innerHTML = text;
  document.querySelector("main").append(place);
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const start = node.data.indexOf(word);
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + word.length);
    return range.getBoundingClientRect().x;
  }
}
"""


@pytest.mark.parametrize(
    ("text", "from_left_to_right"),
    [
        ("قالت The White House (@WhiteHouse) أمس", ["The", "White", "House", "@White"]),
        ("وغرد: Für Frieden in Gaza, heute! ثم", ["Für", "Frieden", "Gaza", "heute"]),
        ("نُشر في 2015-08-11 صباحًا", ["2015", "08", "11"]),
        ("من يوليو إلى أغسطس", ["أغسطس", "إلى", "يوليو"]),
    ],
)
def test_foreign_words_in_arabic_text_read_in_their_own_order(
    open_page: OpenPage, text: str, from_left_to_right: list[str]
) -> None:
    page = open_page("/search?q=بلينكن")
    written = str(marked(runs(Snippet(text))))
    places = [page.evaluate(WHERE, [written, word]) for word in from_left_to_right]
    assert places == sorted(places)


def test_the_place_of_the_strip_above_the_hits_is_kept(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    assert page.locator(".strip").evaluate("element => getComputedStyle(element).height") == "72px"


def test_a_selected_outlet_keeps_its_place(open_page: OpenPage) -> None:
    page = open_page("/search?q=بلينكن")
    names = page.locator(".facets section").first.locator(".choice bdi")
    before = names.all_inner_texts()
    page.locator(".facets .choice").nth(2).click()
    expect(page.locator(".chip")).to_have_count(1)
    assert names.all_inner_texts() == before


# Marks the first fact of each line of each hit; returns how many lines there are.
FIRST_OF_LINES = """() => [...document.querySelectorAll(".hit .meta > *")].filter(fact => {
    const middle = one => one.getBoundingClientRect().top + one.getBoundingClientRect().height / 2;
    const before = fact.previousElementSibling;
    const first = !before || Math.abs(middle(fact) - middle(before)) > 5;
    fact.classList.toggle("first", first);
    return first;
}).length"""
ADD_RULE = "rule => document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length)"


@pytest.mark.parametrize("width", [320, 360, 390])
@pytest.mark.parametrize("ui", ["ar", "en"])
def test_dots_stand_between_facts_and_not_at_the_ends_of_their_lines(open_page: OpenPage, width: int, ui: str) -> None:
    page = open_page(f"/search?q=بلينكن&ui={ui}", viewport={"width": width, "height": 1600})
    as_shown = page.screenshot()
    assert page.evaluate(FIRST_OF_LINES) > page.locator(".hit .meta").count() or width > 320
    page.evaluate(ADD_RULE, ".hit[id] .meta > .first.first::before { content: none; }")
    assert page.screenshot() == as_shown
    page.evaluate(ADD_RULE, ".hit[id] .meta > *::before { content: none; }")
    assert page.screenshot() != as_shown
    assert page.evaluate("getComputedStyle(document.querySelector('.hit .meta > *'), '::after').content") == "none"
