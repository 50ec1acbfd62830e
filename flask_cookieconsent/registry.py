"""Everything a site declares, checked as a whole and frozen at start-up, and the look-ups on it."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from .checks import mistakes_of
from .declaration import CATEGORIES, Category, Cookie, Service


class RegistryError(ValueError):
    """All mistakes of a declaration, reported together; `mistakes` holds one sentence for each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("The cookie declaration has mistakes:\n- " + "\n- ".join(self.mistakes))


@dataclass(frozen=True)
class Registry:
    """Everything the site declares, in the order in which visitors see it; made by `build`."""

    categories: tuple[Category, ...]
    services: Mapping[str, Service]
    policy_version: str

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The ids of the services that need a choice."""
        necessary = {category.id for category in self.categories if category.necessary}
        return tuple(service.id for service in self.services.values() if service.category not in necessary)

    @cached_property
    def by_category(self) -> Mapping[str, tuple[Service, ...]]:
        """The services of each category."""
        return MappingProxyType(
            {
                category.id: tuple(service for service in self.services.values() if service.category == category.id)
                for category in self.categories
            }
        )

    @cached_property
    def optional_by_category(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the services that need a choice, by their category."""
        return MappingProxyType(
            {
                group: tuple(service.id for service in members if service.id in self.optional)
                for group, members in self.by_category.items()
            }
        )

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """A short digest of what was declared about each service: five characters, 30 bits."""
        return MappingProxyType(
            {service.id: fingerprint(service, self.policy_version) for service in self.services.values()}
        )

    def first_party(self) -> Iterator[tuple[Service, Cookie]]:
        """Yield every cookie that the site itself keeps, with its service."""
        for service in self.services.values():
            for cookie in service.cookies:
                if cookie.is_first_party and cookie.storage == "cookie":
                    yield service, cookie


def fingerprint(service: Service, policy_version: str) -> str:
    """Digest what is material about a *service*: purpose, recipient, cookies and durations, never wording (D6)."""
    provider = service.provider
    material = [
        policy_version,
        service.category,
        service.purpose,
        [provider.name, provider.country] if provider else None,
        sorted(
            [each.storage, each.name, each.domain or "", each.duration.total_seconds() if each.duration else 0]
            for each in service.cookies
        ),
    ]
    digest = hashlib.sha256(json.dumps(material, separators=(",", ":")).encode()).digest()
    return urlsafe_b64encode(digest)[:5].decode()


def build(
    services: Iterable[Service], categories: Iterable[Category] | None = None, *, policy_version: str = "1"
) -> Registry:
    """Check a declaration as a whole and freeze it.

    Of the five default categories, those without a service are left out. A category the site names itself and gives
    no service acts as one service with the category's id.

    :raises RegistryError: with every mistake at once, each with its remedy.
    """
    groups = CATEGORIES if categories is None else tuple(categories)
    declared = tuple(services)
    if categories is not None:
        used = {service.category for service in declared}
        declared += tuple(_own_service(group) for group in groups if group.id not in used and not group.necessary)
    mistakes = list(mistakes_of(declared, groups))
    if mistakes:
        raise RegistryError(mistakes)
    order = {group.id: place for place, group in enumerate(groups)}
    in_order = sorted(declared, key=lambda service: order[service.category])
    used = {service.category for service in in_order}
    return Registry(
        categories=tuple(group for group in groups if group.id in used),
        services=MappingProxyType({service.id: _frozen(service) for service in in_order}),
        policy_version=policy_version,
    )


def _own_service(category: Category) -> Service:
    return Service(
        id=category.id,
        name=category.title,
        category=category.id,
        purpose="preferences",
        description=category.summary,
    )


def _frozen(service: Service) -> Service:
    return replace(service, cookies=tuple(service.cookies), hosts=MappingProxyType(dict(service.hosts)))
