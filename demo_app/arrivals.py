"""First-touch attribution: how a visitor first arrived, in a cookie where the visitor allows it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, request

from flask_cookieconsent import current_consent

from .consents import SOURCE_COOKIE, consent, remember

_SHORT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def init_app(app: Flask) -> None:
    """Let an app remember first arrivals."""
    app.after_request(remember_arrival)


def arrival() -> str:
    """Return the campaign or the website that led here, `direct` for none, `unknown` where it cannot be told.

    Whoever allows this on a later page came to it from one of our own, and where the visit began was not kept.
    """
    campaign = request.args.get("utm_source", "").lower()
    if _SHORT.fullmatch(campaign):
        return campaign
    if not request.referrer:
        return "direct"
    try:
        website = urlsplit(request.referrer).hostname or ""
    except ValueError:
        return "unknown"
    own = urlsplit(request.host_url).hostname
    return website if website != own and _SHORT.fullmatch(website) else "unknown"


def remember_arrival(response: Response) -> Response:
    """Keep the first arrival in a cookie; only pages of the demo itself count, not files, cookie pages or the App."""
    is_page = request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html"
    is_other = consent.is_own_request() or request.blueprint == "mobile"
    is_new = is_page and not is_other and SOURCE_COOKIE not in request.cookies
    if is_new and current_consent.allows("first_visit"):
        remember(response, SOURCE_COOKIE, arrival())
    return response
