"""Exact copies share a key, other articles do not."""

from __future__ import annotations

from datetime import date

from searchapp.dedupe.preparation import Preparer
from searchapp.model import Article

LONG = " ".join(f"كلمة{number}" for number in range(25))


def key(body: str, title: str | None = None, *, inferred: bool = False) -> bytes:
    return Preparer().prepare([Article(id="x", title=title, body=body, title_inferred=inferred)])[0].key


def test_a_key_has_16_bytes() -> None:
    assert len(key(LONG)) == 16


def test_spelling_marks_punctuation_and_space_do_not_count() -> None:
    plain = "قال المدير الى الامه علي ان الاتفاقيه قائمه " + LONG
    dressed = "قَالَ المديـر: «إلى الأمة»، على أنّ الإتفاقية\n\nقائمة!\u00a0\u200f" + LONG
    assert key(plain) == key(dressed)


def test_a_long_body_counts_without_its_title() -> None:
    assert key(LONG, "عنوان") == key(LONG, "آخر")


def test_a_short_body_counts_with_its_title() -> None:
    assert key("نص قصير", "عنوان") != key("نص قصير", "آخر")
    assert key("نص قصير", "عنوان") == key("نص قصير", "عنوان!")


def test_an_inferred_title_does_not_count() -> None:
    assert key("نص قصير", "نص", inferred=True) == key("نص قصير")


def test_under_the_same_title_articles_without_text_are_one_only_of_the_same_outlet_and_day() -> None:
    def drawing(outlet: str, day: int, body: str = "") -> bytes:
        return (
            Preparer()
            .prepare([Article(id="x", title="كاريكاتير", body=body, outlet_raw=outlet, date=date(2024, 6, day))])[0]
            .key
        )

    assert drawing("عكاظ", 1) == drawing("عكاظ", 1)
    assert len({drawing("عكاظ", 1), drawing("عكاظ", 2), drawing("الرياض", 1)}) == 3
    assert drawing("عكاظ", 1, "كاريكاتير") != drawing("عكاظ", 2, "كاريكاتير")
    assert drawing("عكاظ", 1, "نص قصير") == drawing("الرياض", 2, "نص قصير")


def test_title_and_body_are_kept_apart() -> None:
    assert key("ب", "أ") != key("", "أ ب")


def test_numbers_and_words_make_other_articles() -> None:
    assert len({key(f"{LONG} {number}") for number in ("3.5", "35", "36")}) == 3


def test_texts_without_any_word_are_compared_as_they_are() -> None:
    assert key("", "***") != key("", "???")
