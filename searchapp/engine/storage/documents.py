"""From stories to the arrays of a batch of documents: one story, one document, one stream of tokens.

A document's stream is its title, body and keywords, then the words that stand only in the story's other copies.
Positions count words; each field begins `FIELD_GAP` later than its first word's place, so that no phrase reaches from
one field into the next. Title and body are also stored for hits, each on one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer, TokenBatch
from searchapp.engine.storage import document_loops
from searchapp.engine.storage.codes import BODY, COPIES, FIELD_GAP, FIELDS, KEYWORDS, LEAD, LEAD_TOKENS, TITLE
from searchapp.engine.storage.gathered_stories import GatheredStories
from searchapp.engine.storage.norms import encode_lengths
from searchapp.engine.storage.one_line import OneLineTexts
from searchapp.engine.storage.pointers import pointers as bounds_of
from searchapp.engine.storage.pointers import ranges, sizes
from searchapp.engine.storage.postings import TokenStream
from searchapp.engine.storage.text_store import StoredTexts
from searchapp.engine.storage.token_offsets import TokenOffsets, encode_offsets

_FIELD_COUNT: Final = len(FIELDS)
_WIDEST: Final = 255
"""What stands for offsets that need more than a byte (`token_offsets.py`)."""


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """D documents. `lengths` has a row a field. Copies (C) lie document by document, bounded by `copy_pointers`."""

    numbers: NDArray[np.int64]
    sequences: NDArray[np.int64]
    records: list[bytes]
    texts: StoredTexts
    offsets: TokenOffsets
    tokens: TokenStream
    lengths: NDArray[np.uint32]
    copy_pointers: NDArray[np.int64]
    copy_outlets: list[str]
    copy_dates: NDArray[np.int32]

    def shown_words(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The exact forms of titles and bodies, document by document, and where each document's begin and end."""
        counts = self.lengths[: BODY + 1].sum(axis=0, dtype=np.int64)
        words, starts = self.tokens.exact, self.tokens.pointers[:-1]
        return words if int(counts.sum()) == len(words) else words.take(ranges(starts, counts)), bounds_of(counts)


def build_batch(stories: GatheredStories, analyzer: BatchAnalyzer) -> DocumentBatch:
    """Analyse stories, in this order."""
    facts, count = stories.facts, len(stories.facts.numbers)
    texts = OneLineTexts(stories.texts)
    tokens = analyzer.analyze_codes(texts.codes, texts.bounds, texts)
    tokens = _without_repeated_copy_words(facts.copies, tokens)
    lengths = sizes(tokens.pointers).reshape(count, _FIELD_COUNT).T.astype(np.uint32)
    norms = encode_lengths(lengths[TITLE]), encode_lengths(lengths[BODY])
    first = np.arange(0, count * _FIELD_COUNT, _FIELD_COUNT)
    title_lengths = texts.lengths.take(first)
    positions, fields, offsets = _laid_out(tokens, title_lengths, lengths)
    return DocumentBatch(
        np.array(facts.numbers, np.int64),
        np.array(facts.sequences, np.int64),
        # What a hit shows, a JSON list: characters of the title, and what was gathered.
        [
            b"[%d,%b" % (length, record[1:])
            for length, record in zip(title_lengths.tolist(), facts.records, strict=True)
        ],
        texts.stored(first, first + KEYWORDS),
        offsets,
        TokenStream(tokens.exact, tokens.lemma, positions, fields, tokens.pointers[::_FIELD_COUNT].copy(), *norms),
        lengths,
        np.cumsum([0, *facts.copies]),
        facts.outlets,
        np.array(facts.dates, np.int32),
    )


def _without_repeated_copy_words(copies: Sequence[int], tokens: TokenBatch) -> TokenBatch:
    """The tokens with words of other copies only once, and only where the representative lacks them.

    What was given may be written to.
    """
    copied = [at for at, count in enumerate(copies) if count > 1]
    if not copied:
        return tokens
    forms = int(tokens.exact.max(initial=0)) + 1
    if (made := document_loops.leave_out_repeats.ready()) is not None:
        pointers, starts, lengths, exact, lemma = (
            tokens.pointers,
            tokens.starts,
            tokens.lengths,
            tokens.exact,
            tokens.lemma,
        )
        count = made(np.array(copies, np.int64), pointers, starts, lengths, exact, lemma, np.zeros(forms, np.int32))
        return TokenBatch(pointers, starts[:count], lengths[:count], exact[:count], lemma[:count])
    return _take(tokens, _places_that_stay(copied, tokens, forms))


def _places_that_stay(copied: Sequence[int], tokens: TokenBatch, forms: int) -> NDArray[np.bool_]:
    """Which tokens stay; `copied` are the documents of several copies."""
    pointers = tokens.pointers[::_FIELD_COUNT]
    kept = np.ones(len(tokens.exact), bool)
    places = np.arange(int(sizes(pointers).max()), dtype=np.int32)
    first = np.empty(forms, np.int32)
    for at in copied:
        start, stop = pointers[at : at + 2].tolist()
        others = int(tokens.pointers[at * _FIELD_COUNT + COPIES])
        words = tokens.exact[start:stop]
        # Of several places for one word the last that is written stays.
        first[words[::-1]] = places[: stop - start][::-1]
        kept[others:stop] = (first.take(words) == places[: stop - start])[others - start :]
    return kept


def _take(tokens: TokenBatch, kept: NDArray[np.bool_]) -> TokenBatch:
    """Leave tokens out of a batch."""
    bounds = np.concatenate([[0], np.cumsum(kept)]).take(tokens.pointers)
    return TokenBatch(bounds, tokens.starts[kept], tokens.lengths[kept], tokens.exact[kept], tokens.lemma[kept])


def _laid_out(
    tokens: TokenBatch, title_lengths: NDArray[np.int64], lengths: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], TokenOffsets]:
    """The positions and fields of tokens, and where those of titles and bodies stand in the stored text."""
    if (made := document_loops.lay_out.ready()) is not None:
        return _laid_out_by(made, tokens, title_lengths)
    fields = np.repeat(np.tile(np.arange(_FIELD_COUNT, dtype=np.uint8), len(title_lengths)), sizes(tokens.pointers))
    pointers = tokens.pointers[::_FIELD_COUNT]
    with_lead = _with_lead(fields, pointers, lengths)
    return _positions(fields, pointers), with_lead, _shown_offsets(tokens, fields, title_lengths, lengths)


def _laid_out_by(
    made: Callable[..., None], tokens: TokenBatch, title_lengths: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], TokenOffsets]:
    """As `_laid_out`, token by token."""
    count = len(tokens.exact)
    positions, wide_steps, wide_lengths = (np.empty(count, np.uint32) for _ in range(3))
    fields, steps, token_lengths = (np.empty(count, np.uint8) for _ in range(3))
    wide_tokens, state = np.empty(count, np.int64), np.zeros(2, np.int64)
    made(
        tokens.pointers, tokens.starts, tokens.lengths, title_lengths, FIELD_GAP, LEAD_TOKENS, _WIDEST, state,
        positions, fields, steps, token_lengths, wide_tokens, wide_steps, wide_lengths,
    )  # fmt: skip
    shown, wide = state.tolist()
    offsets = TokenOffsets(
        steps[:shown],
        token_lengths[:shown],
        wide_tokens[:wide].copy(),
        wide_steps[:wide].copy(),
        wide_lengths[:wide].copy(),
    )
    return positions, fields, offsets


def _positions(fields: NDArray[np.uint8], pointers: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Word counts within the document, plus a gap a field; the loose words of other copies lie a gap apart each."""
    positions = np.arange(len(fields)) - np.repeat(pointers[:-1], sizes(pointers))
    positions += fields.astype(np.int64) * FIELD_GAP
    loose = np.flatnonzero(fields == COPIES)
    if len(loose):
        owner = np.searchsorted(pointers, loose, side="right") - 1
        first = np.searchsorted(loose, pointers[:-1])
        positions[loose] += (np.arange(len(loose)) - first.take(owner)) * FIELD_GAP
    return positions.astype(np.uint32)


def _with_lead(
    fields: NDArray[np.uint8], pointers: NDArray[np.int64], lengths: NDArray[np.uint32]
) -> NDArray[np.uint8]:
    """The fields with the first tokens of every body set apart."""
    counts = np.minimum(lengths[BODY], LEAD_TOKENS).astype(np.int64)
    fields = fields.copy()
    fields[ranges(pointers[:-1] + lengths[TITLE], counts)] = LEAD
    return fields


def _shown_offsets(
    tokens: TokenBatch,
    fields: NDArray[np.uint8],
    title_lengths: NDArray[np.int64],
    lengths: NDArray[np.uint32],
) -> TokenOffsets:
    """Offsets of the title's and body's tokens in the stored text, which is title, line break, body."""
    # The body begins behind the title and a space.
    shifts = np.zeros((len(title_lengths), 2), np.int64)
    shifts[:, 1] = title_lengths + 1
    shown = np.flatnonzero(fields < KEYWORDS)
    starts, token_lengths = tokens.starts, tokens.lengths
    if len(shown) < len(fields):
        starts, token_lengths = starts.take(shown), token_lengths.take(shown)
    starts = starts + shifts.ravel().repeat(lengths[: BODY + 1].T.ravel())
    bounds = np.concatenate([[0], np.cumsum(lengths[TITLE].astype(np.int64) + lengths[BODY])])
    return encode_offsets(starts, token_lengths, bounds)
