"""Same-origin check against CSRF (Fetch Metadata, `Origin`, `Referer`), which needs no token and no session."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import Headers
from wtforms import ValidationError
from wtforms.csrf.core import CSRF

from flask_cookieconsent.state import get_state


class Evidence(Enum):
    """What a request proves about the page that sent it."""

    SAME_SITE = "a page of this site"
    OTHER_SITE = "a page of another site"
    NONE = "nothing"


def evidence(headers: Headers, host: str, trusted: Iterable[str] = ()) -> Evidence:
    """Tell where a POST comes from: by `Sec-Fetch-Site` where it is sent, else by `Origin`, else by `Referer`.

    Hosts are compared with their ports and without the scheme, because TLS may end at a proxy. *trusted* are origins.
    """
    origin = headers.get("Origin")
    match headers.get("Sec-Fetch-Site"):
        case "same-origin":
            return Evidence.SAME_SITE
        case "same-site":
            return Evidence.SAME_SITE if origin in tuple(trusted) else Evidence.OTHER_SITE
        case "cross-site":
            return Evidence.OTHER_SITE
        case "none":
            return Evidence.NONE
    for sender in (origin, headers.get("Referer")):
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


class SameOrigin(CSRF):
    """WTForms CSRF class without a token for pages of this site, because rendering a form must set no cookie (B9).

    A request that proves nothing has to bring an ordinary Flask-WTF token, which only the page answering such a
    request holds.
    """

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """Return nothing: the token is written by `second_step`, and only then."""
        return ""

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Check the sender, by Fetch Metadata or its token.

        :raises ValidationError: if another site sent the form, or nothing tells who did and there is no token.
        """
        sender = evidence(request.headers, request.host, get_state().settings.trusted_origins)
        if sender is Evidence.OTHER_SITE:
            raise ValidationError("sent by another site")
        if sender is Evidence.NONE:
            if not current_app.secret_key:
                raise ValidationError("sent from nowhere, and without SECRET_KEY there are no tokens")
            validate_csrf(field.data)


def second_step() -> str:
    """Return an ordinary Flask-WTF CSRF token; it keeps its other half in the session, which sets a cookie."""
    return str(generate_csrf())
