"""This request's consent and decision: the only reader of the choices cookie and of `Sec-GPC`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol, cast

from blinker import Namespace
from flask import Flask, current_app, has_app_context, has_request_context, request
from werkzeug.local import LocalProxy

from .consent import NOTHING_CHOSEN, BadConsent, Codec, Consent, Kind
from .cookies import CookieIndex, pairs_in
from .decision import Decision, Signals, decide
from .floods import Floods
from .notices import Kept, Notice
from .policy import Violation
from .registry import Registry
from .settings import Settings
from .tallies import Condition, Summary

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
        answered: Notice | None,
    ) -> None:
        """Record what was chosen, how, and to which notice; *answered* is that notice as far as it is known."""


@dataclass(frozen=True, kw_only=True)
class State:
    """All that is fixed for one app, made once by `init_app` and kept in `app.extensions["cookieconsent"]`."""

    settings: Settings
    registry: Registry
    cookies: CookieIndex
    codec: Codec
    decide: Callable[[str | None, Signals, date], Decision]
    clock: Callable[[], datetime]
    record: Recorder
    log_keys: tuple[bytes, ...]
    #: From a receipt to its bearer's events, newest first; and what erases them. Nothing without a database.
    history: Callable[[str], list[dict[str, Any]]]
    erase: Callable[[str], int]
    #: From what was posted to the form that carries it.
    form: Callable[[Any], Any]
    environ_key: str
    floods: Floods
    #: Every notice that is kept, oldest first. None without a database.
    notices: Callable[[], list[Kept]]
    count_violations: Callable[[Iterable[Violation]], None]
    #: The name of this site in the log.
    scope: str
    #: From the first and the last day to what the owner's report says. None without a database.
    report: Callable[[date, date], tuple[Summary, Condition]] | None
    #: Whether whoever sent the request may see the report, which the site itself has to know.
    may_see_report: Callable[[], bool] | None
    #: In debug mode: the cookies that were stopped in the last answer of each endpoint.
    dropped: dict[str, tuple[str, ...]]

    @property
    def today(self) -> date:
        """The present day in UTC."""
        return self.clock().date()


def decider(registry: Registry, codec: Codec) -> Callable[[str | None, Signals, date], Decision]:
    """Return a memoised function from (cookie text, signals, day) to a decision.

    Only verified texts enter the memory: what is forged raises `BadConsent`, and exceptions are not remembered. The
    day is part of the key, so no decision outlives it.
    """

    @lru_cache(maxsize=4096)
    def decide_for(text: str | None, signals: Signals, today: date) -> Decision:
        consent = NOTHING_CHOSEN if text is None else codec.loads(text, today=today)
        return decide(registry, consent, signals, today)

    return decide_for


class CurrentConsent:
    """The consent of the visitor who sent the present request, and what follows from it."""

    def __init__(self, state: State, text: str | None, signals: Signals) -> None:
        today = state.today
        try:
            self.decision = state.decide(text, signals, today)
            #: All that the decision depends on.
            self.key: tuple[Any, ...] = (text, signals, today)
        except BadConsent:
            # Bad input from a visitor means "undecided", never an error (A7).
            self.decision = state.decide(None, signals, today)
            self.key = (None, signals, today)

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
    """What the WSGI edge, the helpers and the views tell each other about one request.

    `consulted` says that the answer depends on who asks (A8), `after` is the decision that a choice has just led to,
    `pairs` are the cookies that came, `hidden` the names of those that the app does not see, `own_policy` replaces the
    app's policy, `needs` are the directives in which the page needs its own origin, and `shows_granted` says that it
    shows content that somebody may withdraw.
    """

    __slots__ = ("after", "consulted", "current", "forbids_framing", "hidden", "needs", "own_policy", "pairs",
                 "shows_granted")  # fmt: skip

    def __init__(self) -> None:
        self.current: CurrentConsent | None = None
        self.consulted = False
        self.after: Decision | None = None
        self.pairs: list[tuple[str, str]] = []
        self.hidden: tuple[str, ...] = ()
        self.own_policy: str | None = None
        self.forbids_framing = False
        self.needs: tuple[str, ...] = ()
        self.shows_granted = False


def get_state(app: Flask | None = None) -> State:
    """Return the state of an app, the current one by default.

    :raises RuntimeError: if the extension was not initialised for it.
    """
    try:
        return cast(State, (app or current_app).extensions["cookieconsent"])
    except KeyError:
        raise RuntimeError("this app has no cookie consent; call consent.init_app(app) where it is made") from None


def get_edge(state: State, environ: dict[str, Any] | None = None) -> Edge:
    """Return what is known of a request at the edge, the present one by default, called through the edge or not."""
    values = request.environ if environ is None else environ
    edge = values.get(state.environ_key)
    if edge is None:
        edge = values[state.environ_key] = Edge()
    return cast(Edge, edge)


def read(state: State, environ: Mapping[str, Any], edge: Edge) -> CurrentConsent:
    """Return the consent of a request, read once, whether or not the answer will depend on it."""
    if edge.current is None:
        signals = Signals(
            gpc=sends_gpc(environ.get("HTTP_SEC_GPC")),
            dnt=state.settings.dnt and environ.get("HTTP_DNT", "").strip() == "1",
        )
        pairs = edge.pairs or pairs_in(environ.get("HTTP_COOKIE", ""))
        text = _cookie_text(pairs, cookie_name(state.settings, secure=is_secure(environ)))
        edge.current = CurrentConsent(state, text, signals)
    return edge.current


def get_current(state: State | None = None) -> CurrentConsent:
    """Return the consent of the present request, and note that it was asked for.

    Outside a request nobody has chosen anything, so nothing optional is allowed (A7).
    """
    found = state or get_state()
    if not has_request_context():
        return CurrentConsent(found, None, Signals())
    environ = request.environ
    edge = get_edge(found, environ)
    edge.consulted = True
    return edge.current or read(found, environ, edge)


class _Nobody:
    """Answers where there is not even an app."""

    def allows(self, name: str) -> bool:
        return name == "necessary"


#: The consent of the present request: `current_consent.allows("performance")`.
current_consent = cast(CurrentConsent, LocalProxy(lambda: get_current() if has_app_context() else _Nobody()))


def cookie_name(settings: Settings, *, secure: bool) -> str:
    """Return the name of the choices cookie; the `__Host-` prefix keeps sibling hosts from planting one (D1)."""
    return "__Host-cookieconsent" if secure and settings.cookie_domain is None else "cookieconsent"


def is_secure(environ: Mapping[str, Any]) -> bool:
    """Tell whether a visitor came over HTTPS, as WSGI says, and so as any proxy that is trusted says."""
    return environ.get("wsgi.url_scheme") in ("https", "wss")


def _cookie_text(pairs: list[tuple[str, str]], name: str) -> str | None:
    found = [value for each, value in pairs if each == name]
    # Two of a name may be a host's and its parent's: nobody can tell which one the visitor meant.
    return found[0] if len(found) == 1 else None


def sends_gpc(header: str | None) -> bool:
    """Tell whether `Sec-GPC` is on: exactly `1`, in any of its headers, which WSGI joins with commas (G1)."""
    return header is not None and any(value.strip(" \t") == "1" for value in header.split(","))
