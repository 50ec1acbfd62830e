"""Signed-in people: their choice on all devices, by hooks with which the site keeps it in its own account records.

Nothing here knows who anybody is: what the site's function returns as the user goes to the site's own hooks, and
nowhere else. A fault of theirs never decides whether a choice counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import flask.globals
from flask import Response, request, session
from werkzeug.local import LocalProxy

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent
from flask_cookieconsent.core.devices import asleep, decided, overtaken, reconcile
from flask_cookieconsent.core.kept_choice import KeptChoice
from flask_cookieconsent.core.origin import Origin
from flask_cookieconsent.http.headers import PAGES, media_type
from flask_cookieconsent.http.middleware import hide_again
from flask_cookieconsent.http.request import Visit, get_visit
from flask_cookieconsent.signals import call, complain, event_failed, tell
from flask_cookieconsent.state import People, State

from .response import adopt
from .step import Step

# How often a store that met another one is tried again.
_MOST_ATTEMPTS = 3

# What a browser asks for with these is no document, and no fragment of one (Fetch Metadata, section 2.1).
_SUBRESOURCES = frozenset(
    (
        *("audio", "font", "image", "manifest", "script", "style", "track", "video", "xslt", "report"),
        *("audioworklet", "paintworklet", "serviceworker", "sharedworker", "worker"),
    )
)


# -- before and after a request ------------------------------------------------------------------------------------


def reconcile_visit(state: State) -> None:
    """Decide a request by what the account of the person who is signed in and the device have agreed on.

    It does nothing where the site has no hooks. For what is no document it looks at no account: there a device that has
    adopted a choice is asked alone whether anybody is signed in.
    """
    people = state.people()
    if people is None or _is_file():
        return
    visit = get_visit(state)
    if visit.account is not None:
        return
    if _is_subresource():
        device = visit.decision.consent
        if device.origin is Origin.ADOPTED and _present_user(people) is None:
            _decide_by(state, visit, asleep(state.registry, device))
        return
    visit.account = Account(None)
    user = _present_user(people)
    device = visit.decision.consent
    if user is None:
        _decide_by(state, visit, asleep(state.registry, device))
        return
    visit.is_signed_in, visit.account = True, Account(user)
    try:
        loaded = call(people.load, user)
    except Exception as error:
        _tell_failure(people, "choice of a signed-in person not loaded; that of the device counts", error)
        visit.allow_nothing_by_silence()
        _decide_by(state, visit, device)
        return
    visit.account = Account(user, loaded, state.kept_codec.read(loaded, today=state.today), device)
    if loaded and visit.account.choice is None:
        visit.allow_nothing_by_silence()
    agreed = reconcile(state.registry, device, visit.account.choice, state.clock())
    is_kept = agreed.to_keep is None or _store(people, visit, state, agreed.to_keep, is_press=False)
    _decide_by(state, visit, agreed.device)
    if agreed.is_new and is_kept:
        visit.reconciled, visit.is_adopted = agreed.device, agreed.is_adopted


class Account:
    """The user of one request, who goes to the site's hooks alone, and what they have loaded."""

    def __init__(
        self, user: Any, loaded: Any = None, choice: KeptChoice | None = None, device: Consent = NOTHING_CHOSEN
    ) -> None:
        self.user, self.loaded, self.choice, self.device = user, loaded, choice, device


def write_reconciled(state: State, response: Response) -> Response:
    """Give a device what it has adopted, on a document that no shared cache may keep; else on the next one."""
    visit = get_visit(state)
    if visit.reconciled is None or visit.after is not None or not _may_carry(response, visit):
        return response
    device, _ = visit.reconciled, visit.consult()
    adopt(response, visit.account.device, device, state)
    visit.reconciled = None
    return response


def _may_carry(response: Response, visit: Visit) -> bool:
    if visit.is_shared:
        return False
    if media_type(response.headers.get("Content-Type", "")) not in PAGES or response.status_code == 304:
        return False
    control = response.cache_control
    return visit.consulted or not (control.public or control.s_maxage is not None or _is_for_shared(response))


def _is_for_shared(response: Response) -> bool:
    return any(name in response.headers for name in ("CDN-Cache-Control", "Surrogate-Control"))


def _decide_by(state: State, visit: Visit, consent: Consent) -> None:
    """Let a consent decide the present request, what the app sees of its cookies included."""
    decision = visit.decision
    if consent is decision.consent and decision.terms is visit.terms:
        return
    _, followed = state.follow(consent, decision.signals, visit.terms)
    visit.redecide(followed)
    if visit.decision.allowed != decision.allowed:
        hide_again(state, request.environ)
        # Werkzeug remembers what it has read.
        vars(request._get_current_object()).pop("cookies", None)  # type: ignore[attr-defined]


def _is_file() -> bool:
    endpoint = request.endpoint or ""
    return endpoint == "static" or endpoint.endswith(".static")


def _is_subresource() -> bool:
    return request.headers.get("Sec-Fetch-Dest") in _SUBRESOURCES


def _present_user(people: People) -> Any:
    """Return who is signed in, None for nobody; whoever asks a session who it is makes no page depend on it by that."""
    accessed = _is_session_accessed()
    try:
        user = call(people.user)
        if isinstance(user, LocalProxy):
            user = user._get_current_object()
        is_known = user is not None and bool(getattr(user, "is_authenticated", True))
    except Exception as error:
        complain("who is signed in cannot be told, so the choice of the device counts", error=error)
        return None
    finally:
        if not accessed and not session.modified:
            session.accessed = False
    return user if is_known else None


def _is_session_accessed() -> bool:
    """Tell whether the app has looked into the session; since Flask 3.1.3 to ask the session itself is to look."""
    context = vars(flask.globals).get("request_ctx")
    held = vars(context._get_current_object()) if context is not None else {}
    return bool(getattr(held.get("_session", held.get("session")), "accessed", True))


# -- a press -------------------------------------------------------------------------------------------------------


def keep_step(step: Step, state: State, *, confirms: bool) -> Step:
    """Keep what a person has just decided with the account, and return the step with that written into it.

    *confirms* tells whether the press answered every service. What fails here is told, and the choice counts on this
    device.
    """
    people, visit = state.people(), get_visit(state)
    account: Account | None = visit.account
    if people is None or account is None or account.user is None or step.after.made_on is None:
        return step
    choice = decided(step.registry, step.before, step.after, account.choice, state.clock(), confirms=confirms)
    # One service that was pressed here makes nothing else that the device has adopted its own.
    origin = Origin.ADOPTED if not confirms and step.before.origin is Origin.ADOPTED else Origin.ACCOUNT
    is_kept = account.choice is not None and choice.consent == account.choice.consent
    if is_kept and step.after.origin is origin:
        return step
    if not (is_kept or _store(people, visit, state, choice, is_press=True)):
        return step
    return replace(step, after=replace(step.after, origin=origin))


def _store(people: People, visit: Visit, state: State, choice: KeptChoice, *, is_press: bool) -> bool:
    """Call the site's hook with a choice, and tell whether it is kept.

    A press is merged with what was stored meanwhile; what a device has said before waits for its next document.
    """
    account: Account = visit.account
    try:
        for _ in range(_MOST_ATTEMPTS):
            fresh = call(people.load, account.user)
            if fresh != account.loaded:
                if not is_press:
                    return False
                other = state.kept_codec.read(fresh, today=state.today)
                if other is not None:
                    choice = overtaken(choice, account.choice, other)
                account.loaded, account.choice = fresh, other
            text = state.kept_codec.dumps(choice)
            more = {"loaded": account.loaded} if people.knows_loaded else {}
            if call(people.store, account.user, text, **more) is not False:
                account.loaded, account.choice = text, choice
                return True
        raise TimeoutError(f"`store_choice` returned False {_MOST_ATTEMPTS} times")
    except Exception as error:
        _tell_failure(people, "choice of a signed-in person not kept; it counts on this device", error)
        tell(event_failed, error=error)
        return False


def _tell_failure(people: People, message: str, error: Exception) -> None:
    """Log a fault of a hook, and end what it has left open in the app's database session."""
    complain(message, error=error)
    if people.db is not None:
        try:
            people.db.session.rollback()
        except Exception as failure:
            complain("the database session of the app cannot be rolled back", error=failure)
