"""What templates are told that follows from a decision alone: tags, cookies that go, storage that a script clears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .decision import Decision
from .declaration import Service


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
    """Return what the loaders of allowed services are told: their data, and a vendor's own consent signal (G5)."""
    return [
        {
            "service": service.id,
            "loader": service.tag.loader,
            "data": dict(service.tag.data),
            "consent": _consent_types(service, decision),
        }
        for service in decision.registry.services.values()
        if service.tag is not None and decision.allows(service.id)
    ]


def _consent_types(service: Service, decision: Decision) -> str:
    assert service.tag is not None
    return " ".join(
        f"{name}={'granted' if answers in decision.allowed else 'denied'}"
        for name, answers in service.tag.consent_types.items()
    )
