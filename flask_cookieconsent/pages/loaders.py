"""Template data derived from a decision alone: script loaders, removed cookies, Web Storage keys to clear."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.registry import CookieIndex
from flask_cookieconsent.core.services import Answer, Queue, Service, Tag


@dataclass(frozen=True)
class Removal:
    """Cookies of one service that is off: first-party names `removed`, third-party names `beyond` reach by domain."""

    service: Service
    removed: tuple[str, ...]
    beyond: Mapping[str, tuple[str, ...]]


def removals(decision: Decision) -> list[Removal]:
    """Return the cookies of all services that are off, for the page that tells a visitor what is removed (E4)."""
    all_removals = []
    for service in decision.registry.services.values():
        if service.id in decision.allowed:
            continue
        cookies = service.cookies
        removed = tuple(cookie.name for cookie in cookies if cookie.is_first_party)
        domains = dict.fromkeys(cookie.domain for cookie in cookies if cookie.domain)
        beyond = {domain: tuple(cookie.name for cookie in cookies if cookie.domain == domain) for domain in domains}
        if removed or beyond:
            all_removals.append(Removal(service, removed, beyond))
    return all_removals


def leftovers(decision: Decision, index: CookieIndex, sent: Iterable[str]) -> frozenset[str]:
    """Return the services that are off and have a cookie among those *sent*, so that something of them is removed."""
    services = {service for name in sent for service, _ in index.declared(name)}
    return frozenset(services - decision.allowed)


def forgotten(decision: Decision) -> dict[str, list[str]]:
    """Return the first-party Web Storage keys of services that are off, by storage area; a script clears them (E4)."""
    keys: dict[str, list[str]] = {}
    for service in decision.registry.services.values():
        for cookie in service.cookies:
            if cookie.is_first_party and cookie.storage != "cookie" and service.id not in decision.allowed:
                keys.setdefault(cookie.storage, []).append(cookie.name)
    return keys


def tags(decision: Decision) -> list[Mapping[str, Any]]:
    """Return the loader data of every allowed service with a tag."""
    return [
        loader_data(service, service.tag, decision)
        for service in decision.registry.services.values()
        if service.tag is not None and decision.allows(service.id)
    ]


def loader_data(service: Service, tag: Tag, decision: Decision) -> Mapping[str, Any]:
    """Return the `data-` attributes of a tag's loader: its JSON recipe, and the states of Google Consent Mode (G5)."""
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
    queue = Queue(name=tag.queue) if isinstance(tag.queue, str) else tag.queue
    properties = queue and {field.name: getattr(queue, field.name) for field in fields(queue)}
    return {name: _answered(getattr(tag, name), decision) for name in names} | {
        "queue": _answered(properties, decision)
    }


def _answered(value: Any, decision: Decision) -> Any:
    """Return a JSON-serialisable copy of a value, each `Answer` replaced by the visitor's."""
    if isinstance(value, Answer):
        return value.granted if value.name in decision.allowed else value.denied
    if isinstance(value, Mapping):
        return {name: _answered(item, decision) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_answered(item, decision) for item in value]
    return value
