"""The check that a form was sent from one of the site's own pages, for visitors who have no session yet."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request


def is_from_own_page() -> bool:
    """Tell whether the browser says that a page of this site sent the request.

    A token would need a session cookie, and nobody gets a cookie before signing in. Browsers write these headers
    themselves, so a page of another site cannot forge them. Where all are missing there is no evidence, and so no.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return urlsplit(sender).netloc == request.host
    except ValueError:
        return False


def require_own_page() -> None:
    """Answer 403 to a form that was not sent from a page of this site."""
    if not is_from_own_page():
        abort(403)
