"""More like this: the words that tell an article from others, as a query of its own."""

from __future__ import annotations

from collections import Counter
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights, inverse_document_frequency
from searchapp.engine.retrieval.highlighting.pages import Found
from searchapp.engine.retrieval.search import RunningSearch
from searchapp.engine.retrieval.terms.term_lists import encode
from searchapp.model import Article, Hit, SearchRequest

READ: Final = 3_000
"""Characters of an article that are read: what it is about stands at its beginning."""
TERMS: Final = 20
"""How many words ask for it; more find the same, slower."""
TITLE_WORDS: Final = 3
"""As how many words of the text one of the title counts."""
SATURATION: Final = 1.2
"""BM25's k1: a word said ten times does not say ten times as much."""
ALIKE: Final = 0.25
"""How much of the score of the article itself another must have."""


class SimilarSearch(RunningSearch):
    """A search for as many of some words as can be had, in whatever order they stand."""

    def most_alike(self, article_id: str, count: int) -> tuple[Hit, ...]:
        """The stories that are most alike but for the article's own, the likest first."""
        ranked = self._in_order(self._relaxed(), count + 1)
        scores = ranked.scores.tolist()
        likest = [score for score in scores if score >= ALIKE * scores[0]]  # the highest scores are first
        found = Found(1, ranked.documents[: len(likest)], likest, [False] * len(likest))
        others = [hit for hit in self.hits(found) if all(copy.id != article_id for copy in hit.copies)]
        return tuple(others[:count])

    def _together(self) -> None:
        """The words are out of their order."""


def similar(
    snapshot: Snapshot,
    article: Article,
    analyzer: ArabicAnalyzer,
    count: int,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
    variants: Variants | None = None,
) -> tuple[Hit, ...]:
    """At most `count` stories like an article, without its own; none for one that says little."""
    words = telling_words(snapshot, article, analyzer)
    if len(words) < 2:
        return ()
    request = SearchRequest(q=" ".join(words), facets=False, snippets=False, corrections=False)
    return SimilarSearch.of(snapshot, request, analyzer, weights, limits, variants).most_alike(article.id, count)


def telling_words(snapshot: Snapshot, article: Article, analyzer: ArabicAnalyzer) -> list[str]:
    """The words of an article with the highest tf·idf, as it writes them first; each stands in another story, too."""
    title = "" if article.title_inferred else article.title or ""
    frequencies: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text, weight in ((title, TITLE_WORDS), (article.body[:READ], 1)):
        for start, end, forms in analyzer.occurrences(text):
            if forms.kind == "word" and not forms.stop:
                frequencies[forms.lemma] += weight
                written.setdefault(forms.lemma, text[start:end])
    worths = {term: _worth(snapshot, term, frequency) for term, frequency in frequencies.items()}
    best = sorted((term for term in worths if worths[term]), key=lambda term: (-worths[term], term))
    return [written[term] for term in best[:TERMS]]


def _worth(snapshot: Snapshot, term: str, frequency: int) -> float:
    bounds = [part.segment.lemma.bounds(encode(term)) for part in snapshot.parts]
    documents = sum(stop - start for start, stop in bounds)
    if documents < 2:
        return 0.0
    return frequency / (frequency + SATURATION) * inverse_document_frequency(snapshot.documents, documents)
