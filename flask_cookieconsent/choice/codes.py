"""One-time codes that hand a consent from an app to a page, or back: signed, for a minute, without an identifier."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from flask import Flask
from itsdangerous import BadData, URLSafeSerializer

from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Codec, Consent
from flask_cookieconsent.core.signing import serializer
from flask_cookieconsent.errors import InvalidConsentError
from flask_cookieconsent.log.used_codes import UsedCodes
from flask_cookieconsent.state import State, secret_keys

#: Seconds for which a code can be used.
EXPIRES_IN = 60

#: Characters of a code; the longest consent makes one of 5,000.
LONGEST_CODE = 8_000

#: RFC 7636, sections 4.1 and 4.2: what a challenge is (method `S256`), and the secret that answers it.
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Direction(StrEnum):
    """Who takes a code: the page that an app opens, or the app to which a page gives back."""

    TO_PAGE = "page"
    TO_APP = "app"


@dataclass(frozen=True)
class Codes:
    """Makes the codes of one app, and takes each once; they count in every app that shares the key and the choices."""

    serializer: URLSafeSerializer
    codec: Codec
    used: UsedCodes
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, app: Flask, state: State, folder: Path) -> Codes:
        """Return the codes of an app; what was used is remembered within a folder."""
        signing = serializer(secret_keys(app, state.settings), "flask_cookieconsent handover")
        return cls(signing, state.codec, UsedCodes(folder / "codes"), state.clock)

    def issue(self, consent: Consent, direction: Direction, challenge: str = "") -> str:
        """Return a new code for a consent, in letters that a form and an address take as they are.

        With a *challenge* only whoever knows its verifier can use it.
        """
        text = self.codec.text_of(consent) or ""
        # The random part tells the codes of two visitors apart who chose the same.
        content = [direction.value, self._now() + EXPIRES_IN, secrets.token_urlsafe(16), challenge, text]
        return str(self.serializer.dumps(content))

    def redeem(self, code: str, direction: Direction, verifier: str = "") -> Consent | None:
        """Use a code, and return its consent; None for one that is used, too old, of another use, or not ours.

        One that somebody brings without its verifier can still be used by whoever has it.
        """
        if len(code) > LONGEST_CODE or not code.isascii():
            return None
        try:
            meant_for, until, _, challenge, text = self.serializer.loads(code)
            now = self._now()
            if meant_for != direction.value or not now <= until <= now + 2 * EXPIRES_IN:
                return None
            if not _is_answered(challenge, verifier):
                return None
            consent = self.codec.loads(text, today=self.clock().astimezone(UTC).date()) if text else NOTHING_CHOSEN
        except (BadData, InvalidConsentError, TypeError, ValueError):
            return None
        # Base64 writes the same signature in several ways, and the signed content in one alone.
        content = code.rpartition(".")[0].encode()
        is_first = self.used.use(hashlib.sha256(content).hexdigest(), until=until, now=now)
        return consent if is_first else None

    def _now(self) -> int:
        return int(self.clock().timestamp())


def challenge_of(verifier: str) -> str:
    """Return the challenge to a verifier: its SHA-256 as base64url without padding (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _is_answered(challenge: str, verifier: str) -> bool:
    """Tell whether a verifier answers a challenge; without one none may be brought (RFC 9700, section 2.1.1)."""
    if not challenge or not verifier:
        return challenge == verifier
    return VERIFIER.fullmatch(verifier) is not None and secrets.compare_digest(challenge_of(verifier), challenge)
