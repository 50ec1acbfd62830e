"""Immutable per-app state in `app.extensions`, and the memoised function from cookie text to decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Protocol, cast

from flask import Flask, current_app

from flask_cookieconsent.core.choices_cookie import ChoicesCookie
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Codec, Consent
from flask_cookieconsent.core.csp import Opened
from flask_cookieconsent.core.decision import Decision, OptOutSignals, decide, hosts_of
from flask_cookieconsent.core.kept_choice import KeptCodec
from flask_cookieconsent.core.regimes import STRICT, Regions, Terms
from flask_cookieconsent.core.registry import CookieIndex, Registry, with_framework
from flask_cookieconsent.core.services import Cookie
from flask_cookieconsent.embeds.lookup import EmbedIndex
from flask_cookieconsent.log.interface import Log

from .errors import SetupError
from .settings import PREFIX, Settings


class Decide(Protocol):
    """The memoised function from cookie text, signals, day and terms to a decision."""

    def __call__(self, text: str | None, signals: OptOutSignals, today: date, terms: Terms = STRICT, /) -> Decision: ...


@dataclass(frozen=True)
class People:
    """What a site has registered for the people who sign in: who the present user is, and two hooks for their choice.

    `knows_loaded` tells whether `store` takes what was loaded as `loaded` (compare and set).
    """

    user: Callable[[], Any]
    load: Callable[..., Any]
    store: Callable[..., Any]
    knows_loaded: bool
    db: Any = None


@dataclass(frozen=True, kw_only=True)
class State:
    """All that is fixed for one app, made once by `init_app` and kept in `app.extensions["cookieconsent.state"]`.

    What depends on the app's other extensions is worked out with the first request or command, when all are there.
    """

    settings: Settings
    #: What the site declares.
    declared: Registry
    #: What finds the cookies of Flask and its extensions, asked once the app is complete.
    framework: Callable[[], tuple[Cookie, ...]]
    codec: Codec
    #: Writes and reads consent tokens; they are other texts than those of the cookie where the two are not shared.
    token_codec: Codec
    choices_cookie: ChoicesCookie
    #: Sign the pieces of pages, so that those of a kept page are known for ours; newest first, the first one signs.
    piece_keys: tuple[bytes, ...]
    clock: Callable[[], datetime]
    log: Log
    #: The names of the site in its log: of its pages first, then of its programs.
    log_scopes: tuple[str, ...]
    environ_key: str
    #: What tells whether whoever sent a request may see the report; the site may register it after `init_app`.
    report_guard: Callable[[], Callable[[], bool | Awaitable[bool]] | None]
    #: What the site has registered for people who sign in, None for nothing; it may do so after `init_app`.
    people: Callable[[], People | None]
    kept_codec: KeptCodec

    @cached_property
    def registry(self) -> Registry:
        """All that visitors are told of: what is declared, and the cookies of Flask and its extensions."""
        return with_framework(self.declared, self.framework())

    @cached_property
    def cookies(self) -> CookieIndex:
        """Whose each first-party cookie is."""
        names = frozenset(cookie.name for cookie in self.framework())
        return CookieIndex(self.registry, names, self.settings.sweep_except)

    @cached_property
    def decide(self) -> Decide:
        """The memoised function from cookie text to decision."""
        return decider(self.registry, self.codec)

    def follow(self, consent: Consent, signals: OptOutSignals, terms: Terms) -> tuple[str | None, Decision]:
        """Return the text of a consent in the choices cookie, None where nothing was ever chosen, and what follows."""
        text = self.codec.text_of(consent)
        return text, self.decide(text, signals, self._day_after(consent), terms)

    def follow_token(self, consent: Consent, signals: OptOutSignals, terms: Terms) -> tuple[str | None, Decision]:
        """Return the same with the text of the consent token."""
        text = self.token_codec.text_of(consent)
        return text, self.decide_token(text, signals, self._day_after(consent), terms)

    def _day_after(self, consent: Consent) -> date:
        """Return today, and never a day before a consent of the same request: a clock may go back in between."""
        today = self.today
        return max(today, consent.refused_on or consent.made_on or today)

    @cached_property
    def regions(self) -> Regions:
        """What holds in which region."""
        return Regions(self.settings.regimes or {}, self.settings.exempt or {})

    @cached_property
    def region_keys(self) -> tuple[str, ...]:
        """The keys of a WSGI environ under which a request says its region, none where the site goes by no region."""
        return tuple("HTTP_" + name.upper().replace("-", "_") for name in self.settings.region_headers)

    @cached_property
    def shares(self) -> bool:
        """Whether caches may share the pages of the site, so that they are made for nobody."""
        return self.settings.pages == "cacheable"

    @property
    def nobody(self) -> Decision:
        """What follows for whoever has not chosen and sends no signal: shared pages are made of it."""
        return self.decide(None, OptOutSignals(), self.today, self.regions.anywhere)

    @cached_property
    def shared_hosts(self) -> Opened:
        """Content-Security-Policy sources that a shared page needs, whatever its reader allows.

        Frames of services that embed are in pages of our own, which have a policy for each visitor.
        """
        registry, frame = self.registry, {"frame-src"}
        return hosts_of(
            service
            for service in registry.services.values()
            if service.id not in registry.optional or service.parse is None or service.hosts.keys() - frame
        )

    @cached_property
    def decide_token(self) -> Decide:
        """The same function for consent tokens."""
        return decider(self.registry, self.token_codec)

    @cached_property
    def embeds(self) -> EmbedIndex:
        """What the declared services can embed."""
        services = self.registry.services
        return EmbedIndex(services, services.keys() - set(self.registry.optional))

    @property
    def today(self) -> date:
        """The present day in UTC."""
        return self.clock().date()


def decider(registry: Registry, codec: Codec) -> Decide:
    """Return a memoised function from (cookie text, signals, day, terms) to a decision.

    Only verified texts enter the memory: forged ones raise `InvalidConsentError`, and exceptions are not remembered.
    The day is part of the key, so no decision outlives it.
    """

    @lru_cache(maxsize=4096)
    def decide_for(text: str | None, signals: OptOutSignals, today: date, terms: Terms = STRICT, /) -> Decision:
        consent = NOTHING_CHOSEN if text is None else codec.loads(text, today=today)
        return decide(registry, consent, signals, today, terms)

    return cast(Decide, decide_for)


def get_state(app: Flask | None = None) -> State:
    """Return the state of an app, the current one by default.

    :raises SetupError: if the extension was not initialised for it.
    """
    try:
        return cast(State, (app or current_app).extensions["cookieconsent.state"])
    except KeyError:
        raise SetupError("this app has no cookie consent; call consent.init_app(app) where it is made") from None


def secret_keys(app: Flask, settings: Settings) -> list[str | bytes]:
    """Return the keys that sign choices, newest first: the extension's own, or the app's.

    :raises SetupError: if there is none, or one of a type that cannot be a key.
    """
    if settings.secret_key:
        return [settings.secret_key, *settings.secret_key_fallbacks]
    if not app.secret_key:
        raise SetupError(
            f"cookie consent needs a key to sign choices with: set SECRET_KEY, or {PREFIX}SECRET_KEY, before init_app"
        )
    fallbacks = app.config.get("SECRET_KEY_FALLBACKS") or ()
    # `from_prefixed_env` makes a number of `FLASK_SECRET_KEY=2026`; the letters of a text would each be a key.
    if not isinstance(app.secret_key, str | bytes):
        raise SetupError(f"SECRET_KEY: found a value of type {type(app.secret_key).__name__}, wanted a string")
    is_list = isinstance(fallbacks, list | tuple | set | frozenset)
    if not is_list or not all(isinstance(each, str | bytes) and each for each in fallbacks):
        raise SetupError("SECRET_KEY_FALLBACKS: found a value that does not fit, wanted a list of strings")
    return [app.secret_key, *fallbacks]
