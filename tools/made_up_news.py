"""Articles that nobody wrote, as JSON lines, for the pictures in docs/: the same ones each time.

    python tools/made_up_news.py > news.jsonl && searchapp index news.jsonl --index pictures

The file `pictures/variants.tsv` with the line `تلسكوب<tab>تليسكوب<tab>yes` makes the two spellings one word.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

OUTLETS: Final = ("المنارة", "صدى الضفاف", "الأفق اليوم", "ميناء الأخبار", "الرائد", "نبض المدينة", "The Harbour Post")
PLACES: Final = ("مسقط", "عمّان", "الرباط", "تونس", "بيروت", "الدوحة", "صنعاء", "نواكشوط", "الخرطوم", "بغداد")
DAYS: Final = 600
FIRST: Final = date(2023, 1, 10)

STORIES: Final = (
    (
        "مرصد {place} يلتقط صورة نادرة للقمر",
        "التقط فلكيون في مرصد {place} صورة نادرة للقمر عند اكتماله. وقال مدير المرصد إن التلسكوب الجديد رصد {n} فوهة "
        "لم تُرَ بهذه الدقة من قبل، وإن الصور ستُتاح للمدارس.",
    ),
    (
        "تليسكوب جديد في {place} يفتح أبوابه للزوار",
        "افتُتح في {place} مرصد للهواة فيه تليسكوب قطره {n} سنتيمترًا. ويستقبل المرصد زواره مساء كل خميس لرصد القمر "
        "والكواكب، على أن يُحجز الموعد قبل أسبوع.",
    ),
    (
        "أمطار غزيرة على {place} والدفاع المدني يحذر",
        "هطلت أمطار غزيرة على {place} وبلغت {n} مليمترًا في يوم واحد. ودعا الدفاع المدني السكان إلى الابتعاد عن مجاري "
        "الأودية، وقالت الأرصاد إن الأمطار تستمر حتى الجمعة.",
    ),
    (
        "معرض الكتاب في {place} يستقبل {n} ألف زائر",
        "اختُتم معرض الكتاب في {place} بعد أن استقبل {n} ألف زائر. وقال المنظمون إن كتب الأطفال والرواية تصدرت "
        "المبيعات، وإن دورة العام المقبل تحتفي بالشعر.",
    ),
    (
        "ميناء {place} يدشن رصيفًا جديدًا",
        "دشن ميناء {place} رصيفًا طوله {n} مترًا يستقبل سفن الحاويات. وقال مدير الميناء: “We are open to all lines”، "
        "وأضاف أن العمل يبدأ في 2024-03-01 على مدار الساعة.",
    ),
    (
        "فريق {place} يتأهل إلى النهائي",
        "تأهل فريق {place} إلى المباراة النهائية بعد فوزه أمس أمام {n} ألف متفرج. وقال المدرب إن اللاعبين استحقوا "
        "الفوز، وإن القمر كان شاهدًا على ليلة لا تُنسى.",
    ),
    (
        "علماء: زراعة النخيل في {place} تتوسع",
        "قال باحثون في {place} إن المساحة المزروعة بالنخيل زادت {n} في المئة خلال عشر سنوات. وعزا التقرير ذلك إلى الري "
        "بالتنقيط وإلى أصناف تحتمل الملوحة.",
    ),
    (
        "الأرصاد: هلال رمضان يُرى من {place}",
        "توقعت الأرصاد أن يُرى هلال رمضان من {place} بالعين المجردة لمدة {n} دقيقة بعد الغروب. وأوضح فلكيون أن القمر "
        "يكون في الأفق الغربي، وأن التلسكوب يعين على رصده.",
    ),
)


def articles() -> Iterator[dict[str, str]]:
    """Stories, some of them run by several outlets on the same day or the next."""
    chance = random.Random(7)  # noqa: S311 - the same articles each time are wanted, not a secret
    for number in range(420):
        title, text = STORIES[chance.randrange(len(STORIES))]
        words = {"place": chance.choice(PLACES), "n": str(chance.randint(12, 480))}
        # Twice as much was written in the later year.
        day = FIRST + timedelta(days=int(DAYS * max(chance.random(), chance.random())))
        for copy, outlet in enumerate(chance.sample(OUTLETS, chance.choice((1, 1, 1, 2, 3, 5)))):
            yield {
                "id": f"{number}-{copy}",
                "title": title.format(**words),
                "text": text.format(**words),
                "source": outlet,
                "date": (day + timedelta(days=copy // 2)).isoformat(),
                "url": f"https://news.example/{number}/{copy}",
            }


def main() -> None:
    """Write them out."""
    for article in articles():
        sys.stdout.write(json.dumps(article, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
