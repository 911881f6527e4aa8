"""The errors that the product raises on purpose. Each message names what, where, why and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class SearchAppError(Exception):
    """Base of all deliberate errors. `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class UsageError(SearchAppError):
    """The caller asked for something that cannot be: an unknown option value, a missing path."""

    exit_code = 2


class InvalidRequest(UsageError):
    """A search parameter has a value that cannot be read. `parameter` is its name in the URL."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class LimitExceeded(UsageError):
    """A limit of `config.Limits` was passed. `limit` is its name there, `allowed` its value."""

    def __init__(self, limit: str, allowed: int, asked: int) -> None:
        super().__init__(f"{asked:,} is over the limit {limit} = {allowed:,}; ask for less")
        self.limit, self.allowed, self.asked = limit, allowed, asked


class RejectedInput(SearchAppError):
    """One item of an input cannot be taken; the rest goes on. The message is the reason."""

    exit_code = 3


class MissingPackage(SearchAppError):
    """A format needs packages that are not installed. `extra` is the extra of searchapp that has them."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} need packages that are not installed; add: pip install 'searchapp[{extra}]'")
        self.extra = extra


class IndexBusy(SearchAppError):
    """Another process is writing to the data directory."""

    exit_code = 4


class IndexBroken(SearchAppError):
    """The archive or the index cannot be read, does not fit its checksums, or is of another version."""

    exit_code = 5


class IndexMissing(IndexBroken):
    """There is no archive in the data directory."""


class ArticleNotFound(SearchAppError):
    """No article has this id."""
