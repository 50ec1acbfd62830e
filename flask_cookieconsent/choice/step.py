"""One press of a button, carried out: from the posted form to a new consent, its event and its cookies."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException

from flask_cookieconsent.core.consent import (
    NOTHING_CHOSEN,
    VALIDITY,
    Consent,
    Kind,
    allow_one,
    choose,
    kind_of,
    within,
    without_new_grants,
)
from flask_cookieconsent.core.decision import Decision, OptOutSignals, Reason
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.http.cookies import expired, parent_domains
from flask_cookieconsent.http.request import CurrentConsent, cookie_name, get_edge
from flask_cookieconsent.i18n import language
from flask_cookieconsent.signals import consent_given, consent_withdrawn
from flask_cookieconsent.state import State

from .form import switched_on

RECEIPT_COOKIE = "cookieconsent_receipt"


CHOICE_COOKIES = ("cookieconsent", "__Host-cookieconsent")


_RECEIPT = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Step:
    """From one consent of a visitor to the next; `receipt` is the one that came with the request, if any."""

    state: State
    before: Consent
    after: Consent
    signals: OptOutSignals
    receipt: str | None

    @cached_property
    def kind(self) -> Kind | None:
        """What the step's event is called, None where nothing changes."""
        registry = self.state.registry
        return kind_of(within(self.before, registry), within(self.after, registry))

    @property
    def reduced(self) -> Step:
        """The part of the step that only takes away."""
        after = without_new_grants(self.after, self.before)
        return Step(self.state, self.before, after, self.signals, self.receipt)

    @cached_property
    def has_new_grants(self) -> bool:
        """Whether something is granted that was not, or not in this form."""
        return not without_new_grants(self.after, self.before).says_the_same(self.after)

    @cached_property
    def text(self) -> str | None:
        """What the choices cookie holds after the step, None where nothing was ever chosen."""
        return None if self.after.made_on is None else self.state.codec.dumps(self.after)

    @cached_property
    def decision(self) -> Decision:
        """What follows from the new consent."""
        return self.state.decide(self.text, self.signals, self.state.today)

    @property
    def choices(self) -> dict[str, str]:
        """The answer for every optional service, in words."""
        return {each: _answer(self.after, each) for each in self.state.registry.optional}


def _answer(consent: Consent, service: str) -> str:
    if service in consent.granted:
        return "granted"
    return "refused" if service in consent.refused else "undecided"


def step_of(form: Any, state: State, current: CurrentConsent) -> Step:
    """Return the step that a valid form asks for."""
    before = NOTHING_CHOSEN if current.consent.is_expired(state.today) else current.consent
    signals = current.decision.signals
    if form.choice.data == "allow":
        paused = {each for each in current.decision.grants if current.decision.reasons[each] is Reason.SIGNAL}
        service = form.service.data[0]
        after = allow_one(before, state.registry, service, today=state.today, gpc=signals.deny, paused=paused)
    else:
        after = choose(before, state.registry, selection(form, state, current), today=state.today, gpc=signals.deny)
    arrived = request.cookies.get(RECEIPT_COOKIE, "")
    receipt = arrived if _RECEIPT.fullmatch(arrived) else None
    return Step(state, before, before if after.says_the_same(before) else after, signals, receipt)


def selection(form: Any, state: State, current: CurrentConsent) -> set[str]:
    """Return the services that a press asks for, as far as the form can be read."""
    known = set(state.registry.optional)
    match form.choice.data:
        case "accept":
            return known
        case "reject" | "withdraw" | "erase":
            return set()
        case "allow":
            return (set(current.decision.allowed) | set(form.service.data or ())) & known
    return switched_on(
        state.registry,
        service=form.service.data or (),
        category=form.category.data or (),
        shown=form.shown.data or (),
    )


def record(step: Step, form: Any, answered: Notice | None) -> str | None:
    """Hand the step's event to the recorder, and return the new receipt of a grant.

    This comes before anything takes effect (F5). A receipt is 128 random bits, made for one grant and never used
    again, so it is no identifier of a visitor (D3); what was there before is linked to it in the log alone.

    :raises Exception: whatever the recorder raises.
    """
    kind = step.kind
    if kind is None:
        return None
    grants = kind in (Kind.GIVEN, Kind.CHANGED)
    receipt = secrets.token_urlsafe(16) if grants else None
    step.state.record(
        kind=kind,
        method=form.surface.data,
        choices=step.choices,
        gpc=step.signals.gpc,
        receipt=receipt or (step.receipt if kind is Kind.WITHDRAWN else None),
        previous_receipt=step.receipt,
        notice=form.notice.data if re.fullmatch(r"[0-9a-f]{64}", form.notice.data or "") else "",
        locale=known_locale(form.locale.data),
        answered=answered,
    )
    return receipt


def known_locale(text: str | None) -> str:
    """Return a locale as a page of ours writes it, nothing for whatever else a form carries."""
    return text if text and language(text).locale == text else ""


def announce(step: Step) -> None:
    """Tell the app's own code what a visitor has chosen, by signal."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if step.kind in (Kind.GIVEN, Kind.CHANGED):
        consent_given.send(app, choices=step.choices)
    elif step.kind is Kind.WITHDRAWN:
        consent_withdrawn.send(app, choices=step.choices)


def remember(response: Response, step: Step, receipt: str | None, *, keeps_receipt: bool = False) -> None:
    """Put a step's cookies on a response: the choices and the receipt; and tell the edge what holds from now on."""
    _remember_choices(response, step)
    if not keeps_receipt:
        _remember_receipt(response, step, receipt)
    get_edge(step.state).after = step.decision
    if request.is_secure and set(step.before.granted) - set(step.after.granted):
        # Copies that the Back button would show, and those in other tabs' history, are of what has just ended (E3).
        response.headers["Clear-Site-Data"] = '"cache"'


def _remember_choices(response: Response, step: Step) -> None:
    settings, secure = step.state.settings, request.is_secure
    name, domain = cookie_name(settings, secure=secure), settings.cookie_domain
    # A host's cookie and its parent's are both sent, and two choices are none: the others have to go.
    for each in CHOICE_COOKIES:
        for where in (None, *parent_domains(request.host)):
            possible = not each.startswith("__Host-") or (where is None and secure)
            if each in request.cookies and possible and (each, where) != (name, domain):
                response.headers.add("Set-Cookie", expired(each, path="/", domain=where, secure=secure))
    if step.after is not step.before and step.after.made_on is not None and step.text is not None:
        age = VALIDITY - (step.state.today - step.after.made_on)
        response.set_cookie(
            name,
            step.text,
            max_age=age,
            path="/",
            domain=domain,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )


def _remember_receipt(response: Response, step: Step, receipt: str | None) -> None:
    # Not `url_for`: an app may add a language, say, to every address.
    path, secure = request.script_root + step.state.settings.url_prefix + "/choice", request.is_secure
    if receipt is not None:
        response.set_cookie(
            RECEIPT_COOKIE, receipt, max_age=VALIDITY, path=path, secure=secure, httponly=True, samesite="Lax"
        )
    elif RECEIPT_COOKIE in request.cookies and not within(step.after, step.state.registry).granted:
        response.delete_cookie(RECEIPT_COOKIE, path=path, secure=secure, httponly=True, samesite="Lax")


def return_address(wanted: str | None) -> str:
    """Return a path of this app that can be read with GET; the preferences, whatever else was asked for (B9)."""
    preferences = url_for("cookieconsent.preferences")
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or re.search(r"[\\\x00-\x20\x7f]", wanted):
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
