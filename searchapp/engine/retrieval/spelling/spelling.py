"""Other spellings of a query's words: as the archive writes them, and only where the words then stand together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer, Forms
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.spelling.completions import Completer
from searchapp.engine.retrieval.spelling.spelling_costs import SpellingCosts, slip_counts, spelling_costs
from searchapp.engine.retrieval.spelling.spelling_distance import distances
from searchapp.engine.retrieval.spelling.spelling_vocabulary import Vocabulary
from searchapp.engine.retrieval.terms.term_lists import encode
from searchapp.frozen import dataclass
from searchapp.query.latin_names import folded, spellings
from searchapp.query.rewriting import rewritten
from searchapp.query.tree import Expression, Phrase, Word
from searchapp.query.walk import positive_words

EDITS: Final = 2
"""How many letters may differ; in a word that stands in several articles just as it was typed, one."""
LONGEST: Final = 40
"""Letters of a word that may be a slip; comparing takes the square of them, and no language has longer words."""
EDITS_OF_NAMES: Final = 3
"""Letter by letter, names come out with more or fewer vowels than they are written with."""
DEAREST: Final = (0.0, 0.0, 0.0, 0.5, 1.0, 1.4)
"""What the slips in a word of so many letters may cost in all; in a longer one, `DEAREST_LONG`."""
DEAREST_LONG: Final = 2.0
VOWELS_OF_NAMES: Final = 0.25
SLIP: Final = 5.0
"""What a slip of cost 1 weighs against frequency, in natural logarithms: it is made about once in e^5 = 150 words."""
SLIP_AGAIN: Final = 3.0
"""What each further slip in the same word weighs besides: where two are cheap, frequency must not make up for both."""
BESIDE: Final = 2.0
"""What it weighs that a word stands beside its neighbours in the query, in the archive too."""
TRIED: Final = 4
"""How many spellings of a word are looked up together with the words beside it."""
MOST_WORDS: Final = 3
"""How many words of a query are spelt otherwise; with more wrong ones it is another query."""
SLIP_OF_NAMES: Final = 8.0
"""The same for a name that was put into Arabic: nobody slipped, so that what differs is mostly another name."""
KEPT: Final = 2
"""How many ways to write the words so far are kept, until the next word tells them apart."""
RARE: Final = 200
"""A word may be a slip of another when at most one in so many articles has it."""
RARE_AT_LEAST: Final = 10

Count = Callable[[str], int]
"""How many stories match a query strictly, by its text."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a query: `text[start:end]` of a word or phrase of its syntax tree, with its index forms."""

    node: Word | Phrase
    start: int
    end: int
    forms: Forms

    @property
    def surface(self) -> str:
        """As it was typed."""
        return self.node.text[self.start : self.end]

    @property
    def is_latin(self) -> bool:
        """Whether it is written in Latin letters."""
        return self.forms.kind == "word" and bool(folded(self.forms.exact[0]))


@dataclass(frozen=True, slots=True)
class Spelling:
    """A form that may be meant, its spelling in the archive, and how likely it is (a logarithm)."""

    surface: str
    likelihood: float


def query_words(expression: Expression | None, analyzer: ArabicAnalyzer) -> list[QueryWord]:
    """The words that are asked for, in order; beginnings of words and stop words are left out."""
    return [
        QueryWord(node, start, end, forms)
        for node in positive_words(expression)
        if not (isinstance(node, Word) and node.prefix)
        for start, end, forms in analyzer.occurrences(node.text)
        if not forms.stop
    ]


def with_words(expression: Expression, changed: Sequence[tuple[QueryWord, str]]) -> str:
    """The query with some of its words in other spellings."""

    def change(node: Word | Phrase) -> Word | Phrase:
        text = node.text
        for word, surface in sorted(changed, key=lambda one: -one[0].start):
            if word.node == node:
                text = text[: word.start] + surface + text[word.end :]
        return _with_text(node, text)

    return rewritten(expression, change)


def _with_text(node: Word | Phrase, text: str) -> Word | Phrase:
    if isinstance(node, Phrase):
        return Phrase(text, node.slop, node.exact, node.field)
    return Word(text, node.exact, node.prefix, node.required, node.field)


class Speller:
    """Finds other spellings for the words of queries."""

    def __init__(self, snapshot: Snapshot, analyzer: ArabicAnalyzer, frequency: Callable[[Forms], int]) -> None:
        """`frequency` says how many stories a word finds."""
        self._vocabulary, self._completer = Vocabulary.of(snapshot), Completer.of(snapshot, analyzer)
        self._analyzer, self._frequency = analyzer, frequency
        self._rare = max(RARE_AT_LEAST, snapshot.documents // RARE)

    def suspects(self, words: Sequence[QueryWord]) -> list[QueryWord]:
        """The words that may be slips, the rarest first."""
        known = [at for at, word in enumerate(words) if word.forms.kind == "word" and len(word.forms.exact) <= LONGEST]
        counts = [(self._frequency(words[at].forms), at) for at in known]
        return [words[at] for count, at in sorted(counts) if count <= self._rare][:MOST_WORDS]

    def spellings(self, word: QueryWord) -> list[Spelling]:
        """What a word may be a slip of, the likeliest first."""
        form, frequency = word.forms.exact, self._vocabulary.frequency(word.forms.exact)
        known = frequency > 1
        alike = self._alike(
            form, 1 if known else EDITS, min(_dearest(form), 1.0 if known else math.inf), spelling_costs()
        )
        slips = distances(form, [other for other, _, _ in alike], slip_counts()).tolist()
        likely = {
            other: math.log(count + 1) - SLIP * cost - SLIP_AGAIN * (number - 1)
            for (other, count, cost), number in zip(alike, slips, strict=True)
            if number
        }
        # A word that stands there just as it was typed may be meant, too.
        typed = math.log(frequency + 1) if known else -math.inf
        return self._shown(word, {other: likelihood for other, likelihood in likely.items() if likelihood > typed})

    def names(self, word: QueryWord) -> list[Spelling]:
        """How a name in Latin letters may be written in Arabic, the likeliest first."""
        found: dict[str, float] = {}
        for form in spellings(word.forms.exact):
            for other, count, cost in self._alike(form, EDITS_OF_NAMES, _dearest(form) / 2, _name_costs()):
                likelihood = math.log(count + 1) - SLIP_OF_NAMES * cost
                found[other] = max(found.get(other, likelihood), likelihood)
        return self._shown(word, found)

    def _alike(self, form: str, edits: int, dearest: float, costs: SpellingCosts) -> list[tuple[str, int, float]]:
        """(form, frequency, cost) of what a form may be a slip of."""
        if not dearest:
            return []
        alike = self._vocabulary.alike(form, edits)
        measured = zip(alike.items(), distances(form, list(alike), costs).tolist(), strict=True)
        return [(other, count, cost) for (other, count), cost in measured if cost <= dearest]

    def _shown(self, word: QueryWord, found: Mapping[str, float]) -> list[Spelling]:
        """As the archive writes them; what has the lemma of the word that was typed would find the same stories."""
        shown: list[Spelling] = []
        for form in sorted(found, key=lambda form: (-found[form], form)):
            if len(shown) == TRIED:
                break
            surface = self._completer.surface(encode(form))
            if surface is not None and self._analyzer.forms(surface).lemma != word.forms.lemma:
                shown.append(Spelling(surface, found[form]))
        return shown


def _dearest(form: str) -> float:
    return DEAREST[len(form)] if len(form) < len(DEAREST) else DEAREST_LONG


@cache
def _name_costs() -> SpellingCosts:
    return SpellingCosts(VOWELS_OF_NAMES)


@dataclass(frozen=True, slots=True)
class Respelling:
    """Some words of a query in other spellings, and how likely they are together."""

    likelihood: float = 0.0
    changed: tuple[tuple[QueryWord, str], ...] = ()


class Respeller:
    """Puts words of a query into other spellings that fit what stands beside them."""

    def __init__(self, words: Sequence[QueryWord], count: Count, *, apart: bool) -> None:
        """`apart` says that not all of the words are asked for together, so that each is taken by itself."""
        self._words, self._count, self._apart = words, count, apart

    def respellings(
        self, suspects: Sequence[QueryWord], spellings: Callable[[QueryWord], Sequence[Spelling]]
    ) -> list[Respelling]:
        """The likeliest ways to write the query, the best first; none has a word that fits in no spelling."""
        kept = [Respelling()]
        for at, word in enumerate(suspects):
            later = suspects[at + 1 :]
            options = spellings(word)
            tried = [self._changed(so_far, word, one, later) for so_far in kept for one in options]
            fitting = sorted((one for one in tried if one), key=lambda one: -one.likelihood)
            kept = fitting[:KEPT] or kept
        return [one for one in kept if one.changed]

    def _changed(
        self, so_far: Respelling, word: QueryWord, spelling: Spelling, later: Sequence[QueryWord]
    ) -> Respelling | None:
        """One word more in another spelling; None where no story has it together with the words beside it."""
        left, right = self._beside(so_far, word, later)
        likelihood = so_far.likelihood + spelling.likelihood
        if left or right:
            together = [text for text in (left, spelling.surface, right) if text]
            if not self._count(" ".join(f"+{text}" for text in together)):
                return None
            pairs = [pair for pair in ((left, spelling.surface), (spelling.surface, right)) if all(pair)]
            likelihood += BESIDE * any(self._count(f'"{before} {after}"~1') for before, after in pairs)
        return Respelling(likelihood, (*so_far.changed, (word, spelling.surface)))

    def _beside(self, so_far: Respelling, word: QueryWord, later: Sequence[QueryWord]) -> tuple[str, str]:
        """The words before and after, spelt as they are by now; empty where there is none, or one to be changed yet."""
        if self._apart:
            return "", ""
        surfaces = {id(other): surface for other, surface in so_far.changed}
        waiting = {id(other) for other in later}
        texts = ["" if id(other) in waiting else surfaces.get(id(other), other.surface) for other in self._words]
        at = next(at for at, other in enumerate(self._words) if other is word)
        return texts[at - 1] if at else "", texts[at + 1] if at + 1 < len(texts) else ""
