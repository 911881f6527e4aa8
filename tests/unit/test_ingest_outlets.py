"""One name an outlet, whatever a page calls it; agencies are kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.errors import UsageError
from searchapp.ingest.outlets import (
    OUTLETS_FILE_NAME,
    OutletTable,
    default_outlets,
    load_outlets,
    read_sources,
    renamed,
)
from searchapp.ingest.outlets.sources import is_agency
from searchapp.model import Article

OURS = default_outlets()
SAUDI_NEWS = {
    "alriyadh": "الرياض",
    "aljazirah": "الجزيرة السعودية",
    "alyaum": "اليوم",
    "aleqtisadiya": "الاقتصادية",
    "aawsat": "الشرق الأوسط",
    "okaz": "عكاظ",
    "alwatan": "الوطن السعودية",
    "almadina": "المدينة",
    "alweeam": "الوئام",
    "3alyoum": "عين اليوم",
    "sabq": "سبق",
    "was": "واس",
    "arreyadi": "الرياضي",
    "arriyadiyah": "الرياضية",
}


def user_table(directory: Path, text: str) -> OutletTable:
    (directory / OUTLETS_FILE_NAME).write_text(text, encoding="utf-8")
    return load_outlets(directory)


@pytest.mark.parametrize(
    "name",
    [
        *("الجزيرة", "الجزيرة نت", "الجزيرة.نت", "قناة الجزيرة", "الجزيره", "الجـزيرة", "Al Jazeera", "ALJAZEERA.NET"),
        *("aljazeera.net", "www.aljazeera.net", "https://www.aljazeera.net/news/2024/6/25/x", "mubasher.aljazeera.net"),
    ],
)
def test_every_name_of_an_outlet_is_one(name: str) -> None:
    assert OURS.outlet_of(name, None) == "الجزيرة"


@pytest.mark.parametrize(
    ("name", "outlet"),
    [
        ("صحيفة سبق الإلكترونية", "سبق"),
        ("جريدة هسبريس الإلكترونية", "هسبريس"),
        ("الشرق الأوسط أونلاين", "الشرق الأوسط"),
        ("الخليج أونلاين", "الخليج أونلاين"),
        ("صحيفة مجهولة الإلكترونية", "صحيفة مجهولة الإلكترونية"),
    ],
)
def test_an_outlet_online_is_the_outlet_unless_it_is_known_apart(name: str, outlet: str) -> None:
    assert OURS.outlet_of(name, None) == outlet


@pytest.mark.parametrize(("code", "outlet"), SAUDI_NEWS.items())
def test_codes_of_the_saudi_corpus(code: str, outlet: str) -> None:
    assert OURS.outlet_of(code, None) == outlet


@pytest.mark.parametrize(
    ("raw", "url", "outlet"),
    [
        ("الوطن", None, "الوطن"),
        ("الوطن", "https://www.elwatannews.com/news/1", "الوطن المصرية"),
        ("صحيفة الوطن", "http://www.alwatan.com.sa/1", "الوطن السعودية"),
        ("الجزيرة", "http://www.al-jazirah.com/2015/1.htm", "الجزيرة السعودية"),
        ("صحيفة الجزيرة", None, "الجزيرة السعودية"),
        ("الحرة", "https://www.aljazeera.net/1", "الحرة"),
        ("صوت الجنوب", None, "صوت الجنوب"),
        ("  صوت   الجنوب ", None, "صوت الجنوب"),
        ("أخبار | موقع مجهول", "https://www.aljazeera.net/1", "الجزيرة"),
        ("https://news.example.com/a/b", None, "news.example.com"),
        ("www.example.com", None, "example.com"),
        ("https://www.bbc.com/arabic/articles/1", None, "بي بي سي عربي"),
        (None, "http://www.alriyadh.com/1072078", "الرياض"),
        (None, "https://example.com/1", None),
        (None, "no address", None),
        (None, None, None),
    ],
)
def test_name_and_address_decide_together(raw: str | None, url: str | None, outlet: str | None) -> None:
    assert OURS.outlet_of(raw, url) == outlet


@pytest.mark.parametrize(
    ("sources", "outlet", "agency"),
    [
        (["وكالات", "الحرة"], "الحرة", "وكالات"),
        (["الحرة", "رويترز"], "الحرة", "رويترز"),
        (["وكالات", "أ.ف.ب", "الحرة"], "الحرة", "وكالات، أ.ف.ب"),
        (["الجزيرة + وكالات"], "الجزيرة", "وكالات"),
        (["الجزيرة ووكالات"], "الجزيرة", "وكالات"),
        (["البوابة نيوز (رويترز)"], "البوابة نيوز", "رويترز"),
        (["العربية.نت – AFP"], "العربية", "AFP"),
        (["رويترز"], "رويترز", None),
        (["Reuters"], "رويترز", None),
        (["وكالة الأنباء السعودية (واس)"], "واس", None),
        (["رويترز، أ ف ب"], "أ ف ب", "رويترز"),
        (["وكالات"], None, "وكالات"),
        (["وكالات", "رويترز"], "رويترز", "وكالات"),
        (["وكالات - رويترز", "الحرة"], "الحرة", "وكالات - رويترز"),
        (["الفرنسية+رويترز", "الحرة"], "الحرة", "الفرنسية+رويترز"),
        (["(أ ف ب، رويترز)", "الحرة"], "الحرة", "أ ف ب، رويترز"),
        (["واس / وكالات", "الحرة"], "الحرة", "واس / وكالات"),
        (["رويترز ووكالات", "الحرة"], "الحرة", "رويترز ووكالات"),
        (["وكالة فرانس برس (أ ف ب)", "الحرة"], "الحرة", "وكالة فرانس برس (أ ف ب)"),
        (["وكالات - رويترز", "رويترز", "الحرة"], "الحرة", "وكالات - رويترز"),
        (["رويترز", "وكالات - رويترز", "الحرة"], "الحرة", "رويترز، وكالات"),
        (["الجزيرة + وكالات - رويترز"], "الجزيرة", "وكالات - رويترز"),
        (["رويترز - الجزيرة - أ ف ب"], "الجزيرة", "رويترز، أ ف ب"),
        (["الرياض - واس", "عكاظ"], "عكاظ", "واس"),
        (["الرياض - واس"], "الرياض", "واس"),
        (["القاهرة - أ ش أ"], "أ ش أ", None),
        (["خاص - وكالات", "الحرة"], "الحرة", "وكالات"),
        (["خاص - وكالات"], None, "وكالات"),
        (["عواصم (وكالات)"], None, "وكالات"),
        (["القاهرة 24"], "القاهرة 24", None),
        (["صدى البلد - مصر"], "صدى البلد - مصر", None),
        ([], None, None),
    ],
)
def test_agencies_are_kept_apart(sources: list[str], outlet: str | None, agency: str | None) -> None:
    names = read_sources(sources, None, OURS)
    assert (names.outlet, names.agency) == (outlet, agency)


AGENCIES = (
    "وام|كونا|قنا|بترا|بنا|سانا|وفا|معا|أ ش أ|أ.ش.أ|أنباء الشرق الأوسط|د.ب.أ|أ.ب|أ ف ب|ا.ف.ب|أف ب"
    "|شينخوا|ريا نوفوستي|تاس|إنترفاكس|انترفاكس|الأناضول|بلومبرغ|بلومبرج|فارس|إرنا|ارنا|تسنيم|مهر|نينا"
    "|واع|وكالة معا|وكالة رويترز للأنباء|أسوشيتدبرس|اسوشييتد برس|وكالة الأنباء الفرنسية"
    "|الصحافة الفرنسية|وكالة كونا|Bloomberg|tass"
)


@pytest.mark.parametrize("name", AGENCIES.split("|"))
def test_the_agencies_of_the_arab_world_are_known(name: str) -> None:
    assert is_agency(name)


@pytest.mark.parametrize(
    "name", ["الشرق الأوسط", "الوطن", "وكالة خبر", "الأهرام", "القاهرة", "سكاي نيوز عربية", "الرياض"]
)
def test_an_outlet_is_no_agency(name: str) -> None:
    assert not is_agency(name)


def test_an_agency_on_the_page_of_an_outlet_is_the_agency() -> None:
    names = read_sources(["رويترز"], "https://www.aljazeera.net/1", OURS)
    assert (names.outlet, names.outlet_raw, names.agency) == ("الجزيرة", "رويترز", "رويترز")


def test_an_agency_on_its_own_page_is_the_outlet() -> None:
    names = read_sources(["واس"], "https://www.spa.gov.sa/1", OURS)
    assert (names.outlet, names.agency) == ("واس", None)


class TestUserTable:
    def test_it_adds_outlets_and_names(self, tmp_path: Path) -> None:
        table = user_table(tmp_path, "# ours\n\nصوت الجنوب\tsouth-voice\tsouth.example\nالحرة\tحرة نيوز\n")
        assert table.outlet_of("South-Voice", None) == "صوت الجنوب"
        assert table.outlet_of(None, "https://www.south.example/1") == "صوت الجنوب"
        assert table.outlet_of("حرة نيوز", None) == "الحرة"
        assert table.outlet_of("alhurra.com", None) == "الحرة"

    def test_it_counts_before_ours(self, tmp_path: Path) -> None:
        table = user_table(tmp_path, "الجزيرة نت\taljazeera.net\tالجزيرة نت\nalriyadh\talriyadh\n")
        assert table.outlet_of("www.aljazeera.net", None) == "الجزيرة نت"
        assert table.outlet_of("alriyadh", None) == "alriyadh"
        assert table.outlet_of("الجزيرة", None) == "الجزيرة"

    def test_without_a_file_it_is_ours(self, tmp_path: Path) -> None:
        assert load_outlets(tmp_path) is OURS
        assert load_outlets(None) is OURS

    def test_a_byte_order_mark_and_crlf_are_taken(self, tmp_path: Path) -> None:
        assert user_table(tmp_path, "\ufeffصوت\tx1\r\n").outlet_of("x1", None) == "صوت"

    @pytest.mark.parametrize(
        ("content", "line", "says"),
        [
            ("أ\tx1\nب\tx1\n".encode(), 2, "x1"),
            ("أ\tx.example\n\nب\twww.x.example\n".encode(), 3, "x.example"),
            ("أ\tx1\n\tx2\n".encode(), 2, "no name"),
            ("أ\tx1\n".encode() + b"\xff\xfe\n", 2, "UTF-8"),
        ],
    )
    def test_errors_name_file_and_line(self, tmp_path: Path, content: bytes, line: int, says: str) -> None:
        path = tmp_path / OUTLETS_FILE_NAME
        path.write_bytes(content)
        with pytest.raises(UsageError, match=rf"outlets\.tsv, line {line}: .*{says}"):
            load_outlets(tmp_path)


def test_articles_are_renamed_by_another_table_without_their_pages(tmp_path: Path) -> None:
    article = Article(id="1", title="t", body="b", outlet="الجزيرة", outlet_raw="الجزيرة نت + وكالات", url=None)
    table = user_table(tmp_path, "قناة الجزيرة\tالجزيرة نت\n")
    assert renamed(article, OURS) is article
    assert renamed(article, table).outlet == "قناة الجزيرة"


@pytest.mark.parametrize(
    ("sources", "url"),
    [
        (["الجزيرة + وكالات"], None),
        (["رويترز"], "https://www.aljazeera.net/1"),
        (["واس"], "https://www.spa.gov.sa/1"),
        (["وكالات"], None),
        (["وكالات"], "https://www.aljazeera.net/1"),
        (["وكالات", "رويترز"], None),
        (["الوطن"], "https://www.elwatannews.com/news/1"),
        ([], "http://www.alriyadh.com/1"),
    ],
)
def test_renaming_by_the_same_table_changes_nothing(sources: list[str], url: str | None) -> None:
    names = read_sources(sources, url, OURS)
    article = Article(id="1", title="t", body="b", outlet=names.outlet, outlet_raw=names.outlet_raw, url=url)
    assert renamed(article, OURS) is article


def test_no_name_or_domain_of_ours_is_lost() -> None:
    assert len(set(OURS.own_names.values())) >= 150
    for domain, outlet in OURS.domains.items():
        assert OURS.outlet_at(f"https://www.{domain}") == outlet
    for key, outlet in OURS.own_names.items():
        assert outlet in OURS.names[key]
        assert OURS.outlet_of(outlet, None) == outlet
