"""The HTTP response to a press: its cookies, what else the browser is told, and the page that it leads back to."""

from __future__ import annotations

import re
import secrets
from datetime import date
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from flask import Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException

from flask_cookieconsent.core.consent import VALIDITY, Consent, Kind, within
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.http.cookies import expired, parent_domains
from flask_cookieconsent.http.request import cookie_name, get_visit
from flask_cookieconsent.settings import Settings
from flask_cookieconsent.signals import consent_given, consent_withdrawn
from flask_cookieconsent.state import State

from .form import LONGEST_NEXT
from .step import Step

RECEIPT_COOKIE = "cookieconsent_receipt"
CHOICE_COOKIES = ("cookieconsent", "__Host-cookieconsent")

_RECEIPT = re.compile(r"[A-Za-z0-9_-]{22}")
# RFC 3986, section 3.3: what a path may hold as it is.
_SAFE_IN_PATH = "/:@!$&'()*+,;=~"


def new_receipt() -> str:
    """Return 128 random bits as 22 characters: made for one grant and never used again, so no identifier (D3)."""
    return secrets.token_urlsafe(16)


def sent_receipt() -> str | None:
    """Return the receipt in the request's cookie, None where it is missing or has not the form of ours."""
    receipt = request.cookies.get(RECEIPT_COOKIE, "")
    return receipt if _RECEIPT.fullmatch(receipt) else None


def decision_after(step: Step, state: State) -> tuple[str | None, Decision]:
    """Return the text of the choices cookie after a step, None where nothing was ever chosen, and what follows."""
    text = None if step.after.made_on is None else state.codec.dumps(step.after)
    return text, state.decide(text, step.signals, state.today)


def remember(response: Response, step: Step, state: State, receipt: str | None, *, keeps_receipt: bool = False) -> None:
    """Set the choices and receipt cookies of a step on a response, and let the middleware act on the new decision.

    *receipt* is the new one of a grant. With *keeps_receipt* the one that the browser holds is left alone.
    """
    text, decision = decision_after(step, state)
    changed = step.after is not step.before
    _set_choices(response, state.settings, step.after, text if changed else None, state.today)
    if not keeps_receipt:
        _set_receipt(response, step, state.settings, receipt)
    get_visit(state).after = decision
    if request.is_secure and step.takes_away:
        # Copies that the Back button would show, and those in other tabs' history, are of what has just ended (E3).
        response.headers["Clear-Site-Data"] = '"cache"'


def _set_choices(response: Response, settings: Settings, consent: Consent, text: str | None, today: date) -> None:
    secure, domain = request.is_secure, settings.cookie_domain
    name = cookie_name(settings, secure=secure)
    # A host's cookie and its parent's are both sent, and two choices are none: the others have to go.
    for other in CHOICE_COOKIES:
        for parent in (None, *parent_domains(request.host)):
            possible = not other.startswith("__Host-") or (parent is None and secure)
            if other in request.cookies and possible and (other, parent) != (name, domain):
                response.headers.add("Set-Cookie", expired(other, path="/", domain=parent, secure=secure))
    if text is not None and consent.made_on is not None:
        response.set_cookie(
            name,
            text,
            max_age=VALIDITY - (today - consent.made_on),
            path="/",
            domain=domain,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )


def _set_receipt(response: Response, step: Step, settings: Settings, receipt: str | None) -> None:
    # Not `url_for`: an app may add a language, say, to every address.
    path, secure = request.script_root + settings.url_prefix + "/choice", request.is_secure
    if receipt is not None:
        response.set_cookie(
            RECEIPT_COOKIE, receipt, max_age=VALIDITY, path=path, secure=secure, httponly=True, samesite="Lax"
        )
    elif RECEIPT_COOKIE in request.cookies and not within(step.after, step.registry).granted:
        response.delete_cookie(RECEIPT_COOKIE, path=path, secure=secure, httponly=True, samesite="Lax")


def announce(step: Step) -> None:
    """Send the blinker signal that tells the app's own code what a visitor has chosen."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if step.grants:
        consent_given.send(app, choices=step.choices)
    elif step.kind is Kind.WITHDRAWN:
        consent_withdrawn.send(app, choices=step.choices)


def way_back() -> str:
    """Return the path and query of the present page as the return address of a form; else the preferences.

    The answer to a POST has no address of its own to return to, and an address that is too long is not carried.
    """
    present = request._get_current_object()  # type: ignore[attr-defined]
    if present.method in ("GET", "HEAD"):
        address = _address(present.script_root + present.path, present.query_string)
        if len(address) <= LONGEST_NEXT:
            return address
    return url_for("cookieconsent.preferences")


@lru_cache(maxsize=512)
def _address(path: str, query: bytes) -> str:
    return quote(path, safe=_SAFE_IN_PATH) + ("?" + quote(query, safe=_SAFE_IN_PATH + "%?") if query else "")


def return_address(wanted: str) -> str:
    """Prevent open redirects: return *wanted* if it is a path of this app that answers GET, else preferences (B9)."""
    preferences = url_for("cookieconsent.preferences")
    if not wanted.startswith("/") or wanted.startswith("//") or re.search(r"[\\\x00-\x20\x7f]", wanted):
        return preferences
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return preferences
    root, path = request.script_root, unquote(parts.path)
    if parts.scheme or parts.netloc or not path.startswith(root + "/"):
        return preferences
    path = path.removeprefix(root)
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return preferences
    if endpoint == "cookieconsent.choice_page":
        return preferences
    return parts._replace(fragment="").geturl()
