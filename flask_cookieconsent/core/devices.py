"""Reconcile the choice on a device with the one that is kept with an account: pure functions, refusals before grants.

Whoever signs in on a device need not be who chose there before. So a grant counts for an account only if it was made
by somebody who was signed in to it, and what takes away counts wherever it was said, unless it is known to be older.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from .consent import NOTHING_CHOSEN, Consent, last_refused_on, within
from .kept_choice import KeptChoice, fingerprint
from .origin import Origin
from .regimes import REST
from .registry import Registry

_REFUSED = "-"


@dataclass(frozen=True)
class Reconciled:
    """What a device and an account have agreed on.

    `device` is the consent that counts in this request; it `is_new` where the device has to be given it, and
    `is_adopted` where it says something else than the device did. `to_keep` is None where the account learns nothing.
    """

    device: Consent
    to_keep: KeptChoice | None = None
    is_new: bool = False
    is_adopted: bool = False


def reconcile(registry: Registry, device: Consent, kept: KeptChoice | None, now: datetime) -> Reconciled:
    """Reconcile the consent of a device with that of the account that is signed in on it; *now* is in UTC.

    The later decision counts; where nobody can tell which one that is, the refusals of both do, service by service.
    Nothing that has expired counts, and services of other apps keep the answer that the device has.
    """
    today = now.date()
    current = device.standing(registry.validity, today)
    known = _standing(kept, registry, today)
    # A copy of what an account said, perhaps another one, is nothing that this person has said here.
    is_copy = current.origin is not Origin.DEVICE
    mine = _answers(registry, current)
    theirs = _answers(registry, known.consent) if known else {}
    refused = {service for service, answer in mine.items() if answer == _REFUSED}
    if known is not None and _is_older(registry, current, known):
        refused -= {*theirs, REST}
    pushed = set() if is_copy else {service for service in refused if theirs.get(service) != _REFUSED}
    after = _with_refusals(known, pushed, current, now) if pushed else known
    if after is None:
        return Reconciled(_without_grants(registry, current) if is_copy else device)
    answers = theirs | dict.fromkeys(refused, _REFUSED)
    if is_copy and known is not None and fingerprint(_consent_of(answers)) in known.replaced:
        answers = theirs  # else the next request would take what they agree on for an earlier choice of the account
    is_adopted = answers != mine
    if is_adopted:
        consent = _adopted(registry, current, answers, after.consent)
    elif not is_copy and answers == _answers(registry, after.consent):
        consent = replace(current, origin=Origin.ACCOUNT)
    else:
        consent = device
    return Reconciled(consent, after if pushed else None, is_new=consent is not device, is_adopted=is_adopted)


def _standing(kept: KeptChoice | None, registry: Registry, today: date) -> KeptChoice | None:
    """Return what still holds of what an account keeps, None where nothing does."""
    if kept is None:
        return None
    consent = kept.consent.standing(registry.validity, today)
    if consent is kept.consent:
        return kept
    return replace(kept, consent=consent) if consent.refused else None


def asleep(registry: Registry, consent: Consent) -> Consent:
    """Return what counts of a consent while nobody is signed in: what was adopted from an account grants nothing."""
    return _without_grants(registry, consent) if consent.origin is Origin.ADOPTED else consent


def decided(
    registry: Registry, before: Consent, after: Consent, kept: KeptChoice | None, now: datetime, *, confirms: bool
) -> KeptChoice:
    """Return what is to be kept after a press of somebody who is signed in; *confirms* if it answered every service.

    Else what the device allowed before is kept only as far as the account allowed it too.
    """
    known = kept.consent.standing(registry.validity, now.date()) if kept is not None else NOTHING_CHOSEN
    ours = _ours(after, registry)
    granted = {
        service: digest
        for service, digest in ours.granted.items()
        if confirms or service in known.granted or before.granted.get(service) != digest
    }
    # A refusal that was never adopted here, because it came in this moment, outlives a press on another service.
    refused = ours.refused if confirms else ours.refused | (known.refused - granted.keys())
    consent = replace(
        ours,
        granted=MappingProxyType(granted),
        refused=frozenset(refused) - granted.keys(),
        origin=Origin.ACCOUNT,
        refused_on=last_refused_on(ours, known),
    )
    return KeptChoice(consent, now, kept.followed_by if kept is not None else ())


def overtaken(own: KeptChoice, base: KeptChoice | None, other: KeptChoice) -> KeptChoice:
    """Return what to keep where *other* was stored while *own* was on its way; both set out from *base*.

    Nobody can tell which press came first, so what either refuses is refused.
    """
    before = base.consent.refused if base is not None else frozenset()
    news = other.consent.refused - before
    granted = {service: digest for service, digest in own.consent.granted.items() if service not in news}
    consent = replace(
        own.consent,
        granted=MappingProxyType(granted),
        refused=own.consent.refused | news,
        refused_on=last_refused_on(own.consent, other.consent),
    )
    replaced = KeptChoice(own.consent, own.moment, other.followed_by).followed_by
    return KeptChoice(consent, max(own.moment, other.moment), replaced)


def _answers(registry: Registry, consent: Consent) -> dict[str, str]:
    """Return the answers for the optional services of a registry: a hyphen, or the digest of a grant."""
    said = dict(consent.granted) | dict.fromkeys(consent.refused, _REFUSED)
    return {service: said[service] for service in (*registry.optional, REST) if service in said}


def _consent_of(answers: Mapping[str, str]) -> Consent:
    """Return a consent with these answers, without a day."""
    granted = {service: each for service, each in answers.items() if each != _REFUSED}
    return Consent(MappingProxyType(granted), frozenset(answers.keys() - granted.keys()))


def _ours(consent: Consent, registry: Registry) -> Consent:
    """Restrict a consent to the services of a registry, and to the refusal of those that come later."""
    ours = within(consent, registry)
    return replace(ours, refused=ours.refused | (consent.refused & {REST}))


def _is_older(registry: Registry, device: Consent, kept: KeptChoice) -> bool:
    """Tell whether what a device refuses is surely older than an account's choice: by day, or as a copy of another."""
    if device.made_on is None:
        return True
    ours = _ours(device, registry)
    if device.origin is not Origin.DEVICE and fingerprint(ours) in kept.replaced:
        return True
    day = device.last_refused_on or device.made_on
    return kept.consent.made_on is not None and day < kept.consent.made_on


def _with_refusals(kept: KeptChoice | None, refused: Collection[str], device: Consent, now: datetime) -> KeptChoice:
    """Return what is kept with refusals that the device has said; the grants beside them get no newer by that."""
    if kept is None:
        day = device.last_refused_on
        consent = Consent(refused=frozenset(refused), made_on=day, gpc=device.gpc, origin=Origin.ACCOUNT)
        return KeptChoice(consent, now)
    granted = {service: digest for service, digest in kept.consent.granted.items() if service not in refused}
    consent = replace(
        kept.consent,
        granted=MappingProxyType(granted),
        refused=kept.consent.refused | frozenset(refused),
        refused_on=last_refused_on(kept.consent, device),
    )
    return KeptChoice(consent, kept.moment, kept.followed_by)


def _adopted(registry: Registry, device: Consent, answers: Mapping[str, str], kept: Consent) -> Consent:
    """Return the consent of a device with these answers for our services; no grant gets newer or stronger by it."""
    elsewhere = {service: digest for service, digest in device.granted.items() if service not in registry.services}
    refused = frozenset(service for service in device.refused if service not in registry.services)
    days = [kept.made_on, *([device.made_on] if elsewhere else [])]
    ours = _consent_of(answers)
    return Consent(
        MappingProxyType(elsewhere | dict(ours.granted)),
        refused | ours.refused,
        min(day for day in days if day is not None),
        kept.gpc and (device.gpc or not elsewhere),
        Origin.ADOPTED,
        last_refused_on(device, kept),
    )


def _without_grants(registry: Registry, consent: Consent) -> Consent:
    """Return a consent in which nothing of ours is granted; refusals stand."""
    elsewhere = {service: digest for service, digest in consent.granted.items() if service not in registry.services}
    if not (elsewhere or consent.refused):
        return NOTHING_CHOSEN
    return replace(consent, granted=MappingProxyType(elsewhere))
