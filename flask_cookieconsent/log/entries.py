"""Signed texts of events and notices that wait on disk: written, and read with a check of all that they say."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice, digest

from .events import Event, Keys


def event_text(event: Event, keys: Keys) -> str:
    """Return an event that waits as JSON, with one HMAC over all of it; its own comes with its row."""
    row = event.row | {"recorded_on": event.recorded_on.isoformat(), "time": event.time.isoformat()}
    return json.dumps(keys.with_mac(row))


def event_in(text: str, keys: Keys) -> Event:
    """Return the event that a text holds.

    :raises ValueError: if the text is no entry of this site and this version, whatever else it is.
    """
    row = _signed_in(text, keys)
    try:
        values = {
            "recorded_on": date.fromisoformat(row["recorded_on"]),
            "time": datetime.fromisoformat(row["time"]),
            "kind": Kind(row["kind"]),
        }
        return Event(**row | values)
    except (KeyError, TypeError) as error:
        raise ValueError("it is no entry of this version") from error


def notice_text(notice: Notice, keys: Keys) -> str:
    """Return a notice that events name as JSON, with one HMAC over all of it."""
    return json.dumps(keys.with_mac(asdict(notice)))


def notice_in(text: str, keys: Keys) -> Notice:
    """Return the notice that a text holds.

    :raises ValueError: if the text is no notice of this site and this version, whatever else it is.
    """
    values = _signed_in(text, keys)
    try:
        notice = Notice(**{name: value for name, value in values.items() if name != "mac"})
        is_named = digest(notice.snapshot) == notice.digest
    except (TypeError, AttributeError) as error:
        raise ValueError("it is no notice of this version") from error
    if not is_named:
        raise ValueError("it is not the one that its digest names")
    return notice


def _signed_in(text: str, keys: Keys) -> dict[str, Any]:
    try:
        values = json.loads(text)
        if isinstance(values, dict) and keys.is_genuine(values):
            return values
    except (KeyError, RecursionError):
        pass
    raise ValueError("it has no valid signature")
