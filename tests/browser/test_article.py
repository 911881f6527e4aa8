"""The article and the help when little is found, as a reader meets them in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

BODY = (
    "أعلن وزير الخارجية أمس أن الهدنة في غزة ستبدأ يوم الخميس المقبل بعد مفاوضات طويلة في القاهرة والدوحة، وقال إن "
    "الوفود وافقت على البنود كلها، وإن المساعدات ستدخل القطاع من المعابر جميعها خلال أسبوع واحد من توقيع الاتفاق.\n"
    "وأضاف الوزير في مؤتمر صحفي أن بلاده ستراقب التنفيذ مع شركائها، ودعا الأطراف إلى ضبط النفس والالتزام بما اتفق عليه."
)
OTHERS = (
    "الهدنة في غزة: وزير الخارجية يبحث البنود مع الوفود في الدوحة قبل توقيع الاتفاق وإدخال المساعدات من المعابر",
    "مساعدات إلى غزة تدخل القطاع من المعابر بعد الاتفاق على الهدنة، والوفود تغادر القاهرة",
)


@pytest.fixture(scope="module")
def copies(serve: Callable[..., str]) -> str:
    """The address of a server over one story in three copies, and two others on the same matter."""
    pages = [
        {"id": "c1", "source": "الشرق", "date": "2024-06-25", "title": "الهدنة تبدأ الخميس", "text": BODY},
        {"id": "c2", "source": "الغد", "date": "2024-06-26", "title": "الهدنة تبدأ الخميس", "text": BODY},
        {"id": "c3", "source": "اليوم", "date": "2024-06-24", "title": "هدنة غزة تبدأ الخميس", "text": BODY},
        *({"id": f"o{at}", "source": "الشرق", "date": "2024-06-20", "title": text[:30], "text": text}
          for at, text in enumerate(OTHERS)),
    ]  # fmt: skip
    return serve(pages)


@pytest.fixture
def page(browser: Browser, copies: str) -> Iterator[Page]:
    context = browser.new_context(base_url=copies, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def faults(page: Page) -> list[str]:
    return [fault["id"] for fault in Axe().run(page).response["violations"]]


def test_a_reader_goes_from_a_hit_through_its_copies_and_back(page: Page) -> None:
    page.goto("/search?q=الهدنة")
    page.locator(".hit h2 a", has_text="تبدأ الخميس").click()
    copies = page.locator("#copies li")
    expect(copies).to_have_count(3)
    assert [text.split("\n")[0] for text in copies.all_inner_texts()] == ["اليوم", "الشرق", "الغد"]
    expect(page.locator(".text mark").first).to_have_text("الهدنة")
    page.locator("#copies a[href*=differences]").first.click()
    expect(page.locator(".differences ins, .differences del").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="عُد إلى الخبر").click()
    page.get_by_role("link", name="عُد إلى نتائج البحث").click()
    expect(page).to_have_url(re.compile(r"/search\?q=.*#hit-[0-9]+$"))


def test_similar_articles_and_the_next_hit_are_one_click_away(page: Page) -> None:
    page.goto("/search?q=الهدنة")
    page.locator(".hit h2 a", has_text="تبدأ الخميس").click()
    expect(page.locator("#similar li")).to_have_count(2)
    page.get_by_role("link", name="عُد إلى نتائج البحث").click()
    first, second = page.locator(".hit h2").all_inner_texts()[:2]
    page.locator(".hit h2 a").first.click()
    page.get_by_role("link", name="الخبر التالي").click()
    expect(page.locator("h1")).to_have_text(second)
    page.get_by_role("link", name="الخبر السابق").click()
    expect(page.locator("h1")).to_have_text(first)


@pytest.mark.parametrize("ui", ["ar", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_article_and_its_differences(page: Page, ui: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in ("/article/c1?q=الهدنة", "/differences/c1?with=c3"):
        page.goto(f"{address}&ui={ui}")
        assert faults(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_citation_is_copied_and_saved(page: Page) -> None:
    page.goto("/article/c1")
    page.get_by_role("button", name="انسخ الاستشهاد").click()
    expect(page.locator("#announced")).to_have_text("نُسخ الاستشهاد.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("«الهدنة تبدأ الخميس»، الشرق، 25 يونيو 2024. http")
    with page.expect_download() as saved:
        page.get_by_role("link", name="RIS").click()
    assert saved.value.suggested_filename == "الهدنة تبدأ الخميس.ris"
    assert "TI  - الهدنة تبدأ الخميس\n" in saved.value.path().read_text("utf-8")


def test_without_scripts_nothing_is_missing_but_the_copy_button(browser: Browser, copies: str) -> None:
    context = browser.new_context(base_url=copies, java_script_enabled=False)
    page = context.new_page()
    page.goto("/article/c1?q=الهدنة")
    expect(page.locator("button[data-copy]")).to_be_hidden()
    page.locator("#similar a").first.click()
    expect(page.locator(".text p").first).to_be_visible()
    context.close()


def test_the_raw_page_runs_nothing_and_is_text(page: Page) -> None:
    response = page.goto("/raw/c1")
    assert response is not None
    assert response.headers["content-security-policy"].endswith("sandbox")
    assert response.headers["content-type"].startswith("text/plain")


def test_on_paper_the_article_stands_without_the_rest(page: Page) -> None:
    page.goto("/article/c1?q=الهدنة")
    page.emulate_media(media="print")
    for hidden in ("#similar", "#copies", ".back", ".box", ".forms"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#cited")).to_be_visible()
    expect(page.locator(".text")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hgi]km", "الهدنة"), ("الهدتة", "الهدنة"), ("وزير الخارجبة", "وزير الخارجية"), ("gaza", "غزة")],
)
def test_other_words_are_offered_and_the_search_stays(page: Page, typed: str, meant: str) -> None:
    page.goto(f"/search?q={typed}")
    expect(page.get_by_label("كلمات البحث")).to_have_value(typed)
    page.locator("#content, #summary").get_by_role("link", name=meant).first.click()
    expect(page.get_by_label("كلمات البحث")).to_have_value(meant)
    expect(page.locator(".hit").first).to_be_visible()
    page.go_back()
    expect(page.get_by_label("كلمات البحث")).to_have_value(typed)


def test_the_filter_to_drop_is_named_with_what_it_gives(page: Page) -> None:
    page.goto("/search?q=الهدنة&source=الغد&when=1999")
    page.get_by_role("link", name="تزيل المرشِّح «التاريخ: 1999»").click()
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.locator(".nothing li").first).to_contain_text("فتجد 3 أخبار")


def test_the_keyboard_alone_reaches_everything_on_the_article(page: Page) -> None:
    page.goto("/article/c1?q=الهدنة")
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], button:not([hidden]), input:not([type=hidden])')].length"
    )
    reached = set()
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(e => [...document.querySelectorAll('*')].indexOf(e))(document.activeElement)"))
    assert len(reached) >= wanted
