"""How the postings of both forms lie in a segment file.

| array | one entry a | content |
| --- | --- | --- |
| `stem/bytes` `stem/offsets` `stem/slots`, `exact/…` | term | dictionaries (`dictionary.py`) |
| `stem/document_pointers` | stem | where its postings begin |
| `stem/documents`, `stem/codes` | posting | document, code (`codes.py`) |
| `stem/forms` | posting | ordinal of its exact form among its stem's; for a mixed posting the highest number |
| `stem/position_skips` | `SKIP` postings | how many positions lie before |
| `stem/positions` | position | position in the document |
| `stem/form_pointers` | stem | where its exact forms begin |
| `stem/form_numbers`, `stem/form_lights` | exact form, by stem and ordinal | its number; the hash of its light stem |
| `exact/stems`, `exact/ordinals` | exact form | its stem, and which of its forms it is |
| `exact/document_counts` | exact form | document frequency |
| `mixed/places` | mixed posting | its place among the postings, rising |
| `mixed/position_pointers` | mixed posting | where its positions' forms begin |
| `mixed/pair_places`, `mixed/pair_forms`, `mixed/pair_codes` | pair | its posting's place, a form's ordinal, its code |
| `mixed/position_forms` | position | ordinal of the form that stands there |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.dictionary import encode_terms
from searchapp.engine.storage.pointers import narrow, pointers
from searchapp.engine.storage.postings import MIXED, Postings

SKIP: Final = 32


def form_arrays(
    postings: Postings,
    stems: Sequence[bytes],
    exact: Sequence[bytes],
    lights: NDArray[np.uint32],
    frequencies: NDArray[np.uint32],
    documents: int,
) -> dict[str, NDArray[Any]]:
    """The arrays of both forms.

    Args:
        postings: terms numbered through from 0, forms as numbers in `exact`.
        stems: the sorted stems.
        exact: the sorted exact forms.
        lights: for each of them, the hash of its light stem.
        frequencies: code → positions a posting.
        documents: how many documents the segment has.
    """
    terms = ExactTerms.of(postings, len(exact))
    mixed = postings.mixed
    by_stem = np.argsort(terms.stems, kind="stable")
    every = np.cumsum(frequencies.take(postings.codes), dtype=np.int64)
    return {
        **prefixed("stem", encode_terms(stems)),
        **prefixed("exact", encode_terms(exact)),
        "stem/document_pointers": narrow(pointers(postings.document_counts)),
        "stem/documents": narrow(postings.documents, documents),
        "stem/codes": narrow(postings.codes),
        "stem/forms": terms.ordinals_of(postings.forms),
        "stem/position_skips": narrow(np.concatenate([[0], every[SKIP - 1 :: SKIP]])),
        "stem/positions": narrow(postings.positions),
        "stem/form_pointers": narrow(pointers(np.bincount(terms.stems, minlength=len(stems)))),
        "stem/form_numbers": narrow(by_stem, len(exact)),
        "stem/form_lights": lights.take(by_stem),
        "exact/stems": narrow(terms.stems),
        "exact/ordinals": terms.ordinals,
        "exact/document_counts": narrow(terms.document_counts),
        "mixed/places": narrow(mixed.places, len(postings.documents)),
        "mixed/pair_places": narrow(mixed.owners(), len(postings.documents)),
        "mixed/pair_forms": terms.ordinals.take(mixed.pair_forms),
        "mixed/pair_codes": narrow(mixed.pair_codes),
        "mixed/position_pointers": narrow(pointers(mixed.position_counts)),
        "mixed/position_forms": terms.ordinals.take(mixed.position_forms),
    }


def light_hash(light: str) -> int:
    """How a segment knows a light stem: it only ever asks which forms of one stem share it."""
    return crc32(light.encode("utf-8", "surrogatepass"))


def prefixed(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same arrays under `prefix/name`."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


@dataclass(frozen=True, slots=True)
class ExactTerms:
    """For each exact form: its stem, its ordinal among the stem's forms, and how many documents have it."""

    stems: NDArray[np.int64]
    ordinals: NDArray[Any]
    document_counts: NDArray[np.int64]

    @classmethod
    def of(cls, postings: Postings, count: int) -> ExactTerms:
        """Read them off postings with `count` exact forms; an exact form has one stem only."""
        plain = np.flatnonzero(postings.forms != MIXED)
        forms = postings.forms.take(plain)
        owners = np.repeat(postings.terms, postings.document_counts)
        stems = np.zeros(count, np.int64)
        stems[forms] = owners.take(plain)
        stems[postings.mixed.pair_forms] = owners.take(postings.mixed.owners())
        document_counts = np.bincount(forms, minlength=count) + np.bincount(postings.mixed.pair_forms, minlength=count)
        order = np.argsort(stems, kind="stable")
        sorted_stems = stems.take(order)
        ordinals = np.empty(count, np.int64)
        ordinals[order] = np.arange(count) - np.searchsorted(sorted_stems, sorted_stems)
        # One number of the width must be left over, for mixed postings.
        highest = int(ordinals.max(initial=0))
        width = np.uint8 if highest < 0xFF else np.uint16 if highest < 0xFFFF else np.uint32
        return cls(stems, ordinals.astype(width), document_counts)

    def ordinals_of(self, forms: NDArray[np.uint32]) -> NDArray[Any]:
        """Exact forms, or `MIXED`, as ordinals; `MIXED` as the highest number of the width."""
        is_mixed = forms == MIXED
        ordinals = self.ordinals.take(np.where(is_mixed, 0, forms))
        ordinals[is_mixed] = mixed_mark(self.ordinals)
        return ordinals


def mixed_mark(ordinals: NDArray[Any]) -> int:
    """What stands in place of an ordinal in a mixed posting."""
    return int(np.iinfo(ordinals.dtype).max)


def forms_of_ordinals(
    stems: NDArray[Any], ordinals: NDArray[Any], owners: NDArray[np.int64], wanted: NDArray[Any]
) -> NDArray[np.uint32]:
    """The exact forms with some ordinals; `owners` are the stems they belong to, `stems`/`ordinals` of all forms."""
    order = np.lexsort((ordinals, stems))
    first = np.searchsorted(stems.take(order), owners)
    exact: NDArray[np.uint32] = order.take(first + wanted).astype(np.uint32)
    return exact
