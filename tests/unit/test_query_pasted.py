"""What is read as a pasted text, and what stays a query."""

from __future__ import annotations

import pytest

from searchapp.model import QueryNote
from searchapp.query.parser import parse
from searchapp.query.tree import Word, Words

TEXTS = {
    "a headline with a quotation": (
        "كيري يحمل «رسائل طمأنة» لدول التعاون",
        "كيري يحمل رسائل طمأنة لدول التعاون",
    ),
    "a headline quoted in straight marks": (
        'فيلم "انت - مان" يتصدر قائمة إيرادات السينما',
        "فيلم انت مان يتصدر قائمة إيرادات السينما",
    ),
    "a headline between strokes": (
        "موقع | أخبار | تقرير يتحدث عن مباريات الدوري الجديد",
        "موقع أخبار تقرير يتحدث عن مباريات الدوري الجديد",
    ),
    "a post with an address and a dash": (
        "-البروفيسور يلقي محاضرة في جامعة بعيدة وقد فاجأ الجميع بقوله https://t.co/abc1 اليوم",
        "البروفيسور يلقي محاضرة في جامعة بعيدة وقد فاجأ الجميع بقوله اليوم",
    ),
    "what a page's source makes of quotation marks": ("معرض &quot;قرن ونصف&quot; يحفظ تاريخ عسير كله", None),
    "a short one with escaped quotation marks": ("معرض &quot;قرن ونصف&quot; اليوم", "معرض قرن ونصف اليوم"),
    "a post with words in bold": (
        "*عاجل* | الجيش يعلن *سقوط ضحايا* في جنوب البلاد",
        "عاجل الجيش يعلن سقوط ضحايا في جنوب البلاد",
    ),
    "a headline with a plain question mark": ("هل جاء «السلام»? أين ذهب الناس اليوم?", None),
    "a post with an address that asks": (
        "شاهد «المباراة» كاملة على موقع القناة الآن https://example.org/watch?v=abc*d",
        "شاهد المباراة كاملة على موقع القناة الآن",
    ),
    "somebody says something": ('وزير سابق : "اعتزوا بلغتكم الرائعة"', "وزير سابق اعتزوا بلغتكم الرائعة"),
    "a colon behind a name": ("طبيب مورا: الإصابة «ليست قطعا»", "طبيب مورا الإصابة ليست قطعا"),
    "an exclamation": ('شركة "تعيد الحياة" للهاتف 7!', "شركة تعيد الحياة للهاتف 7"),
    "two full stops between parts": ('رحيل أفا.. باحث ومحقق "الشعر السوسي"', "رحيل أفا باحث ومحقق الشعر السوسي"),
    "a particle drawn out to a quotation": ('الحركة تندد بـ"انتهاك الحريات"', None),
    "one quoted word among others": ("عقارات لندن «ملتهبة»", "عقارات لندن ملتهبة"),
}
QUERIES = (
    '"وزارة الخارجية" بيان',
    "«وزارة الخارجية»",
    "&quot;وزارة الخارجية&quot;",
    '"وزارة الخارجية" و"وزارة الدفاع"',
    '"وزارة الخارجية: بيان" اليوم',
    '"وزارة الخارجية!"',
    'وزير:"بيان مشترك"',
    'title: "بيان مشترك" اليوم',
    'بيان: -"وزارة الخارجية"',
    "«وزارة الخارجية» «وزارة الدفاع»",
    "“وزارة الخارجية” OR “وزارة الدفاع”",
    "مصر ليبيا السودان تونس الجزائر المغرب -كرة",
    '+مصر ليبيا السودان تونس الجزائر المغرب "بيان مشترك"',
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا العراق source:سبق",
    "كورونا | كوفيد | جائحة | وباء | لقاح | تطعيم | إصابات | وفيات | حظر | عزل | فيروس",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا العراق اليمن NOT عمان",
    'مصر ليبيا السودان تونس الجزائر "بيان مشترك"~3',
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا عراق*",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا =العراق",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا ع*اق",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا ع?اق",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا عراق~",
    "مصر ليبيا السودان تونس الجزائر المغرب الأردن لبنان سوريا العراق~2",
)


@pytest.mark.parametrize(("typed", "words"), TEXTS.values(), ids=TEXTS)
def test_a_pasted_text_is_its_words_side_by_side(typed: str, words: str | None) -> None:
    parsed = parse(typed)
    assert isinstance(parsed.expression, Words)
    assert all(member == Word(member.text) for member in parsed.expression.members if isinstance(member, Word))
    assert words is None or parsed.text == words
    assert parsed.notes == (QueryNote("read_as_text"),)
    assert parse(parsed.text).expression == parsed.expression


@pytest.mark.parametrize("typed", QUERIES)
def test_a_query_with_a_sure_sign_of_the_language_is_read_as_one(typed: str) -> None:
    assert QueryNote("read_as_text") not in parse(typed).notes


def test_plain_words_are_not_remarked_on() -> None:
    assert parse("مصارف اليونان تفتح أبوابها، والضرائب تتضاعف في البلاد.").notes == ()
