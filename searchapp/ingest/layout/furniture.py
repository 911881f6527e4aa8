"""Lines that belong to a site and not to an article: what to follow, share, print, subscribe to."""

from __future__ import annotations

from typing import Final

from searchapp.ingest.layout.spelling import Spellings, any_of, compiled, spelled

LONGEST: Final = 100
"""Characters; a longer line is text."""

_NETWORKS: Final = (
    *("فيسبوك", "فيس بوك", "تويتر", "إكس", "واتساب", "واتس اب", "واتس آب", "تليجرام", "تيليجرام", "تلغرام"),
    *("تيلغرام", "لينكدإن", "لينكد إن", "انستغرام", "إنستجرام", "بينتيريست", "ماسنجر", "بريد إلكتروني"),
    *("البريد الإلكتروني", "نسخ الرابط", "طباعة", "مشاركة", "شارك", "يوتيوب"),
    *("facebook", "twitter", "x", "whatsapp", "telegram", "linkedin", "instagram", "pinterest", "messenger"),
    *("email", "e-mail", "print", "copy link", "share", "tweet", "youtube"),
)
_FOLLOW: Final = ("تابع", "تابعوا", "تابعونا", "تابعنا")
_PLACES: Final = (
    *("تطبيق", "جوجل نيوز", "غوغل نيوز", "أخبار جوجل", "google news", "قناتنا", "صفحتنا", "حسابنا"),
    *("واتساب", "تليجرام", "تلغرام", "فيسبوك", "تويتر", "telegram", "whatsapp", "facebook", "twitter"),
)
_JOIN: Final = ("اشترك", "اشتركوا", "انضم", "انضموا")
_SHARE: Final = ("شارك", "شارك الخبر", "شارك هذا الخبر", "شارك المقال", "مشاركة", "شارك القصة")
_PICTURES: Final = ("فيديو", "بالفيديو", "صور", "فيديو وصور", "صور وفيديو")
_TOOLS: Final = ("نسخ الرابط", "طباعة الخبر", "حجم الخط", "استمع إلى المقال", "استمع للمقال", "استمع للخبر")
_ADVERTISEMENT: Final = ("إعلان", "إعلانات", "advertisement", "ad", "ads")
FURNITURE_BEGINNINGS: Final = (
    *(*_NETWORKS, *_FOLLOW, "للاشتراك", *_JOIN),
    *(*_SHARE, *_PICTURES, *_TOOLS, *_ADVERTISEMENT),
)
"""How such a line may begin, but for signs."""

_WHOLE: Final = (
    spelled("تابع") + f"(?:{spelled('وا')}|{spelled('ونا')})?" + spelled(" (?:أحدث|آخر) الأخبار عبر تطبيق") + ".{0,40}",
    rf"{any_of(*_FOLLOW)}[^.؟!]{{0,30}}{spelled(' (?:عبر|على|من خلال) ')}{any_of(*_PLACES)}[^.؟!]{{0,40}}",
    spelled("للاشتراك (?:في|ب|بال|بخدم)") + r"[^.؟!]{0,70}[.!]?",
    any_of(*_JOIN)
    + spelled(" (?:الآن )?(?:في|إلى|ب|معنا|مجانا|على)")
    + r"[^.؟!]{0,60}"
    + spelled("(?:نشرت|النشرة|قناتنا|القناة|القائمة البريدية|واتساب|تليجرام|تلغرام|يوتيوب)")
    + r"[^.؟!]{0,40}[.!]?",
    rf"[|•*\s]*{any_of(*_NETWORKS)}(?:[\s|/،,•·\-–]+{any_of(*_NETWORKS)})+[|\s:]*",
    rf"[|\s]*{any_of(*_SHARE)}[\s:|]*",
    rf"\|\s*{any_of(*_PICTURES)}\s*\|?",
    any_of(*_TOOLS) + r"[\s:+-]*",
    rf"[\[(\s-]*{any_of(*_ADVERTISEMENT)}[\])\s:-]*",
    r"(?:\s|&(?:nbsp|ensp|emsp|thinsp|zwnj|zwj|lrm|rlm|#160|#xa0|#8203|#x200b);)+",  # blanks that are still escaped
)
_FURNITURE: Final = Spellings("|".join(f"(?:{line})" for line in _WHOLE))
_APP_BANNER: Final = rf"\s*{spelled('تابع (?:أحدث|آخر) الأخبار عبر تطبيق')}.{{0,40}}$"


def is_furniture(line: str) -> bool:
    """Whether a trimmed line belongs to the site and not to the article."""
    return len(line) <= LONGEST and _FURNITURE.fullmatch(line)


def without_banner(value: str) -> str:
    """Return a short value without the banner that some pages print on the same line."""
    return compiled(_APP_BANNER).sub("", value)
