"""What the sources of the lexicon are read into."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from searchapp.analysis.affixes import SUFFIXES_OF, StemClass
from searchapp.analysis.lexicon import key_of


class Stem(NamedTuple):
    """A stem, its class and its lemma, all in exact form.

    `share` is how much of the frequency of the lemma (or of `counted_as`, where that is another word) is this stem's.
    """

    text: str
    stem_class: StemClass
    lemma: str
    share: float = 1.0
    counted_as: str = ""

    @property
    def whole_word(self) -> str:
        """The word that is this stem and nothing more."""
        return self.text + SUFFIXES_OF[self.stem_class][0]


@dataclass
class Frequencies:
    """How often the words of each kind occur, by key.

    `plain_nouns` are those that the dictionary has as nouns without a feminine. Where it has the same letters as an
    adjective, too (مكتب, office and مكتب, who makes write), a count as noun is the noun's alone.
    """

    nouns: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    proper_nouns: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    adjectives: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    plain_nouns: set[int] = field(default_factory=set)
    verbs: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    function_words: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, stem: Stem) -> int:
        """The frequency of what a stem is counted as."""
        key, kind = key_of(stem.counted_as or stem.lemma), self.nouns
        if stem.stem_class is StemClass.PROPER_NOUN:
            kind = self.proper_nouns
        elif stem.stem_class is StemClass.FUNCTION_WORD:
            kind = self.function_words
        elif stem.stem_class.verbal:
            kind = self.verbs
        elif stem.stem_class is StemClass.ADJECTIVE and key in self.plain_nouns:
            kind = self.adjectives
        elif stem.stem_class is not StemClass.NOUN or key not in self.plain_nouns:
            return self.nouns.get(key, 0) + self.adjectives.get(key, 0)
        return kind.get(key, 0)
