"""What the dictionary leaves out because grammar makes it: broken plurals by pattern, relative adjectives, spellings.

Broken plurals follow patterns over the consonants of the singular (Wright, A Grammar of the Arabic Language, volume 1,
§ 304–305). A singular fits a few; which of them is in use, only a dictionary knows, so these have a small weight.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.lexicon import key_of
from tools.lexicon_stems import Frequencies, Stem

_C: Final = "([^اويه])"
# Singular in exact form → its plurals; groups are the consonants.
_PATTERNS: Final = tuple(
    (re.compile(singular.replace("C", _C)), plurals)
    for singular, plurals in (
        ("CCC", (r"\1\2و\3", r"ا\1\2ا\3", r"ا\1\2\3", r"\1\2ا\3")),  # عصر عصور, فلم أفلام, سطح أسطح, رجل رجال
        ("C[وي]C", (r"ا\1وا\2", r"ا\1يا\2", r"\1يو\2")),  # لون ألوان, حين أحيان, ضيف ضيوف
        ("CاC", (r"ا\1وا\2", r"\1يرا\2")),  # باب أبواب
        ("CCCه", (r"\1\2\3", r"\1\2ا\3")),  # كتلة كتل, رقبة رقاب
        ("CيCC", (r"ا\1\2ا\3",)),  # فيلم أفلام
        ("CC[اوي]Cه?", (r"\1\2اء\3", r"ا\1\2\3ه", r"\1\2ا\3")),  # زبون زبائن, سلاح أسلحة, كبير كبار
        ("CC[اوي]C", (r"\1\2\3اء",)),  # وزير وزراء
        ("CاCCه?", (r"\1وا\2\3",)),  # شارع شوارع
        ("CاCC", (r"\1\2ا\3",)),  # طالب طلاب
        ("CCCCه?", (r"\1\2ا\3\4",)),  # ضفدع ضفادع
        ("CCC[اوي]Cه?", (r"\1\2ا\3ي\4",)),  # تصريح تصاريح
        ("CاC[اوي]Cه?", (r"\1وا\2ي\3",)),  # قانون قوانين
        ("C[وي]CCه?", (r"\1وا\2\3", r"\1يا\2\3")),  # جوهر جواهر
    )
)
PATTERN_SHARE: Final = 0.01  # of a noun's frequency: each plural that it might have
RELATIVE_SHARE: Final = 0.1  # … and its relative adjective
SECOND_SPELLING_SHARE: Final = 0.3  # of a place's frequency: it with ة for ا
RARE_SPELLING_SHARE: Final = 1e-4
# The state itself writes سورية. Of other countries, ـية is the adjective: طائرة تركية.
IN_BOTH_SPELLINGS: Final = frozenset({"سوريا"})
NUMERAL_FREQUENCY: Final = 300_000  # of one that is not in the frequency list: about that of a million, which is
LEAST_FREQUENCY: Final = 500  # of a noun from which others are derived

UNITS: Final = ("ثلاث", "اربع", "خمس", "سته", "سبع", "ثماني", "تسع", "عشر")
TENS: Final = ("عشر", "ثلاث", "اربع", "خمس", "ست", "سبع", "ثمان", "تسع")
_SINGULARS: Final = frozenset({StemClass.NOUN, StemClass.ADJECTIVE, StemClass.FEMININE})
_HAMZA_SEATS: Final = str.maketrans("ؤئ", "ءء")
_RELATIVE: Final = "ي"
_ARTICLE: Final = "ال"


def derived_stems(stems: Iterable[Stem], frequencies: Frequencies, persons: Container[str]) -> Iterator[Stem]:
    """Yield the broken plurals and the relative adjectives of the nouns that are frequent enough to have any.

    Of words for `persons`, what looks like a relative adjective is their plural before a genitive (لاعبي), and with the
    article a family's name (الحازمي).
    """
    nouns = {stem.lemma for stem in stems if stem.stem_class in _SINGULARS and stem.share == 1}
    for noun in sorted(nouns):
        frequency = frequencies.of(Stem(noun, StemClass.NOUN, noun))
        if frequency >= LEAST_FREQUENCY:
            for plural in patterned_plurals(noun):
                if not frequencies.of(Stem(plural.text, StemClass.NOUN, plural.whole_word)):
                    yield plural
            adjective = noun.removesuffix("ه") + _RELATIVE
            if noun in persons:
                yield Stem(_ARTICLE + adjective, StemClass.NAME, adjective)
            else:
                yield Stem(adjective, StemClass.ADJECTIVE, adjective, RELATIVE_SHARE, noun)


def patterned_plurals(singular: str) -> Iterator[Stem]:
    """Yield the stems of the broken plurals that a singular in exact form may have."""
    spelled = singular.translate(_HAMZA_SEATS)
    for pattern, plurals in _PATTERNS:
        match = pattern.fullmatch(spelled)
        for plural in plurals if match else ():
            word = match.expand(plural) if match else ""
            if plural.endswith("ه"):
                yield Stem(word[:-1], StemClass.FEMININE_BROKEN_PLURAL, singular, PATTERN_SHARE)
            else:
                yield Stem(word, StemClass.BROKEN_PLURAL, singular, PATTERN_SHARE)


def numerals() -> Iterator[Stem]:
    """Yield the numerals, of which the dictionary lacks many; the ا of مائة may be left out in it and its multiples."""
    for unit in UNITS:
        yield Stem(unit, StemClass.ADJECTIVE, unit)
    for ten in TENS:
        yield Stem(ten + "ون", StemClass.NOUN, ten + "ون")
        yield Stem(ten + "ين", StemClass.NOUN, ten + "ون")
        # The decade has two spellings, خمسينات and خمسينيات.
        yield Stem(ten + "ينات", StemClass.NOUN, ten + "يني", counted_as=ten + "ون")
    for hundred in ("مائ", "مئ"):
        yield Stem(hundred, StemClass.FEMININE, "مئه")
        yield Stem(hundred + "وي", StemClass.ADJECTIVE, "مئوي", counted_as="مئه")
        for unit in (*UNITS, "ست", "ثمان"):
            yield Stem(unit + hundred, StemClass.FEMININE, unit.removesuffix("ي") + "مئه", counted_as="مئه")


def count_numerals(frequencies: Frequencies) -> None:
    """Give the numerals that the frequency list leaves out a frequency."""
    for word in (*UNITS, *(ten + "ون" for ten in TENS), "مئه"):
        for counts in (frequencies.nouns, frequencies.adjectives):
            counts[key_of(word)] = max(counts[key_of(word)], NUMERAL_FREQUENCY)


def second_spellings(stems: Iterable[Stem]) -> Iterator[Stem]:
    """Yield stems as some write them: names in ا with ة (فرنسة, كندة), words in ئ with ىء (طوارىء).

    The former count only where nothing else can be read, but for `IN_BOTH_SPELLINGS`, which are equally established.
    """
    for stem in stems:
        if stem.text.endswith("ئ") and not stem.stem_class.verbal:
            yield stem._replace(text=stem.text[:-1] + "يء", counted_as=stem.counted_as or stem.lemma)
        if stem.stem_class is StemClass.PROPER_NOUN and stem.text.endswith("ا") and len(stem.text) > 4:
            share = SECOND_SPELLING_SHARE if stem.text in IN_BOTH_SPELLINGS else RARE_SPELLING_SHARE
            yield Stem(stem.text[:-1] + "ه", StemClass.PROPER_NOUN, stem.lemma, share)
