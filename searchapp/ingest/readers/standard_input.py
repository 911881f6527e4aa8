"""What is piped in: it can be read once only, and yet be looked into before."""

from __future__ import annotations

import sys
from typing import BinaryIO


class Piped:
    """A stream that counts what is read from it, and gives out first what was looked at before."""

    def __init__(self, stream: BinaryIO) -> None:
        self.count = 0
        self.stream = stream
        self._looked_at = b""

    def read(self, size: int = -1, /) -> bytes:
        """As of a file; where something was looked at, that comes first."""
        if self._looked_at:
            size = len(self._looked_at) if size < 0 else size
            data, self._looked_at = self._looked_at[:size], self._looked_at[size:]
        else:
            data = self.stream.read(size)
        self.count += len(data)
        return data

    def look(self, start: int, end: int) -> bytes:
        """Bytes that are still to be read, counted from the first of them; fewer at the end."""
        if end > len(self._looked_at):
            self._looked_at += self.stream.read(end - len(self._looked_at))
        return self._looked_at[start:end]


class Ahead:
    """Reads ahead in what is piped in, without taking anything from it."""

    def __init__(self, piped: Piped) -> None:
        self._piped = piped
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, `size` of them at most, which must be said.

        Raises:
            ValueError: it is not.
        """
        if size < 0:
            raise ValueError("only so far as is told")
        data = self._piped.look(self.count, self.count + size)
        self.count += len(data)
        return data


_current: Piped | None = None


def piped_in() -> Piped:
    """The standard input, the same for all who look into it or read it."""
    global _current  # noqa: PLW0603 - a process has one
    if _current is None or _current.stream is not sys.stdin.buffer:
        _current = Piped(sys.stdin.buffer)
    return _current
