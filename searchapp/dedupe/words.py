"""A text as the words that judging compares, and what is known of each word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.growing_arrays import GrowingArray
from searchapp.analysis.token_filters import STOP_WORDS_FILE, LetterFoldingFilter
from searchapp.dedupe.numbers import number_values
from searchapp.dedupe.shingle_loops import FIRST_SHIFT, LAST_SHIFT, MIXER, MULTIPLIERS, hash_numbers, hash_words
from searchapp.dedupe.unnaming_words import NAMES_NOTHING
from searchapp.frozen import dataclass

Words = NDArray[np.int32]
Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]

SHINGLE_WORDS: Final = 5
"""Words in a row that count as one shared passage."""
TELLING_WORDS: Final = 20
"""From this length on a body says alone what an article is, whatever title an outlet put over it."""
_PARTICLE_LETTERS: Final = 2
"""Words of so many letters are prepositions and initials: they tell nothing of what a text is about."""
KEY_BYTES: Final = 16
"""128 bits: among a hundred million texts, the chance that any two differ and share a key is below 1 in 10²²."""
_BETWEEN_TERMS: Final = "\0"
_LEAST_ROOM: Final = 1 << 12
"""Terms that an array has room for when it is made."""
_HIGHEST_MARK: Final = (1 << 31) - 1


class TermHashes:
    """The hash of each term of a list that grows, by its letters."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._hashes = GrowingArray(np.uint64)

    def all(self) -> Hashes:
        """The hashes of all terms, by their numbers."""
        known = len(self._hashes)
        if len(self._names) > known:
            # Encoded all at once, which takes half the time; no term holds what parts them.
            letters = _BETWEEN_TERMS.join(self._names[known:]).encode("utf-8", "surrogatepass")
            digests = [blake2b(each, digest_size=8).digest() for each in letters.split(_BETWEEN_TERMS.encode())]
            self._hashes.extend(np.frombuffer(b"".join(digests), "<u8"))
        return self._hashes.values

    def of(self, terms: Words) -> Hashes:
        """The hashes of these terms, by their numbers."""
        return self.all().take(terms)


class Vocabulary:
    """What is known of exact forms by their numbers, in arrays that grow with the analyzer's list of them."""

    def __init__(self, analyzer: BatchAnalyzer) -> None:
        self._analyzer = analyzer
        self._names = analyzer.exact_terms
        self._hashes = TermHashes(analyzer.exact_terms)
        self._lemma_hashes = TermHashes(analyzer.lemma_terms)
        self._values: dict[str | None, int] = {None: 0}
        self.value_names: list[str | None] = [None]
        """The number that a word says, by the code in `values`; code 0 is of words that say none."""
        self._value_codes = GrowingArray(np.int32)
        self._telling = GrowingArray(np.bool_)
        self._marks, self._marked = np.zeros(_LEAST_ROOM, np.int32), 0

    def hashes(self, words: Words) -> Hashes:
        """The hash of each word, by its letters."""
        return self._hashes.of(words)

    def hashed(self, words: Words) -> tuple[Hashes, Hashes]:
        """The hashes of words end to end, and their shingles (`shingles`)."""
        if (made := hash_words.ready()) is None:
            hashes = self.hashes(words)
            return hashes, shingles(hashes)
        hashes = np.empty(len(words), np.uint64)
        of_batch = np.empty(max(len(words) - SHINGLE_WORDS + 1, 0), np.uint64)
        made(words, self._hashes.all(), hashes, of_batch)
        return hashes, of_batch

    def lemmas(self, words: Words) -> Words:
        """The number of each word's lemma."""
        return self._analyzer.lemmas_of(words)

    def marks(self, count: int) -> tuple[Words, int]:
        """A place for each lemma, and a number that is above all that stand there, as are so many after it.

        Whoever marks lemmas by these numbers need not wipe out the marks of those before.
        """
        lemmas = len(self._analyzer.lemma_terms)
        if lemmas > len(self._marks) or self._marked + count > _HIGHEST_MARK:
            self._marks, self._marked = np.zeros(lemmas + (lemmas >> 1), np.int32), 0
        first = self._marked + 1
        self._marked += count
        return self._marks, first

    def lemma_hashes(self, words: Words) -> Hashes:
        """The hash of each word's lemma, by its letters."""
        return self._lemma_hashes.of(self.lemmas(words))

    def all_lemma_hashes(self) -> Hashes:
        """The hash of each lemma there is, by its letters."""
        return self._lemma_hashes.all()

    def all_telling(self) -> NDArray[np.bool_]:
        """Which words there are content words: no numbers, stop words or particles."""
        self._catch_up()
        return self._telling.values

    def all_lemmas(self) -> Words:
        """The number of the lemma of each word there is."""
        return self._analyzer.all_lemmas()

    def all_values(self) -> Words:
        """The code of the number that each word there is says."""
        self._catch_up()
        return self._value_codes.values

    def values(self, words: Words) -> Words:
        """The code of the number that each word says."""
        return self.all_values().take(words)

    def telling(self, words: Words) -> NDArray[np.bool_]:
        """Which are content words."""
        return self.all_telling().take(words)

    def names(self, words: Iterable[int]) -> list[str]:
        """Those of some content words that may name what a text is about.

        What follows the day of printing does not, nor what says that somebody said something.
        """
        return [name for word in words if (name := self._names[word]) not in NAMES_NOTHING]

    def _catch_up(self) -> None:
        names = self._names[len(self._telling) :]
        if not names:
            return
        codes = np.zeros(len(names), np.int32)
        for place, value in enumerate(number_values(names)):
            if value is not None:
                codes[place] = self._code(value)
        telling = np.fromiter(map(len, names), np.int64, len(names)) > _PARTICLE_LETTERS
        telling &= ~np.fromiter(map(_stop_words().__contains__, names), bool, len(names))
        self._value_codes.extend(codes)
        self._telling.extend(telling & (codes == 0))

    def _code(self, value: str) -> int:
        code = self._values.get(value)
        if code is None:
            code = self._values[value] = len(self.value_names)
            self.value_names.append(value)
        return code


@dataclass(frozen=True, slots=True)
class Text:
    """A body as words, which `words` numbers. `key` is that of exact copies (`preparation`).

    Numbers mean something only among texts of one vocabulary.
    """

    key: bytes
    words: Words
    vocabulary: Vocabulary

    def __len__(self) -> int:
        """How many words it has."""
        return len(self.words)


def pack(texts: Sequence[Text]) -> list[bytes]:
    """Texts as they are remembered: the key, and four bytes a word."""
    return [text.key + text.words.astype("<i4", copy=False).tobytes() for text in texts]


def unpack(data: NDArray[np.uint8], starts: Places, sizes: Places, vocabulary: Vocabulary) -> list[Text]:
    """Texts again that are packed in some bytes; `vocabulary` is the one that their words are of.

    Of each is given where it begins, at a multiple of four, and how many bytes it has.
    """
    words = data[: len(data) & ~3].view("<i4").astype(np.int32, copy=False)
    buffer = data.data
    bounds = zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
    return [
        Text(bytes(buffer[start : start + KEY_BYTES]), words[(start + KEY_BYTES) >> 2 : end >> 2], vocabulary)
        for start, end in bounds
    ]


def shingles(hashes: Hashes) -> Hashes:
    """One hash for each five words in a row of a batch; those that reach into the next text are there too."""
    count = max(len(hashes) - SHINGLE_WORDS + 1, 0)
    mixed = np.zeros(count, np.uint64)
    for at, multiplier in enumerate(MULTIPLIERS):
        mixed += hashes[at : at + count] * multiplier
    mixed ^= mixed >> FIRST_SHIFT
    mixed *= MIXER
    mixed ^= mixed >> LAST_SHIFT
    return mixed


def shingles_of_numbers(words: Words) -> Hashes:
    """The same of words by their numbers: it tells shingles of one vocabulary apart without a look at any letter."""
    if (made := hash_numbers.ready()) is None:
        hashes = words.astype(np.uint64) * MIXER
        return shingles(hashes ^ (hashes >> FIRST_SHIFT))
    of_batch = np.empty(max(len(words) - SHINGLE_WORDS + 1, 0), np.uint64)
    made(words, of_batch)
    return of_batch


@cache
def _stop_words() -> frozenset[str]:
    """The stop list as exact forms."""
    fold = LetterFoldingFilter().filter
    return frozenset(map(fold, STOP_WORDS_FILE.read_text(encoding="utf-8").split()))
