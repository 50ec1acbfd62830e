"""Pure function from consent to decision: which services are allowed for one request, each with its reason.

Nothing here is memoised; the app's state caches decisions by cookie text, opt-out signals and day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from .consent import Consent
from .csp import Opened
from .defaults import DEFAULT_IDS
from .regimes import REST, STRICT, Regime, Terms
from .registry import Registry
from .services import Service


class Reason(Enum):
    """Why a service is allowed or not; the value is the word shown in commands and JSON answers."""

    ESSENTIAL = "essential"
    GRANTED = "granted"
    REFUSED = "refused"
    UNDECIDED = "undecided"
    EXPIRED = "expired"
    CHANGED = "changed"
    SIGNAL = "signal"
    NOT_OPTED_OUT = "not-opted-out"
    EXEMPT = "exempt"


# Allowed although nobody has granted it, by the terms of the visitor's region.
_BY_SILENCE = frozenset({Reason.NOT_OPTED_OUT, Reason.EXEMPT})

_ALLOWED = frozenset({Reason.ESSENTIAL, Reason.GRANTED}) | _BY_SILENCE

_OPEN = frozenset({Reason.UNDECIDED, Reason.EXPIRED, Reason.CHANGED})


class OptOutSignals(NamedTuple):
    """Browser opt-out signals of one request: Global Privacy Control (`Sec-GPC`) and Do Not Track (`DNT`).

    They can only deny. `gpc` is the W3C's Global Privacy Control; `dnt` is Do Not Track, where the site heeds it.
    """

    gpc: bool = False
    dnt: bool = False

    @property
    def deny(self) -> bool:
        """Whether any signal is on."""
        return self.gpc or self.dnt

    @property
    def name(self) -> str:
        """What the visitor's own browser calls the signal, the same in every language."""
        return "Global Privacy Control" if self.gpc else "Do Not Track"


# Compared by identity: decisions are memoised, and so can be keys of other memories at no cost.
@dataclass(frozen=True, eq=False)
class Decision:
    """Immutable result of `decide`: the `Reason` of every service id, for one consent, its signals, day and terms.

    Everything else is derived from that on first use and cached.
    """

    registry: Registry
    consent: Consent
    signals: OptOutSignals
    reasons: Mapping[str, Reason]
    #: What of the consent still holds on that day.
    standing: Consent
    #: What holds in the visitor's region.
    terms: Terms = STRICT

    @cached_property
    def allowed(self) -> frozenset[str]:
        """The ids of all services that are allowed, and of the categories all of whose services are."""
        services = {service for service, reason in self.reasons.items() if reason in _ALLOWED}
        categories = {
            category
            for category, members in self.registry.by_category.items()
            if all(service.id in services for service in members)
        }
        return frozenset(services | categories)

    def allows(self, name: str) -> bool:
        """Tell whether a service, or every service of a category, is allowed.

        :raises LookupError: if the site declares nothing of that name.
        """
        if name in self.allowed:
            return True
        if name in self._known:
            return False
        raise LookupError(f"no service or category {name!r}; this site declares {', '.join(sorted(self._known))}")

    def allows_all(self, ids: Collection[str]) -> bool:
        """Tell whether all of some services and categories are allowed, and whether there are any."""
        return bool(ids) and self.allowed.issuperset(ids)

    @cached_property
    def _known(self) -> frozenset[str]:
        return DEFAULT_IDS | set(self.registry.services) | set(self.registry.by_category)

    @cached_property
    def hosts(self) -> Opened:
        """Content-Security-Policy sources that the allowed services need, by directive, without duplicates."""
        return hosts_of(service for service in self.registry.services.values() if service.id in self.allowed)

    @cached_property
    def open(self) -> tuple[str, ...]:
        """The services that still want an answer."""
        return tuple(service for service, reason in self.reasons.items() if reason in _OPEN)

    @cached_property
    def grants(self) -> tuple[str, ...]:
        """The services the visitor has granted and that are not out of date, allowed now or paused by a signal."""
        return tuple(
            service
            for service, reason in self.reasons.items()
            if reason is Reason.GRANTED or (reason is Reason.SIGNAL and service in self.standing.granted)
        )

    @cached_property
    def is_answered_by_signal(self) -> bool:
        """Whether the browser's signal denies something that the visitor has not answered for this site."""
        return self.signals.deny and Reason.SIGNAL in self.reasons.values()

    @cached_property
    def by_silence(self) -> frozenset[str]:
        """The services that are on although the visitor has not granted them, by the terms of their region."""
        return frozenset(service for service, reason in self.reasons.items() if reason in _BY_SILENCE)

    @cached_property
    def asks(self) -> bool:
        """Whether the visitor has to be asked: something is open and no signal has answered (B10, G2).

        Where the regime is opt-out, that something is on and may be refused is said until the visitor has chosen.
        """
        if self.terms.regime is Regime.OPT_IN:
            return bool(self.open) and not self.signals.deny
        return self.terms.regime is Regime.OPT_OUT and self._is_news_to_visitor

    @property
    def tells(self) -> bool:
        """Whether the visitor has to be told, and is not asked, that something is on."""
        return self.terms.regime is Regime.NOTICE and self._is_news_to_visitor

    @cached_property
    def _is_news_to_visitor(self) -> bool:
        answered = self.standing.granted.keys() | self.standing.refused
        has_chosen = not answered.isdisjoint((*self.registry.optional, REST))
        return bool(self.by_silence) and not has_chosen and not self.is_answered_by_signal

    @cached_property
    def news(self) -> tuple[str, ...]:
        """The services to ask about of a visitor who has answered for others: new or changed ones."""
        return self.open if self.consent.made_on and not self.has_run_out else ()

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that differ where a page may look different; the same for all who chose the same."""
        reasons = " ".join(f"{service}={reason.value}" for service, reason in self.reasons.items())
        made_from = f"{self.consent.made_on} {self.signals} {reasons}{self.terms.text}"
        return hashlib.sha256(made_from.encode()).hexdigest()[:16]

    @cached_property
    def has_run_out(self) -> bool:
        """Whether something the visitor has chosen holds no longer."""
        return Reason.EXPIRED in self.reasons.values()


def hosts_of(services: Iterable[Service]) -> Opened:
    """Return the Content-Security-Policy sources that some services need, by directive, without duplicates."""
    by_directive: dict[str, dict[str, None]] = {}
    for service in services:
        for directive, sources in service.hosts.items():
            by_directive.setdefault(directive, {}).update(dict.fromkeys(sources))
    return tuple((directive, tuple(sources)) for directive, sources in by_directive.items())


def decide(
    registry: Registry, consent: Consent, signals: OptOutSignals, today: date, terms: Terms = STRICT
) -> Decision:
    """Decide which services are allowed, a pure function of its arguments; *today* is the day in UTC.

    Nothing optional is allowed without a grant (A7, D4, G2), but where the *terms* of the visitor's region say so.
    """
    standing = consent.standing(registry.validity, today)
    heeding = {category.id for category in registry.categories if category.heeds_signal}
    optional = frozenset(registry.optional)
    reasons = {}
    for service in registry.services.values():
        if service.id not in optional:
            reasons[service.id] = Reason.ESSENTIAL
            continue
        reason = _reason(service, registry.declaration_digests[service.id], consent, standing)
        if reason in _OPEN and terms.lets_silence_allow and REST not in standing.refused:
            reason = _by_silence(service.id, terms) or reason
        heeds = service.category in heeding or service.is_third_party
        gives_way = signals.deny and heeds and _gives_way(reason, consent)
        reasons[service.id] = Reason.SIGNAL if gives_way else reason
    return Decision(registry, consent, signals, MappingProxyType(reasons), standing, terms)


def _reason(service: Service, digest: str, consent: Consent, standing: Consent) -> Reason:
    if service.id in standing.refused:
        return Reason.REFUSED
    if service.id in standing.granted:
        return Reason.GRANTED if standing.granted[service.id] == digest else Reason.CHANGED
    return Reason.EXPIRED if service.id in consent.refused or service.id in consent.granted else Reason.UNDECIDED


def _by_silence(service: str, terms: Terms) -> Reason | None:
    if service in terms.exempt:
        return Reason.EXEMPT
    return None if terms.regime is Regime.OPT_IN else Reason.NOT_OPTED_OUT


def _gives_way(reason: Reason, consent: Consent) -> bool:
    # A grant made while the signal was on stands; a signal that came later beats the older grant (GDPR article 7(3)).
    return reason in _OPEN or reason in _BY_SILENCE or (reason is Reason.GRANTED and not consent.gpc)
