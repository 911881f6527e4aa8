"""What one request may do of something costly before it is refused."""

from __future__ import annotations

from searchapp.errors import LimitExceeded


class Budget:
    """So much of something as a named limit of `config.Limits` allows a request; `unit` is what the limit counts by."""

    def __init__(self, limit: str, allowed: int, unit: int = 1) -> None:
        self._limit, self._allowed, self._unit = limit, allowed, unit
        self._spent = 0

    def spend(self, amount: int) -> None:
        """Take note of what is about to be done.

        Raises:
            LimitExceeded: with it, the request does more than it may.
        """
        self._spent += amount
        if self._spent > self._allowed * self._unit:
            raise LimitExceeded(self._limit, self._allowed, -(-self._spent // self._unit))
