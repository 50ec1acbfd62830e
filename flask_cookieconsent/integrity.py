"""Signatures of the log: an HMAC for each row, and what follows when one does not fit."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any


def log_key(secret: str | bytes) -> bytes:
    """Derive the key of the log from a secret key of the app, so that neither tells anything of the other."""
    raw = secret.encode() if isinstance(secret, str) else secret
    return hmac.digest(raw, b"flask_cookieconsent.log", hashlib.sha256)


def mac_of(row: Mapping[str, Any], key: bytes) -> str:
    """Return the HMAC-SHA256 of a row's values but `mac`, in hexadecimal, over their canonical JSON."""
    values = {name: value for name, value in row.items() if name != "mac"}
    return hmac.digest(key, _CANONICAL.encode(values).encode(), hashlib.sha256).hex()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return dict(value)


# Made once: a new one for every row would take a third of the time.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def is_genuine(row: Mapping[str, Any], keys: Iterable[bytes]) -> bool:
    """Tell whether a row is as one of the keys has signed it; keys rotate, so there may be several."""
    return any(hmac.compare_digest(mac_of(row, key), row["mac"]) for key in keys)
