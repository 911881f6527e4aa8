"""How the postings of both forms lie in a segment file, and the writing of them, range by range of lemmas.

| array | one entry a | content |
| --- | --- | --- |
| `lemma/bytes` `lemma/offsets` `lemma/slots`, `exact/…` | term | dictionaries (`dictionary.py`) |
| `lemma/document_pointers` | lemma | where its postings begin |
| `lemma/documents`, `lemma/codes` | posting | document, code (`codes.py`) |
| `lemma/forms` | posting | ordinal of its exact form among its lemma's; for a mixed posting the highest number |
| `lemma/position_skips` | `SKIP` postings | how many positions lie before |
| `lemma/positions` | position | position in the document |
| `lemma/form_pointers` | lemma | where its exact forms begin |
| `lemma/form_numbers`, `lemma/form_lights` | exact form, by lemma and ordinal | its number; its light stem's hash |
| `exact/lemmas`, `exact/ordinals` | exact form | its lemma, and which of its forms it is |
| `exact/document_counts` | exact form | document frequency |
| `mixed/places` | mixed posting | its place among the postings, rising |
| `mixed/position_pointers` | mixed posting | where its positions' forms begin |
| `mixed/pair_places`, `mixed/pair_forms`, `mixed/pair_codes` | pair | its posting's place, a form's ordinal, its code |
| `mixed/position_forms` | position | ordinal of the form that stands there |
| `mixed/skips`, `mixed/pair_skips` | `MIXED_SKIP` postings | how many mixed postings, and how many pairs, lie before |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from searchapp.engine.storage import merge_loops
from searchapp.engine.storage.file_writing import SegmentFileWriter
from searchapp.engine.storage.form_layout import MIXED_SKIP, SKIP, mixed_mark
from searchapp.engine.storage.pointers import narrowest, pointers
from searchapp.engine.storage.postings import Postings
from searchapp.engine.storage.sources import PostingTotals
from searchapp.engine.storage.vocabulary import EncodedTerms, FormPlaces


class FormWriter:
    """Writes the arrays of both forms."""

    def __init__(
        self,
        lemmas: EncodedTerms,
        exact: EncodedTerms,
        places: FormPlaces,
        lights: NDArray[np.uint32],
        totals: PostingTotals,
    ) -> None:
        """Take the terms, sorted, and what is known of their postings; `lights` has an entry an exact form."""
        self._totals, self._places = totals, places
        self._known: dict[str, NDArray[Any]] = {
            **{f"lemma/{name}": array for name, array in lemmas.arrays().items()},
            **{f"exact/{name}": array for name, array in exact.arrays().items()},
            "lemma/form_pointers": places.pointers,
            "lemma/form_numbers": places.numbers,
            "lemma/form_lights": lights.take(places.numbers),
            "exact/lemmas": places.lemmas,
            "exact/ordinals": places.ordinals,
        }
        self._lemma_documents = np.zeros(len(lemmas), np.int64)
        self._form_documents = np.zeros(len(exact), np.int64)
        self._mixed, self._pairs = (np.zeros(totals.postings // MIXED_SKIP + 1, np.int64) for _ in range(2))
        self._place = self._position = self._mixed_position = 0

    def sizes(self, documents: int, codes: int) -> dict[str, tuple[DTypeLike, int]]:
        """The arrays' dtypes and lengths, in a segment of so many documents and rows of codes."""
        totals, forms, ordinal = self._totals, len(self._places.numbers), self._places.ordinals.dtype
        code, place = narrowest(codes), narrowest(totals.postings)
        # The width must hold the number of the last form, too, where that is looked for.
        known = {name: (_stored(name, array, forms), len(array)) for name, array in self._known.items()}
        return {
            **known,
            "lemma/document_pointers": (place, len(self._lemma_documents) + 1),
            "lemma/documents": (narrowest(documents), totals.postings),
            "lemma/codes": (code, totals.postings),
            "lemma/forms": (ordinal, totals.postings),
            "lemma/position_skips": (narrowest(totals.positions), totals.postings // SKIP + 1),
            "lemma/positions": (narrowest(totals.position), totals.positions),
            "exact/document_counts": (narrowest(documents), forms),
            "mixed/places": (place, totals.mixed),
            "mixed/position_pointers": (narrowest(totals.mixed_positions), totals.mixed + 1),
            "mixed/pair_places": (place, totals.pairs),
            "mixed/pair_forms": (ordinal, totals.pairs),
            "mixed/pair_codes": (code, totals.pairs),
            "mixed/position_forms": (ordinal, totals.mixed_positions),
            "mixed/skips": (narrowest(totals.mixed), len(self._mixed) + 1),
            "mixed/pair_skips": (narrowest(totals.pairs), len(self._pairs) + 1),
        }

    def begin(self, file: SegmentFileWriter) -> None:
        """Write what is known before the postings."""
        for name, array in self._known.items():
            file.append(name, array)
        file.append("mixed/position_pointers", np.zeros(1, np.int64))
        self._known.clear()

    def add(self, file: SegmentFileWriter, first: int, postings: Postings, frequencies: NDArray[np.uint32]) -> None:
        """Write the postings of the lemmas from `first` on.

        `frequencies` is code → positions a posting; the forms are ordinals, with the mark for mixed ones.
        """
        counts, mixed = postings.document_counts, postings.mixed
        self._lemma_documents[first : first + len(counts)] = counts
        for name in ("documents", "codes", "forms", "positions"):
            file.append(f"lemma/{name}", getattr(postings, name))
        if (made := merge_loops.count_postings.ready(postings.forms, mixed.pair_forms)) is not None:
            self._count(made, file, first, postings, frequencies)
        else:
            self._skip_positions(file, frequencies.take(postings.codes))
            self._count_documents(first, postings)
        places, owners = mixed.places + self._place, mixed.owners() + self._place
        for name, array in (
            ("places", places),
            ("position_pointers", np.cumsum(mixed.position_counts) + self._mixed_position),
            ("pair_places", owners),
            ("pair_forms", mixed.pair_forms),
            ("pair_codes", mixed.pair_codes),
            ("position_forms", mixed.position_forms),
        ):
            file.append(f"mixed/{name}", array)
        for skips, at in ((self._mixed, places), (self._pairs, owners)):
            _count(skips, at // MIXED_SKIP)
        self._mixed_position += len(mixed.position_forms)
        self._place += len(postings.documents)
        self._position += len(postings.positions)

    def _count(
        self,
        made: Callable[..., int],
        file: SegmentFileWriter,
        first: int,
        postings: Postings,
        frequencies: NDArray[np.uint32],
    ) -> None:
        """Do the two below, posting by posting."""
        skips, mixed = np.empty(len(postings.documents) // SKIP + 1, np.int64), postings.mixed
        noted = made(
            postings.forms, mixed.pair_forms, mixed.pair_counts, mixed_mark(postings.forms), postings.document_counts,
            self._places.pointers[first:], postings.codes, frequencies, SKIP, self._place, self._position,
            self._form_documents, skips,
        )  # fmt: skip
        file.append("lemma/position_skips", skips[:noted])

    def _skip_positions(self, file: SegmentFileWriter, counts: NDArray[np.uint32]) -> None:
        """Write how many positions lie before each `SKIP` postings."""
        before = np.cumsum(counts, dtype=np.int64)
        before += self._position
        first = -self._place % SKIP
        wanted = np.arange(first, len(counts), SKIP)
        file.append("lemma/position_skips", np.where(wanted, before.take(wanted - 1, mode="wrap"), self._position))

    def _count_documents(self, first: int, postings: Postings) -> None:
        """Count the documents of each exact form."""
        starts = self._places.pointers[first : first + len(postings.terms)].repeat(postings.document_counts)
        plain = (postings.forms != mixed_mark(postings.forms)).nonzero()[0]
        _count(self._form_documents, starts.take(plain) + postings.forms.take(plain))
        _count(self._form_documents, starts.take(postings.mixed.owners()) + postings.mixed.pair_forms)

    def end(self, file: SegmentFileWriter) -> None:
        """Write what is known after all postings."""
        counts = np.zeros(len(self._form_documents), np.int64)
        counts[self._places.numbers] = self._form_documents
        file.append("exact/document_counts", counts)
        file.append("lemma/document_pointers", pointers(self._lemma_documents))
        if self._place % SKIP == 0:
            file.append("lemma/position_skips", np.array([self._position]))
        file.append("mixed/skips", pointers(self._mixed))
        file.append("mixed/pair_skips", pointers(self._pairs))


def _count(counts: NDArray[np.int64], at: NDArray[np.int64]) -> None:
    """Add one at each of some places, which lie near each other."""
    if len(at):
        lowest = int(at.min())
        found = np.bincount(at - lowest)
        counts[lowest : lowest + len(found)] += found


def _stored(name: str, array: NDArray[Any], forms: int) -> DTypeLike:
    """The dtype of one of the arrays that are known before the postings."""
    if array.dtype != np.int64:
        return array.dtype
    return narrowest(forms if name == "lemma/form_numbers" else int(array.max(initial=0)))
