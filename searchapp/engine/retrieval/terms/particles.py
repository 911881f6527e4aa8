"""Words that the lexicon lacks, with a particle joined to them: what the archive itself tells of لبلينكن and وسوانزي.

Nothing but their letters is known of such words, so that analysis leaves them as they are: of بطاطس no ب must be taken.
But where an archive has a word alone at least as often as behind a letter that may be a particle, that letter is one.
This is asked of the index for each word of a query, and what is one word is searched together, as spellings are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.lexicon import NO_KEY, key_of
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.snapshot import Snapshot

PARTICLES: Final = ("و", "ب", "ل", "ف", "ك", "وب", "ول")
LETTERS_LEFT: Final = 4
"""Of a word without its particle; shorter ones are too often part of another (فلتر, لتر)."""
SELDOM: Final = frozenset("فك")
"""Particles that are seldom written before names, which often begin with these letters."""
OFTEN: Final = 10
"""How many times as often as behind one of these a word must stand alone."""
LIKENESS: Final = 1.0


class JoinedParticles:
    """The other spellings of a word, and the same word with and without particles, where the archive has these."""

    def __init__(self, snapshot: Snapshot, variants: Variants | None) -> None:
        # Not the snapshot, which this is kept in: it could then not be freed at once.
        self._lemmas, self._variants = [part.segment.lemma for part in snapshot.parts], variants

    def __call__(self, lemma: str) -> tuple[tuple[str, float], ...]:
        """The lemmas that stand for this one in the index, each with how much like it it is, 0 to 1."""
        spellings = self._variants(lemma) if self._variants else ()
        known = {lemma, *(spelling for spelling, _ in spellings)}
        joined = dict.fromkeys(one for one in self._joined(lemma) if one not in known)
        return (*spellings, *((one, LIKENESS) for one in joined)) if joined else spellings

    def _joined(self, lemma: str) -> Iterator[str]:
        for alone in self._alone(lemma):
            frequency = self._frequency(alone)
            found = [one for one in self._with_particles(alone, frequency, lemma) if is_unknown(one)]
            if found and is_unknown(alone) and (alone == lemma or lemma in found):
                yield from (alone, *found)

    def _alone(self, lemma: str) -> Iterator[str]:
        """The word itself, and what it is without what may be a particle."""
        if len(lemma) >= LETTERS_LEFT:
            yield lemma
        for particle in PARTICLES:
            if lemma.startswith(particle) and len(lemma) - len(particle) >= LETTERS_LEFT:
                yield lemma[len(particle) :]

    def _with_particles(self, word: str, frequency: int, asked: str) -> Iterator[str]:
        """This word, which stands alone in so many stories, behind particles: as asked for, or as stories have it."""
        for particle in PARTICLES if frequency else ():
            joined = particle + word
            joined_frequency = self._frequency(joined)
            least = joined_frequency * (OFTEN if particle in SELDOM else 1)
            if least <= frequency and (joined_frequency or joined == asked):
                yield joined

    def _frequency(self, lemma: str) -> int:
        """How many stories have a lemma, as it stands in the index."""
        term, frequency = lemma.encode("utf-8", "surrogatepass"), 0
        for lemmas in self._lemmas:
            number = lemmas.dictionary.find(term)
            if number >= 0:
                start, stop = lemmas.bounds_of(number)
                frequency += stop - start
        return frequency


def is_unknown(lemma: str) -> bool:
    """Whether a word is Arabic, and the lexicon has no analysis of it."""
    return key_of(lemma) != NO_KEY and default_lemmatizer().lemma_number(lemma) < 0
