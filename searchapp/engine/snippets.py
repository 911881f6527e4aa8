"""Snippets: the piece of an article that best shows why it was found, and the query's words marked in it.

Whole words as published are marked, clitics and marks included, so that joined letters are never torn apart. Of a
phrase only the places where it stands as a phrase are marked, its words alone only where it stands nowhere. Words
that must not occur are not marked, stop words only inside phrases or when the query has nothing else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer, Forms
from searchapp.engine.leaves import Leaf, analyze_leaf
from searchapp.model import AnalyzedToken, SearchRequest, Snippet
from searchapp.query.parser import parse
from searchapp.query.walk import positive_words

SNIPPET_WORDS: Final = 32
"""Two to three lines in the column of results."""
LEAD_WORDS: Final = 8
"""A window that would start within so many words of the beginning starts at the beginning."""
SCAN_CHARACTERS: Final = 200_000
"""How much of an article is looked through for its best window; only registers and law texts are longer."""

Spans = tuple[tuple[int, int], ...]
Occurrence = tuple[int, int, Forms]
"""A word of a text as (start, end, forms): far cheaper for a whole article than objects with names."""
_UNBROKEN: Final = re.compile(r"\S+")


def mark(text: str, request: SearchRequest, analyzer: ArabicAnalyzer, *, title: bool = False) -> Spans:
    """The spans of a request's words in a whole text, for the article page. `title` says that the text is a title."""
    highlighter = Highlighter.of_request(request, analyzer)
    tokens = list(analyzer.occurrences(text))
    return _spans(tokens, highlighter.found(tokens, title=title))


class Highlighter:
    """Finds the words of one query in texts and cuts snippets."""

    def __init__(
        self, leaves: Iterable[Leaf], analyzer: ArabicAnalyzer, rarity: Callable[[Leaf], float] = lambda _: 1.0
    ) -> None:
        """`leaves` are the words that may occur; `rarity` says how much each is worth in a snippet."""
        distinct = list({leaf.key: leaf for leaf in leaves}.values())
        content = [leaf for leaf in distinct if not leaf.stop]
        self._analyzer = analyzer
        self._leaves = content or distinct
        self._weights = [rarity(leaf) for leaf in self._leaves]

    @classmethod
    def of_request(cls, request: SearchRequest, analyzer: ArabicAnalyzer) -> Highlighter:
        """For a request alone, without an index."""
        words = positive_words(parse(request.q).expression)
        leaves = (analyze_leaf(word, request, analyzer) for word in words)
        return cls((leaf for leaf in leaves if leaf is not None), analyzer)

    def whole(self, text: str) -> Snippet:
        """A whole title with its marks."""
        tokens = list(self._analyzer.occurrences(text))
        return _collapsed(text, 0, len(text), _spans(tokens, self.found(tokens, title=True)))

    def best(self, text: str) -> Snippet | None:
        """The best window of a body: most of the rarest words, then most matches, then nearest the beginning.

        None for a text without words.
        """
        tokens = list(self._analyzer.occurrences(text[:SCAN_CHARACTERS]))
        if len(text) > SCAN_CHARACTERS:
            tokens = tokens[:-1]  # the cut may have gone through it
        if not tokens:
            return None
        found = self.found(tokens, title=False, loose=True)
        first, last = self._window(found)
        start, end = _placed(first, last, len(tokens))
        cut = _cut(text, tokens, start, end)
        spans = _spans(tokens, (at for at in found if start <= at < end))
        cut_off = len(text) > SCAN_CHARACTERS
        return _collapsed(text, *cut, spans, leading=start > 0, trailing=cut_off or end < len(tokens))

    def found(self, tokens: Sequence[Occurrence], *, title: bool, loose: bool = False) -> dict[int, int]:
        """The indices of tokens to be marked, each with the number of the word or phrase that it stands for.

        `loose` takes the words of a phrase singly where the phrase stands nowhere.
        """
        places = _Places(tokens, self._leaves)
        found: dict[int, int] = {}
        for number, leaf in enumerate(self._leaves):
            if leaf.title and not title:
                continue
            for at in places.of(leaf) or (places.of_any_word(leaf) if loose else ()):
                found.setdefault(at, number)
        return found

    def _window(self, found: Mapping[int, int]) -> tuple[int, int]:
        """The first and last marked token of the best window; (0, 0) when nothing is marked."""
        marked = sorted(found)
        best, best_value = (0, 0), (0.0, 0)
        inside: Counter[int] = Counter()
        worth, left = 0.0, 0
        for right, last in enumerate(marked):
            worth += 0.0 if inside[found[last]] else self._weights[found[last]]
            inside[found[last]] += 1
            while last - marked[left] >= SNIPPET_WORDS:
                leaving = found[marked[left]]
                inside[leaving] -= 1
                worth -= 0.0 if inside[leaving] else self._weights[leaving]
                left += 1
            value = (round(worth, 6), right - left + 1)  # rounded, for sums in another order differ in the last bits
            if value > best_value:
                best, best_value = (marked[left], last), value
        return best


class _Places:
    """Where the words of some leaves stand in one text, as indices of its tokens."""

    def __init__(self, tokens: Sequence[Occurrence], leaves: Sequence[Leaf]) -> None:
        wanted = {getattr(token, form) for leaf in leaves for token in leaf.tokens for form in leaf.forms}
        beginnings = tuple(leaf.tokens[-1].exact for leaf in leaves if leaf.prefix)
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._stem: dict[str, list[int]] = defaultdict(list)
        for at, (_, _, forms) in enumerate(tokens):
            if forms.stem in wanted or forms.exact in wanted or forms.exact.startswith(beginnings):
                self._exact[forms.exact].append(at)
                self._stem[forms.stem].append(at)

    def of(self, leaf: Leaf) -> list[int]:
        """All tokens that belong to an occurrence of a word, phrase or prefix."""
        steps = [self._of_token(leaf, token) for token in leaf.tokens]
        if leaf.prefix:
            steps[-1] = self._beginning_with(leaf.tokens[-1].exact)
        if len(steps) == 1:
            return steps[0]
        return _chains(steps, leaf.slop)

    def of_any_word(self, leaf: Leaf) -> list[int]:
        """The tokens of a phrase's words wherever they stand; stop words only if it has no others."""
        content = [token for token in leaf.tokens if not token.stop] or leaf.tokens
        return [at for token in content for at in self._of_token(leaf, token)]

    def _of_token(self, leaf: Leaf, token: AnalyzedToken) -> list[int]:
        if "stem" in leaf.forms:
            return self._stem.get(token.stem, [])
        return self._exact.get(token.exact, [])

    def _beginning_with(self, prefix: str) -> list[int]:
        return sorted(at for form, places in self._exact.items() if form.startswith(prefix) for at in places)


def _chains(steps: Sequence[Sequence[int]], slop: int) -> list[int]:
    """The tokens of every chain that takes one token of each step in order, at most `slop` others between two."""
    chains: dict[int, tuple[int, ...]] = {at: (at,) for at in steps[0]}
    for step in steps[1:]:
        longer: dict[int, tuple[int, ...]] = {}
        for at in step:
            before = next((other for other in range(at - 1, at - slop - 2, -1) if other in chains), None)
            if before is not None:
                longer[at] = (*chains[before], at)
        chains = longer
    return [at for chain in chains.values() for at in chain]


def _spans(tokens: Sequence[Occurrence], marked: Iterable[int]) -> Spans:
    return tuple(tokens[at][:2] for at in sorted(marked))


def _placed(first: int, last: int, words: int) -> tuple[int, int]:
    """The window, as (start, end) in tokens, that shows the marked tokens with a little of what goes before."""
    before = (SNIPPET_WORDS - (last - first + 1)) // 3
    start = max(0, first - before)
    if start <= LEAD_WORDS and last < SNIPPET_WORDS:
        start = 0
    end = min(words, start + SNIPPET_WORDS)
    return max(0, min(start, end - SNIPPET_WORDS)), end


def _cut(text: str, tokens: Sequence[Occurrence], start: int, end: int) -> tuple[int, int]:
    """The window in characters: its words with the punctuation that touches them."""
    (first, _, _), (_, last, _) = tokens[start], tokens[end - 1]
    floor = tokens[start - 1][1] if start else 0
    ceiling = tokens[end][0] if end < len(tokens) else len(text)
    while first > floor and not text[first - 1].isspace():
        first -= 1
    while last < ceiling and not text[last].isspace():
        last += 1
    return first, last


def _collapsed(
    text: str,
    start: int,
    end: int,
    spans: Iterable[tuple[int, int]],
    *,
    leading: bool = False,
    trailing: bool = False,
) -> Snippet:
    """`text[start:end]` with every run of spaces and line breaks as one space, and the spans moved along."""
    pieces: list[str] = []
    starts: list[tuple[int, int]] = []  # (where a piece starts in the text, and in the result)
    length = 0
    for piece in _UNBROKEN.finditer(text[start:end]):
        starts.append((start + piece.start(), length))
        pieces.append(piece.group())
        length += len(piece.group()) + 1
    moved = _moved(spans, starts)
    return Snippet(" ".join(pieces), moved, leading, trailing)


def _moved(spans: Iterable[tuple[int, int]], starts: Sequence[tuple[int, int]]) -> Spans:
    """Translate spans, rising, through a table of where each piece of text went."""
    moved: list[tuple[int, int]] = []
    at = 0
    for first, last in spans:
        while at + 1 < len(starts) and starts[at + 1][0] <= first:
            at += 1
        source, target = starts[at]
        moved.append((target + first - source, target + last - source))
    return tuple(moved)
