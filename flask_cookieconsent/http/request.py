"""One request of a visitor: its consent and decision; the only reader of the choices cookie and of `Sec-GPC`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, cast

from flask import has_app_context, request
from werkzeug.local import LocalProxy

from flask_cookieconsent.core.consent import Consent
from flask_cookieconsent.core.decision import Decision, OptOutSignals
from flask_cookieconsent.core.notices import Audience
from flask_cookieconsent.core.regimes import STRICT, Terms, region_of
from flask_cookieconsent.errors import InvalidConsentError
from flask_cookieconsent.state import State, get_state

from .cookies import OWS, expired_in, folders_of, pairs_in, parent_domains, values_of

# More values of one name than a mistake makes; each costs a signature.
_MOST_VALUES = 8

#: A cookie's name, how long it would last, and the longest that is declared: None until the browser is closed.
TooLong = tuple[str, timedelta, timedelta | None]

_SILENT = OptOutSignals()
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Visit:
    """Mutable state of one request, kept in its WSGI environ under a key of the app's own.

    Views and templates write it while the page is made; the middleware reads it at `start_response`. `decision` may be
    read by whoever does not let it show; what shows must go through `consult` or `allows`, because from then on the
    response depends on the visitor and no shared cache may keep it (A8).
    """

    #: Whether the response depends on the visitor.
    consulted = False
    #: Whether a request for a page of ours has passed all that the app does before a request.
    reached = False
    #: The decision that a choice has just led to, None in every other request.
    after: Decision | None = None
    #: The `Set-Cookie` values that a choice has just written; they are as they are declared.
    written: frozenset[str] = frozenset()
    #: The name of the choices cookie where it came twice, so that neither counts.
    double: str | None = None
    #: The `Cookie` header as the browser sent it, if it has cookies of optional services; else nothing is hidden.
    cookie_header = ""
    #: The names of the cookies that the app does not see.
    hidden: tuple[str, ...] = ()
    #: The names of the cookies that the response sets and no service declares.
    undeclared: tuple[str, ...] = ()
    #: The cookies that the response sets for longer than is declared: name, how long, and how long at most (C2).
    too_long: tuple[TooLong, ...] = ()
    #: What in the response a cache of the site has kept for another visitor, as a message says it.
    kept = ""
    #: A Content-Security-Policy that replaces the app's own.
    csp_override: str | None = None
    #: Whether the response, although no page, removes what came along and is not allowed.
    sweeps = False
    #: Whether no page may frame the response.
    forbids_framing = False
    #: The directives of a Content-Security-Policy in which the page needs its own origin.
    needs: tuple[str, ...] = ()
    #: Whether the response holds embeds or placeholders, unless plain ones took their place.
    shows_embeds = False
    #: Whether the page shows content that somebody may withdraw.
    shows_granted = False
    #: The nonce that the page gave to `head()`, for scripts further down.
    nonce = ""
    #: Whether the page has the form that our buttons post with, and whether `link()` was called.
    has_form = has_link = False
    #: Whether somebody is signed in whose choice the site keeps on all devices.
    is_signed_in = False
    #: The account that is signed in and what is kept with it, once it was asked for; see `choice.people.Account`.
    account: Any = None
    #: The consent that the device is to be given, which was reconciled with the account's.
    reconciled: Consent | None = None
    #: Whether this page is the first one after the device has adopted what was chosen on another.
    is_adopted = False
    #: What the pieces of the page are made of, once something asked for it; see `pages.renderer.PageContext`.
    page_context: Any = None

    _cookies: list[tuple[str, str]] | None = None
    _decision: Decision | None = None
    _terms: Terms | None = None
    _is_unreadable = False

    def __init__(
        self, state: State, environ: Mapping[str, Any], last_dropped: Mapping[str, tuple[str, ...]] = _NOTHING
    ) -> None:
        self._state = state
        self._environ = environ
        #: In debug mode, by endpoint: the names of the cookies that were stopped in its last response.
        self.last_dropped = last_dropped
        #: How often the page shows each embed so far, by the embed's digest.
        self.places: dict[str, int] = {}
        #: What was rendered of stored content and embeds, each with what makes its plain form.
        self.swaps: list[tuple[str, Callable[[], str]]] = []
        #: The MACs of the pieces that were made in this request.
        self.made: set[str] = set()
        #: The forms of placeholders that `link()` has yet to emit.
        self.load_forms: list[str] = []

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """Every cookie that came, by name and value, the hidden ones included."""
        if self._cookies is None:
            header = self._environ.get("HTTP_COOKIE")
            self._cookies = pairs_in(header) if header else []
        return self._cookies

    @property
    def host(self) -> str:
        """The host of the request with its port, as the client sends it."""
        return str(self._environ.get("HTTP_HOST", ""))

    @property
    def path(self) -> str:
        """The path of the request below the app, as WSGI gives it (PEP 3333)."""
        return str(self._environ.get("PATH_INFO", ""))

    @property
    def reads(self) -> bool:
        """Whether the request only reads, so that its address can be asked for again (GET or HEAD)."""
        return self._environ.get("REQUEST_METHOD") in ("GET", "HEAD")

    @property
    def decision(self) -> Decision:
        """What follows from the visitor's consent; a cookie that is not ours means "undecided", never an error (A7)."""
        if self._decision is None:
            signals = _signals(self._state, self._environ)
            self._decision = self._chosen(signals) if self.cookies else None
            if self._decision is None:
                if self._is_unreadable:
                    self.allow_nothing_by_silence()
                self._decision = self._state.decide(None, signals, self._state.today, self.terms)
        return self._decision

    @property
    def terms(self) -> Terms:
        """What holds in the region that the site's own proxy says, those of anywhere unless it says one.

        Nothing is allowed by silence where a choice has come that cannot be read; ask for the decision first.
        """
        if self._terms is None:
            regions, keys = self._state.regions, self._state.region_keys
            region = region_of(*map(self._environ.get, keys)) if keys else None
            self._terms = regions.terms_of(region) if keys else regions.anywhere
        return self._terms

    @property
    def audience(self) -> Audience:
        """For whom a notice of this visit is made."""
        _ = self.decision  # an answer that cannot be read leaves stricter terms
        return Audience(self.terms, self.is_signed_in)

    def redecide(self, decision: Decision) -> None:
        """Replace the decision that the cookie led to by that which counts for the person who is signed in."""
        self._decision, self.page_context = decision, None

    def allow_nothing_by_silence(self) -> None:
        """Let the strictest terms hold: what cannot be read may say that everything is refused."""
        self._terms = STRICT

    def _chosen(self, signals: OptOutSignals) -> Decision | None:
        state, secure = self._state, is_secure(self._environ)
        for name in state.choices_cookie.names(self.host, secure=secure):
            texts = values_of(self.cookies, name)
            if len(texts) > 1:
                # Two of a name may be a host's and its parent's: nobody can tell which one the visitor meant.
                # The visitor's own lies at `/`, and those of longer paths stand before it (RFC 6265, section 5.4).
                texts = [text for text in texts[-_MOST_VALUES:] if not state.codec.is_foreign(text)]
                if len(texts) > 1:
                    self.double = name
                    self._is_unreadable = True
                    return None
            for text in texts:
                try:
                    return state.decide(text, signals, state.today, self.terms)
                except InvalidConsentError:
                    self._is_unreadable = self._is_unreadable or bool(text)
        return None

    def doubles(self, path: str) -> list[str]:
        """Return `Set-Cookie` values that expire choices cookies which lie in the folders of a path.

        The visitor's own lies at `/`; one of a folder is never sent to where choices are posted, and so would stay.
        """
        secure = is_secure(self._environ)
        domains = (None, *parent_domains(self.host))
        places = [(folder, domain) for folder in folders_of(path) for domain in domains]
        return expired_in(places, self.double or "", secure=secure)

    def place(self, digest: str) -> str:
        """Return the id of one more embed in the page: the same whenever the page is made, and each time another."""
        count = self.places[digest] = self.places.get(digest, 0) + 1
        return digest if count == 1 else f"{digest}-{count}"

    @property
    def is_shared(self) -> bool:
        """Whether the response is a page of the site that caches may share; our own pages are made for the visitor."""
        return self._state.shares and not self.reached

    @property
    def shown(self) -> Decision:
        """What pieces of the page are made of: the visitor's decision, or nobody's where caches may share the page."""
        return self._state.nobody if self.is_shared else self.decision

    def show(self) -> None:
        """Note that the response holds a piece of ours, and so depends on the visitor, unless caches may share it."""
        self.consulted = self.consulted or not self.is_shared

    def consult(self) -> Decision:
        """Return the decision, and note that the response depends on it."""
        self.consulted = True
        return self.decision

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed; the response depends on it then.

        :raises LookupError: if the site declares nothing of that name.
        """
        return self.consult().allows(name)


def get_visit(state: State | None = None, environ: dict[str, Any] | None = None) -> Visit:
    """Return the visit of a request, the present one by default.

    Outside a request there is one in which nobody has chosen anything, so that nothing optional is allowed (A7).
    """
    known = state or get_state()
    if environ is None:
        try:
            # Half the price of an attribute of the proxy, and every helper of a page pays it.
            environ = request._get_current_object().environ  # type: ignore[attr-defined]
        except RuntimeError:
            return Visit(known, {})
    visit: Visit | None = environ.get(known.environ_key)
    if visit is None:
        visit = environ[known.environ_key] = Visit(known, environ)
    return visit


class CurrentConsent:
    """What code of a site may ask about the visitor; whatever it asks, the response is private from then on."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed.

        :raises LookupError: if the site declares nothing of that name.
        """
        return self._visit.allows(name)

    @property
    def decision(self) -> Decision:
        """Every service with the reason that allows or denies it."""
        return self._visit.consult()

    @property
    def consent(self) -> Consent:
        """The choices as they were made."""
        return self._visit.consult().consent


class _Nobody:
    """Answers where there is not even an app."""

    def allows(self, name: str) -> bool:
        return name == "necessary"


#: The consent of the present request: `current_consent.allows("performance")`.
current_consent = cast(
    CurrentConsent, LocalProxy(lambda: CurrentConsent(get_visit()) if has_app_context() else _Nobody())
)


def is_secure(environ: Mapping[str, Any]) -> bool:
    """Tell whether a visitor came over HTTPS, as WSGI says, and so as any proxy that is trusted says."""
    return environ.get("wsgi.url_scheme") in ("https", "wss")


def sends_gpc(header: str | None) -> bool:
    """Tell whether `Sec-GPC` is on: exactly `1`, in any of its headers, which WSGI joins with commas (G1)."""
    return header is not None and any(value.strip(OWS) == "1" for value in header.split(","))


def _signals(state: State, environ: Mapping[str, Any]) -> OptOutSignals:
    gpc = sends_gpc(environ.get("HTTP_SEC_GPC"))
    dnt = state.settings.dnt and environ.get("HTTP_DNT", "").strip(OWS) == "1"
    return OptOutSignals(gpc, dnt) if gpc or dnt else _SILENT
