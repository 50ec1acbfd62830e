"""This request's consent and decision: the only reader of the choices cookie and of `Sec-GPC`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol, cast

from blinker import Namespace
from flask import Flask, current_app, has_app_context, has_request_context, request
from werkzeug.local import LocalProxy

from .consent import NOTHING_CHOSEN, BadConsent, Codec, Consent, Kind
from .decision import Decision, Signals, decide
from .registry import Registry
from .settings import Settings

_signals = Namespace()
#: Sent after a visitor granted something; the sender is the app, `choices` maps services to answers.
consent_given = _signals.signal("consent-given")
#: Sent after a visitor withdrew everything; the sender is the app, `choices` maps services to answers.
consent_withdrawn = _signals.signal("consent-withdrawn")
#: Sent when an event could not be recorded; the sender is the app, `error` is the exception.
event_failed = _signals.signal("event-failed")


#: Pages with a longer address lead back to the preferences.
LONGEST_NEXT = 2_000


class Recorder(Protocol):
    """Records one event for good, or raises; the database and the log stay behind it."""

    def __call__(
        self,
        *,
        kind: Kind,
        method: str,
        choices: Mapping[str, str],
        gpc: bool,
        receipt: str | None,
        previous_receipt: str | None,
        notice: str,
        locale: str,
    ) -> None:
        """Record what was chosen, how, and to which notice."""


@dataclass(frozen=True, kw_only=True)
class State:
    """All that is fixed for one app, made once by `init_app` and kept in `app.extensions["cookieconsent"]`."""

    settings: Settings
    registry: Registry
    codec: Codec
    decide: Callable[[str | None, bool, date], Decision]
    clock: Callable[[], datetime]
    record: Recorder
    form: type[Any]
    environ_key: str

    @property
    def today(self) -> date:
        """The present day in UTC."""
        return self.clock().date()


def decider(registry: Registry, codec: Codec) -> Callable[[str | None, bool, date], Decision]:
    """Return a memoised function from (cookie text, GPC, day) to a decision.

    Only verified texts enter the memory: what is forged raises `BadConsent`, and exceptions are not remembered. The
    day is part of the key, so no decision outlives it.
    """

    @lru_cache(maxsize=4096)
    def decide_for(text: str | None, gpc: bool, today: date) -> Decision:
        consent = NOTHING_CHOSEN if text is None else codec.loads(text, today=today)
        return decide(registry, consent, Signals(gpc), today)

    return decide_for


class CurrentConsent:
    """The consent of the visitor who sent the present request, and what follows from it."""

    def __init__(self, state: State, text: str | None, gpc: bool) -> None:
        self._state = state
        try:
            self.decision = state.decide(text, gpc, state.today)
            self.key: tuple[Any, ...] = (text, gpc, state.today)
        except BadConsent:
            # Bad input from a visitor means "undecided", never an error (A7).
            self.decision = state.decide(None, gpc, state.today)
            self.key = (None, gpc, state.today)

    @property
    def consent(self) -> Consent:
        """The choices as they were made."""
        return self.decision.consent

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed.

        :raises LookupError: if the site declares nothing of that name.
        """
        return self.decision.allows(name)


class Edge:
    """What the WSGI edge and the helpers tell each other about one request."""

    __slots__ = ("current", "forbids_framing", "own_policy")

    def __init__(self) -> None:
        self.current: CurrentConsent | None = None
        self.own_policy: str | None = None
        self.forbids_framing = False

    @property
    def consulted(self) -> bool:
        """Whether anything asked about consent, so that the response depends on who asks (A8)."""
        return self.current is not None


def get_state(app: Flask | None = None) -> State:
    """Return the state of an app, the current one by default.

    :raises RuntimeError: if the extension was not initialised for it.
    """
    try:
        return cast(State, (app or current_app).extensions["cookieconsent"])
    except KeyError:
        raise RuntimeError("this app has no cookie consent; call consent.init_app(app) where it is made") from None


def get_edge(state: State) -> Edge:
    """Return what is known of the present request at the edge, where the app is called through it or not."""
    return cast(Edge, request.environ.setdefault(state.environ_key, Edge()))


def get_current() -> CurrentConsent:
    """Return the consent of the present request, read once, and note that it was asked for.

    Outside a request nobody has chosen anything, so nothing optional is allowed (A7).
    """
    state = get_state()
    if not has_request_context():
        return CurrentConsent(state, None, False)
    edge = get_edge(state)
    if edge.current is None:
        edge.current = CurrentConsent(state, _cookie_text(state), sends_gpc(request.headers.get("Sec-GPC")))
    return edge.current


class _Nobody:
    """Answers where there is not even an app."""

    def allows(self, name: str) -> bool:
        return name == "necessary"


#: The consent of the present request: `current_consent.allows("performance")`.
current_consent = cast(CurrentConsent, LocalProxy(lambda: get_current() if has_app_context() else _Nobody()))


def cookie_name(settings: Settings, *, secure: bool) -> str:
    """Return the name of the choices cookie; the `__Host-` prefix keeps sibling hosts from planting one (D1)."""
    return "__Host-cookieconsent" if secure and settings.cookie_domain is None else "cookieconsent"


def _cookie_text(state: State) -> str | None:
    found = request.cookies.getlist(cookie_name(state.settings, secure=request.is_secure))
    # Two of a name may be a host's and its parent's: nobody can tell which one the visitor meant.
    return found[0] if len(found) == 1 else None


def sends_gpc(header: str | None) -> bool:
    """Tell whether `Sec-GPC` is on: exactly `1`, in any of its headers, which WSGI joins with commas (G1)."""
    return header is not None and any(value.strip(" \t") == "1" for value in header.split(","))
