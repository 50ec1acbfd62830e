"""Same-origin check against CSRF (Fetch Metadata, `Origin`, `Referer`), which needs no token and no session."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import Headers
from wtforms import ValidationError

from flask_cookieconsent.state import get_state

from .problems import Problem

#: Values of `Sec-Fetch-Dest` where a page is inside another one (Fetch Metadata Request Headers, section 2.1).
IN_A_FRAME = ("iframe", "frame", "embed", "object")


class Evidence(Enum):
    """What a request proves about the page that sent it."""

    SAME_SITE = "a page of this site"
    OTHER_SITE = "a page of another site"
    NONE = "nothing"


def evidence(headers: Headers, host: str, trusted: Iterable[str] = ()) -> Evidence:
    """Tell where a POST comes from: by `Sec-Fetch-Site` where it is sent, else by `Origin`, else by `Referer`.

    Hosts are compared with their ports and without the scheme, because TLS may end at a proxy. *trusted* are origins.
    """
    match headers.get("Sec-Fetch-Site"):
        case "same-origin":
            return Evidence.SAME_SITE
        case "same-site":
            return Evidence.SAME_SITE if headers.get("Origin") in tuple(trusted) else Evidence.OTHER_SITE
        case "cross-site":
            return Evidence.OTHER_SITE
        case "none":
            return Evidence.NONE
    for sender in (headers.get("Origin"), headers.get("Referer")):
        if sender and sender != "null":
            same = _host_and_port(sender) == _host_and_port("//" + host) or sender in tuple(trusted)
            return Evidence.SAME_SITE if same else Evidence.OTHER_SITE
        if sender:
            break
    return Evidence.NONE


def _host_and_port(address: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.hostname, None if parts.port in (80, 443) else parts.port
    except ValueError:
        return None, -1


def problem_of_sender(token: str | None) -> Problem | None:
    """Return why the sender of the present request may not decide, None for a page of this site.

    Rendering a form must set no cookie (B9), so there is no token for pages of this site. A request that proves nothing
    has to bring an ordinary Flask-WTF token, which only the page answering such a request holds; no setting of
    Flask-WTF switches that off.
    """
    sender = evidence(request.headers, request.host, get_state().settings.trusted_origins)
    if sender is Evidence.SAME_SITE:
        return None
    # Without a SECRET_KEY there are no tokens.
    if sender is Evidence.OTHER_SITE or not current_app.secret_key:
        return Problem.OTHER_SITE
    try:
        validate_csrf(token)
    except ValidationError:
        return Problem.NO_EVIDENCE
    return None


def second_step() -> str:
    """Return an ordinary Flask-WTF CSRF token; it keeps its other half in the session, which sets a cookie."""
    return str(generate_csrf())
