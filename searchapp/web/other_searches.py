"""What is offered where a search finds little: other words, fewer words, or no filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from searchapp.frozen import dataclass
from searchapp.model import Correction, CorrectionKind, SearchRequest, SearchResult
from searchapp.web.filters import Chip, chips
from searchapp.web.parameters import pairs

LITTLE: Final = 10
"""With fewer hits than this, what else may be done is listed below them."""
MEANT: Final[frozenset[CorrectionKind]] = frozenset({"spelling", "keyboard", "name"})


@dataclass(frozen=True, slots=True)
class WayOut:
    """A filter that can be dropped, or all of them (None), and how many stories are found without it."""

    chip: Chip | None
    request: SearchRequest
    total: int


@dataclass(frozen=True, slots=True)
class OtherSearches:
    """`meant` are the same words written otherwise, `wider` fewer words or words without quotes.

    `few` says that there are hits, but not many.
    """

    meant: tuple[Correction, ...]
    wider: tuple[Correction, ...]
    ways_out: tuple[WayOut, ...]
    few: bool


def other_searches(request: SearchRequest, result: SearchResult) -> OtherSearches:
    """The corrections of a result by what a page says of them; their charts are asked for as this one's."""
    by_search = {pairs(chip.request): chip for chip in chips(request)}
    found = [replace(one, request=replace(one.request, histogram=request.histogram)) for one in result.corrections]
    return OtherSearches(
        meant=tuple(one for one in found if one.kind in MEANT),
        wider=tuple(one for one in found if one.kind in ("unquoted", "fewer_words")),
        ways_out=tuple(
            WayOut(by_search.get(pairs(one.request)), one.request, one.total) for one in found if one.kind == "filter"
        ),
        few=0 < result.total < LITTLE,
    )
