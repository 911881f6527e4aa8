"""Answers that a browser may keep: an ETag tells whether what it has is still what we would say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from flask import Response, request

ONE_YEAR = 365 * 24 * 60 * 60  # seconds; what RFC 9111 implementations take for "for ever"


def fingerprint(files: Iterable[Path]) -> str:
    """A short name for the content of these files, in this order; another content has another name."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def entity_tag(edition: str, generation: int, key: str) -> str:
    """The tag of a page: of this edition of the program, this generation of the index, and this canonical URL."""
    return hashlib.sha256(f"{edition}\n{generation}\n{key}".encode()).hexdigest()[:32]


def unchanged(tag: str) -> Response | None:
    """The answer "304 Not Modified" if the browser that asks has the page with this tag."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return revalidated(Response(status=304), tag)


def revalidated(response: Response, tag: str) -> Response:
    """Let browsers keep the response and ask each time whether it still holds.

    The tag is a weak one: it vouches for what the page says, not for its bytes, which a server in front may compress.
    """
    response.set_etag(tag, weak=True)
    response.cache_control.no_cache = True
    return response


def kept(response: Response) -> Response:
    """Let browsers keep the response for good: its address changes with its content."""
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = ONE_YEAR
    response.cache_control.immutable = True
    return response
