"""The stems of Arabic verbs: those of the arramooz dictionary and its frequency list, conjugated by libqutrub."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from libqutrub.classverb import VerbClass

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.char_filters import clean
from searchapp.analysis.token_filters import LetterFoldingFilter
from tools.lexicon_stems import Stem

PASSIVE_SHARE: Final = 0.1  # how much of a verb's frequency a passive form may have
GUESS_SHARE: Final = 0.5  # … and a form that is conjugated with a vowel that is only tried
_PASSIVE: Final = "المجهول"
_OPEN: Final = "فتحة"
_FATHA: Final = "\u064e"
_WEAK: Final = "اويى"
_LONG: Final = "اى"
_PRESENT_LETTERS: Final = "يتنا"
_SHORTEST: Final = 2
# Person → the ending that it has, in exact form, past and present.
_PAST_ENDINGS: Final = {
    **{"أنا": "ت", "أنت": "ت", "أنتِ": "ت", "هو": "", "هي": "ت", "أنتما": "تما", "أنتما مؤ": "تما"},
    **{"هما": "ا", "هما مؤ": "تا", "نحن": "نا", "أنتم": "تم", "أنتن": "تن", "هم": "وا", "هن": "ن"},
}
_BEFORE_VOWEL: Final = frozenset({"هو", "هي", "هما", "هما مؤ", "هم"})
_PRESENT_ENDINGS: Final = {
    **{"أنا": "", "أنت": "", "أنتِ": "ين", "هو": "", "هي": "", "أنتما": "ان", "أنتما مؤ": "ان"},
    **{"هما": "ان", "هما مؤ": "ان", "نحن": "", "أنتم": "ون", "أنتن": "ن", "هم": "ون", "هن": "ن"},
}
_WE: Final = "نحن"
_PRESENT: Final = frozenset({"المضارع المعلوم", "المضارع المجهول"})
_JUSSIVE: Final = "المضارع المجزوم"

_fold = LetterFoldingFilter().filter


def verb_stems(dictionary: Path, frequency_list: Path) -> Iterator[Stem]:
    """Yield the stems of each verb in each tense and person, some more than once."""
    verbs = sorted({*_dictionary_verbs(dictionary), *_listed_verbs(frequency_list)})
    for vocalized, transitive, future_type, share in verbs:
        try:
            verb = VerbClass(vocalized, transitive, future_type)
            verb.conjugate_all_tenses()
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            continue  # libqutrub knows no conjugation for a few entries
        lemma = _fold(clean(vocalized))
        found = set()
        for tense, forms in verb.conj_display.tab_conjug.items():
            for person, form in forms.items():
                stem = _stem(tense, person, _fold(clean(form or "")))
                if stem is not None:
                    found.add(Stem(*stem, lemma, PASSIVE_SHARE if _PASSIVE in tense else share))
        past = {stem.text for stem in found if stem.stem_class is StemClass.PAST}
        yield from (
            stem for stem in found if stem.stem_class is not StemClass.PAST_BEFORE_CONSONANT or stem.text not in past
        )


def _dictionary_verbs(dictionary: Path) -> Iterator[tuple[str, bool, str, float]]:
    """Yield (vocalised past, whether it is transitive, vowel of the present, share of its forms)."""
    with sqlite3.connect(f"file:{dictionary}?mode=ro", uri=True) as connection:
        query = "select vocalized, transitive, future_type from verbs"
        for vocalized, transitive, future_type in connection.execute(query):
            yield vocalized, bool(transitive), future_type or _OPEN, 1.0


def _listed_verbs(frequency_list: Path) -> Iterator[tuple[str, bool, str, float]]:
    """Yield the weak verbs of the list as `_dictionary_verbs` does: the dictionary lacks كان and others.

    The list does not tell the vowel of the present, which decides what becomes of a weak letter: all are tried.
    """
    with sqlite3.connect(f"file:{frequency_list}?mode=ro", uri=True) as connection:
        for (vocalized,) in connection.execute("select vocalized from wordfreq where word_type = 'verb'"):
            word = clean(vocalized)
            if len(word) == 3 and set(word) & set(_WEAK):
                for vowel in (_OPEN, "ضمة", "كسرة"):
                    yield _with_vowels(vocalized), True, vowel, GUESS_SHARE


def _with_vowels(vocalized: str) -> str:
    """A verb as libqutrub wants it: with the vowels that the list leaves out, before ا and at the end."""
    if len(vocalized) > 1 and vocalized[1] in _LONG:
        vocalized = vocalized[0] + _FATHA + vocalized[1:]
    return vocalized if vocalized[-1] in _LONG else vocalized + _FATHA


def _stem(tense: str, person: str, form: str) -> tuple[str, StemClass] | None:
    """A conjugated form without its person, or nothing when it does not begin or end as it should."""
    if tense.startswith("الماضي"):
        ending = _PAST_ENDINGS[person]
        stem_class = StemClass.PAST if person in _BEFORE_VOWEL else StemClass.PAST_BEFORE_CONSONANT
        stem = form.removesuffix(ending)
        if person == _WE and len(stem) < _SHORTEST:  # كنا is كن + نا, the two ن written as one
            stem, stem_class = form, StemClass.PAST
    elif form[:1] and form[0] in _PRESENT_LETTERS and tense in _PRESENT:
        ending = _PRESENT_ENDINGS[person]
        if not form.endswith(ending):
            return None
        stem, stem_class = form[1:].removesuffix(ending), StemClass.PRESENT
    elif form[:1] == "ي" and tense == _JUSSIVE and person == "هو":
        stem, stem_class = form[1:], StemClass.PRESENT
    else:
        return None
    return (stem, stem_class) if len(stem) >= _SHORTEST else None
