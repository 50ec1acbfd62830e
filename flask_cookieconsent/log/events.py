"""One event of the log as a frozen value, and HMAC-SHA256 over the canonical JSON of a row: sign and verify."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any, overload

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.core.signing import derived
from flask_cookieconsent.core.validity import USUAL, Validity


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """What is known of an event before the log adds id, time, link and signature.

    `choices` maps each optional service to `"granted"`, `"refused"` or `"undecided"`. `receipt` and `previous_receipt`
    are the bearer's random numbers before and after the step; the log keeps digests of them alone. `notice` is the
    digest that was answered, `""` where none is known, and `shown` that notice itself where it is the present one.
    `scope` is where the choice was made, `""` for the site itself.
    """

    kind: Kind
    method: str
    choices: Mapping[str, str] = field(default_factory=dict)
    gpc: bool = False
    receipt: str | None = None
    previous_receipt: str | None = None
    notice: str = ""
    locale: str = ""
    shown: Notice | None = None
    scope: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One signed row of the log: a choice made, changed or withdrawn. The fields are those of `ConsentEventMixin`."""

    id: str
    recorded_on: date
    time: datetime
    kind: Kind
    method: str
    choices: Mapping[str, str]
    gpc: bool
    receipt: str | None
    previous_receipt: str | None
    notice: str
    locale: str
    policy_version: str
    scope: str
    validity: int = USUAL.grants.days
    mac: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The columns of the event: what is signed, inserted and written as JSON."""
        return {**vars(self), "kind": self.kind.value, "choices": dict(self.choices)}


#: The columns of an event in their order; others that an app has added to its model are its own.
COLUMNS = tuple(Event.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True)
class SampleEvent:
    """An invented event for demonstrations: what somebody might have chosen, `age` ago; no visitor stands behind it.

    `kind` is `"given"`, `"changed"`, `"refused"` or `"withdrawn"`, `method` `"banner"`, `"preferences"`, `"embed"` or
    `"link"`. Optional services that are not in `granted` were refused.
    """

    age: timedelta
    kind: str
    method: str
    locale: str
    granted: Collection[str] = ()


@overload
def receipt_digest(receipt: str) -> str: ...
@overload
def receipt_digest(receipt: None) -> None: ...
def receipt_digest(receipt: str | None) -> str | None:
    """Return the SHA-256 of a receipt in hexadecimal, None for none.

    Whoever holds the receipt can prove an event, and whoever reads the log cannot.
    """
    return None if receipt is None else hashlib.sha256(receipt.encode()).hexdigest()


def truncated(moment: datetime, kind: Kind) -> datetime:
    """Truncate a moment to the minute, a refusal's to the day, as UTC without a zone.

    So coarse a time cannot be joined with an access log.
    """
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0, tzinfo=None)
    return minute.replace(hour=0, minute=0) if kind in (Kind.REFUSED, Kind.ERASED) else minute


def new_id(time: datetime) -> str:
    """Return a time-ordered random id: 8 hex digits of minutes since 1970, and 96 random bits.

    No two servers need to agree about it.
    """
    return first_id(time) + secrets.token_hex(12)


def first_id(time: datetime) -> str:
    """Return the beginning of the ids of a minute (UTC), which is less than each of them, and than all that follow."""
    return f"{int(time.replace(tzinfo=UTC).timestamp()) // 60:08x}"


def is_id(value: object) -> bool:
    """Tell whether a value has the form of an id; never raises: a row that somebody else wrote may hold anything."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Keys:
    """The HMAC-SHA256 keys of the log, newest first: the first one signs, every one verifies (key rotation)."""

    newest_first: tuple[bytes, ...]

    @classmethod
    def derive(cls, secrets: Iterable[str | bytes]) -> Keys:
        """Derive keys from the secret keys of an app, newest first, so that neither tells anything of the other."""
        return cls(derived(secrets, b"flask_cookieconsent.log"))

    def mac(self, row: Mapping[Any, Any]) -> str:
        """Return the HMAC-SHA256, in hexadecimal, of the canonical JSON of a row's values but `mac`."""
        return _mac(row, self.newest_first[0])

    def with_mac(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """Return a row together with its `mac`."""
        return {**row, "mac": self.mac(row)}

    def is_genuine(self, row: Mapping[Any, Any]) -> bool:
        """Tell whether the `mac` of a row is that of one of the keys; never raises."""
        return self.signing_key(row) is not None

    def signing_key(self, row: Mapping[Any, Any]) -> bytes | None:
        """Return the key whose `mac` a row has, compared in constant time, None for none of ours; never raises.

        A row that somebody else wrote may hold anything.
        """
        mac = row["mac"]
        if not (isinstance(mac, str) and mac.isascii()):  # hmac.compare_digest takes no other text
            return None
        try:
            return next((key for key in self.newest_first if hmac.compare_digest(_mac(row, key), mac)), None)
        except (TypeError, ValueError, RecursionError):  # no canonical JSON
            return None


def _mac(row: Mapping[Any, Any], key: bytes) -> str:
    values = {name: value for name, value in row.items() if name != "mac"}
    # A receipt that somebody brings may hold half a character, which JSON allows and UTF-8 does not.
    return hmac.digest(key, _CANONICAL.encode(values).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else dict(value)


# Made once: a new one for every row would take a third of the time.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_json_value)


@dataclass(frozen=True, kw_only=True)
class EventFactory:
    """Makes the events of one app: its name in the log (`scope`), policy version, clock in UTC, keys and timer.

    `app_scope` is the name of its programs, `""` where there are none.
    """

    scope: str
    policy_version: str
    clock: Callable[[], datetime]
    keys: Keys
    #: Returns seconds that never go back, for intervals.
    timer: Callable[[], float] = monotonic
    validity: Validity = USUAL
    app_scope: str = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope of the app's events, that of its pages first."""
        return tuple(dict.fromkeys(scope for scope in (self.scope, self.app_scope) if scope))

    def event(self, draft: EventDraft) -> Event:
        """Return the event of a draft at the present moment, not signed yet: it may be written on a later day."""
        now = self.clock().astimezone(UTC)
        time = truncated(now, draft.kind)
        return Event(
            id=new_id(time),
            recorded_on=now.date(),
            time=time,
            kind=draft.kind,
            method=draft.method,
            choices=draft.choices,
            gpc=draft.gpc,
            receipt=receipt_digest(draft.receipt),
            previous_receipt=receipt_digest(draft.previous_receipt),
            notice=draft.notice,
            locale=draft.locale,
            policy_version=self.policy_version,
            scope=draft.scope or self.scope,
            validity=self._holds(draft.kind).days,
        )

    def _holds(self, kind: Kind) -> timedelta:
        """Return how long what an event records holds: where something is granted, that as the shorter of the two."""
        return self.validity.grants if kind in (Kind.GIVEN, Kind.CHANGED) else self.validity.refusals

    def tombstone(self, method: str, scope: str = "") -> Event:
        """Return the event of an erasure: that a record went on a day, and nothing of whose or what it was."""
        return replace(self.event(EventDraft(kind=Kind.ERASED, method=method, scope=scope)), validity=0)

    def signed(self, event: Event) -> Event:
        """Return an event with its HMAC."""
        return replace(event, mac=self.keys.mac(event.row))

    def signed_row(self, event: Event, *, recorded_on: date, notice: str) -> dict[str, Any]:
        """Return the signed row of an event that is written on a day (UTC), and names a kept notice, or none."""
        return self.keys.with_mac(event.row | {"recorded_on": recorded_on, "notice": notice})


def event_of(row: Mapping[Any, Any]) -> Event:
    """Return a row of the table as an event.

    :raises ValueError: if somebody has written a kind there that is none.
    """
    return Event(**{name: row[name] for name in COLUMNS} | {"kind": Kind(row["kind"])})
