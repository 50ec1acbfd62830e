"""The receipt: what a visitor can hold, keep and show to prove what was agreed (F7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings

from .events import is_genuine, mac_of

#: The shape follows the terms of ISO/IEC TS 27560:2023 as far as public sources give them.
SCHEMA = "flask-cookieconsent/receipt/1"


def document(
    events: Iterable[Mapping[str, Any]],
    registry: Registry,
    settings: Settings,
    *,
    translate: Callable[[Any], str],
    key: bytes,
) -> dict[str, Any]:
    """Return a receipt with everything that the log holds of its bearer, newest first, and a proof that we wrote it."""
    found = list(events)
    written = {
        "schema_version": SCHEMA,
        "pii_principal_id": next((each["receipt"] for each in found if each["receipt"]), None),
        "pii_controller": {
            "name": settings.controller,
            "address": settings.controller_address,
            "contact": settings.contact,
            "privacy_policy": settings.privacy_policy_url,
        },
        "events": [_event(each, registry, translate) for each in found],
    }
    return written | {"mac": mac_of(written, key)}


def _event(event: Mapping[str, Any], registry: Registry, translate: Callable[[Any], str]) -> dict[str, Any]:
    return {
        "record_id": event["id"],
        "event_time": event["time"].isoformat() + "Z",
        "event_state": event["kind"],
        "event_type": "expressed",
        "method": event["method"],
        "language": event["locale"],
        "privacy_notice": event["notice"],
        "policy_version": event["policy_version"],
        "validity_duration": f"P{event['validity']}D",
        "user_agent_signal": event["gpc"],
        "service": event["scope"],
        "purposes": [_purpose(each, answer, registry, translate) for each, answer in event["choices"].items()],
    }


def _purpose(id: str, answer: str, registry: Registry, translate: Callable[[Any], str]) -> dict[str, Any]:
    service = registry.services.get(id)
    found: dict[str, Any] = {"id": id, "answer": answer}
    if service is not None:
        provider = service.provider
        found |= {"name": translate(service.name), "category": service.category, "purpose": service.purpose}
        found["recipient_third_party"] = {"name": provider.name, "country": provider.country} if provider else None
    return found


def is_proved(text: str, keys: Iterable[bytes]) -> bool:
    """Tell whether a text is a receipt that one of the keys has signed, not one letter changed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict) or not isinstance(found.get("mac"), str) or found.get("schema_version") != SCHEMA:
        return False
    return found["mac"].isascii() and is_genuine(found, keys)
