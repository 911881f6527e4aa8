"""The headers that every response carries."""

from __future__ import annotations

from typing import Final

from flask import Response

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Only our own files are run, nothing comes from elsewhere, and no inline code counts: an article's text is text."""

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # What a reader searches for is nobody else's business, least of all the outlets' to which a page links.
    "Referrer-Policy": "same-origin",
    # No other site may embed our answers, or hold on to a window of ours.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def secured(response: Response) -> Response:
    """Add the headers to a response, but for those that a page has set itself: stricter ones."""
    own = {name for name, _ in response.headers if name in HEADERS}
    response.headers.extend({name: value for name, value in HEADERS.items() if name not in own})
    return response
