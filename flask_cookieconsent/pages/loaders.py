"""What templates are told that follows from a decision alone: tags, cookies that go, storage that a script clears."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.services import Answer, Service, Tag


@dataclass(frozen=True)
class Removal:
    """What becomes of the cookies of one service that is off: those the site removes, those out of its reach."""

    service: Service
    removed: tuple[str, ...]
    beyond: Mapping[str, tuple[str, ...]]


def removals(decision: Decision) -> list[Removal]:
    """Return what a visitor is told about the cookies of services that are off (E4)."""
    found = []
    for service in decision.registry.services.values():
        if service.id in decision.allowed:
            continue
        removed = tuple(each.name for each in service.cookies if each.is_first_party)
        domains = dict.fromkeys(each.domain for each in service.cookies if each.domain)
        beyond = {domain: tuple(each.name for each in service.cookies if each.domain == domain) for domain in domains}
        if removed or beyond:
            found.append(Removal(service, removed, beyond))
    return found


def forgotten(decision: Decision) -> dict[str, list[str]]:
    """Return the storage keys of the site itself that only a script can remove, by the area they are in (E4)."""
    found: dict[str, list[str]] = {}
    for service in decision.registry.services.values():
        for each in service.cookies:
            if each.is_first_party and each.storage != "cookie" and service.id not in decision.allowed:
                found.setdefault(each.storage, []).append(each.name)
    return found


def tags(decision: Decision) -> list[Mapping[str, Any]]:
    """Return what the loaders of allowed services are told."""
    return [
        told(service, service.tag, decision)
        for service in decision.registry.services.values()
        if service.tag is not None and decision.allows(service.id)
    ]


def told(service: Service, tag: Tag, decision: Decision) -> Mapping[str, Any]:
    """Return what the loader of one tag is told: its data, and the answers of a vendor's own consent signal (G5)."""
    data = dict(tag.data)
    if tag.src:
        data |= {"src": tag.src, "recipe": json.dumps(_recipe(tag, decision))}
    return {
        "service": service.id,
        "loader": tag.loader,
        "data": data,
        "consent": " ".join(
            f"{name}={'granted' if answers in decision.allowed else 'denied'}"
            for name, answers in tag.consent_types.items()
        ),
    }


def _recipe(tag: Tag, decision: Decision) -> dict[str, Any]:
    names = ("attributes", "values", "lists", "calls", "withdrawn", "withdrawn_lists")
    queue = None if tag.queue is None else {each.name: getattr(tag.queue, each.name) for each in fields(tag.queue)}
    return {name: _answered(getattr(tag, name), decision) for name in names} | {"queue": _answered(queue, decision)}


def _answered(value: Any, decision: Decision) -> Any:
    """Return a value for JSON, with the visitor's answers in it."""
    if isinstance(value, Answer):
        return value.granted if value.name in decision.allowed else value.denied
    if isinstance(value, Mapping):
        return {name: _answered(each, decision) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_answered(each, decision) for each in value]
    return value
