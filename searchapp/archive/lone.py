"""Which articles have no exact copy, so that nobody need ask the archive for one again: most have none."""

from __future__ import annotations

from typing import Final

from searchapp.archive.folding import Folding

_GROWTH: Final = 1 << 16


class LoneArticles:
    """Articles that share their key with none, as far as that was found out; one byte an article.

    It stays true because every article that comes has those with its key read, and with that they are noted here.
    """

    def __init__(self) -> None:
        self._is_lone = bytearray()

    def clear(self) -> None:
        """Forget all, as after a rollback."""
        self._is_lone = bytearray()

    def __contains__(self, number: object) -> bool:
        """Whether an article is known to have no exact copy."""
        return isinstance(number, int) and number < len(self._is_lone) and self._is_lone[number] == 1

    def note(self, folding: Folding) -> None:
        """Take in which articles have exact copies, as a step has left them."""
        if not folding.members:
            return
        if (missing := max(folding.members) + 1 - len(self._is_lone)) > 0:
            self._is_lone.extend(bytes(missing + _GROWTH))
        is_lone = self._is_lone
        for group in folding.groups():
            for number in group:
                is_lone[number] = len(group) == 1
