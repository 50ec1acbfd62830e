"""Consent as an immutable value, its transitions as pure functions, and its codec: an HMAC-signed cookie value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType

from itsdangerous import BadSignature

from flask_cookieconsent.errors import InvalidConsentError

from .origin import Origin
from .regimes import REST
from .registry import Registry
from .signing import signer
from .validity import DAY, Validity

#: Most characters of a cookie value; a longer one would not survive every proxy.
LONGEST_TEXT = 3_500
#: Characters of base64url of an HMAC-SHA256, and of a declaration digest.
SIGNATURE_LENGTH, DIGEST_LENGTH = 43, 5

_FORMAT = "1"
_SALT_OF_A_SCOPE = "flask_cookieconsent scope"
_BITS = frozenset(str(gpc + 2 * origin) for gpc in (0, 1) for origin in Origin)
# How many days after the others the latest refusal came, where it did; no choice holds for as many as 999.
_LATER = re.compile("(?:-([1-9][0-9]{0,2}))?")
_CHOICE = re.compile(r"([a-z][a-z0-9_]{0,31})(?:(-)|\+([A-Za-z0-9_-]{5}))")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
# 43 characters hold two bits more than 32 bytes; written properly they are zero.
_LAST = "AEIMQUYcgkosw048"


@dataclass(frozen=True)
class Consent:
    """All choices of one visitor; a service that is in neither group is undecided.

    `granted` maps each granted service to the digest of what was declared about it at that time. `made_on` is
    the UTC day on which the choices were made, None before any, and the earliest where they were made one after the
    other; `refused_on` is the day of the latest refusal where that is a later one, None otherwise. `gpc` tells whether
    Global Privacy Control was on, and `origin` where the choices were made: on this device alone, or by somebody who
    was signed in.
    """

    granted: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: frozenset[str] = frozenset()
    made_on: date | None = None
    gpc: bool = False
    origin: Origin = Origin.DEVICE
    refused_on: date | None = None

    def __post_init__(self) -> None:
        # One day has one spelling, so that equal choices are equal consents.
        day = self.refused_on
        if day is not None and not (self.refused and self.made_on is not None and day > self.made_on):
            object.__setattr__(self, "refused_on", None)

    @property
    def last_refused_on(self) -> date | None:
        """The day of the latest refusal, None where nothing is refused."""
        return (self.refused_on or self.made_on) if self.refused else None

    def standing(self, validity: Validity, today: date) -> Consent:
        """Return what still holds on a day in UTC: grants and refusals age apart, each from its own day."""
        if not validity.grants_end(self.made_on, today):
            return self
        day = self.last_refused_on
        if day is None or validity.refusals_end(day, today):
            return NOTHING_CHOSEN
        return Consent(refused=self.refused, made_on=day, origin=self.origin)

    def left(self, validity: Validity, today: date) -> timedelta:
        """Return how long the last of the choices still holds, a day at least: a choice counts on its last day too."""
        if (day := self.last_refused_on) is None:
            return self.grants_left(validity, today)
        return max(DAY, validity.refusals - (today - day))

    def grants_left(self, validity: Validity, today: date) -> timedelta:
        """Return how long what was granted still holds, a day at least."""
        return max(DAY, validity.grants - (today - (self.made_on or today)))

    def says_the_same(self, other: Consent) -> bool:
        """Tell whether *other* holds the same choices, whenever they were made."""
        return (dict(self.granted), self.refused, self.gpc) == (dict(other.granted), other.refused, other.gpc)

    @cached_property
    def unsigned(self) -> str:
        """The text that a `Codec` signs: equal choices of the same day give equal ones, whoever made them.

        :raises ValueError: if no choice was ever made.
        """
        if self.made_on is None:
            raise ValueError("a consent without a day has nothing to remember; write no cookie for it")
        choices = {service: "+" + digest for service, digest in self.granted.items()}
        choices |= dict.fromkeys(self.refused, "-")
        later = f"-{(self.refused_on - self.made_on).days}" if self.refused_on else ""
        head = [_FORMAT, self.made_on.strftime("%Y%m%d") + later, str(self.gpc + 2 * self.origin)]
        return ".".join(head + [service + choices[service] for service in sorted(choices)])


NOTHING_CHOSEN = Consent()


def last_refused_on(*consents: Consent) -> date | None:
    """Return the day of the latest refusal in some consents, None where they refuse nothing."""
    return max((each.last_refused_on for each in consents if each.last_refused_on), default=None)


def choose(consent: Consent, registry: Registry, granted: Iterable[str], *, today: date, gpc: bool) -> Consent:
    """Transition: grant these optional services of the registry, refuse all its others; *today* is the day in UTC.

    Services of other apps that share the cookie keep their answer; where they were granted something, they keep its
    day and its signal too, because a press here renews no grant there.

    :raises KeyError: if a service is not in the registry.
    """
    wanted = set(granted)
    ours = set(registry.optional)
    if wanted - ours:
        raise KeyError(f"not optional services of this site: {', '.join(sorted(wanted - ours))}")
    elsewhere = {service: digest for service, digest in consent.granted.items() if service not in registry.services}
    grants = elsewhere | {service: registry.declaration_digests[service] for service in wanted}
    refused = {service for service in consent.refused if service not in registry.services} | (ours - wanted)
    return Consent(
        MappingProxyType(grants),
        frozenset(refused),
        consent.made_on if elsewhere else today,
        gpc and _may_outweigh_signal(consent, elsewhere),
        refused_on=today,
    )


def _may_outweigh_signal(consent: Consent, elsewhere: Mapping[str, str]) -> bool:
    """Tell whether grants may be written as made while Global Privacy Control was on, so that they stand against it.

    Whoever grants under the signal means these services. Grants *elsewhere*, of other apps with the same cookie, were
    made without it, and the signal that came later is the withdrawal of them (GDPR article 7(3)): there is one bit for
    all of them, so it stays off until those are gone.
    """
    return consent.gpc or not elsewhere


def allow_one(
    consent: Consent, registry: Registry, service: str, *, today: date, gpc: bool, paused: Iterable[str] = ()
) -> Consent:
    """Transition: grant one service; every other answer, and the day from which validity counts, stays as it is.

    The day is a new one where a grant of the old one would hold no longer. Where Global Privacy Control has come on
    since, the grants it has *paused* become undecided: this press answered for one service and must not revive the
    others. Where it has gone, the earlier grants stand against it no more.
    """
    grants = {other: digest for other, digest in consent.granted.items() if other not in paused}
    grants[service] = registry.declaration_digests[service]
    is_too_old = consent.made_on is None or registry.validity.grants_end(consent.made_on, today)
    made_on = today if is_too_old else consent.made_on
    refused = consent.refused - {service}
    return Consent(MappingProxyType(grants), refused, made_on, gpc, refused_on=consent.refused_on)


def without_new_grants(wanted: Consent, before: Consent) -> Consent:
    """Transition: of *wanted* only what takes away, its refusals and withdrawals, with the grants of *before*.

    This is what takes effect where a grant cannot be proved (F5) or was made to a notice that has changed.
    """
    new = {service for service, digest in wanted.granted.items() if before.granted.get(service) != digest}
    standing = {service: digest for service, digest in wanted.granted.items() if service not in new}
    # What is new may have been refused by name, or with everything that comes later.
    refused = wanted.refused | (before.refused & {*new, REST} if new else frozenset())
    if standing == dict(before.granted) and refused == before.refused:
        return before
    reduced = replace(wanted, granted=MappingProxyType(standing), refused=refused)
    if standing:
        # Reconfirming under the signal, or on a later day, is a grant too: earlier grants keep what they had.
        day = wanted.last_refused_on
        reduced = replace(reduced, gpc=before.gpc, made_on=before.made_on, refused_on=day or before.refused_on)
    return reduced


class Codec:
    """Encode and decode consents as cookie values signed with HMAC-SHA256, with key rotation: newest key first.

    The text is `1.20261123.0.language-.youtube+k3J9a.<signature>`: the format, the day, the Global Privacy Control
    bit and twice the origin as one digit, every service in alphabetical order with `-` for refused or `+` and the
    digest for granted, and an HMAC-SHA256. After the day, `-9` tells that the latest refusal came nine days later.
    Equal choices of the same days give equal texts, whoever made them (D3).
    """

    def __init__(self, secret_keys: Iterable[str | bytes], scope: str | None = None) -> None:
        salt = "flask_cookieconsent" if scope is None else f"{_SALT_OF_A_SCOPE} {scope}"
        self._signer = signer(secret_keys, salt)
        # Most visitors of a day choose the same.
        self._signed = lru_cache(maxsize=1024)(self._signer.sign)

    def dumps(self, consent: Consent) -> str:
        """Encode a consent as a signed cookie value (ASCII); the signing is memoised.

        :raises ValueError: if no choice was ever made.
        """
        return self._signed(consent.unsigned).decode()

    def text_of(self, consent: Consent) -> str | None:
        """Encode a consent as `dumps` does; None where no choice was ever made."""
        return None if consent.made_on is None else self.dumps(consent)

    def is_foreign(self, value: str) -> bool:
        """Tell whether a cookie value is a consent that another app has signed, with a key that is none of ours."""
        is_consent = value.startswith(_FORMAT + ".") and len(value) <= LONGEST_TEXT and value.isascii()
        return is_consent and _is_signature(value.rpartition(".")[2]) and not self._signer.validate(value)

    def loads(self, text: str, *, today: date) -> Consent:
        """Verify and decode a cookie value; one day of clock skew is tolerated.

        :raises InvalidConsentError: for everything that this class did not write, and for days to come.
        """
        if len(text) > LONGEST_TEXT or not text.isascii():
            raise InvalidConsentError("longer than any text written here, or not ASCII")
        if not _is_signature(text.rpartition(".")[2]):
            raise InvalidConsentError("a signature that is not written as here")
        try:
            unsigned = self._signer.unsign(text).decode()
        except (BadSignature, ValueError) as error:
            raise InvalidConsentError("not signed by this site") from error
        return parsed(unsigned, today=today)


def parsed(unsigned: str, *, today: date) -> Consent:
    """Decode the text of a consent without its signature, which the caller has verified; raises as `Codec.loads`."""
    try:
        version, day, bits, *choices = unsigned.split(".")
        made_on = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError as error:
        raise InvalidConsentError("cut short") from error
    later = _LATER.fullmatch(day[8:])
    if later is None or version != _FORMAT or bits not in _BITS:
        raise InvalidConsentError("another format")
    refused_on = made_on + timedelta(days=int(later[1] or 0))
    if refused_on > today + timedelta(days=1):
        raise InvalidConsentError("a day to come")
    consent = _consent(choices, made_on, int(bits) % 2 == 1)
    return replace(consent, origin=Origin(int(bits) // 2), refused_on=refused_on)


def _is_signature(value: str) -> bool:
    """Tell whether a value is written as 32 bytes are here: base64 decoders skip letters, and bits of the last one."""
    return len(value) == SIGNATURE_LENGTH and value[-1] in _LAST and _BASE64URL.fullmatch(value) is not None


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


class Kind(StrEnum):
    """Kind of a consent event: which transition it records; `ERASED` is the tombstone of a record."""

    GIVEN = "given"
    CHANGED = "changed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


def within(consent: Consent, registry: Registry) -> Consent:
    """Restrict a consent to the services of one registry, where several apps share one cookie."""
    ours = registry.services.keys()
    if consent.granted.keys() <= ours and consent.refused <= ours:
        return consent
    return replace(
        consent,
        granted=MappingProxyType({service: digest for service, digest in consent.granted.items() if service in ours}),
        refused=consent.refused & ours,
    )


def kind_of(before: Consent, after: Consent) -> Kind | None:
    """Classify the transition between two consents of one site; None where the choices are the same (idempotent)."""
    if after.says_the_same(before):
        return None
    if before.granted:
        return Kind.CHANGED if after.granted else Kind.WITHDRAWN
    return Kind.GIVEN if after.granted else Kind.REFUSED
