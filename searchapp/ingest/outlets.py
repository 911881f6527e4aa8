"""Telling an article's outlet from the agencies that it took the text from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from searchapp.ingest.text import fold

_NOT_AN_OUTLET: Final = frozenset(map(fold, ("وكالات", "الوكالات", "وكالات الأنباء", "وكالات أنباء", "وكالات دولية")))
"""What says "agencies" and names none: no outlet is called that, even where it stands alone or last."""


def tell_apart(sources: Sequence[str]) -> tuple[str | None, str | None]:
    """Return (outlet as written, agency) of a page's source lines in their order.

    The last line is the outlet and those before it are agencies, joined by an Arabic comma. A lone line is the outlet,
    a news agency that publishes under its own name included; but one that only says "agencies" is never an outlet.
    """
    outlet = next((name for name in reversed(sources) if fold(name) not in _NOT_AN_OUTLET), None)
    agencies = dict.fromkeys(name for name in sources if name != outlet)
    return outlet, "، ".join(agencies) or None
