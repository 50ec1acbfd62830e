"""Fit a consent into a cookie: what its text takes at most, and which answers give way where apps share one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from .consent import DIGEST_LENGTH, LONGEST_TEXT, SIGNATURE_LENGTH, Consent
from .regimes import REST
from .registry import Registry


def fitted(consent: Consent, registry: Registry) -> Consent:
    """Return a consent whose text is no longer than `LONGEST_TEXT`: answers for other apps' services give way.

    Their refusals go first, which those apps ask about again; then their grants. What is this app's own always fits,
    as its start-up checks.
    """
    if consent.made_on is None:
        return consent
    excess = _text_length(consent) - LONGEST_TEXT
    if excess <= 0:
        return consent
    refused, granted = set(consent.refused), dict(consent.granted)
    for group in (refused, granted):
        for service in sorted(set(group) - set(registry.services) - {REST}):
            if excess > 0:
                excess -= len(service) + (len(".-") if group is refused else len(".+") + DIGEST_LENGTH)
                refused.discard(service)
                granted.pop(service, None)
    return replace(consent, granted=MappingProxyType(granted), refused=frozenset(refused))


def longest_text(registry: Registry) -> int:
    """Return the length in characters of the longest cookie value of a registry: everything granted."""
    grants = dict.fromkeys(registry.optional, "x" * DIGEST_LENGTH)
    return _text_length(Consent(grants, made_on=date(2026, 11, 23)))


def _text_length(consent: Consent) -> int:
    return len(consent.unsigned) + len(".") + SIGNATURE_LENGTH
