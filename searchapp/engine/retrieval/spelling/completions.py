"""Completions of what is being typed: whole words of the archive, written as its articles write them.

The index knows words by their folded exact forms only, so a form is shown as it stands in a few of the texts that have
it. Words that follow the word before in the texts come first, then the most frequent ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.analysis.compound_names import COMPOUNDS, compound_name
from searchapp.analysis.glued_words import ARTICLE
from searchapp.engine.retrieval.core.recent import Recent
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.terms.term_lists import encode
from searchapp.engine.storage.codes import FIELD_GAP
from searchapp.engine.storage.segment import LiveSegment
from searchapp.engine.storage.terms import TermPostings
from searchapp.frozen import dataclass

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

COMPLETIONS: Final = 8
"""A list of suggestions that is read at a glance."""
TYPED_CHARACTERS: Final = 256
"""Nobody waits for suggestions to a paragraph that was pasted."""
REMEMBERED: Final = 4096
"""Prefixes, forms and words whose answers are kept for as long as the index stays as it is."""
SAMPLED_FOR_SURFACE: Final = 8
"""Articles in which a form's spelling is looked up."""
SAMPLED_FOR_FOLLOWERS: Final = 128
"""Articles in which the words after a word are looked up: some 3 ms, once."""
FOLLOWS_AT_LEAST: Final = 2
"""How often a word must follow another in the sample: once may be chance."""
ENOUGH_FOLLOWING: Final = 3
"""With so many words that follow the word before, those that are merely frequent would be noise."""
RARE: Final = 500
"""A form so many times rarer than the commonest that begins alike is a slip: two words glued together, mostly."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A word in a text: a document of one segment, and which of its tokens, counted over title and body."""

    part: LiveSegment
    document: int
    token: int
    is_last: bool


class Completer:
    """Completes what is typed with the words of one snapshot. May be used from many threads."""

    def __init__(self, snapshot: Snapshot, analyzer: ArabicAnalyzer) -> None:
        self._snapshot, self._analyzer = snapshot, analyzer
        # Not by `lru_cache`: it would hold the object, and that would keep the snapshot from being freed at once.
        self._frequent_ones: Recent[str, tuple[tuple[bytes, ...]]] = Recent(REMEMBERED)
        self._surfaces: Recent[bytes, tuple[str | None]] = Recent(REMEMBERED)
        self._following: Recent[str, tuple[tuple[tuple[str, str], ...]]] = Recent(REMEMBERED)

    @classmethod
    def of(cls, snapshot: Snapshot, analyzer: ArabicAnalyzer) -> Completer:
        """The completer of a snapshot, with what it remembers."""
        return snapshot.derived("completer", lambda: cls(snapshot, analyzer))

    def complete(self, typed: str, count: int = COMPLETIONS) -> tuple[str, ...]:
        """At most `count` texts that begin as `typed` does, the likeliest first; none of them is `typed` itself."""
        if len(typed) > TYPED_CHARACTERS:
            return ()
        tokens = list(self._analyzer.occurrences(typed))
        last = tokens.pop() if tokens and tokens[-1][1] == len(typed) else None
        start, started = (len(typed), "") if last is None else (last[0], last[2].exact)
        found: Iterator[str] = iter(())
        before = ""
        if tokens:
            before_start, before_end, forms = tokens[-1]
            before = forms.exact
            if typed[before_end:start].isspace():
                found = (typed[:before_start] + name for name in self._names(before, started))
        found = chain(found, self._texts(typed, typed[:start], before, started))
        return tuple(islice(_distinct(text for text in found if text != typed), count))

    def surface(self, form: bytes) -> str | None:
        """How articles write an exact form; None where it stands only in what is not shown, such as keywords."""
        return self._surface(form)

    def _texts(self, typed: str, head: str, before: str, started: str) -> Iterator[str]:
        """What may be meant: the word that is started made whole, then a word after it."""
        following = [surface for form, surface in self._followers(before) if form.startswith(started)]
        yield from (head + surface for surface in following)
        if started:
            if len(following) < ENOUGH_FOLLOWING:
                yield from (head + surface for surface in map(self._surface, self._frequent(started)) if surface)
            if self._surface(encode(started)) == typed[len(head) :]:
                yield from (f"{typed} {surface}" for _, surface in self._followers(started))

    def _names(self, first: str, started: str) -> Iterator[str]:
        """Names of two words of which only the first and the second's article are there."""
        if first in COMPOUNDS and (started.startswith(ARTICLE) or ARTICLE.startswith(started)):
            written = COMPOUNDS[first].first
            for form in self._frequent(written + max(started, ARTICLE, key=len)):
                surface = self._surface(form)
                if surface and compound_name(first, form.decode()[len(written) :]):
                    yield surface

    def _frequent(self, prefix: str) -> tuple[bytes, ...]:
        return _remembered(self._frequent_ones, prefix, self._find_frequent)

    def _surface(self, form: bytes) -> str | None:
        return _remembered(self._surfaces, form, self._find_surface)

    def _followers(self, form: str) -> tuple[tuple[str, str], ...]:
        return _remembered(self._following, form, self._find_followers)

    def _find_frequent(self, prefix: str) -> tuple[bytes, ...]:
        """The most frequent forms that begin with a prefix."""
        counts: Counter[bytes] = Counter()
        encoded = encode(prefix)
        for part in self._snapshot.parts:
            exact = part.segment.exact
            start, stop = exact.dictionary.prefix_range(encoded)
            if start < stop:
                frequencies = exact.document_counts(start, stop)
                wanted = min(4 * COMPLETIONS, len(frequencies))
                first = np.argpartition(-frequencies, wanted - 1)[:wanted]
                for number, frequency in zip(first.tolist(), frequencies.take(first).tolist(), strict=True):
                    counts[exact.dictionary.term(start + number)] += frequency
        kept = [term for term, count in counts.items() if count * RARE >= max(counts.values())]
        return tuple(sorted(kept, key=lambda term: (-counts[term], term))[: 2 * COMPLETIONS])

    def _find_surface(self, term: bytes) -> str | None:
        """How articles write a form; None where it stands only in what is not shown, such as keywords."""
        places = self._places(term, SAMPLED_FOR_SURFACE)
        spellings = Counter(_texts(place.part, place.document, (place.token,))[0] for place in places)
        return max(spellings, key=lambda text: (spellings[text], text)) if spellings else None

    def _find_followers(self, form: str) -> tuple[tuple[str, str], ...]:
        """The (form, spelling) of the words that follow a word, the most frequent first."""
        spellings: dict[str, Counter[str]] = {}
        if not form:
            return ()
        for place in self._places(encode(form), SAMPLED_FOR_FOLLOWERS):
            if not place.is_last:
                text = _next_word(place)
                found = self._analyzer.forms(text).exact if text else ""
                if found:
                    spellings.setdefault(found, Counter())[text] += 1
        common = {form: found for form, found in spellings.items() if found.total() >= FOLLOWS_AT_LEAST}
        ranked = sorted(common.items(), key=lambda item: (-item[1].total(), item[0]))
        return tuple((form, found.most_common(1)[0][0]) for form, found in ranked)

    def _places(self, term: bytes, count: int) -> Iterator[_Place]:
        """Where a form stands, in at most `count` articles, spread over all of the archive."""
        found = [(part, part.segment.exact.find(term)) for part in self._snapshot.parts]
        held = [(part, postings) for part, postings in found if postings is not None and len(postings)]
        total = sum(len(postings) for _, postings in held)
        for part, postings in held:
            share = max(1, count * len(postings) // total)
            yield from _shown_places(part, postings, _spread(part, postings, share))


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text


def _spread(part: LiveSegment, postings: TermPostings, count: int) -> NDArray[np.int64]:
    """The rows of some postings at even distances, without those of deleted documents."""
    rows = np.unique(np.linspace(0, len(postings) - 1, min(count, len(postings))).astype(np.int64))
    if part.deleted is None:
        return rows
    live: NDArray[np.int64] = rows[~part.deleted.take(postings.documents.take(rows))]
    return live


def _shown_places(part: LiveSegment, postings: TermPostings, rows: NDArray[np.int64]) -> Iterator[_Place]:
    """The first place of each posting that lies in the title or the body, of which alone the text is stored."""
    counts, positions = postings.positions(rows)
    titles, bodies = (part.segment.column(f"length/{field}") for field in ("title", "body"))
    documents, flat, at = postings.documents.take(rows).tolist(), positions.tolist(), 0
    for document, size in zip(documents, counts.tolist(), strict=True):
        title, body = titles.item(document), bodies.item(document)
        place = _first_shown(flat[at : at + size], title, body)
        at += size
        if place is not None:
            yield _Place(part, document, place, is_last=place in (title - 1, title + body - 1))


def _first_shown(positions: Iterable[int], title: int, body: int) -> int | None:
    """The token at the first of some positions that lies within a title or body of so many words."""
    first = title + FIELD_GAP
    for position in positions:
        if position < title:
            return position
        if first <= position < first + body:
            return position - FIELD_GAP
    return None


def _next_word(place: _Place) -> str:
    """The word after this one as it is written; empty where more than a space lies between them."""
    between, text = _texts(place.part, place.document, (place.token, place.token + 1))
    return "" if between.strip() else text


def _texts(part: LiveSegment, document: int, tokens: Sequence[int]) -> tuple[str, ...]:
    """The text of a token; of two neighbours, what lies between them and the second one."""
    segment, last = part.segment, tokens[-1] + 1  # entry 0 is no token's
    only = np.array([document])
    (base,), _ = segment.text_bounds(only)
    starts, lengths = segment.token_offsets(only, [last])
    text = segment.text((base + starts[last], base + starts[last] + lengths[last]))
    if len(tokens) == 1:
        return (text,)
    return segment.text((base + starts[last - 1] + lengths[last - 1], base + starts[last])), text


def _remembered(recent: Recent[Key, tuple[Value]], key: Key, find: Callable[[Key], Value]) -> Value:
    """What was found for a key before, or is found now."""
    found = recent.get(key)
    if found is None:
        found = (find(key),)
        recent.put(key, found, 1)
    return found[0]
