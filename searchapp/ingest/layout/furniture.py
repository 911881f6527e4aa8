"""Lines that belong to a site and not to an article: what to follow, share, print, subscribe to."""

from __future__ import annotations

from typing import Final

from searchapp.ingest.layout.spelling import any_of, compiled, spelled

LONGEST: Final = 100
"""Characters; a longer line is text."""

_NETWORKS: Final = any_of(
    *[
        "فيسبوك",
        "فيس بوك",
        "تويتر",
        "إكس",
        "واتساب",
        "واتس اب",
        "واتس آب",
        "تليجرام",
        "تيليجرام",
        "تلغرام",
        "تيلغرام",
        "لينكدإن",
        "لينكد إن",
        "انستغرام",
    ],
    *[
        "إنستجرام",
        "بينتيريست",
        "ماسنجر",
        "بريد إلكتروني",
        "البريد الإلكتروني",
        "نسخ الرابط",
        "طباعة",
        "مشاركة",
        "شارك",
        "يوتيوب",
    ],
    *[
        "facebook",
        "twitter",
        "x",
        "whatsapp",
        "telegram",
        "linkedin",
        "instagram",
        "pinterest",
        "messenger",
        "email",
        "e-mail",
        "print",
        "copy link",
    ],
    *["share", "tweet", "youtube"],
)
_FOLLOW: Final = any_of("تابع", "تابعوا", "تابعونا", "تابعنا")
_PLACES: Final = any_of(
    *[
        "تطبيق",
        "جوجل نيوز",
        "غوغل نيوز",
        "أخبار جوجل",
        "google news",
        "قناتنا",
        "صفحتنا",
        "حسابنا",
        "واتساب",
        "تليجرام",
        "تلغرام",
        "فيسبوك",
        "تويتر",
    ],
    *["telegram", "whatsapp", "facebook", "twitter"],
)
_WHOLE: Final = (
    spelled("تابع") + f"(?:{spelled('وا')}|{spelled('ونا')})?" + spelled(" (?:أحدث|آخر) الأخبار عبر تطبيق") + ".{0,40}",
    rf"{_FOLLOW}[^.؟!]{{0,30}}{spelled(' (?:عبر|على|من خلال) ')}{_PLACES}[^.؟!]{{0,40}}",
    spelled("للاشتراك (?:في|ب|بال|بخدم)") + r"[^.؟!]{0,70}[.!]?",
    spelled("(?:اشترك|اشتركوا|انضم|انضموا) (?:الآن )?(?:في|إلى|ب|معنا|مجانا|على)")
    + r"[^.؟!]{0,60}"
    + spelled("(?:نشرت|النشرة|قناتنا|القناة|القائمة البريدية|واتساب|تليجرام|تلغرام|يوتيوب)")
    + r"[^.؟!]{0,40}[.!]?",
    rf"[|•*\s]*{_NETWORKS}(?:[\s|/،,•·\-–]+{_NETWORKS})+[|\s:]*",
    rf"[|\s]*{any_of('شارك', 'شارك الخبر', 'شارك هذا الخبر', 'شارك المقال', 'مشاركة', 'شارك القصة')}[\s:|]*",
    rf"\|\s*{any_of('فيديو', 'بالفيديو', 'صور', 'فيديو وصور', 'صور وفيديو')}\s*\|?",
    any_of("نسخ الرابط", "طباعة الخبر", "حجم الخط", "استمع إلى المقال", "استمع للمقال", "استمع للخبر") + r"[\s:+-]*",
    rf"[\[(\s-]*{any_of('إعلان', 'إعلانات', 'advertisement', 'ad', 'ads')}[\])\s:-]*",
)
_FURNITURE: Final = compiled("|".join(f"(?:{line})" for line in _WHOLE))
_APP_BANNER: Final = compiled(rf"\s*{spelled('تابع (?:أحدث|آخر) الأخبار عبر تطبيق')}.{{0,40}}$")


def is_furniture(line: str) -> bool:
    """Whether a trimmed line belongs to the site and not to the article."""
    return len(line) <= LONGEST and _FURNITURE.fullmatch(line) is not None


def without_banner(value: str) -> str:
    """Return a short value without the banner that some pages print on the same line."""
    return _APP_BANNER.sub("", value)
