"""From texts to judged pairs: which words of an archive are spellings of one another, and on what evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.variants.candidates import Candidates, candidates
from searchapp.variants.evidence import NARROW_FRAME, WIDE_FRAME, Measures, Stream, company, shared_frames
from searchapp.variants.foreign_names import is_one_name, may_be_foreign
from searchapp.variants.judging import Evidence, may_pass, similarities, verdicts
from searchapp.variants.shapes import Ids
from searchapp.variants.stream import SAMPLE_WORDS, WordStream, analyzed, read_words

LEAST_COUNT: Final = 2
"""Occurrences of a word that may have variants; what stands once is mostly a typing error …"""
LONG_WORD: Final = 5
"""… unless it has so many letters that it hardly resembles another word by accident."""
LEAST_SHARE: Final = 0.1
"""Of a term's occurrences. What is linked are terms, and a rare form that the lexicon reads as one of a frequent word
must not link that word."""

AreKnown = Callable[[Sequence[str]], Sequence[bool] | NDArray[np.bool_]]
"""Whether terms are words or names that the lexicon has, each of them."""
IsName = Callable[[str], bool]
"""Whether a term is none of the dictionary's words."""


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """P pairs of words that may be spellings of one another. `similarity` is 0 for those that are not accepted."""

    words: WordStream
    evidence: Evidence
    accepted: NDArray[np.bool_]
    similarity: Measures


def judge_texts(
    texts: Iterable[str],
    are_known: AreKnown,
    *,
    is_name: IsName = lambda term: False,
    analyzer: BatchAnalyzer | None = None,
    most_words: int = SAMPLE_WORDS,
) -> JudgedPairs:
    """Find the pairs in these texts, at most in so many words of them, and judge each.

    `is_name` tells of a term whether it is none of the dictionary's words.

    Time grows with the words: 2 s of CPU for 9 million, the analysis not counted. The same texts give the same pairs.
    """
    analyzer = analyzer or default_batch_analyzer()
    return judge_words(read_words(analyzed(texts, analyzer), analyzer, most_words), are_known, is_name=is_name)


def judge_words(words: WordStream, are_known: AreKnown, *, is_name: IsName = lambda term: False) -> JudgedPairs:
    """As `judge_texts`, of a stream of words."""
    counts = words.stream.counts
    met = np.flatnonzero(counts[:-1])
    named = zip(met.tolist(), words.names(met), (counts[met] >= LEAST_COUNT).tolist(), strict=True)
    eligible = {number: name for number, name, is_frequent in named if is_frequent or len(name) >= LONG_WORD}
    pairs = _of_two_terms(candidates(eligible), words)
    evidence = _evidence(words.stream, pairs, _known(words, pairs, are_known), _one_name(words, pairs, is_name))
    accepted = verdicts(evidence)
    return JudgedPairs(words, evidence, accepted, np.where(accepted, similarities(evidence), 0))


def _of_two_terms(pairs: Candidates, words: WordStream) -> Candidates:
    """Without pairs that the index has under one term already, and without words that say too little of their term."""
    terms, shares = words.terms, words.shares()
    spoken_for = np.minimum(shares[pairs.first], shares[pairs.second]) >= LEAST_SHARE
    return pairs.take(spoken_for & (terms[pairs.first] != terms[pairs.second]))


def _known(words: WordStream, pairs: Candidates, are_known: AreKnown) -> NDArray[np.bool_]:
    """By word number."""
    asked = _asked(words, pairs)
    is_asked = np.zeros(len(words.term_names), np.bool_)
    is_asked[words.terms[asked]] = True
    answers = np.zeros(len(words.term_names), np.bool_)
    terms = np.flatnonzero(is_asked)
    answers[terms] = are_known([words.term_names[term] for term in terms.tolist()])
    known = np.zeros(len(words.stream.counts), np.bool_)
    known[asked] = answers[words.terms[asked]]
    return known


def _asked(words: WordStream, pairs: Candidates) -> Ids:
    """The numbers of the words that some pair has, rising."""
    is_asked = np.zeros(len(words.stream.counts), np.bool_)
    is_asked[pairs.first] = is_asked[pairs.second] = True
    return np.flatnonzero(is_asked)


def _one_name(words: WordStream, pairs: Candidates, is_name: IsName) -> NDArray[np.bool_]:
    """Which pairs are one foreign name by their letters; of words with affixes nothing is said."""
    asked = _asked(words, pairs)
    names = zip(asked.tolist(), words.names(asked), words.terms[asked].tolist(), strict=True)
    foreign = {number: name for number, name, term in names if may_be_foreign(name) and name == words.term_names[term]}
    is_foreign = np.zeros(len(words.stream.counts), np.bool_)
    is_foreign[list(foreign)] = True
    is_a_name = cache(is_name)

    def are_one(one: int, other: int) -> bool:
        both = foreign[one], foreign[other]
        return is_one_name(*both) and all(map(is_a_name, both))

    both_foreign = np.flatnonzero(is_foreign[pairs.first] & is_foreign[pairs.second])
    found = np.zeros(len(pairs.first), np.bool_)
    found[both_foreign] = list(map(are_one, pairs.first[both_foreign].tolist(), pairs.second[both_foreign].tolist()))
    return found


def _evidence(stream: Stream, pairs: Candidates, known: NDArray[np.bool_], one_name: NDArray[np.bool_]) -> Evidence:
    """Measure the pairs, company only of those that may still pass; for the others it stays as if there were none."""
    both = known[pairs.first], known[pairs.second]
    counts: tuple[Ids, Ids] = (stream.counts[pairs.first], stream.counts[pairs.second])
    frames = shared_frames(stream, pairs, WIDE_FRAME)
    narrow = np.zeros(len(frames), np.int64)
    cosine, gain = np.zeros(len(frames)), np.zeros(len(frames))
    framed = np.flatnonzero(frames)
    narrow[framed] = shared_frames(stream, pairs.take(framed), NARROW_FRAME)
    unmeasured = Evidence(pairs, counts, both, frames, narrow, cosine, gain, one_name)
    undecided = np.flatnonzero(may_pass(unmeasured))
    measured = company(stream, pairs.take(undecided))
    cosine[undecided], gain[undecided] = measured.cosine, measured.gain
    return replace(unmeasured, cosine=cosine, gain=gain)
