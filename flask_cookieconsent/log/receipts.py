"""Consent receipts: the JSON document that a visitor can keep and show to prove what was agreed, and its check."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings

from .events import Event, Keys

#: The shape follows the terms of ISO/IEC TS 27560:2023 as far as public sources give them.
SCHEMA = "flask-cookieconsent/receipt/1"


def document(
    events: Iterable[Event], registry: Registry, settings: Settings, translate: Callable[[Any], str]
) -> dict[str, Any]:
    """Return the events of one bearer, newest first, as a receipt in JSON types, not signed yet.

    `static/receipt.schema.json` describes it. *translate* turns a name of the declaration into words.
    """
    history = list(events)
    return {
        "schema_version": SCHEMA,
        "pii_principal_id": next((event.receipt for event in history if event.receipt), None),
        "pii_controller": {
            "name": settings.controller,
            "address": settings.controller_address,
            "contact": settings.contact,
            "privacy_policy": settings.privacy_policy_url,
        },
        "events": [_event(event, registry, translate) for event in history],
    }


def _event(event: Event, registry: Registry, translate: Callable[[Any], str]) -> dict[str, Any]:
    return {
        "record_id": event.id,
        "event_time": event.time.isoformat() + "Z",
        "event_state": event.kind.value,
        "event_type": "expressed",
        "method": event.method,
        "language": event.locale,
        "privacy_notice": event.notice,
        "policy_version": event.policy_version,
        "validity_duration": f"P{event.validity}D",
        "user_agent_signal": event.gpc,
        "service": event.scope,
        "purposes": [_purpose(id, answer, registry, translate) for id, answer in event.choices.items()],
    }


def _purpose(id: str, answer: str, registry: Registry, translate: Callable[[Any], str]) -> dict[str, Any]:
    service = registry.services.get(id)
    purpose: dict[str, Any] = {"id": id, "answer": answer}
    if service is not None:
        provider = service.provider
        purpose |= {"name": translate(service.name), "category": service.category, "purpose": service.purpose}
        purpose["recipient_third_party"] = {"name": provider.name, "country": provider.country} if provider else None
    return purpose


def signed(document: Mapping[str, Any], keys: Keys, scope: str) -> dict[str, Any]:
    """Return a receipt with the HMAC, in its last member `mac`, of its text without whitespace and of the site's name.

    The text is what is signed, because two parsers may read one text as two documents. With the name, sites that share
    a key do not vouch for each other.
    """
    return {**document, "mac": keys.mac(_signable(document, scope))}


def is_signed(text: str, keys: Keys, scope: str) -> bool:
    """Tell whether a text is a receipt as this site wrote and signed it, whitespace between its tokens apart.

    Any other text is not, and none raises: equal names, other escapes and other spellings of a number are differences.
    """
    try:
        receipt = json.loads(text)
        if not isinstance(receipt, dict) or _INSIGNIFICANT.sub(_kept, text) != _written(receipt):
            return False
        *names, last = receipt
        document = {name: receipt[name] for name in names}
        return last == "mac" and keys.is_genuine(_signable(document, scope) | {"mac": receipt[last]})
    except (ValueError, RecursionError):
        return False


def _signable(document: Mapping[str, Any], scope: str) -> dict[str, Any]:
    return {"receipt": _written(document), "scope": scope}


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


# A string, in which spaces count, or the whitespace of RFC 8259, section 2.
_INSIGNIFICANT = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\n\r]+', re.DOTALL)


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""
