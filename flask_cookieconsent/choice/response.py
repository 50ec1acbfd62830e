"""The HTTP response to a press: the cookies of choices and receipts, and what else the browser is told."""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta
from functools import lru_cache
from itertools import chain

from flask import Response, has_request_context, request
from werkzeug.http import dump_cookie

from flask_cookieconsent.core.choices_cookie import HOST_PREFIX, SECURE_PREFIX
from flask_cookieconsent.core.consent import Consent, Kind, within
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.http.cookies import (
    expired,
    expired_in,
    folders_of,
    parent_domains,
    values_of,
    weight,
    within_budget,
)
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.settings import Settings
from flask_cookieconsent.signals import consent_given, consent_withdrawn, tell
from flask_cookieconsent.state import State, get_state

from .step import Step

logger = logging.getLogger("flask_cookieconsent")

_RECEIPT = re.compile(r"[A-Za-z0-9_-]{22}")
# As many as fit below a few domains, in four folders and in a partition or out of it; each is looked up.
_MOST_RECEIPTS = 32


def new_receipt() -> str:
    """Return 128 random bits as 22 characters: made for one grant and never used again, so no identifier (D3)."""
    return secrets.token_urlsafe(16)


def is_receipt(value: str) -> bool:
    """Tell whether a value has the form of a receipt."""
    return _RECEIPT.fullmatch(value) is not None


def receipt_name(settings: Settings, *, secure: bool) -> str:
    """Return the name of the receipt's cookie; the prefix `__Secure-` keeps whoever listens in on HTTP from it."""
    return (SECURE_PREFIX if secure else "") + settings.choices_name + "_receipt"


def sent_receipt() -> str | None:
    """Return the receipt in the request's cookie, None where it is missing or has not the form of ours.

    Two different receipts are none: a sibling host may have put its own beside the visitor's, and nobody can tell them
    apart. The same one twice is one, which lies at two paths.
    """
    receipts = list(dict.fromkeys(_receipts(get_state())))
    return receipts[0] if len(receipts) == 1 and is_receipt(receipts[0]) else None


def receipts_to_erase() -> list[str]:
    """Return every receipt in the request: the visitor's own is among them, and whoever planted another has it too."""
    return [receipt for receipt in dict.fromkeys(_receipts(get_state())) if is_receipt(receipt)][:_MOST_RECEIPTS]


def _receipts(state: State) -> list[str]:
    return values_of(get_visit(state).cookies, receipt_name(state.settings, secure=request.is_secure))


def linked_receipt(before: Consent, registry: Registry) -> str | None:
    """Return the receipt that belongs to what a visitor has granted so far; whoever granted nothing has none.

    Somebody else may have put one there before the visitor grants anything, to read later what becomes of it.
    """
    return sent_receipt() if within(before, registry).granted else None


def absent_cookies(state: State) -> set[str]:
    """Return which of our own cookies no browser has here: some are for HTTPS, others where an app shares its host."""
    visit = get_visit(state)
    secure = request.is_secure if has_request_context() else True
    usual = state.choices_cookie.usual_name(visit.host, secure=secure)
    present = {usual, receipt_name(state.settings, secure=secure)}
    if any(name.startswith(usual + "-") for name, _ in visit.cookies):
        present.add(usual + "-*")
    return {each.name for each in state.registry.services["cookieconsent"].cookies} - present


def remember(response: Response, step: Step, state: State, receipt: str | None, *, keeps_receipt: bool = False) -> None:
    """Set the choices and receipt cookies of a step on a response, and let the middleware act on the new decision.

    *receipt* is the new one of a grant. With *keeps_receipt* the one that the browser holds is left alone.
    """
    text, decision = state.follow(step.after, step.signals, step.terms)
    # The device may not have what the press set out from: see `choice.people`.
    changed = step.after is not step.before or get_visit(state).reconciled is not None
    lines = _choices_lines(state, step.after, text if changed else None)
    if not keeps_receipt:
        lines += _receipt_lines(step, state, receipt, spent=weight(lines))
    get_visit(state).after = decision
    _set(response, state, lines, takes_away=step.takes_away)


def adopt(response: Response, before: Consent, after: Consent, state: State) -> None:
    """Set the choices cookie of a device that has adopted what a person chose on another one; there is no receipt."""
    lines = _choices_lines(state, after, state.codec.dumps(after))
    ended = set(within(before, state.registry).granted) - set(after.granted)
    if ended and not within(after, state.registry).granted:
        # Nobody who refuses everything keeps a number.
        lines += _kept_receipt(state, "", timedelta())
    _set(response, state, lines, takes_away=bool(ended))


def _set(response: Response, state: State, lines: list[str], *, takes_away: bool = False) -> None:
    """Put `Set-Cookie` values on a response; where a choice *takes_away* something, no copy of a page stays."""
    for line in lines:
        response.headers.add("Set-Cookie", line)
    get_visit(state).written |= frozenset(lines)
    if request.is_secure and takes_away:
        # Copies that the Back button would show, and those in other tabs' history, are of what has just ended (E3).
        response.headers["Clear-Site-Data"] = '"cache"'


def _choices_lines(state: State, consent: Consent, text: str | None) -> list[str]:
    """Return the `Set-Cookie` values that keep a consent, unless its *text* is None, and expire other copies of it."""
    cookie, host, secure = state.choices_cookie, request.host, request.is_secure
    cookies = get_visit(state).cookies
    domain = cookie.domain_at(host)
    if cookie.domain is not None and domain is None:
        _warn_of_domain(cookie.domain, host)

    sent = {each for each, _ in cookies}
    names = [each for each in cookie.all_names if each in sent]
    # Another app below this host has signed all that came under such a name. Where one of ours is there too, it has to
    # give way to the new one: it would go on counting.
    foreign = {each for each in names if all(map(state.codec.is_foreign, values_of(cookies, each)))}
    name = cookie.written_name(host, secure=secure, is_foreign=foreign.__contains__)
    lines: list[str] = []
    # A host's cookie and its parent's are both sent, and two choices are none: the others have to go.
    for other in names:
        of_host = other.startswith(HOST_PREFIX)
        if other not in foreign and (secure or not of_host):
            places = [("/", parent) for parent in (None, *([] if of_host else parent_domains(host)))]
            is_double = len(values_of(cookies, other)) > 1
            lines += expired_in(places, other, secure=secure, is_double=is_double)
    own = expired(name, path="/", domain=domain, secure=secure)
    lines = within_budget([line for line in lines if line != own])
    if text is not None and consent.made_on is not None:
        lasts = consent.left(state.registry.validity, state.today)
        lines.append(f"{name}={text}{attributes(lasts, '/', domain, secure, is_readable=state.shares)}")
    return lines


def make_readable(response: Response, state: State) -> None:
    """Set the choices cookie once more as it is, for scripts: one of the time before caches shared pages is not.

    Neither what it says nor the day on which it ends changes.
    """
    consent = get_visit(state).decision.consent.standing(state.registry.validity, state.today)
    if consent.made_on is None:
        return
    _set(response, state, _choices_lines(state, consent, state.codec.dumps(consent)))


# The same for everybody on a day; there are few hosts and mount points.
@lru_cache(maxsize=64)
def attributes(lasts: timedelta, path: str, domain: str | None, secure: bool, *, is_readable: bool = False) -> str:
    """Return what stands behind the value of a cookie of ours: how long and where it is kept.

    Unless it *is_readable* it is kept away from scripts.
    """
    # `Expires` would be another one each second, and every browser that runs our script knows `Max-Age`.
    line = dump_cookie(
        *("", "", lasts),
        path=path,
        domain=domain,
        secure=secure,
        httponly=not is_readable,
        samesite="Lax",
        sync_expires=False,
    )
    return line.removeprefix("=")


@lru_cache(maxsize=16)
def _warn_of_domain(domain: str, host: str) -> None:
    """Log, once for each of a few hosts, that the cookie domain does not cover it."""
    logger.warning(
        "COOKIECONSENT_COOKIE_DOMAIN: found %r, which does not cover the host %r; wanted a domain above all hosts of "
        "the site. The choice was kept for that host alone",
        domain,
        host,
    )


def _receipt_paths(state: State) -> list[str]:
    """Return the paths for which the receipt is kept, below the present mount point."""
    # Not `url_for`: an app may add a language, say, to every address.
    return [request.script_root + path for path in state.settings.url_prefix.receipt_paths]


def _kept_receipt(state: State, receipt: str, lasts: timedelta) -> list[str]:
    """Return the `Set-Cookie` values that keep a receipt for a time, or end it: `""` for no time."""
    secure = request.is_secure
    name = receipt_name(state.settings, secure=secure)
    return [f"{name}={receipt}{attributes(lasts, path, None, secure)}" for path in _receipt_paths(state)]


def _receipt_lines(step: Step, state: State, receipt: str | None, *, spent: int) -> list[str]:
    """Return the `Set-Cookie` values that keep a new receipt or expire the old one; *spent* bytes are others'."""
    secure, host = request.is_secure, request.host
    name = receipt_name(state.settings, secure=secure)
    own = _receipt_paths(state)
    sent = _receipts(state)
    if receipt is not None:
        lasts = step.after.grants_left(step.registry.validity, state.today)
        lines = _kept_receipt(state, receipt, lasts)
    elif sent and not within(step.after, step.registry).granted:
        lines = _kept_receipt(state, "", timedelta())
    else:
        return []
    if sent:
        # One that another host or page put there would stand beside the new one.
        is_alone = len(sent) == 1 and linked_receipt(step.before, step.registry)
        folders = [] if is_alone else [*chain.from_iterable(map(folders_of, own)), "/"]
        places = [
            (each, parent) for each in dict.fromkeys([*own, *folders]) for parent in (None, *parent_domains(host))
        ]
        mine = expired_in(((path, None) for path in own), name, secure=secure, is_double=False)
        others = expired_in(places, name, secure=secure, is_double=not is_alone)
        lines += within_budget([line for line in others if line not in mine], spent + weight(lines))
    return lines


def announce(step: Step) -> None:
    """Send the blinker signal that tells the app's own code what a visitor has chosen."""
    if step.grants:
        tell(consent_given, choices=dict(step.choices))
    elif step.kind is Kind.WITHDRAWN:
        tell(consent_withdrawn, choices=dict(step.choices))
