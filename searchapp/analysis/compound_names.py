"""Names of two words that as many writers make one: عبد الله and عبدالله, أبو ظبي and أبوظبي, نصر الله and نصرالله.

Where the two stand side by side with nothing but white space between them they are one word, spelled without the space:
each outlet has its own way, and whoever looks for one would miss what the others write. The price is that no part is
found alone; what is listed here are names and words whose parts nobody looks for.

It is decided on exact forms, so it makes no difference how each part is written.
"""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import product
from typing import Final, NamedTuple

COMPOUND_WORDS: Final = 2

_LETTER: Final = "[\u0621-\u063a\u0641-\u064a]"
_NAME_OF_GOD: Final = f"ال{_LETTER}{{2,}}|ربه"
# What follows أبو where no name does: function words, and whose father is meant. And names in عبد, which are two words
# or one themselves.
_NO_NAMES: Final = (
    "ال الا الذي التي الي ان او اذا ثم عن في قد كم كان لا لكن لم لن ما من هذا هو هي الامير الرئيس الرسول الشاب الشهيد"
    " الشهيده الشيخ الضحيه الطفل الطفله العروس الفتاه القتيل المتهم المجني المغدور الملك النبي سيدنا"
)
_SON: Final = f"(?!(?:{_NO_NAMES.replace(' ', '|')})\\Z)(?!عبد){_LETTER}{{2,}}"
# ابي and ابا are other words, too (أبى، أبي، أباً): a name only before these.
_SONS: Final = (
    "ايوب الحسن الدرداء الطيب العباس العلاء الفضل القاسم بكر جعفر جهل حنيفه داود ذر سعيد سفيان طالب ظبي عبيده عريش"
    " لهب موسي هريره"
)
_NAMES_OF_GOD: Final = (
    "الله الجبار الرحمن الرحيم الرزاق السلام العالي العزيز الغني القادر الكريم اللطيف المحسن الهادي الواحد الوهاب"
)
_UNITS: Final = " ".join(
    unit + ending
    for unit in ("متر", "جرام", "غرام", "واط", "وات", "هرتز", "بايت", "بت", "طن", "فولت", "بكسل", "بيكسل")
    for ending in ("", "ا", "ات", "ين")
)

_PARTICLES: Final = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "وك", "فب", "فل")
_PARTICLES_WITH_ARTICLE: Final = ("ال", "وال", "فال", "بال", "كال", "لل", "وبال", "ولل")


class _Matching:
    """The words that match a pattern as a whole."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._pattern.fullmatch(word) is not None


class _Kind(NamedTuple):
    """Some first words and some second ones that make names, and the particles before the first.

    `spelled` is how the first is written in the name, where that is not as it stands.
    """

    firsts: str
    seconds: str | _Matching
    particles: tuple[str, ...] = _PARTICLES
    spelled: str = ""


class Compound(NamedTuple):
    """What a first word becomes in a compound, and which second words make one, in exact form."""

    first: str
    seconds: Container[str]


_ALL_PARTICLES: Final = _PARTICLES + _PARTICLES_WITH_ARTICLE
_KINDS: Final[tuple[_Kind, ...]] = (
    # People.
    _Kind("عبد", _Matching(_NAME_OF_GOD)),
    _Kind("عبد", _NAMES_OF_GOD, _PARTICLES_WITH_ARTICLE),
    _Kind("ابو", _Matching(_SON)),
    _Kind("ابي ابا", _SONS, spelled="ابو"),
    _Kind("جاد جار حمد خير سعد ضيف عبيد عطا مد نصر", "الله", ("", "و", "ف", "ل", "ول")),
    _Kind("جار حمد عطا", "الله", ("ال", "وال", "فال", "لل")),
    _Kind(
        "بدر برهان بهاء تقي جلال جمال حسام خير ركن زين سعد سيف شرف شمس شهاب صفي صلاح ضياء عز علاء عماد فخر قطب كمال"
        " محي محيي معز ناصر نجم نصر نور",
        "الدين",
    ),
    # Places.
    _Kind("اسلام جلال حيدر عشق فيصل", "اباد"),
    _Kind("بعل", "بك"),
    _Kind("بنجلا بنغلا", "ديش"),
    _Kind("بور", "سعيد سودان"),
    _Kind("حضر", "موت"),
    _Kind("حفر", "الباطن"),
    _Kind("خان", "يونس"),
    _Kind("ديار", "بكر"),
    _Kind("دير", "الزور"),
    _Kind("سري", "لانكا"),
    _Kind("طول", "كرم"),
    _Kind("كفر", "الشيخ"),
    _Kind("كوالا", "لمبور"),
    _Kind("نيو", "اورليانز جيرسي دلهي زيلندا كاسل مكسيكو يورك"),
    _Kind("هونج", "كونج"),
    _Kind("هونغ", "كونغ"),
    _Kind("ام", "درمان"),
    # Companies, clubs, things.
    _Kind("اي", "باد بود فون", ("", "ال", "وال", "لل", "بال")),
    _Kind("انستا", "جرام غرام", _ALL_PARTICLES),
    _Kind("بلاي", "ستيشن", _ALL_PARTICLES),
    _Kind("تيك", "توك", _ALL_PARTICLES),
    _Kind("سناب", "شات", _ALL_PARTICLES),
    _Kind("فيس", "بوك", _ALL_PARTICLES),
    _Kind("واتس", "اب", _ALL_PARTICLES),
    _Kind("يو", "تيوب", _ALL_PARTICLES),
    _Kind("ريفر", "بليت"),
    _Kind("وست", "هام"),
    _Kind("راس", "مال ماله مالها", _ALL_PARTICLES),
    _Kind("كيلو ميجا ميغا جيجا غيغا تيرا", _UNITS, _ALL_PARTICLES),
)


def _compounds() -> dict[str, Compound]:
    listed: dict[str, set[str]] = {}
    found: dict[str, Compound] = {}
    for kind in _KINDS:
        for first, particle in product(kind.firsts.split(), kind.particles):
            seconds: Container[str] = kind.seconds
            if isinstance(kind.seconds, str):
                seconds = listed.setdefault(particle + first, set())  # of several kinds, those of all
                seconds.update(kind.seconds.split())
            found[particle + first] = Compound(particle + (kind.spelled or first), seconds)
    return found


COMPOUNDS: Final = _compounds()
"""First word in exact form → what is made of it."""


def compound_name(first: str, second: str) -> str:
    """The exact form of two words that are one name, both given in exact form; nothing for others."""
    compound = COMPOUNDS.get(first)
    return compound.first + second if compound is not None and second in compound.seconds else ""
