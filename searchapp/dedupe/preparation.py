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
from searchapp.dedupe.sampling import sample
from searchapp.dedupe.words import KEY_BYTES, TELLING_WORDS, Hashes, Places, Text, Vocabulary, Words, unpack
from searchapp.model import Article

VERSION: Final = f"3 {ANALYZER_VERSION}"
"""Keys and fingerprints of another version mean nothing beside those of this one."""
_PART: Final = b"\x1f"


@dataclass(frozen=True, slots=True)
class PreparedText:
    """One article's body, as judging reads it (`text`), and as it is found again.

    `sketch` and `fingerprints` are as in `sampling`.
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

    @property
    def analyzer(self) -> BatchAnalyzer:
        """The analyzer that numbers the words of its texts."""
        return self._analyzer

    def text(self, key: bytes, words: Words) -> Text:
        """The text with this key and these words, as its analyzer numbers them."""
        return Text(key, words, self._vocabulary)

    def refresh(self) -> None:
        """Go over to the analyzer that the process uses now, if the old one had grown too large."""
        current = default_batch_analyzer()
        if current is not self._analyzer:
            self.generation += 1
            self._begin(current)

    def prepare(self, articles: Sequence[Article]) -> list[PreparedText]:
        """Prepare articles, in their order."""
        tokens = self._analyzer.analyze([article.body for article in articles])
        hashes, shingles = self._vocabulary.hashed(tokens.exact)
        keys = self._keys(articles, tokens, hashes)
        return list(map(PreparedText, self._texts(keys, tokens), *sample(tokens, shingles, self._vocabulary)))

    def read(self, bodies: Sequence[str], keys: Sequence[bytes]) -> list[Text]:
        """Bodies that have been prepared before, with the keys that they had, as judging reads them."""
        return self._texts(keys, self._analyzer.analyze(bodies))

    def unpack(self, data: NDArray[np.uint8], starts: Places, sizes: Places) -> list[Text]:
        """Texts of this generation, out of what `words.pack` made of them (`words.unpack`)."""
        return unpack(data, starts, sizes, self._vocabulary)

    def _texts(self, keys: Sequence[bytes], tokens: TokenBatch) -> list[Text]:
        """The texts of a batch. They share its words: what is kept for longer is packed."""
        return [
            Text(key, tokens.exact[start:end], self._vocabulary)
            for key, (start, end) in zip(keys, pairwise(tokens.pointers.tolist()), strict=True)
        ]

    def _keys(self, articles: Sequence[Article], tokens: TokenBatch, hashes: Hashes) -> list[bytes]:
        """What exact copies share.

        A body of fewer than `TELLING_WORDS` is compared together with the title, unless that was inferred from it. One
        without a word beyond those of the title says nothing: "cartoon" stands over another drawing each day, so outlet
        and day must be the same too.
        """
        bounds = tokens.pointers.tolist()
        short = [at for at, (start, end) in enumerate(pairwise(bounds)) if end - start < TELLING_WORDS]
        titles = iter(self._titles([articles[at] for at in short]))
        data = hashes.data
        words: list[memoryview | bytes] = [data[start:end] for start, end in pairwise(bounds)]
        for at in short:
            words[at] = _PART.join(_short_parts(articles[at], bytes(words[at]), next(titles)))
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
