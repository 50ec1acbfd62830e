"""Signatures with the secret keys of an app: HMAC-SHA256, with key rotation (itsdangerous)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from itsdangerous import Signer, URLSafeSerializer


def in_bytes(secret_keys: Iterable[str | bytes]) -> tuple[bytes, ...]:
    """Return secret keys as bytes, in their order; a text is UTF-8."""
    return tuple(key.encode() if isinstance(key, str) else key for key in secret_keys)


def derived(secret_keys: Iterable[str | bytes], purpose: bytes) -> tuple[bytes, ...]:
    """Derive a key for one purpose from each secret key, in their order: none tells anything of another."""
    return tuple(hmac.digest(key, purpose, hashlib.sha256) for key in in_bytes(secret_keys))


def signer(secret_keys: Iterable[str | bytes], salt: str) -> Signer:
    """Return what signs texts with the first of some keys, newest first, and accepts the signatures of all."""
    return Signer(_oldest_first(secret_keys), salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)


def serializer(secret_keys: Iterable[str | bytes], salt: str) -> URLSafeSerializer:
    """Return the same for JSON values, in letters that a form and an address take as they are."""
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(_oldest_first(secret_keys), salt=salt, signer_kwargs=signing)


def _oldest_first(secret_keys: Iterable[str | bytes]) -> list[bytes]:
    # itsdangerous signs with the last key of a list and accepts all of them.
    return list(in_bytes(secret_keys)[::-1])
