"""Traps in the labels, heads, trailers, second articles and lists of a page; see `page_traps`."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from hijridate import Gregorian

from tests.page_drafts import AGENCIES, ENGLISH_MONTHS, READ_ALSO, PageDraft

LEVANTINE: Final = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
MOROCCAN: Final = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "ماي",
    "يونيو",
    "يوليوز",
    "غشت",
    "شتنبر",
    "أكتوبر",
    "نونبر",
    "دجنبر",
]
TUNISIAN: Final = [
    "جانفي",
    "فيفري",
    "مارس",
    "أفريل",
    "ماي",
    "جوان",
    "جويلية",
    "أوت",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
]
EGYPTIAN: Final = [
    "يناير",
    "فبراير",
    "مارس",
    "ابريل",
    "مايو",
    "يونيه",
    "يوليه",
    "اغسطس",
    "سبتمبر",
    "اكتوبر",
    "نوفمبر",
    "ديسمبر",
]
HIJRI: Final = [
    "محرم",
    "صفر",
    "ربيع الأول",
    "ربيع الآخر",
    "جمادى الأولى",
    "جمادى الآخرة",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذو الحجة",
]
WEEKDAYS: Final = ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def ways_to_write(day: date) -> list[str]:
    """A day as pages have it."""
    hijri = Gregorian.fromdate(day).to_hijri()
    in_hijri = f"{hijri.day} {HIJRI[hijri.month - 1]} {hijri.year}"
    month, weekday = day.month - 1, WEEKDAYS[day.weekday()]
    return [
        f"{weekday} {day.day} {LEVANTINE[month]} {day.year}",
        f"{weekday}، {day.day} {EGYPTIAN[month]} {day.year} - 10:30 م",
        f"{day.day} {MOROCCAN[month]} {day.year} - 23:59",
        f"{day.day} {TUNISIAN[month]} {day.year}",
        f"{day.day} {EGYPTIAN[month]} ({LEVANTINE[month]}) {day.year}م",
        f"{day.day} {LEVANTINE[month]}/{EGYPTIAN[month]} {day.year}",
        f"{weekday} {in_hijri} هـ الموافق {day.day} {EGYPTIAN[month]} {day.year} م",
        f"{in_hijri}هـ - {day:%d/%m/%Y}م",
        f"{in_hijri} هـ",
        f"{day:%Y-%m-%d}T23:30:00+03:00",
        f"{day:%Y-%m-%d} 00:10:00 -0500",
        f"{day:%d-%m-%Y}".translate(ARABIC_DIGITS),
        f"{day:%Y/%m/%d}".translate(PERSIAN_DIGITS),
        f"{day.day} {EGYPTIAN[month]} {day.year}".translate(ARABIC_DIGITS),
        f"{ENGLISH_MONTHS[month]} {day.day}, {day.year}",
        f"{day:%a, %d %b %Y} 23:10:00 GMT",
        f"{day.day}{EGYPTIAN[month]}{day.year}",
    ]


def date_in_another_form(random: Random, page: PageDraft) -> None:
    at = next((at for at, line in enumerate(page.head) if line.startswith("تاريخ النشر")), None)
    if at is not None and page.expected.date:
        label = random.choice(
            ("تاريخ النشر: ", "تاريخ النشر : ", "تاريخ النشر:", "تاريخ النشر ", "تـاريخ النشـر: ", "تاریخ النشر: ")
        )
        page.head[at] = label + random.choice(ways_to_write(date.fromisoformat(page.expected.date)))


def banner_behind_the_date(random: Random, page: PageDraft) -> None:
    if page.expected.date:
        page.head[-1] += " تابع أحدث الأخبار عبر تطبيق"


def author_under_the_title(random: Random, page: PageDraft) -> None:
    if page.expected.title and len(page.head) == 2:
        author = random.choice(("كتب: محمد علي", "القاهرة - سارة حسن", "خاص - المراسل"))
        page.head.insert(1, author)
        page.expected.body.insert(0, author)


def colon_in_the_titles(random: Random, page: PageDraft) -> None:
    if page.expected.title:
        was, title = (
            page.expected.title,
            random.choice(("المصدر: {}", "نتنياهو: {}", "كلمات دلالية: {}")).format(page.expected.title),
        )
        page.head[page.head.index(was)] = page.expected.title = title
    if page.related:
        title = random.choice(("المصدر: لا صحة لما نشر", "بلينكن: المحادثات مستمرة", "مصدر: الاتفاق قريب"))
        page.related[1] = page.expected.related_title = title


def share_bars(random: Random, page: PageDraft) -> None:
    bars = ("فيسبوك تويتر واتساب", "شارك الخبر", "|فيديو", "Facebook | Twitter | WhatsApp", "نسخ الرابط", "إعلان")
    more = ("للاشتراك في النشرة البريدية اضغط هنا", "تابعونا على جوجل نيوز", "تابع آخر الأخبار عبر تطبيق نبض")
    for _ in range(random.randint(1, 3)):
        page.body.insert(random.randint(0, len(page.body)), random.choice(bars + more))


def look_also(random: Random, page: PageDraft) -> None:
    promo = random.choice(
        ("شاهد أيضا: لحظة وصول الوفد", "طالع أيضاً.. تفاصيل الاتفاق", "أقرأ أيضاً: عنوان", "اقرأ المزيد: خبر")
    )
    page.body.insert(random.randint(1, len(page.body)), promo)


def list_of_others_in_the_body(random: Random, page: PageDraft) -> None:
    at = random.randint(1, max(1, len(page.body) - 1))
    if at < len(page.body) and not page.body[at].startswith(("•", "-", "*")):
        page.body[at:at] = [random.choice(("أخبار ذات صلة", "مواضيع ذات صلة:", "اقرأ أيضا:")), "• خبر أول", "• خبر ثان"]


def second_article_with_head_and_trailer(random: Random, page: PageDraft) -> None:
    if page.related:
        page.related.insert(2, "تاريخ النشر: 3rd, March 2023 GMT")
        page.expected.related_date = "2023-03-03"
        if random.random() < 0.5:
            page.related += ["المصدر: سواليف", "كلمات دلالية: عمان الأردن"]
            page.expected.related_outlet = "سواليف"


def numbered_headlines(random: Random, page: PageDraft) -> None:
    if page.expected.similar:
        ends = random.choice((". ", "- ", ") "))
        page.similar[2:] = [f"{number}{ends}{line}" for number, line in enumerate(page.expected.similar, start=1)]


def headlines_above_the_second_article(random: Random, page: PageDraft) -> None:
    if page.expected.similar and page.related and page.layout == "B":
        page.related[:0], page.similar = page.similar, []


def two_lists_of_headlines(random: Random, page: PageDraft) -> None:
    if page.similar and page.expected.similar:
        page.similar += ["شاهد أيضا", "• خبر مصور"]
        page.expected.similar.append("خبر مصور")


def similar_list_is_empty(random: Random, page: PageDraft) -> None:
    if page.similar:
        page.similar = page.similar[:1]
        page.expected.similar = []


def keywords_before_the_source(random: Random, page: PageDraft) -> None:
    page.trailer.sort(key=lambda line: "دلالية" not in line)


def several_keywords_lines(random: Random, page: PageDraft) -> None:
    if page.expected.keywords:
        page.trailer.append("كلمات دلالية: لبنان سوريا")
        page.expected.keywords += " لبنان سوريا"


def keywords_one_a_line(random: Random, page: PageDraft) -> None:
    at = next((at for at, line in enumerate(page.trailer) if "دلالية" in line), None)
    if at is not None:
        page.trailer[at : at + 1] = ["كلمات دلالية:", "غزة", "الولايات المتحدة", "بلينكن"]
        page.expected.keywords = "غزة الولايات المتحدة بلينكن"


def _source_at(page: PageDraft) -> int | None:
    """Where the outlet's line stands."""
    return next((at for at, line in enumerate(page.trailer) if line.endswith(page.outlet)), None)


def agency_beside_the_outlet(random: Random, page: PageDraft) -> None:
    at = _source_at(page)
    if at is not None and not page.expected.agency:
        agency = random.choice(AGENCIES)
        form = random.choice(("{} + {}", "{} - {}", "{} ({})", "{}/{}", "{}، {}"))
        page.trailer[at] = "المصدر: " + form.format(page.outlet, agency)
        page.expected.agency = agency


def agency_below_the_outlet(random: Random, page: PageDraft) -> None:
    at = _source_at(page)
    if at is not None and not page.expected.agency:
        page.expected.agency = random.choice(AGENCIES)
        page.trailer.insert(at + 1, "المصدر: " + page.expected.agency)


def labels_without_colons(random: Random, page: PageDraft) -> None:
    page.trailer = [line.replace(":", "", 1).replace("\u00a0", " ") for line in page.trailer]
    page.trailer = [line.replace("المصدر", "المصدر ", 1).replace("دلالية", "دلالية ", 1) for line in page.trailer]


def labels_in_other_spellings(random: Random, page: PageDraft) -> None:
    source = random.choice(("المصـدر", "المَصدَر", "\u200fالمصدر", "المصدر\u00a0", "• المصدر"))
    keywords = random.choice(("کلمات دلالیة", "كلمـــات دلالية", "الكلمات الدلاليه", "كلمات  دلالية"))
    page.trailer = [line.replace("المصدر", source, 1) for line in page.trailer]
    page.trailer = [line.replace("كلمات دلالية", keywords, 1) for line in page.trailer]


def furniture_below_the_trailer(random: Random, page: PageDraft) -> None:
    page.trailer += ["فيسبوك تويتر واتساب", "تابعونا على جوجل نيوز"]


def third_article(random: Random, page: PageDraft) -> None:
    if page.related and page.trailer and not page.expected.related_outlet:
        page.related += ["المصدر: سواليف", random.choice(READ_ALSO), "عنوان ثالث", "نص ثالث طويل بما يكفي."]
        page.expected.related_outlet = "سواليف"
        page.expected.further_titles = ["عنوان ثالث"]


def date_line_is_missing(random: Random, page: PageDraft) -> None:
    """Only where the text leaves no doubt: a short title above long sentences."""
    title = page.expected.title
    if page.layout == "A" and title and page.head[0] == title and "دلالية" not in title and "المصدر" not in title:
        page.head = [title]
        page.body = [f"أكد وزير الخارجية في بيان مطول صدر يوم أمس أن المحادثات مستمرة {'جدا ' * (len(title) // 4)}."]
        page.body += ["وأضاف الوزير أن اللقاء كان مثمرا."]
        page.expected.body, page.expected.date = list(page.body), None


def dateline_names_an_agency(random: Random, page: PageDraft) -> None:
    if not page.expected.agency and page.expected.body and page.expected.body[0] in page.body:
        lead = page.expected.body[0]
        page.expected.body[0] = f"القاهرة (رويترز) - {lead}"
        page.body = [page.expected.body[0] if line == lead else line for line in page.body]
        page.expected.agency = "رويترز"
