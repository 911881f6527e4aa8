"""The affixes of written Arabic: which prefixes and suffixes a stem of each class may carry.

The tables follow the grammars' inventory of clitics and endings as it is left after the folding of letters (ة is ه,
ى is ي, أإآ are ا) and of hamza seats (ؤ and ئ are ء). They say what is possible; how likely it is stands in the lexicon
file.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class StemClass(IntEnum):
    """What kind of stem an entry of the lexicon is. The numbers are those of the lexicon file."""

    NOUN = 0
    """A noun that has no feminine of its own, as it stands before an ending: كتاب, مكتب."""
    FEMININE = 1
    """A noun in ة without it: مدرس of مدرسة."""
    DEFECTIVE = 2
    """A noun in ي without it, as in قاض, قضاة: قاض of قاضي."""
    PROPER_NOUN = 3
    """A proper noun of the dictionary."""
    NAME = 4
    """A person's or place's name that no dictionary has; it is only ever a whole word, or one after a particle."""
    FUNCTION_WORD = 5
    BROKEN_PLURAL = 6
    FEMININE_BROKEN_PLURAL = 7
    """A broken plural in ة without it: قضا of قضاة."""
    BEFORE_PRONOUN = 8
    """A noun in ى as it stands before a pronoun, with ا: مستوا of مستوى."""
    ADJECTIVE = 9
    """An adjective, or a noun of persons, that takes ة in the feminine: جديد, طالب."""
    PAST = 10
    """A verb in the past, without the person's ending."""
    PAST_BEFORE_CONSONANT = 11
    """A verb in the past as it stands before a consonant only: عد of عاد, in عدت."""
    PRESENT = 12
    """A verb in the present, without the letter of the person and the ending."""

    @property
    def verbal(self) -> bool:
        """Whether it is a verb's."""
        return self >= StemClass.PAST


PRONOUNS: Final = ("ه", "ها", "هم", "هما", "هن", "ك", "كم", "كما", "كن", "نا", "ي")
_LONG_PRONOUNS: Final = tuple(pronoun for pronoun in PRONOUNS if pronoun != "ي")


def _after(ending: str, pronouns: tuple[str, ...] = PRONOUNS) -> tuple[str, ...]:
    return tuple(ending + pronoun for pronoun in pronouns)


# A verb in ى has ا before a pronoun: أجراها, يتلقاه.
AFTER_FINAL_A: Final = ("اه", "اها", "اهم")
# The first suffix of a class is that of its lemma: a word that has it and no prefix stands as the dictionary has it.
SUFFIXES_OF: Final[dict[StemClass, tuple[str, ...]]] = {
    StemClass.NOUN: (
        *("", "ا", "ان", "ين", "ون", "ات", "وا", "و", "ي", "يا"),
        *PRONOUNS,
        *_after("ات"),
        *_after("ي", _LONG_PRONOUNS),
        *_after("و", _LONG_PRONOUNS),
        *_after("ا", _LONG_PRONOUNS),
    ),
    StemClass.ADJECTIVE: (
        *("", "ا", "ان", "ين", "ون", "ات", "ه", "تان", "تين", "تا", "تي", "وا", "و", "ي"),
        *PRONOUNS[1:],
        *_after("ات"),
        *_after("ي", _LONG_PRONOUNS),
        *_after("ت"),
        *_after("و", _LONG_PRONOUNS),
    ),
    StemClass.FEMININE: (
        *("ه", "ات", "تان", "تين", "تا", "تي"),
        *_after("ت"),
        *_after("ات"),
        *_after("تي", _LONG_PRONOUNS),
    ),
    StemClass.DEFECTIVE: ("", "ا", "ون", "ين", "و", "ات", "ه"),
    StemClass.PROPER_NOUN: ("", "ا"),
    StemClass.NAME: ("",),
    StemClass.FUNCTION_WORD: ("", *PRONOUNS),
    StemClass.BROKEN_PLURAL: ("", "ا", *PRONOUNS),
    StemClass.FEMININE_BROKEN_PLURAL: ("ه", *_after("ت")),
    StemClass.BEFORE_PRONOUN: PRONOUNS,
    StemClass.PAST: (
        *("", "ت", "تا", "نا", "تم", "تن", "وا", "ن", "ا", "تما"),
        *PRONOUNS,
        "ني",
        *_after("ت"),
        *_after("و"),
        *_after("نا", _LONG_PRONOUNS[:-1]),
        *("تني", "وني", *AFTER_FINAL_A),
    ),
    StemClass.PAST_BEFORE_CONSONANT: (
        *("ت", "نا", "تم", "تن", "ن", "تما"),
        *_after("ت"),
        *_after("نا", _LONG_PRONOUNS[:-1]),
        "تني",
    ),
    StemClass.PRESENT: (
        *("", "ون", "ين", "ان", "ن", "وا", "ا", "ي"),
        *PRONOUNS,
        "ني",
        *_after("ون"),
        *_after("و"),
        *_after("ين"),
        *_after("ان"),
        *("ونني", "وني", *AFTER_FINAL_A),
    ),
}

_CONJUNCTIONS: Final = ("", "و", "ف")
_PREPOSITIONS: Final = ("", "ب", "ك", "ل")
_ARTICLE: Final = "ال"

INDEFINITE_PREFIXES: Final = tuple(first + second for first in _CONJUNCTIONS for second in _PREPOSITIONS)
DEFINITE_PREFIXES: Final = tuple(first + second for first in _CONJUNCTIONS for second in (_ARTICLE, "بال", "كال", "لل"))
PAST_PREFIXES: Final = tuple(first + second for first in _CONJUNCTIONS for second in ("", "ل"))
# Conjunction, then س of the future, ل of purpose or command, or ا of a question, then the letter of the person.
PRESENT_PREFIXES: Final = tuple(
    first + second + person for first in _CONJUNCTIONS for second in ("", "س", "ل", "ا") for person in "يتنا"
)
PREFIXES: Final = tuple(
    sorted({*INDEFINITE_PREFIXES, *DEFINITE_PREFIXES, *PAST_PREFIXES, *PRESENT_PREFIXES}, key=lambda p: (len(p), p))
)
SUFFIXES: Final = tuple(
    sorted({suffix for suffixes in SUFFIXES_OF.values() for suffix in suffixes}, key=lambda s: (len(s), s))
)
LONGEST_PREFIX: Final = max(map(len, PREFIXES))
LONGEST_SUFFIX: Final = max(map(len, SUFFIXES))

# After the article there is no pronoun, and no ending of a noun that another noun follows.
SUFFIXES_AFTER_ARTICLE: Final = frozenset({"", "ان", "ين", "ون", "ات", "ه", "تان", "تين", "يه", "ي"})
_GENITIVE_PREFIXES: Final = frozenset(prefix for prefix in INDEFINITE_PREFIXES if prefix.strip("وف"))
_DEFINITE: Final = frozenset(DEFINITE_PREFIXES)
_DEFINITE_GENITIVE: Final = frozenset(prefix for prefix in DEFINITE_PREFIXES if prefix.lstrip("وف")[:1] in "بكل")
# Nominative and accusative endings: they cannot follow a preposition.
NOT_GENITIVE_SUFFIXES: Final = frozenset(
    {"ا", "ان", "ون", "وا", "و", "تان", "تا", "يا", "اه", *_after("و"), *_after("ا")}
)


_NEVER_BARE: Final = frozenset({StemClass.BEFORE_PRONOUN, StemClass.PAST_BEFORE_CONSONANT, StemClass.PRESENT})


def compatible(prefix: str, suffix: str, stem_class: StemClass) -> bool:
    """Whether a word of this class may have this prefix and this suffix at once."""
    if suffix not in SUFFIXES_OF[stem_class]:
        return False
    if stem_class.verbal:
        return prefix in (PRESENT_PREFIXES if stem_class is StemClass.PRESENT else PAST_PREFIXES)
    if suffix in NOT_GENITIVE_SUFFIXES and (prefix in _GENITIVE_PREFIXES or prefix in _DEFINITE_GENITIVE):
        return False
    if prefix in _DEFINITE:
        return suffix in SUFFIXES_AFTER_ARTICLE and stem_class is not StemClass.FUNCTION_WORD
    return prefix in INDEFINITE_PREFIXES


def is_lemma_form(prefix: str, suffix: str, stem_class: StemClass) -> bool:
    """Whether a word with these affixes stands as the dictionary has it."""
    return not prefix and suffix == SUFFIXES_OF[stem_class][0] and stem_class not in _NEVER_BARE
