"""The query's words in a whole text that is not read from an index: the article page, which shows the archive's text.

Whole words as published are marked, clitics and marks included, so that joined letters are never torn apart. Of a
phrase only the places where it stands as a phrase are marked. Words that must not occur are not marked, stop words only
inside phrases or when the query has nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.retrieval.core.leaf import Leaf, analyze_leaf
from searchapp.engine.retrieval.highlighting.windows import Spans, chains
from searchapp.engine.retrieval.terms.expansions import fitting
from searchapp.engine.retrieval.terms.term_matching import TermLetters
from searchapp.model import SearchRequest
from searchapp.query.parser import parse
from searchapp.query.walk import positive_words


def mark(text: str, request: SearchRequest, analyzer: ArabicAnalyzer, *, title: bool = False) -> Spans:
    """The spans of a request's words in a whole text. `title` says that the text is a title."""
    analyzed = (analyze_leaf(word, request, analyzer) for word in positive_words(parse(request.q).expression))
    leaves = worth_marking(leaf for leaf in analyzed if leaf is not None)
    text_words = _TextWords(text, analyzer)
    found = {at for leaf in leaves if title or not leaf.title for at in text_words.of(leaf)}
    return tuple(text_words.spans[at] for at in sorted(found))


def worth_marking(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Each leaf once, and stop words only when there is nothing else."""
    distinct = list({leaf.key: leaf for leaf in leaves}.values())
    return [leaf for leaf in distinct if not leaf.stop] or distinct


class _TextWords:
    """The words of one text by their forms, as indices of its tokens."""

    def __init__(self, text: str, analyzer: ArabicAnalyzer) -> None:
        self.spans: list[tuple[int, int]] = []
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._lemma: dict[str, list[int]] = defaultdict(list)
        for at, (start, end, forms) in enumerate(analyzer.occurrences(text)):
            self.spans.append((start, end))
            self._exact[forms.exact].append(at)
            self._lemma[forms.lemma].append(at)

    def of(self, leaf: Leaf) -> list[int]:
        """All words that belong to an occurrence of a word or phrase, or that a word stands for."""
        if leaf.expansion and not leaf.is_prefix:
            return self._fitting(leaf)
        form = leaf.forms[-1]
        places = self._exact if form == "exact" else self._lemma
        steps = [places.get(term, []) for term in leaf.terms(form)]
        if leaf.is_prefix:
            steps[-1] = self._beginning_with(leaf.exact_terms[-1])
        return steps[0] if len(steps) == 1 else chains(steps, leaf.slop)

    def _fitting(self, leaf: Leaf) -> list[int]:
        found = fitting(TermLetters.of_words(list(self._exact)), leaf).tolist()
        places = list(self._exact.values())
        return sorted(at for number in found for at in places[number])

    def _beginning_with(self, prefix: str) -> list[int]:
        return sorted(at for form, places in self._exact.items() if form.startswith(prefix) for at in places)
