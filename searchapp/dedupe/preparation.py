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
from searchapp.dedupe.sketches import limits, make_sketches, sampled
from searchapp.dedupe.words import SHINGLE_WORDS, TELLING_WORDS, Hashes, Text, Vocabulary, shingles
from searchapp.model import Article

VERSION: Final = f"3 {ANALYZER_VERSION}"
"""Keys and fingerprints of another version mean nothing beside those of this one."""
KEY_BYTES: Final = 16
"""128 bits: among a hundred million texts, the chance that any two differ and share a key is below 1 in 10²²."""

FINGERPRINT_BITS: Final = 36
FINGERPRINTS_LEAST: Final = 16
SHINGLES_PER_FINGERPRINT: Final = 16
"""Of a text's shingles one in 16 is a fingerprint, chosen by its hash, but 16 of them at least, or all. The choice is
nested: what a long text keeps of a shared passage, a short one keeps too."""

_SELECTING_BITS: Final = 28
_PART: Final = b"\x1f"


@dataclass(frozen=True, slots=True)
class PreparedText:
    """One article's body, as judging reads it (`text`), and as it is found again.

    `sketch` is as `sketches` writes it. `fingerprints` are the `FINGERPRINT_BITS` of some of the shingles; none for a
    body that is too short to compare.
    """

    text: Text
    sketch: bytes
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
        self._vocabulary = Vocabulary(analyzer)

    def refresh(self) -> None:
        """Go over to the analyzer that the process uses now, if the old one had grown too large."""
        current = default_batch_analyzer()
        if current is not self._analyzer:
            self.generation += 1
            self._begin(current)

    def prepare(self, articles: Sequence[Article]) -> list[PreparedText]:
        """Prepare articles, in their order."""
        tokens = self._analyzer.analyze([article.body for article in articles])
        hashes = self._vocabulary.hashes(tokens.exact)
        of_batch = shingles(hashes)
        reaches = _reaches(tokens.pointers)[: len(of_batch)]
        keys = self._keys(articles, tokens, hashes)
        sketches = self._sketches(tokens, of_batch, reaches)
        chosen = _choose(of_batch, tokens.pointers, reaches)
        marks = np.searchsorted(chosen, tokens.pointers).tolist()
        fingerprints = of_batch.take(chosen) >> np.uint64(_SELECTING_BITS)
        prints = (fingerprints[start:end] for start, end in pairwise(marks))
        return list(map(PreparedText, self._texts(keys, tokens), sketches, prints))

    def read(self, bodies: Sequence[str], keys: Sequence[bytes]) -> list[Text]:
        """Bodies that have been prepared before, with the keys that they had, as judging reads them."""
        return self._texts(keys, self._analyzer.analyze(bodies))

    def _texts(self, keys: Sequence[bytes], tokens: TokenBatch) -> list[Text]:
        """The texts of a batch. Each holds its own words, so that it does not hold the whole batch."""
        return [
            Text(key, tokens.exact[start:end].copy(), self._vocabulary)
            for key, (start, end) in zip(keys, pairwise(tokens.pointers.tolist()), strict=True)
        ]

    def _sketches(self, tokens: TokenBatch, of_batch: Hashes, reaches: NDArray[np.bool_]) -> list[bytes]:
        words = np.diff(tokens.pointers)
        highest = np.repeat((limits(words) - 1).astype(np.uint16), words)
        owners = np.repeat(np.arange(len(words)), words)
        hashes = sampled(of_batch)
        kept = np.flatnonzero((hashes <= highest[: len(hashes)]) & reaches)
        beginning = kept[kept < tokens.pointers.take(owners.take(kept)) + LATE_START + ANCHOR_SHINGLES]
        telling = np.flatnonzero(self._vocabulary.telling(tokens.exact))
        lemmas = sampled(self._vocabulary.lemma_hashes(tokens.exact.take(telling)))
        is_kept = lemmas <= highest.take(telling)
        kinds = (
            (owners.take(kept), hashes.take(kept)),
            (owners.take(telling[is_kept]), lemmas[is_kept]),
            (owners.take(beginning), hashes.take(beginning)),
        )
        return make_sketches(words, kinds)

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
        hashes = self._vocabulary.hashes(tokens.exact)
        return [hashes[start:end].tobytes() for start, end in pairwise(tokens.pointers.tolist())]


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


def _choose(of_batch: Hashes, pointers: NDArray[np.int64], reaches: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of the shingles that are fingerprints; `reaches` says which are of one text."""
    words = np.diff(pointers)
    counts = np.maximum(words - SHINGLE_WORDS + 1, 0)
    rates = np.maximum(1 / SHINGLES_PER_FINGERPRINT, FINGERPRINTS_LEAST / np.maximum(counts, 1))
    highest = np.minimum(rates * (1 << _SELECTING_BITS), 1 << _SELECTING_BITS).astype(np.uint32)
    highest[words < TELLING_WORDS] = 0
    selecting = of_batch.astype(np.uint32) & np.uint32((1 << _SELECTING_BITS) - 1)
    return np.flatnonzero((selecting < np.repeat(highest, words)[: len(of_batch)]) & reaches)


def _reaches(pointers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words begin a shingle of their own text."""
    inside = np.ones(int(pointers[-1]), bool)
    for back in range(1, SHINGLE_WORDS):
        ends = pointers[1:] - back
        inside[ends[ends >= pointers[:-1]]] = False
    return inside
