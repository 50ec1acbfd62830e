"""What a site keeps with an account: one signed ASCII string with the choice of a person, and nothing about who it is.

The site stores the string as it is, in a column of its own; that is the only link between a person and a choice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from itsdangerous import BadSignature

from flask_cookieconsent.errors import InvalidConsentError

from .consent import LONGEST_TEXT, Consent, parsed
from .signing import signer

#: Most characters of a kept choice; a column of 4,000 holds every one.
LONGEST_KEPT = 4_000

#: How many of the choices that a kept one has replaced it remembers.
MOST_REPLACED = 12

_FORMAT = "k1"
_MOMENT = "%Y%m%d%H%M"
_REPLACED = re.compile(r"(?:[0-9a-f]{12}(?:-[0-9a-f]{12})*)?")


@dataclass(frozen=True)
class KeptChoice:
    """The choice that a site keeps with an account: the consent, and the UTC minute of the decision.

    `replaced` has the fingerprints of the choices before it, newest first: a device that has one of them is behind.
    """

    consent: Consent
    moment: datetime
    replaced: tuple[str, ...] = ()

    @property
    def followed_by(self) -> tuple[str, ...]:
        """What the next choice of the same account has replaced."""
        own = fingerprint(self.consent)
        return (own, *(each for each in self.replaced if each != own))[:MOST_REPLACED]


def fingerprint(consent: Consent) -> str:
    """Return 48 bits of the SHA-256 of the answers of a consent: the same for all who chose the same, whenever."""
    answers = [f"{service}+{digest}" for service, digest in consent.granted.items()]
    answers += [f"{service}-" for service in consent.refused]
    return hashlib.sha256(" ".join(sorted(answers)).encode()).hexdigest()[:12]


class KeptCodec:
    """Encode and decode kept choices, signed with HMAC-SHA256 and key rotation: newest key first.

    The text is `k1.202611231234.<replaced>.<consent>.<signature>`: the format, the minute in UTC, fingerprints with
    hyphens between them, and the text of the consent as it stands in the cookie. Its signature is another one, so that
    neither passes for the other.
    """

    def __init__(self, secret_keys: Iterable[str | bytes]) -> None:
        self._signer = signer(secret_keys, "flask_cookieconsent kept choice")
        self._remembered = lru_cache(maxsize=1024)(self._loads)

    def dumps(self, kept: KeptChoice) -> str:
        """Encode a kept choice as ASCII of at most `LONGEST_KEPT` characters."""
        moment = kept.moment.astimezone(UTC).strftime(_MOMENT)
        text = ".".join([_FORMAT, moment, "-".join(kept.replaced[:MOST_REPLACED]), kept.consent.unsigned])
        return self._signer.sign(text).decode()

    def read(self, text: object, *, today: date) -> KeptChoice | None:
        """Decode what a site has kept; None for nothing, and for everything that this class did not write (A7)."""
        if not isinstance(text, str) or not text or len(text) > LONGEST_KEPT or not text.isascii():
            return None
        try:
            return self._remembered(text, today)
        except InvalidConsentError:
            return None

    def _loads(self, text: str, today: date) -> KeptChoice:
        try:
            version, moment, replaced, unsigned = self._signer.unsign(text).decode().split(".", 3)
            decided = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
        except (BadSignature, ValueError) as error:
            raise InvalidConsentError("not signed by this site, or cut short") from error
        is_known = version == _FORMAT and _REPLACED.fullmatch(replaced) and len(unsigned) <= LONGEST_TEXT
        if not is_known or decided.date() > today + timedelta(days=1):
            raise InvalidConsentError("another format, or a moment to come")
        fingerprints = tuple(replaced.split("-")) if replaced else ()
        return KeptChoice(parsed(unsigned, today=today), decided, fingerprints)
