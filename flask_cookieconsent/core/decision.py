"""Pure function from consent to decision: which services are allowed for one request, each with its reason.

Nothing here is memoised; the app's state caches decisions by cookie text, opt-out signals and day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from .consent import Consent
from .defaults import DEFAULT_IDS
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


_ALLOWED = frozenset({Reason.ESSENTIAL, Reason.GRANTED})

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
    """Immutable result of `decide`: the `Reason` of every service id, for one consent, its signals and one day.

    Everything else is derived from that on first use and cached.
    """

    registry: Registry
    consent: Consent
    signals: OptOutSignals
    reasons: Mapping[str, Reason]

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
    def hosts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Content-Security-Policy sources that the allowed services need, by directive, without duplicates."""
        by_directive: dict[str, dict[str, None]] = {}
        for service in self.registry.services.values():
            if service.id in self.allowed:
                for directive, sources in service.hosts.items():
                    by_directive.setdefault(directive, {}).update(dict.fromkeys(sources))
        return tuple((directive, tuple(sources)) for directive, sources in by_directive.items())

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
            if reason is Reason.GRANTED or (reason is Reason.SIGNAL and service in self.consent.granted)
        )

    @cached_property
    def is_answered_by_signal(self) -> bool:
        """Whether the browser's signal denies something that the visitor has not answered for this site."""
        return self.signals.deny and Reason.SIGNAL in self.reasons.values()

    @cached_property
    def asks(self) -> bool:
        """Whether the visitor has to be asked: something is open and no signal has answered (B10, G2)."""
        return bool(self.open) and not self.signals.deny

    @cached_property
    def news(self) -> tuple[str, ...]:
        """The services to ask about of a visitor who has answered for others: new or changed ones."""
        return self.open if self.consent.made_on and not self._is_expired else ()

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that differ where a page may look different; the same for all who chose the same."""
        reasons = " ".join(f"{service}={reason.value}" for service, reason in self.reasons.items())
        return hashlib.sha256(f"{self.consent.made_on} {self.signals} {reasons}".encode()).hexdigest()[:16]

    @cached_property
    def _is_expired(self) -> bool:
        return Reason.EXPIRED in self.reasons.values()


def decide(registry: Registry, consent: Consent, signals: OptOutSignals, today: date) -> Decision:
    """Decide which services are allowed, a pure function of its arguments; *today* is the day in UTC.

    Nothing optional is allowed without a grant (A7, D4, G2).
    """
    expired = consent.is_expired(today)
    heeding = {category.id for category in registry.categories if category.heeds_signal}
    optional = frozenset(registry.optional)
    reasons = {}
    for service in registry.services.values():
        if service.id not in optional:
            reasons[service.id] = Reason.ESSENTIAL
            continue
        reason = _reason(service, registry.declaration_digests[service.id], consent, expired)
        heeds = service.category in heeding or service.is_third_party
        gives_way = signals.deny and heeds and _gives_way(reason, consent)
        reasons[service.id] = Reason.SIGNAL if gives_way else reason
    return Decision(registry, consent, signals, MappingProxyType(reasons))


def _reason(service: Service, digest: str, consent: Consent, expired: bool) -> Reason:
    if service.id in consent.refused:
        return Reason.EXPIRED if expired else Reason.REFUSED
    if service.id not in consent.granted:
        return Reason.UNDECIDED
    if expired:
        return Reason.EXPIRED
    return Reason.GRANTED if consent.granted[service.id] == digest else Reason.CHANGED


def _gives_way(reason: Reason, consent: Consent) -> bool:
    # A grant made while the signal was on stands; a signal that came later beats the older grant (GDPR article 7(3)).
    return reason in _OPEN or (reason is Reason.GRANTED and not consent.gpc)
