"""The headers that every response carries."""

from __future__ import annotations

from typing import Final

from flask import Response

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing is run, nothing comes from elsewhere, and no inline code counts: text of an article can only be text."""

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # What a reader searches for is nobody else's business, least of all the outlets' to which a page links.
    "Referrer-Policy": "same-origin",
}


def secured(response: Response) -> Response:
    """Add the headers to a response."""
    response.headers.update(HEADERS)
    return response
