"""What the archive's own texts say about pairs of words: where they stand in the same places, and in what company.

Two measures are taken from one stream of word numbers:

* **Frames**: the two words before and the two after. Outlets reprint one another's stories and edit the spelling to
  their house style, so two spellings stand in the same frames, while two words or names that only resemble one another
  do not, however often each of them occurs.
* **Company**: the words up to three places away, on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.candidates import Candidates
from searchapp.variants.evidence_loops import count_shared, frame_keys, neighbour_keys, sample_places
from searchapp.variants.shapes import Ids

REACH: Final = 3
"""How far away, in words, company is kept."""
WIDE_FRAME: Final = (-2, -1, 1, 2)
NARROW_FRAME: Final = (-1, 1)
OCCURRENCES: Final = 100
"""Of a word are about so many looked at for its company; more say the same again and cost time."""
FRAME_NEIGHBOURS: Final = 4
"""Among the words of one frame, in order of their numbers, each is paired with so many that follow."""

_CHUNK: Final = 1 << 18
_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio (Knuth)
_MIXERS: Final = np.array([_MIXER])
_WORD_BITS: Final = 64
_SMOOTHING: Final = 0.75  # of the frequencies that company is expected by (Levy, Goldberg and Dagan 2015)
_BACKGROUND: Final = 0.5

Measures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """The words of many texts by number, end to end: before, between and after texts stand `REACH` × `outside`.

    `counts`: how often each number occurs, `outside` itself, the last, included.
    """

    words: NDArray[np.int32]
    counts: Ids

    @property
    def outside(self) -> int:
        """The number that is no word."""
        return len(self.counts) - 1


@dataclass(frozen=True, slots=True)
class Company:
    """What is measured of each of P pairs.

    `cosine`: of the two words' company, weighted by positive pointwise mutual information, 0 to 1.
    `gain`: how much better the more frequent word's company foretells the rarer one's than chance does, in nats a
    neighbour; below zero where it does so worse.
    """

    cosine: Measures
    gain: Measures


def shared_frames(stream: Stream, pairs: Candidates, frame: tuple[int, ...]) -> Ids:
    """In how many distinct frames both words of each pair stand. A frame that holds an end of a text does not count."""
    # The hash keeps its high bits, the word takes the low ones: one sort brings equal hashes and equal words together.
    bits = np.uint64(int(stream.outside).bit_length())
    keys = _all_frame_keys(stream, _wanted(stream, pairs), frame, bits)
    order, known = _pair_keys(stream, pairs)
    if (count := count_shared.ready()) is not None:
        found = np.zeros(len(known), np.int64)
        keys.sort()
        count(keys, int(bits), FRAME_NEIGHBOURS, len(stream.counts), known, found)
    else:
        found = _together(stream, known, _distinct(keys), bits)
    shared = np.empty(len(known), np.int64)
    shared[order] = found
    return shared


def _all_frame_keys(
    stream: Stream, wanted: NDArray[np.bool_], frame: tuple[int, ...], bits: np.uint64
) -> NDArray[np.uint64]:
    """The keys of the wanted words of the stream."""
    if (write := frame_keys.ready()) is not None:
        found = np.empty(int(stream.counts[wanted].sum()) + 1, np.uint64)
        offsets = np.array(frame, np.int64)
        return found[: write(stream.words, wanted, offsets, REACH, stream.outside, _MIXERS, int(bits), found)]
    keys = [np.zeros(0, np.uint64)]
    for start in range(REACH, len(stream.words) - REACH, _CHUNK):
        chunk = stream.words[start - REACH : start + _CHUNK + REACH]
        keys.append(_frame_keys(chunk, wanted, frame, stream.outside, bits))
    return np.concatenate(keys)


def _frame_keys(
    words: NDArray[np.int32], wanted: NDArray[np.bool_], frame: tuple[int, ...], outside: int, bits: np.uint64
) -> NDArray[np.uint64]:
    """The keys of the wanted words of one piece of the stream, which has `REACH` words more at either end."""
    inner = words[REACH : len(words) - REACH]
    places = np.flatnonzero(wanted.take(inner)) + REACH
    hashes = np.zeros(len(places), np.uint64)
    whole = np.ones(len(places), np.bool_)
    for offset in frame:
        neighbours = words.take(places + offset)
        whole &= neighbours != outside
        hashes ^= neighbours.astype(np.uint64)
        hashes *= _MIXER
        hashes ^= hashes >> np.uint64(_WORD_BITS // 2)
    keys: NDArray[np.uint64] = (hashes >> bits << bits) | words.take(places).astype(np.uint64)
    return keys[whole]


def _wanted(stream: Stream, pairs: Candidates) -> NDArray[np.bool_]:
    """Which word numbers the pairs hold."""
    wanted = np.zeros(len(stream.counts), np.bool_)
    wanted[pairs.first] = wanted[pairs.second] = True
    return wanted


def _together(stream: Stream, known: Ids, keys: NDArray[np.uint64], bits: np.uint64) -> Ids:
    """In how many frames both words of each known pair stand; `keys` are sorted and distinct."""
    frames, holders = keys >> bits, (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    found = np.zeros(len(known), np.int64)
    for step in range(1, FRAME_NEIGHBOURS + 1):
        same = np.flatnonzero(frames[step:] == frames[:-step])
        asked = holders[same] * len(stream.counts) + holders[same + step]
        at = np.searchsorted(known, asked)
        at[at == len(known)] = 0
        hit = at[known[at] == asked] if len(known) else at[:0]
        found += np.bincount(hit, minlength=len(known))
    return found


def _pair_keys(stream: Stream, pairs: Candidates) -> tuple[Ids, Ids]:
    """Each pair as one number, smaller word first, sorted; and the pairs' own places in that order."""
    keys = np.minimum(pairs.first, pairs.second) * len(stream.counts) + np.maximum(pairs.first, pairs.second)
    order = np.argsort(keys)
    return order, keys[order]


def _distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    keys = np.sort(keys)
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys


def company(stream: Stream, pairs: Candidates) -> Company:
    """Compare the company of each pair's words."""
    keys, counts = _neighbours(stream, pairs)
    size = len(stream.counts)
    holders, neighbours = keys // size, keys % size
    totals = np.bincount(holders, counts, minlength=size)
    chance = stream.counts / max(stream.counts.sum(), 1)
    smoothed = chance**_SMOOTHING
    expected = smoothed / smoothed.sum()
    weights = np.maximum(np.log(counts / totals[holders] / expected[neighbours]), 0)
    lengths = np.sqrt(np.bincount(holders, weights**2, minlength=size))
    rows = np.concatenate([[0], np.cumsum(np.bincount(holders, minlength=size))])
    rarer = np.where(totals[pairs.first] <= totals[pairs.second], pairs.first, pairs.second)
    other = pairs.first + pairs.second - rarer
    widths = np.diff(rows)[rarer]
    pair = np.repeat(np.arange(len(rarer)), widths)
    mine = np.arange(len(pair)) - np.repeat(np.cumsum(widths) - widths, widths) + np.repeat(rows[rarer], widths)
    theirs, met = _find(keys, np.repeat(other, widths) * size + neighbours[mine])
    products = np.where(met, weights[mine] * weights[theirs], 0)
    cosine = np.bincount(pair, products, len(rarer)) / np.maximum(lengths[rarer] * lengths[other], 1e-9)
    foretold = np.where(met, counts[theirs] / np.repeat(totals[other], widths), 0)
    gains = np.log1p(_BACKGROUND * (foretold / chance[neighbours[mine]] - 1)) * counts[mine]
    return Company(cosine, np.bincount(pair, gains, len(rarer)) / np.maximum(totals[rarer], 1))


def _find(keys: Ids, asked: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where asked keys stand among sorted ones, and which of them do."""
    if not len(keys):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    at = np.searchsorted(keys, asked)
    at[at == len(keys)] = 0
    return at, keys[at] == asked


def _neighbours(stream: Stream, pairs: Candidates) -> tuple[Ids, Ids]:
    """(word × size + neighbour), sorted, and how often: the company of all words of the pairs."""
    wanted = _wanted(stream, pairs)
    if (sample := sample_places.ready()) is not None and (write := neighbour_keys.ready()) is not None:
        places = np.empty(int(stream.counts[wanted].sum()) + 1, np.int64)
        places = places[: sample(stream.words, wanted, stream.counts, _MIXERS, OCCURRENCES, places)]
        keys = np.empty(len(places) * REACH * 2, np.int64)
        keys = keys[: write(stream.words, places, REACH, len(stream.counts), keys)]
    else:
        keys = _neighbour_keys(stream, _sampled(stream, np.flatnonzero(wanted.take(stream.words))))
    keys.sort()
    bounds = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else keys
    return keys[bounds], np.diff(np.append(bounds, len(keys)))


def _neighbour_keys(stream: Stream, places: Ids) -> Ids:
    """Word × size + neighbour of the words at these places, but neighbours outside."""
    holders = stream.words.take(places).astype(np.int64) * len(stream.counts)
    offsets = [offset for offset in range(-REACH, REACH + 1) if offset]
    keys = np.concatenate([holders + stream.words.take(places + offset) for offset in offsets] or [holders])
    inside: Ids = keys[keys % len(stream.counts) != stream.outside]
    return inside


def _sampled(stream: Stream, places: Ids) -> Ids:
    """About `OCCURRENCES` places of each word, drawn by a hash of the place, so that every run draws the same."""
    draws = (places.astype(np.uint64) * _MIXER) >> np.uint64(_WORD_BITS // 2)
    counts = stream.counts.take(stream.words.take(places)).astype(np.uint64)
    return places[(draws * counts) >> np.uint64(_WORD_BITS // 2) < OCCURRENCES]
