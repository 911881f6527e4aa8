"""The verdict on a pair: what must be seen before two words are taken for spellings of one.

The less a pair's letters and the lexicon speak for it, the more the texts must. Two words that no dictionary knows are
mostly a name of another language in two transcriptions. Where one of them, or both, are known words or names, another
spelling is mostly another word (مدرس, مدارس; سلمان, سليمان), unless outlets put one for the other in the same
sentences. Long names of other languages may be one by their letters alone (`foreign_names.py`).

The thresholds were set by reading pairs of a Saudi archive; `python -m bench.variants` measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.candidates import Candidates
from searchapp.variants.evidence import Measures
from searchapp.variants.shapes import Ids
from searchapp.variants.spelling import Changes


class Threshold(NamedTuple):
    """What must be reached, all of it: shared frames, their rate, the share of narrow frames, and company.

    `frames`: distinct frames in which both stand; `rate`: these for each occurrence of the rarer word; `whole`: these
    for each narrow frame (one word on either side) that both have; `gain` and `cosine` as in `evidence.Company`.
    """

    frames: int = 0
    rate: float = 0.0
    whole: float = 0.0
    gain: float = -9.0
    cosine: float = 0.0


# By how many of the two words the lexicon knows; one fulfilled threshold is enough.
THRESHOLDS: Final[tuple[tuple[Threshold, ...], ...]] = (
    (Threshold(frames=1, rate=0.01, gain=0.1), Threshold(gain=0.5, cosine=0.12)),
    (
        Threshold(frames=1, rate=0.04, gain=0.0),
        Threshold(frames=1, rate=0.015, gain=0.3),
        Threshold(frames=3, rate=0.04, whole=0.3, gain=-0.1),
        Threshold(gain=1.0, cosine=0.15),
    ),
    (
        Threshold(frames=2, rate=0.05, whole=0.6, gain=0.3),
        Threshold(frames=3, rate=0.06, whole=0.6, gain=0.1),
        Threshold(frames=5, rate=0.06, whole=0.35, gain=0.0),
        Threshold(frames=2, rate=0.1, whole=0.6, gain=0.1),
        Threshold(frames=2, rate=0.1, gain=0.7),
        Threshold(frames=1, rate=0.03, whole=0.3, gain=1.5, cosine=0.15),
    ),
)
SAFE_THRESHOLDS: Final[tuple[tuple[Threshold, ...], ...]] = (
    (Threshold(frames=1, gain=0.0), Threshold(gain=0.3, cosine=0.08)),
    (Threshold(frames=1, rate=0.02, gain=0.0), Threshold(gain=0.7, cosine=0.12)),
    (Threshold(frames=1, rate=0.03, whole=0.3, gain=0.1), Threshold(gain=0.6, cosine=0.12)),
)
"""Where nothing but `SAFE_CHANGES` differs: less is needed."""
SAFE_CHANGES: Final = (("g", "consonant", "hamza"), ("g", "consonant", "hamza"), ("g", "hamza"))
"""By how many of the two words the lexicon knows, too: names that it has differ by other consonants (سناء, ثناء)."""
HAMZA_THRESHOLD: Final = Threshold(frames=2, rate=0.04)

SURE_GAIN: Final = 2.0
SURE_FRAMES: Final = 3
LEAST_SIMILARITY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of P pairs, as arrays. `one_name` says that the letters alone tell a foreign name."""

    pairs: Candidates
    counts: tuple[Ids, Ids]
    known: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    frames: Ids
    narrow_frames: Ids
    cosine: Measures
    gain: Measures
    one_name: NDArray[np.bool_]


def may_pass(evidence: Evidence) -> NDArray[np.bool_]:
    """Which pairs may still pass when only frames are measured: two known words need them, or to differ safely."""
    least = min(threshold.rate for threshold in THRESHOLDS[2])
    framed = (evidence.frames > 0) & (_rate(evidence) >= least)
    return np.asarray((_known(evidence) < 2) | framed | _only(evidence, SAFE_CHANGES[2]))


def verdicts(evidence: Evidence) -> NDArray[np.bool_]:
    """Which pairs are spellings of one word."""
    known = _known(evidence)
    passed = evidence.one_name | _only(evidence, ("hamza",)) & _fulfilled(evidence, HAMZA_THRESHOLD)
    for count in range(len(THRESHOLDS)):
        safe = _only(evidence, SAFE_CHANGES[count]) & _any_fulfilled(evidence, SAFE_THRESHOLDS[count])
        passed |= (known == count) & (safe | _any_fulfilled(evidence, THRESHOLDS[count]))
    # What stands once may be a typing error: it counts only where another outlet has the other spelling in its place.
    return np.asarray(passed & ((evidence.frames > 0) | (np.minimum(*evidence.counts) > 1)))


def _known(evidence: Evidence) -> Ids:
    """How many words of each pair the lexicon knows."""
    return evidence.known[0].astype(np.int64) + evidence.known[1]


def _only(evidence: Evidence, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which pairs differ by nothing but changes of these kinds."""
    changes = evidence.pairs.changes
    return np.asarray(changes[:, [Changes._fields.index(kind) for kind in kinds]].sum(1) == changes.sum(1))


def _any_fulfilled(evidence: Evidence, thresholds: tuple[Threshold, ...]) -> NDArray[np.bool_]:
    return np.asarray(np.any([_fulfilled(evidence, threshold) for threshold in thresholds], axis=0))


def _fulfilled(evidence: Evidence, threshold: Threshold) -> NDArray[np.bool_]:
    rate = _rate(evidence)
    whole = evidence.frames / np.maximum(evidence.narrow_frames, 1)
    return np.asarray(
        (evidence.frames >= threshold.frames)
        & (rate >= threshold.rate)
        & (whole >= threshold.whole)
        & (evidence.gain >= threshold.gain)
        & (evidence.cosine >= threshold.cosine)
    )


def _rate(evidence: Evidence) -> Measures:
    return np.asarray(evidence.frames / np.maximum(np.minimum(*evidence.counts), 1))


def similarities(evidence: Evidence) -> Measures:
    """From `LEAST_SIMILARITY` to 1, half of the rest for shared frames, half for company."""
    frames = np.minimum(evidence.frames / SURE_FRAMES, 1)
    company = np.clip(evidence.gain / SURE_GAIN, 0, 1)
    return LEAST_SIMILARITY + (1 - LEAST_SIMILARITY) * (frames + company) / 2
