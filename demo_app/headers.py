"""The security headers of every response."""

from __future__ import annotations

from flask import Flask, Response

#: Nothing remote: the hosts of a service are added on the pages of those visitors who allow it.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'; object-src 'none'"
)


def init_app(app: Flask) -> None:
    """Send the headers with every response of an app."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add each header, unless the response already has one of its own."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
