"""Inverting, merging and deleting give the postings that a dict of lists gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.engine.storage.codes import BODY, COLUMNS, FIELDS, LEAD, CodeAssigner
from searchapp.engine.storage.inversion import invert
from searchapp.engine.storage.pointers import order_of
from searchapp.engine.storage.posting_merge import Numbering, Part, merge
from searchapp.engine.storage.postings import MIXED, Postings, TokenStream, keep_documents

pytestmark = pytest.mark.usefixtures("each_way")

Row = tuple[int, ...]


class Posting(NamedTuple):
    """A document's occurrences of a lemma: row of the code table, positions, the exact form at each, rows by form."""

    document: int
    row: Row
    positions: list[int]
    forms: list[int]
    rows: dict[int, Row]


ByStem = dict[int, list[Posting]]


class Token(NamedTuple):
    """A lemma, one of its exact forms, and the field."""

    lemma: int
    exact: int
    field: int


@dataclass
class Document:
    """Tokens, fields rising; the coded lengths of title and body."""

    tokens: list[Token]
    norms: tuple[int, int]
    first_position: int

    def row(self, tokens: Sequence[Token]) -> Row:
        """The row of the code table for some of the tokens."""
        frequencies = [sum(token.field == number for token in tokens) for number in range(len(FIELDS))]
        frequencies[BODY] += (lead := sum(token.field == LEAD for token in tokens))
        return (*frequencies, lead, self.norms[0] * (frequencies[0] > 0), self.norms[1] * (frequencies[1] > 0))


# More than 16 bits of lemmas, and a few that come again and again; each has three exact forms.
lemmas = st.one_of(st.integers(0, 3), st.sampled_from((65_535, 65_536, 70_000, 200_003)))
tokens = st.builds(
    lambda lemma, variant, where: Token(lemma, lemma * 3 + variant, where),
    lemmas,
    st.integers(0, 2),
    st.sampled_from((*range(len(FIELDS)), LEAD)),
)


def in_stream(token: Token) -> tuple[int, bool]:
    """Fields rise; a body begins with its lead."""
    return (BODY if token.field == LEAD else token.field, token.field != LEAD)


documents = st.builds(
    Document,
    st.lists(tokens, max_size=14).map(lambda found: sorted(found, key=in_stream)),
    st.tuples(st.integers(0, 255), st.integers(0, 255)),
    st.sampled_from((0, 65_530, 2**31)),
)
batches = st.lists(documents, max_size=5)


def stream_of(batch: Sequence[Document]) -> TokenStream:
    every = [token for document in batch for token in document.tokens]
    positions = [document.first_position + at for document in batch for at in range(len(document.tokens))]
    return TokenStream(
        np.array([token.exact for token in every], np.int32),
        np.array([token.lemma for token in every], np.int32),
        np.array(positions, np.uint32),
        np.array([token.field for token in every], np.uint8),
        np.cumsum([0, *(len(document.tokens) for document in batch)]),
        np.array([document.norms[0] for document in batch], np.uint8),
        np.array([document.norms[1] for document in batch], np.uint8),
    )


def streams_of(batch: Sequence[Document]) -> list[TokenStream]:
    """As batches of one or two documents bring them."""
    return [stream_of(batch[at : at + 2]) for at in range(0, max(len(batch), 1), 2)]


def nothing_met() -> np.ndarray:
    return np.zeros(3 * 200_004, bool)


def brute_force(batch: Sequence[Document], first: int = 0) -> ByStem:
    found: ByStem = {}
    for number, document in enumerate(batch, start=first):
        for lemma in {token.lemma for token in document.tokens}:
            standing = [(at, token) for at, token in enumerate(document.tokens) if token.lemma == lemma]
            of_lemma = [token for _, token in standing]
            rows = {
                exact: document.row([token for token in of_lemma if token.exact == exact])
                for exact in {token.exact for token in of_lemma}
            }
            positions = [document.first_position + at for at, _ in standing]
            forms = [token.exact for token in of_lemma]
            found.setdefault(lemma, []).append(Posting(number, document.row(of_lemma), positions, forms, rows))
    return found


def by_lemma(postings: Postings, names: Sequence[int], codes: CodeAssigner) -> ByStem:
    rows = list(zip(*(column.tolist() for column in codes.table().columns()), strict=True))
    mixed = iter(mixed_of(postings, rows))
    places = set(postings.mixed.places.tolist())
    assert places == set(np.flatnonzero(postings.forms == MIXED).tolist())
    found: ByStem = {}
    place = position = 0
    for lemma, count in zip(names, postings.document_counts.tolist(), strict=True):
        for at in range(place, place + count):
            row = rows[int(postings.codes[at])]
            positions = postings.positions[position : position + sum(row[:4])].tolist()
            form = int(postings.forms[at])
            forms, of_forms = next(mixed) if at in places else ([form] * len(positions), {form: row})
            found.setdefault(lemma, []).append(Posting(int(postings.documents[at]), row, positions, forms, of_forms))
            position += len(positions)
        place += count
    assert (place, position) == (len(postings.documents), len(postings.positions))
    assert int(postings.position_counts.sum()) == position
    return found


def mixed_of(postings: Postings, rows: Sequence[Row]) -> list[tuple[list[int], dict[int, Row]]]:
    """Of each mixed posting, the form at each position and the row of each form."""
    mixed = postings.mixed
    forms = np.split(mixed.position_forms, np.cumsum(mixed.position_counts)[:-1]) if len(mixed.places) else []
    bounds = np.cumsum([0, *mixed.pair_counts.tolist()]).tolist()
    pairs = list(zip(mixed.pair_forms.tolist(), [rows[code] for code in mixed.pair_codes.tolist()], strict=True))
    assert [form for form, _ in pairs] == [
        form for start, stop in pairwise(bounds) for form in sorted(form for form, _ in pairs[start:stop])
    ]
    return [
        (each.tolist(), dict(pairs[start:stop])) for each, (start, stop) in zip(forms, pairwise(bounds), strict=True)
    ]


@given(batches, st.integers(0, 70_000))
def test_inversion_lists_every_token_by_lemma_and_document(batch: list[Document], first: int) -> None:
    codes, met = CodeAssigner(), nothing_met()
    postings = invert(streams_of(batch), first, codes, met)
    expected = brute_force(batch, first)
    assert set(np.flatnonzero(met).tolist()) == {token.exact for document in batch for token in document.tokens}
    assert postings.terms.tolist() == sorted(expected)
    assert by_lemma(postings, postings.terms.tolist(), codes) == expected


@given(batches, st.integers(0, 99))
def test_terms_come_by_their_keys_and_then_by_their_numbers(batch: list[Document], seed: int) -> None:
    codes = CodeAssigner()
    keys = np.random.default_rng(seed).integers(0, 3, 200_004, np.uint64)
    postings = invert(streams_of(batch), 0, codes, nothing_met(), keys)
    expected = brute_force(batch)
    assert postings.terms.tolist() == sorted(expected, key=lambda lemma: (keys[lemma], lemma))
    assert by_lemma(postings, postings.terms.tolist(), codes) == expected


numbers = st.one_of(st.integers(0, 9), st.integers(0, 2**62))


@given(st.lists(st.tuples(numbers, numbers), max_size=30))
def test_two_keys_sort_as_pairs_do(pairs: list[tuple[int, int]]) -> None:
    major, minor = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    assert order_of(major, minor).tolist() == sorted(range(len(pairs)), key=pairs.__getitem__)


@given(st.lists(batches, min_size=1, max_size=4), st.sampled_from((np.uint16, np.uint32)), st.randoms())
def test_merged_runs_are_the_inversion_of_all_their_documents(
    runs: list[list[Document]], width: type[np.unsignedinteger], chance: Random
) -> None:
    """Each run counts documents from its own first one and has codes of its own; forms get other numbers."""
    every = [document for batch in runs for document in batch]
    used = sorted({token.exact for document in every for token in document.tokens})
    numbers = dict(zip(used, chance.sample(range(len(used)), len(used)), strict=True))
    mark = np.iinfo(width).max
    new_forms = np.full(max(used, default=0) + 2, mark, width)
    new_forms[used] = list(numbers.values())
    codes, found, first = CodeAssigner(), [], 0
    for batch in runs:
        own = CodeAssigner()
        postings = invert(streams_of(batch), 0, own, nothing_met())
        new_codes = codes.assign(tuple(column.astype(np.int64) for column in own.table().columns()))
        found.append((postings, Numbering(first, new_codes, new_forms)))
        first += len(batch)
    names = sorted({term for postings, _ in found for term in postings.terms.tolist()})
    parts = [Part(postings, np.searchsorted(names, postings.terms), each) for postings, each in found]
    merged = merge(parts, len(names))
    merged = replace(merged, forms=np.where(merged.forms == mark, MIXED, merged.forms))
    assert by_lemma(merged, names, codes) == with_forms(brute_force(every), numbers)


def with_forms(postings: ByStem, numbers: Mapping[int, int]) -> ByStem:
    return {
        lemma: [
            posting._replace(
                forms=[numbers[form] for form in posting.forms],
                rows={numbers[form]: row for form, row in posting.rows.items()},
            )
            for posting in found
        ]
        for lemma, found in postings.items()
    }


@given(batches, st.data())
def test_without_deleted_documents_the_rest_is_as_if_they_had_never_been(
    batch: list[Document], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(batch), max_size=len(batch)))
    codes = CodeAssigner()
    postings = invert(streams_of(batch), 0, codes, nothing_met())
    renumbering = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int64)
    left = keep_documents(postings, renumbering, codes.table().frequencies())
    living = [document for document, stays in zip(batch, kept, strict=True) if stays]
    assert left.terms.tolist() == postings.terms.tolist()
    assert by_lemma(left, left.terms.tolist(), codes) == brute_force(living)


# Frequencies on both sides of each width: the plain table's 256, 16 bits, and keys too wide for one sort.
frequencies = st.sampled_from((0, 1, 2, 255, 256, 257, 65_535, 65_536, 2**28))
rows = st.tuples(*[frequencies] * 5, st.integers(0, 255), st.integers(0, 255)).filter(lambda row: any(row[:4]))


@given(st.lists(st.lists(rows, max_size=8), max_size=4))
def test_a_code_stands_for_its_row_and_equal_rows_have_one_code(calls: list[list[Row]]) -> None:
    """A length plays no part where the term does not stand in the field."""
    assigner = CodeAssigner()
    codes: dict[Row, int] = {}
    for wanted in calls:
        columns = tuple(np.array([row[at] for row in wanted], np.int64) for at in range(len(COLUMNS)))
        given_codes = assigner.assign(columns).tolist()
        effective = [(*row[:5], row[5] * (row[0] > 0), row[6] * (row[1] > 0)) for row in wanted]
        for row, code in zip(effective, given_codes, strict=True):
            assert codes.setdefault(row, code) == code
    table = list(zip(*(column.tolist() for column in assigner.table().columns()), strict=True))
    assert len(set(table)) == len(table)
    assert {row: table[code] for row, code in codes.items()} == {row: row for row in codes}
    assert assigner.table().frequencies().tolist() == [sum(row[:4]) for row in table]


def test_more_than_sixteen_bits_of_rows_have_codes_of_their_own() -> None:
    assigner = CodeAssigner()
    many = np.arange(1, 100_001)
    nothing = np.zeros(len(many), np.int64)
    columns = (many, nothing, nothing, nothing, nothing, many % 256, nothing)
    codes = assigner.assign(columns)
    assert len(np.unique(codes)) == len(many)
    assert assigner.assign(columns).tolist() == codes.tolist()
    table = assigner.table()
    assert table.tf_title.take(codes).tolist() == many.tolist()
    assert table.norm_title.take(codes).tolist() == (many % 256).tolist()
