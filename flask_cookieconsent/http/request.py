"""This request's consent and decision: the only reader of the choices cookie and of `Sec-GPC`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import has_app_context, has_request_context, request
from werkzeug.local import LocalProxy

from flask_cookieconsent.core.consent import Consent
from flask_cookieconsent.core.decision import Decision, OptOutSignals
from flask_cookieconsent.errors import InvalidConsentError
from flask_cookieconsent.settings import Settings
from flask_cookieconsent.state import State, get_state

from .cookies import pairs_in


class CurrentConsent:
    """The consent of the visitor who sent the present request, and what follows from it."""

    def __init__(self, state: State, text: str | None, signals: OptOutSignals) -> None:
        today = state.today
        try:
            self.decision = state.decide(text, signals, today)
            #: All that the decision depends on.
            self.key: tuple[Any, ...] = (text, signals, today)
        except InvalidConsentError:
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
        signals = OptOutSignals(
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
        return CurrentConsent(found, None, OptOutSignals())
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
