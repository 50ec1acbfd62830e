"""The immutable consent of one visitor, what may become of it, and the text that carries it in a cookie."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from itsdangerous import BadSignature, Signer

from flask_cookieconsent.errors import InvalidConsentError

from .registry import Registry
from .services import N_, Cookie, Service

#: How long a choice is remembered, granted or refused alike; six months, rounded up (D2).
VALIDITY = timedelta(days=184)

#: A cookie longer than this would not survive every proxy.
LONGEST_TEXT = 3_500


_FORMAT = "1"


_CHOICE = re.compile(r"([a-z][a-z0-9_]{0,31})(?:(-)|\+([A-Za-z0-9_-]{5}))")


_DIGEST_LENGTH = 5


_SIGNATURE_LENGTH = 43


@dataclass(frozen=True)
class Consent:
    """All choices of one visitor; a service that is in neither group is undecided.

    `granted` maps each granted service to the digest of what was declared about it at that time. `made_on` is
    the UTC day on which the choices were made, None before any. `gpc` tells whether Global Privacy Control was on.
    """

    granted: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: frozenset[str] = frozenset()
    made_on: date | None = None
    gpc: bool = False

    def is_expired(self, today: date) -> bool:
        """Tell whether the choices are too old to be relied on."""
        return self.made_on is not None and today > self.made_on + VALIDITY

    def says_the_same(self, other: Consent) -> bool:
        """Tell whether *other* holds the same choices, whenever they were made."""
        return (dict(self.granted), self.refused, self.gpc) == (dict(other.granted), other.refused, other.gpc)


NOTHING_CHOSEN = Consent()


def choose(consent: Consent, registry: Registry, granted: Iterable[str], *, today: date, gpc: bool) -> Consent:
    """Answer for every optional service of the registry: grant these, refuse the rest.

    Services of other apps that share the cookie keep their answer; where they were granted something, they keep its
    day and its signal too, because a press here renews no grant there.

    :raises KeyError: if a service is not in the registry.
    """
    wanted = set(granted)
    ours = set(registry.optional)
    if wanted - ours:
        raise KeyError(f"not optional services of this site: {', '.join(sorted(wanted - ours))}")
    grants = {each: digest for each, digest in consent.granted.items() if each not in registry.services}
    made_on = consent.made_on if grants else today
    signal = gpc and (consent.gpc or not grants)
    grants |= {each: registry.declaration_digests[each] for each in wanted}
    refused = {each for each in consent.refused if each not in registry.services} | (ours - wanted)
    return Consent(MappingProxyType(grants), frozenset(refused), made_on, signal)


def allow_one(
    consent: Consent, registry: Registry, service: str, *, today: date, gpc: bool, paused: Iterable[str] = ()
) -> Consent:
    """Grant one service and leave every other answer, and the day from which they are counted, as it is.

    Where Global Privacy Control has come on since, the grants it has *paused* become undecided: this press answered
    for one service and must not revive the others. Where it has gone, the earlier grants stand against it no more.
    """
    grants = {each: digest for each, digest in consent.granted.items() if each not in paused}
    grants[service] = registry.declaration_digests[service]
    return Consent(MappingProxyType(grants), consent.refused - {service}, consent.made_on or today, gpc)


def without_new_grants(wanted: Consent, before: Consent) -> Consent:
    """Return what of *wanted* only takes away: its refusals, and the grants that were there before.

    This is what takes effect where a grant cannot be proved (F5) or was made to a notice that has changed.
    """
    new = {each for each, digest in wanted.granted.items() if before.granted.get(each) != digest}
    kept = {each: digest for each, digest in wanted.granted.items() if each not in new}
    refused = wanted.refused | (before.refused & new)
    if kept == dict(before.granted) and refused == before.refused:
        return before
    reduced = replace(wanted, granted=MappingProxyType(kept), refused=refused)
    if kept:
        # Reconfirming under the signal, or on a later day, is a grant too: earlier grants keep what they had.
        reduced = replace(reduced, gpc=before.gpc, made_on=before.made_on)
    return reduced


class Codec:
    """Turns a consent into the text of its cookie and back, under one or more secret keys, newest first.

    The text is `1.20261123.0.language-.youtube+k3J9a.<signature>`: the format, the day, the Global Privacy Control
    bit, every service in alphabetical order with `-` for refused or `+` and the digest for granted, and an
    HMAC-SHA256. Equal choices of the same day give equal texts, whoever made them (D3).
    """

    def __init__(self, secret_keys: Iterable[str | bytes]) -> None:
        # itsdangerous signs with the last key of a list and accepts all of them.
        oldest_first = [each.encode() if isinstance(each, str) else each for each in secret_keys][::-1]
        self._signer = Signer(
            oldest_first, salt="flask_cookieconsent", key_derivation="hmac", digest_method=hashlib.sha256
        )
        # Most visitors of a day choose the same.
        self._signed = lru_cache(maxsize=1024)(self._signer.sign)

    def dumps(self, consent: Consent) -> str:
        """Write a consent that was made on some day as signed text.

        :raises ValueError: if no choice was ever made.
        """
        if consent.made_on is None:
            raise ValueError("a consent without a day has nothing to remember; write no cookie for it")
        choices = {each: "+" + digest for each, digest in consent.granted.items()}
        choices |= dict.fromkeys(consent.refused, "-")
        head = [_FORMAT, consent.made_on.strftime("%Y%m%d"), str(int(consent.gpc))]
        return self._signed(".".join(head + [each + choices[each] for each in sorted(choices)])).decode()

    def loads(self, text: str, *, today: date) -> Consent:
        """Read a signed text back; one day of clock skew is tolerated.

        :raises InvalidConsentError: for everything that this class did not write, and for days to come.
        """
        if len(text) > LONGEST_TEXT or not text.isascii():
            raise InvalidConsentError("longer than any text written here, or not ASCII")
        try:
            version, day, gpc, *choices = self._signer.unsign(text).decode().split(".")
            made_on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        except (BadSignature, ValueError) as error:
            raise InvalidConsentError("not signed by this site, or cut short") from error
        if version != _FORMAT or gpc not in ("0", "1") or made_on > today + timedelta(days=1):
            raise InvalidConsentError("another format, or a day to come")
        return _consent(choices, made_on, gpc == "1")


def _consent(choices: list[str], made_on: date, gpc: bool) -> Consent:
    granted: dict[str, str] = {}
    refused: set[str] = set()
    for choice in choices:
        match = _CHOICE.fullmatch(choice)
        if match is None or match[1] in granted or match[1] in refused:
            raise InvalidConsentError("an answer that is malformed or given twice")
        if match[2]:
            refused.add(match[1])
        else:
            granted[match[1]] = match[3]
    return Consent(MappingProxyType(granted), frozenset(refused), made_on, gpc)


def longest_text(registry: Registry) -> int:
    """Return the length in characters of the longest text that a registry can lead to: everything granted."""
    head = len("1.20261123.0.") + _SIGNATURE_LENGTH
    return head + sum(len(each) + len("+.") + _DIGEST_LENGTH for each in registry.optional)


class Kind(Enum):
    """What happened to a consent, as its event calls it."""

    GIVEN = "given"
    CHANGED = "changed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def within(consent: Consent, registry: Registry) -> Consent:
    """Return the part of a consent that concerns this site's services, where several apps share one cookie."""
    return replace(
        consent,
        granted=MappingProxyType(
            {each: consent.granted[each] for each in consent.granted if each in registry.services}
        ),
        refused=consent.refused & frozenset(registry.services),
    )


def kind_of(before: Consent, after: Consent) -> Kind | None:
    """Name the step between two consents of one site, None where the choices are the same."""
    if after.says_the_same(before):
        return None
    if before.granted:
        return Kind.CHANGED if after.granted else Kind.WITHDRAWN
    return Kind.GIVEN if after.granted else Kind.REFUSED


def own_service(url_prefix: str) -> Service:
    """Return what the extension itself stores, declared like everything else (D5)."""
    choices = N_("Keeps what you allowed and refused, without any identifier.")
    receipt = N_("A random number, only if you allowed something, with which you can prove or withdraw it.")
    return Service(
        id="cookieconsent",
        name=N_("Your cookie choices"),
        category="necessary",
        purpose="consent",
        justification=N_("Without it we would have to ask on every page, and could not respect a refusal."),
        cookies=(
            Cookie(name="cookieconsent", purpose=choices, duration=VALIDITY),
            Cookie(name="__Host-cookieconsent", purpose=choices, duration=VALIDITY),
            Cookie(
                name="cookieconsent_receipt",
                purpose=receipt,
                duration=VALIDITY,
                path=url_prefix + "/choice",
            ),
        ),
    )
