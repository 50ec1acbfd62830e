"""Cross-Origin Resource Sharing (Fetch Standard, section 3.3): for the origins that the site trusts, and no others."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request

from flask_cookieconsent.settings import Settings

from .callers import RECEIPT_HEADER

#: What a script of another origin may send, and what it may read.
SENT, READ = ("authorization", "content-type", RECEIPT_HEADER.lower()), ("ETag", "Retry-After")

# In seconds; a browser asks again after that whether it may send.
_KEPT = "600"


def options(methods: Iterable[str], settings: Settings) -> Response:
    """Answer `OPTIONS`: the methods of an address and, for a trusted origin, that its scripts may use them."""
    response = Response(status=204)
    del response.headers["Content-Type"]  # there is no content
    allowed = ", ".join(methods)
    response.headers["Allow"] = allowed
    if _trusted_origin(settings) is not None:
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = ", ".join(SENT)
        response.headers["Access-Control-Max-Age"] = _KEPT
    return response


def share(response: Response, settings: Settings) -> Response:
    """Let the scripts of a trusted origin read a response, with the visitor's cookies; it is named, never `*`."""
    if not settings.trusted_origins:
        return response
    # Whether there is an `Origin` decides what the answer says, so that a cache has to keep one for each.
    response.vary.add("Origin")
    origin = _trusted_origin(settings)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = ", ".join(READ)
    return response


def _trusted_origin(settings: Settings) -> str | None:
    origin = request.headers.get("Origin")
    return origin if origin in settings.trusted_origins else None
