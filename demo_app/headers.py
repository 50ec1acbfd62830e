"""The security headers of every response."""

from __future__ import annotations

from flask import Flask, Response

#: The hosts are those of the services in `consents`; a visitor's browser meets them only after consent.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' https://*.googletagmanager.com",
        "img-src 'self' https://*.google-analytics.com https://*.googletagmanager.com",
        "connect-src 'self' https://*.google-analytics.com https://*.analytics.google.com "
        "https://*.googletagmanager.com https://www.google.com",
        "frame-src 'self' https://www.youtube-nocookie.com https://www.facebook.com https://platform.x.com "
        "https://platform.twitter.com https://www.linkedin.com",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "object-src 'none'",
    )
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
