"""Merge two consents of one visitor, where an app hands its choice to a page: no grant overrules a later refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from .consent import Consent, last_refused_on
from .origin import Origin
from .validity import Validity


def merged(own: Consent, handed: Consent, validity: Validity, today: date) -> Consent:
    """Return what counts where a consent has been handed over; *own* itself where that changes nothing.

    What one grants and the other refuses is granted only where the grant is surely of a later day: its day is that of
    the earliest grant beside it, the day of a refusal that of the latest. What has expired counts nothing.
    """
    mine, theirs = (each.standing(validity, today) for each in (own, handed))
    if mine.made_on is None or theirs.made_on is None:
        return own if theirs.made_on is None else replace(theirs, origin=_origin([theirs]))
    newer, older = (theirs, mine) if theirs.made_on > mine.made_on else (mine, theirs)
    granted = _standing_against(older, newer) | _standing_against(newer, older)
    sources = _sources(granted, newer, older)
    after = replace(
        sources[0],
        granted=MappingProxyType(granted),
        refused=(newer.refused | older.refused) - granted.keys(),
        # No grant gets newer, or stronger against a signal, than it was, and no refusal older.
        made_on=min(each.made_on for each in sources if each.made_on is not None),
        refused_on=last_refused_on(mine, theirs),
        gpc=all(each.gpc for each in sources),
        origin=_origin(sources),
    )
    is_equal = after.says_the_same(mine) and after.last_refused_on == mine.last_refused_on
    return own if is_equal else after


def _standing_against(consent: Consent, other: Consent) -> dict[str, str]:
    """Return the grants of a consent that are later than the refusals of another, or that it does not refuse."""
    day = other.last_refused_on
    is_later = day is None or (consent.made_on is not None and consent.made_on > day)
    return {id: digest for id, digest in consent.granted.items() if is_later or id not in other.refused}


def _sources(granted: dict[str, str], newer: Consent, older: Consent) -> Sequence[Consent]:
    """Return the consents from which the grants come: one, where it holds them all."""
    whole = [each for each in (newer, older) if granted.items() <= each.granted.items()]
    return whole[:1] or (newer, older)


def _origin(sources: Sequence[Consent]) -> Origin:
    """Return the origin of a merged consent: what an account has granted elsewhere goes on sleeping without it."""
    adopts = any(each.granted and each.origin is Origin.ADOPTED for each in sources)
    return Origin.ADOPTED if adopts else Origin.DEVICE
