"""From a run of tokens to its postings by lemma."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.growing_arrays import ScratchArrays
from searchapp.engine.storage import inversion_loops
from searchapp.engine.storage.codes import BODY, COPIES, KEYWORDS, LEAD, TITLE, CodeAssigner
from searchapp.engine.storage.pointers import order_of, pointers, ranges, sizes
from searchapp.engine.storage.postings import MIXED, MixedPostings, Postings, TokenStream

_FIELD_SLOTS: Final = LEAD + 1


def invert(
    streams: Sequence[TokenStream],
    first_document: int,
    codes: CodeAssigner,
    met: NDArray[np.bool_],
    keys: NDArray[np.uint64] | None = None,
    scratch: ScratchArrays | None = None,
) -> Postings:
    """Tokens in document order → postings by lemma; documents are numbered from `first_document`.

    Whoever inverts several runs gives the same `scratch` with each; what is returned may lie there.

    Args:
        streams: of documents that follow each other; one at least.
        first_document: the number of the first.
        codes: gives rows their codes.
        met: exact form's number → becomes true where it occurs.
        keys: terms come by these, one for each lemma's number, and by number where keys are equal or there are none.
        scratch: is written to.
    """
    scratch = scratch or ScratchArrays()
    if (loops := _Loops.ready()) and (found := _inverted_by(loops, streams, first_document, codes, met, keys, scratch)):
        return found
    stream = _joined(streams)
    met[stream.exact] = True
    lengths = sizes(stream.pointers)
    terms, ranks = _ranked(stream.lemma, keys)
    order = _stable_order(ranks)
    ranks, exact, fields = ranks.take(order), stream.exact.take(order), stream.fields.take(order)
    narrow_number = np.uint16 if len(lengths) < 1 << 16 else np.uint32
    local: NDArray[Any] = np.arange(len(lengths)).astype(narrow_number).repeat(lengths).take(order)
    begins = np.ones(len(ranks), bool)
    np.not_equal(ranks[1:], ranks[:-1], out=begins[1:])
    term_starts = begins.nonzero()[0]
    begins[1:] |= local[1:] != local[:-1]
    starts = begins.nonzero()[0]
    posting_of = begins.cumsum(dtype=np.int32)
    posting_of -= 1
    frequencies = np.diff(starts, append=len(ranks))
    documents = local.take(starts)
    norms = stream.norms_title.take(documents), stream.norms_body.take(documents)
    changes = exact[1:] != exact[:-1]
    changes &= ~begins[1:]
    is_mixed = np.zeros(len(starts), bool)
    is_mixed[posting_of[1:].take(changes.nonzero()[0])] = True
    mixed = is_mixed.nonzero()[0]
    tokens = ranges(starts.take(mixed), frequencies.take(mixed))
    forms = exact.take(starts).astype(np.uint32)
    forms[mixed] = MIXED
    return Postings(
        terms,
        np.diff(posting_of.take(term_starts), append=len(starts)).astype(np.int64, copy=False),
        np.diff(term_starts, append=len(ranks)),
        documents + np.uint32(first_document),
        _codes(posting_of, fields, frequencies, norms, codes),
        forms,
        stream.positions.take(order),
        _mix(
            mixed,
            frequencies.take(mixed),
            exact.take(tokens),
            fields.take(tokens),
            (norms[0].take(mixed), norms[1].take(mixed)),
            codes,
        ),
    )


def _ranked(lemmas: NDArray[np.int32], keys: NDArray[np.uint64] | None) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The lemmas that occur, in order, and for each token which of them it is: a narrower number that sorts faster."""
    met = np.zeros(int(lemmas.max(initial=-1)) + 1, bool)
    met[lemmas] = True
    terms = _in_order(met.nonzero()[0], keys)
    ranks = np.empty(len(met), np.uint16 if len(terms) <= 1 << 16 else np.uint32)
    ranks[terms] = np.arange(len(terms), dtype=ranks.dtype)
    return terms, ranks.take(lemmas)


def _stable_order(ranks: NDArray[Any]) -> NDArray[np.int64]:
    """The order that sorts these numbers and keeps equal ones as they stand: a radix pass for each sixteen bits."""
    order = ranks.astype(np.uint16).argsort(kind="stable")
    if ranks.dtype.itemsize > 2:
        high = (ranks >> 16).astype(np.uint16)
        order = order.take(high.take(order).argsort(kind="stable"))
    return order


def _codes(
    owners: NDArray[Any],
    fields: NDArray[np.uint8],
    counts: NDArray[np.int64],
    norms: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    codes: CodeAssigner,
) -> NDArray[np.uint32]:
    """The codes of postings, `owners` is the posting of each token, `counts` and `norms` have an entry a posting.

    Most postings stand in the body after its lead only, so that just the others are counted field by field.
    """
    is_special = counts >= CodeAssigner.PLAIN
    elsewhere = (fields != BODY).nonzero()[0]
    is_special[owners.take(elsewhere)] = True
    found = codes.assign_plain(counts, norms[1], is_special)
    special = is_special.nonzero()[0]
    if len(special):
        compact = np.empty(len(counts), np.int64)
        compact[special] = np.arange(len(special))
        slots = compact.take(owners.take(elsewhere)) + fields.take(elsewhere) * np.int64(len(special))
        by_field = np.bincount(slots, minlength=len(special) * _FIELD_SLOTS).reshape(_FIELD_SLOTS, -1)
        title, keywords, copies, lead = (by_field[field] for field in (TITLE, KEYWORDS, COPIES, LEAD))
        body = counts.take(special) - title - keywords - copies
        columns = (title, body, keywords, copies, lead, norms[0].take(special), norms[1].take(special))
        found[special] = codes.assign(columns)
    return found


def _mix(
    places: NDArray[np.int64],
    counts: NDArray[np.int64],
    exact: NDArray[np.int32],
    fields: NDArray[np.uint8],
    norms: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    codes: CodeAssigner,
) -> MixedPostings:
    """Count the forms of mixed postings; `exact` and `fields` are their tokens', `norms` their documents'."""
    owners = np.arange(len(places)).repeat(counts)
    order = order_of(owners, exact)
    owners, forms = owners.take(order), exact.take(order)
    begins = np.ones(len(owners), bool)
    begins[1:] = (owners[1:] != owners[:-1]) | (forms[1:] != forms[:-1])
    starts = begins.nonzero()[0]
    pair_owners = owners.take(starts)
    pair_norms = norms[0].take(pair_owners), norms[1].take(pair_owners)
    pair_of = begins.cumsum() - 1
    return MixedPostings(
        places,
        np.bincount(pair_owners, minlength=len(places)),
        forms.take(starts).astype(np.uint32),
        _codes(pair_of, fields.take(order), np.diff(starts, append=len(owners)), pair_norms, codes),
        counts,
        exact.astype(np.uint32),
    )


def _in_order(terms: NDArray[np.int64], keys: NDArray[np.uint64] | None) -> NDArray[np.int64]:
    """The numbers of terms, rising, sorted by the terms' keys."""
    return terms if keys is None else terms.take(keys.take(terms).argsort(kind="stable"))


class _Loops(NamedTuple):
    """What inversion is made of where it is compiled."""

    count_lemmas: Callable[..., None]
    sort_tokens: Callable[..., None]
    list_postings: Callable[..., bool]
    list_pairs: Callable[..., int]
    code_rows: Callable[..., int]

    @classmethod
    def ready(cls) -> _Loops | None:
        """All of them, or nothing."""
        made = [getattr(inversion_loops, name).ready() for name in cls._fields]
        return None if None in made else cls(*made)


def _sorted_tokens(
    loops: _Loops,
    streams: Sequence[TokenStream],
    met: NDArray[np.bool_],
    keys: NDArray[np.uint64] | None,
    scratch: ScratchArrays,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """The terms, where the tokens of each begin, and these."""
    counts = np.zeros(max(int(stream.lemma.max(initial=-1)) for stream in streams) + 1, np.int64)
    for stream in streams:
        loops.count_lemmas(stream.lemma, counts)
    terms = _in_order(counts.nonzero()[0], keys)
    bounds = pointers(counts.take(terms))
    counts[terms] = bounds[:-1]
    tokens = scratch.array("tokens", 2 * int(bounds[-1]), np.uint64)
    documents = 0
    for stream in streams:
        loops.sort_tokens(
            stream.exact, stream.lemma, stream.positions, stream.fields, stream.pointers, documents, counts, tokens,
            met,
        )  # fmt: skip
        documents += len(stream.norms_title)
    return terms, bounds, tokens


def _joined(streams: Sequence[TokenStream]) -> TokenStream:
    """Streams of tokens one after the other."""
    bases = pointers(np.array([len(stream.lemma) for stream in streams]))
    ends = [stream.pointers[1:] + base for stream, base in zip(streams, bases, strict=False)]
    exact, lemma, positions, fields, norms_title, norms_body = (
        np.concatenate([getattr(stream, name) for stream in streams])
        for name in ("exact", "lemma", "positions", "fields", "norms_title", "norms_body")
    )
    return TokenStream(exact, lemma, positions, fields, np.concatenate([[0], *ends]), norms_title, norms_body)


def _inverted_by(
    loops: _Loops,
    streams: Sequence[TokenStream],
    first_document: int,
    codes: CodeAssigner,
    met: NDArray[np.bool_],
    keys: NDArray[np.uint64] | None,
    scratch: ScratchArrays,
) -> Postings | None:
    """As `invert`; None where a posting is too odd for it."""
    terms, bounds, tokens = _sorted_tokens(loops, streams, met, keys, scratch)
    count = int(bounds[-1])
    document_counts = np.empty(len(terms), np.int64)
    documents, row_codes, forms, positions = (
        scratch.array(name, count, np.uint32) for name in ("documents", "codes", "forms", "positions")
    )
    row_places, rows, places, starts, counts = (
        scratch.array(name, count, np.int64) for name in ("row places", "rows", "places", "starts", "counts")
    )
    state = np.zeros(4, np.int64)
    norms = tuple(
        np.concatenate([getattr(stream, name) for stream in streams]) for name in ("norms_title", "norms_body")
    )
    if not loops.list_postings(
        tokens, bounds, first_document, *norms, codes.direct, state, document_counts,
        documents, row_codes, forms, positions, row_places, rows, places, starts, counts,
    ):  # fmt: skip
        return None
    postings, others, mixed, mixed_positions = state.tolist()
    counts = counts[:mixed].copy()
    pair_counts, pair_forms = np.empty(mixed, np.int64), np.empty(mixed_positions, np.uint32)
    pair_rows, position_forms = np.empty(mixed_positions, np.int64), np.empty(mixed_positions, np.uint32)
    pairs = loops.list_pairs(
        tokens, starts[:mixed], counts, int(counts.max(initial=0)), *norms, pair_counts, pair_forms, pair_rows,
        position_forms,
    )  # fmt: skip
    if pairs < 0:
        return None
    found = codes.codes_of(loops.code_rows, np.concatenate([rows[:others], pair_rows[:pairs]]))
    if found is None:
        return None
    row_codes[row_places[:others]] = found[:others]
    return Postings(
        terms,
        document_counts,
        sizes(bounds),
        documents[:postings],
        row_codes[:postings],
        forms[:postings],
        positions,
        MixedPostings(places[:mixed], pair_counts, pair_forms[:pairs], found[others:], counts, position_forms),
    )
