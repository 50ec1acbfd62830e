"""Merge two consents of one visitor, where an app hands its choice to a page: the newer counts, refusals win a tie."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from .consent import Consent
from .origin import Origin
from .regimes import REST
from .validity import Validity


def merged(
    own: Consent, handed: Consent, validity: Validity, today: date, *, ours: Collection[str] | None = None
) -> Consent:
    """Return what counts where a consent has been handed over; *own* itself where that changes nothing.

    The one of the later day counts, and the other for what that does not answer. Nobody can tell two of one day apart,
    so there a refusal of either counts, service by service; nor when it was that something was refused beside grants of
    services that are not *ours*, which lend a consent their own, earlier day. What has expired counts nothing.
    """
    mine, theirs = (each.standing(validity, today) for each in (own, handed))
    if mine.made_on is None or theirs.made_on is None:
        return own if theirs.made_on is None else replace(theirs, origin=_origin([theirs]))
    newer, older = (theirs, mine) if theirs.made_on > mine.made_on else (mine, theirs)
    is_later = mine.made_on != theirs.made_on and _is_dated(older, ours)
    answered = newer.refused | newer.granted.keys() if is_later else newer.refused
    refused = newer.refused | (older.refused - answered)
    granted = {id: digest for id, digest in {**older.granted, **newer.granted}.items() if id not in refused}
    sources = _sources(granted, newer, older)
    after = replace(
        sources[0],
        granted=MappingProxyType(granted),
        refused=refused,
        # No grant gets newer, or stronger against a signal, than it was.
        made_on=min(each.made_on for each in sources if each.made_on is not None),
        gpc=all(each.gpc for each in sources),
        origin=_origin(sources),
    )
    return own if after.says_the_same(mine) else after


def _is_dated(consent: Consent, ours: Collection[str] | None) -> bool:
    """Tell whether the day of a consent is surely that of its refusals, too."""
    elsewhere = (consent.granted.keys() | consent.refused) - {REST, *(ours or ())}
    return ours is None or not (consent.granted and elsewhere)


def _sources(granted: dict[str, str], newer: Consent, older: Consent) -> Sequence[Consent]:
    """Return the consents from which the grants come: one, where it holds them all."""
    whole = [each for each in (newer, older) if granted.items() <= each.granted.items()]
    return whole[:1] or (newer, older)


def _origin(sources: Sequence[Consent]) -> Origin:
    """Return the origin of a merged consent: what an account has granted elsewhere goes on sleeping without it."""
    adopts = any(each.granted and each.origin is Origin.ADOPTED for each in sources)
    return Origin.ADOPTED if adopts else Origin.DEVICE
