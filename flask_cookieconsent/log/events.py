"""One row of the log as a value, and the HMAC-SHA256 that signs it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask_cookieconsent.core.consent import VALIDITY, Kind


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row of the log: a choice made, changed or withdrawn. The fields are those of `ConsentEventMixin`."""

    id: str
    time: datetime
    kind: str
    method: str
    choices: Mapping[str, str]
    gpc: bool
    receipt: str | None
    previous: str | None
    notice: str
    locale: str
    policy_version: str
    scope: str
    validity: int = VALIDITY.days
    mac: str = ""


def receipt_digest(receipt: str) -> str:
    """Return what the log keeps of a receipt: whoever holds it can prove an event, whoever reads the log cannot."""
    return hashlib.sha256(receipt.encode()).hexdigest()


def truncated(moment: datetime, kind: Kind) -> datetime:
    """Cut a moment to the minute, and to the day for a refusal, so that it cannot be joined with an access log."""
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0, tzinfo=None)
    return minute.replace(hour=0, minute=0) if kind is Kind.REFUSED else minute


def new_id(time: datetime) -> str:
    """Return an id that sorts by the truncated time and is otherwise random, so that no two servers need to agree."""
    minutes = int(time.replace(tzinfo=UTC).timestamp()) // 60
    return f"{minutes:08x}{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Writer:
    """Makes events for one app: its name in the log, the version of its policy, its clock and the key of its seal."""

    scope: str
    policy_version: str
    clock: Callable[[], datetime]
    key: bytes

    def event(self, *, kind: Kind, receipt: str | None, previous: str | None, **shown: Any) -> Event:
        """Make the event of a step that has just been taken."""
        time = truncated(self.clock(), kind)
        return self.signed(
            Event(
                id=new_id(time),
                time=time,
                kind=kind.value,
                receipt=_receipt_digest(receipt),
                previous=previous,
                policy_version=self.policy_version,
                scope=self.scope,
                **shown,
            )
        )

    def signed(self, event: Event) -> Event:
        """Return an event with its HMAC."""
        return replace(event, mac=mac_of(vars(event), self.key))


def event_of(row: Mapping[Any, Any]) -> Event:
    """Return a row of the table as an event; columns that an app has added are its own."""
    return Event(**{name: row[name] for name in Event.__dataclass_fields__})


def _event_in(entry: Mapping[str, Any]) -> Event | None:
    try:
        values = dict(entry["event"])
        return Event(**values | {"time": datetime.fromisoformat(values["time"])})
    except (KeyError, TypeError, ValueError):
        return None


def _receipt_digest(receipt: str | None) -> str | None:
    return receipt_digest(receipt) if receipt else None


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
