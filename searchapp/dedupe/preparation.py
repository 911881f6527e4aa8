"""Articles made ready to be compared, a batch at a time: key of exact copies, words, sketch, fingerprints.

All of it follows from the exact forms of the body's words, so spelling variants, marks, punctuation and spacing make no
difference. Words are hashed by their letters: keys and fingerprints mean the same in every run and archive, as long as
the analysis is the same (`VERSION`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import ANALYZER_VERSION
from searchapp.analysis.batch import BatchAnalyzer, TokenBatch, default_batch_analyzer
from searchapp.dedupe.judgement import ANCHOR_SHINGLES, LATE_START
from searchapp.dedupe.sketches import Sketch, sample
from searchapp.dedupe.words import SHINGLE_WORDS, TELLING_WORDS, Text, Vocabulary
from searchapp.model import Article

Hashes = NDArray[np.uint64]

VERSION: Final = f"2 {ANALYZER_VERSION}"
"""Keys and fingerprints of another version mean nothing beside those of this one."""
KEY_BYTES: Final = 16
"""128 bits: among a hundred million texts, the chance that any two differ and share a key is below 1 in 10²²."""

FINGERPRINT_BITS: Final = 36
FINGERPRINTS_LEAST: Final = 16
SHINGLES_PER_FINGERPRINT: Final = 16
"""Of a text's shingles one in 16 is a fingerprint, chosen by its hash, but 16 of them at least, or all. The choice is
nested: what a long text keeps of a shared passage, a short one keeps too."""

_SELECTING_BITS: Final = 28
_MULTIPLIERS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63], np.uint64
)
_MIXER: Final = np.uint64(0xD6E8FEB86659FD93)
_PART: Final = b"\x1f"


@dataclass(frozen=True, slots=True)
class PreparedText:
    """One article's body, as judging reads it (`text`), and as it is found again.

    `fingerprints` are the `FINGERPRINT_BITS` of some of the shingles; none for a body that is too short to compare.
    """

    text: Text
    sketch: Sketch
    fingerprints: Hashes

    @property
    def key(self) -> bytes:
        """That of exact copies."""
        return self.text.key


class Preparer:
    """Prepares articles. What it prepared stays comparable as long as `generation` is the same."""

    def __init__(self) -> None:
        self.generation = 0
        self._begin(default_batch_analyzer())

    def _begin(self, analyzer: BatchAnalyzer) -> None:
        self._analyzer = analyzer
        self._vocabulary = Vocabulary(analyzer.exact_terms)
        self._words = _TermHashes(analyzer.exact_terms)
        self._lemmas = _TermHashes(analyzer.lemma_terms)

    def refresh(self) -> None:
        """Go over to the analyzer that the process uses now, if the old one had grown too large."""
        current = default_batch_analyzer()
        if current is not self._analyzer:
            self.generation += 1
            self._begin(current)

    def prepare(self, articles: Sequence[Article]) -> list[PreparedText]:
        """Prepare articles, in their order."""
        tokens = self._analyzer.analyze([article.body for article in articles])
        hashes = self._words.of(tokens.exact)
        shingles = _shingles(hashes)
        keys = self._keys(articles, tokens, hashes)
        sketches = self._sketches(tokens, shingles)
        chosen = _choose(shingles, tokens.pointers)
        bounds = tokens.pointers.tolist()
        marks = np.searchsorted(chosen, tokens.pointers).tolist()
        fingerprints = shingles.take(chosen) >> np.uint64(_SELECTING_BITS)
        prepared = []
        for at, (start, end) in enumerate(pairwise(bounds)):
            last = max(end - SHINGLE_WORDS + 1, start)
            text = Text(
                keys[at], tokens.exact[start:end], tokens.lemma[start:end], shingles[start:last], self._vocabulary
            )
            prepared.append(PreparedText(text, sketches[at], fingerprints[marks[at] : marks[at + 1]]))
        return prepared

    def _sketches(self, tokens: TokenBatch, shingles: Hashes) -> list[Sketch]:
        words = np.diff(tokens.pointers)
        owners = np.repeat(np.arange(len(words)), words)
        inside = np.flatnonzero(_reaches(tokens.pointers)[: len(shingles)])
        beginning = inside[inside < tokens.pointers.take(owners.take(inside)) + LATE_START + ANCHOR_SHINGLES]
        telling = np.flatnonzero(self._vocabulary.telling(tokens.exact))
        lemmas = self._lemmas.of(tokens.lemma.take(telling))
        kept = (
            sample(owners.take(inside), shingles.take(inside), words),
            sample(owners.take(telling), lemmas, words),
            sample(owners.take(beginning), shingles.take(beginning), words),
        )
        return [Sketch(*each) for each in zip(words.tolist(), *kept, strict=True)]

    def _keys(self, articles: Sequence[Article], tokens: TokenBatch, hashes: Hashes) -> list[bytes]:
        """What exact copies share.

        A body of fewer than `TELLING_WORDS` is compared together with the title, unless that was inferred from it. One
        without a word beyond those of the title says nothing: "cartoon" stands over another drawing each day, so outlet
        and day must be the same too.
        """
        bounds = tokens.pointers.tolist()
        short = [at for at, (start, end) in enumerate(pairwise(bounds)) if end - start < TELLING_WORDS]
        titles = iter(self._titles([articles[at] for at in short]))
        words = [hashes[start:end].tobytes() for start, end in pairwise(bounds)]
        for at in short:
            words[at] = _PART.join(_short_parts(articles[at], words[at], next(titles)))
        return [blake2b(each, digest_size=KEY_BYTES).digest() for each in words]

    def _titles(self, articles: Sequence[Article]) -> list[bytes]:
        """The words of their titles, as far as these are not inferred from their texts."""
        tokens = self._analyzer.analyze(["" if each.title_inferred else each.title or "" for each in articles])
        hashes = self._words.of(tokens.exact)
        return [hashes[start:end].tobytes() for start, end in pairwise(tokens.pointers.tolist())]


class _TermHashes:
    """The hash of each term of a list that grows, by its letters."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._hashes = np.empty(0, np.uint64)

    def of(self, terms: NDArray[np.int32]) -> Hashes:
        """The hashes of these terms, by their numbers."""
        known = len(self._hashes)
        if len(self._names) > known:
            digests = (
                blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in self._names[known:]
            )
            self._hashes = np.concatenate([self._hashes, np.frombuffer(b"".join(digests), "<u8")])
        return self._hashes.take(terms)


def _short_parts(article: Article, words: bytes, title: bytes) -> list[bytes]:
    """What makes the key of an article with little text; `words` and `title` are hashes of words."""
    parts = [words, title] if title else [words]
    if not any(parts):
        parts += [_encoded(article.title), _encoded(article.body)]
    if not words or words == title:
        parts += [_encoded(article.outlet_raw), _encoded(article.date.isoformat() if article.date else None)]
    return parts


def _encoded(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "surrogatepass")


def _shingles(hashes: Hashes) -> Hashes:
    """One hash for each five words in a row of a batch; those that reach into the next text are there too."""
    count = max(len(hashes) - SHINGLE_WORDS + 1, 0)
    mixed = np.zeros(count, np.uint64)
    for at, multiplier in enumerate(_MULTIPLIERS):
        mixed += hashes[at : at + count] * multiplier
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIXER
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _choose(shingles: Hashes, pointers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of the shingles that are fingerprints."""
    words = np.diff(pointers)
    counts = np.maximum(words - SHINGLE_WORDS + 1, 0)
    rates = np.maximum(1 / SHINGLES_PER_FINGERPRINT, FINGERPRINTS_LEAST / np.maximum(counts, 1))
    limits = np.minimum(rates * (1 << _SELECTING_BITS), 1 << _SELECTING_BITS).astype(np.uint64)
    limits[words < TELLING_WORDS] = 0
    allowed = np.repeat(limits, words)
    allowed[~_reaches(pointers)] = 0
    chosen = (shingles & np.uint64((1 << _SELECTING_BITS) - 1)) < allowed[: len(shingles)]
    return np.flatnonzero(chosen)


def _reaches(pointers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words begin a shingle of their own text."""
    inside = np.ones(int(pointers[-1]), bool)
    for back in range(1, SHINGLE_WORDS):
        ends = pointers[1:] - back
        inside[ends[ends >= pointers[:-1]]] = False
    return inside
