"""Registry of declared services: validated and frozen at start-up, with look-ups by category, cookie and digest."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from flask_cookieconsent.errors import RegistryError

from .consent_types import followed
from .defaults import CATEGORIES, FRAMEWORK
from .services import Category, Cookie, Service
from .validation import exemption_mistakes, mistakes_of
from .validity import USUAL, Validity


@dataclass(frozen=True)
class Registry:
    """Immutable registry of everything a site declares, in the order in which visitors see it; made by `build`."""

    categories: tuple[Category, ...]
    services: Mapping[str, Service]
    policy_version: str
    #: How long the answers of visitors hold.
    validity: Validity = USUAL

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
    def declaration_digests(self) -> Mapping[str, str]:
        """The declaration digest of each service, by its id: five characters of base64url, 30 bits."""
        return MappingProxyType(
            {
                service.id: declaration_digest(service, self.policy_version, self.consent_types[service.id])
                for service in self.services.values()
            }
        )

    @cached_property
    def consent_types(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """The consent types that the tag of each service passes on, with the ids of the services they follow.

        A category stands for itself. What follows nothing is denied.
        """
        services = tuple(self.services.values())
        return MappingProxyType({service.id: MappingProxyType(followed(service, services)) for service in services})

    def ungrantable(self, id: str) -> tuple[str, ...]:
        """Return the consent types of a service's tag that nothing declared can ever grant."""
        return tuple(
            name
            for name, ids in self.consent_types[id].items()
            if not ids or any(each not in self.services and each not in self.by_category for each in ids)
        )

    def first_party(self) -> Iterator[tuple[Service, Cookie]]:
        """Yield first-party cookies, those that the site itself keeps, each with its service."""
        for service in self.services.values():
            for cookie in service.cookies:
                if cookie.is_first_party and cookie.storage == "cookie":
                    yield service, cookie


def declaration_digest(
    service: Service, policy_version: str, consent_types: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> str:
    """Return the declaration digest: 30 bits of SHA-256, as five characters of base64url.

    It covers what is material about a *service*: purpose, recipient, cookies, durations and whose answers it passes on,
    never wording (D6).
    """
    provider = service.provider
    material: list[Any] = [
        policy_version,
        service.category,
        service.purpose,
        [provider.name, provider.country] if provider else None,
        sorted(
            [
                cookie.storage,
                cookie.name,
                cookie.domain or "",
                cookie.duration.total_seconds() if cookie.duration else 0,
            ]
            for cookie in service.cookies
        ),
    ]
    # Only where there are any, so that grants of all other services from before stay what they were.
    if consent_types:
        material.append(sorted([name, *ids] for name, ids in consent_types.items()))
    digest = hashlib.sha256(json.dumps(material, separators=(",", ":")).encode()).digest()
    return urlsafe_b64encode(digest)[:5].decode()


def build(
    services: Iterable[Service],
    categories: Iterable[Category] | None = None,
    *,
    policy_version: str = "1",
    validity: Validity = USUAL,
    exempt: Iterable[str] = (),
) -> Registry:
    """Validate a declaration as a whole and build an immutable registry.

    Of the five default categories, those without a service are left out. A category the site names itself and gives
    no service acts as one service with the category's id.

    :raises RegistryError: with every mistake at once, each with its remedy.
    """
    groups = CATEGORIES if categories is None else tuple(categories)
    declared = tuple(services)
    if categories is not None:
        used = {service.category for service in declared}
        declared += tuple(_own_service(group) for group in groups if group.id not in used and not group.necessary)
    mistakes = [*mistakes_of(declared, groups), *exemption_mistakes(declared, groups, exempt)]
    if mistakes:
        raise RegistryError(mistakes)
    order = {group.id: number for number, group in enumerate(groups)}
    in_order = sorted(declared, key=lambda service: order[service.category])
    used = {service.category for service in in_order}
    return Registry(
        categories=tuple(group for group in groups if group.id in used),
        services=MappingProxyType({service.id: _frozen(service) for service in in_order}),
        policy_version=policy_version,
        validity=validity,
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
    hosts = {directive: tuple(sources) for directive, sources in service.hosts.items()}
    frozen = MappingProxyType(hosts)
    return replace(service, cookies=tuple(service.cookies), hosts=frozen, pictures=tuple(service.pictures))


def with_framework(declared: Registry, cookies: Iterable[Cookie]) -> Registry:
    """Add the *cookies* of Flask and its extensions to a declaration, as one necessary service.

    Cookies that a service declares are that service's, in the words of its owner.

    :raises RegistryError: if a service that needs a choice declares one of them, because a refusal would take it away.
    """
    index, unworded, wrong = CookieIndex(declared), [], []
    for cookie in cookies:
        found = index.declared(cookie.name)
        wrong += [
            f"cookie {cookie.name!r} of service {service!r}: the app's own session or sign-in cookie, which nothing "
            "may take away; declare it in the category 'necessary'"
            for service, theirs in found
            if service in declared.optional and theirs.name == cookie.name
        ]
        # A star of an optional service does not reach it: see `CookieIndex.framework`.
        if all(service in declared.optional for service, _ in found):
            unworded.append(cookie)
    if wrong:
        raise RegistryError(wrong)
    if not unworded:
        return declared
    order = {category.id: number for number, category in enumerate(declared.categories)}
    told = [*declared.services.values(), replace(FRAMEWORK, cookies=tuple(unworded))]
    told.sort(key=lambda service: order[service.category])
    return replace(declared, services=MappingProxyType({service.id: service for service in told}))


@dataclass(frozen=True)
class CookieIndex:
    """Index of first-party cookies by name and by prefix: whose a cookie is, without a loop over all declarations.

    `framework` are the names that the app's configuration gives to the cookies of Flask and its extensions: they are
    known without a declaration, and nothing here touches them. `spared` are names, or beginnings with a star, that are
    never swept, because a sibling site uses them too.
    """

    registry: Registry
    framework: frozenset[str] = frozenset()
    spared: tuple[str, ...] = ()

    @cached_property
    def _exact(self) -> dict[str, list[tuple[str, Cookie]]]:
        return self._grouped("")

    @cached_property
    def _beginnings(self) -> dict[str, list[tuple[str, Cookie]]]:
        return self._grouped("*")

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(prefix) for prefix in self._beginnings})

    def _grouped(self, ending: str) -> dict[str, list[tuple[str, Cookie]]]:
        declarations: dict[str, list[tuple[str, Cookie]]] = {}
        for service, cookie in self.registry.first_party():
            if cookie.name.endswith("*") == bool(ending) and cookie.name not in self.framework:
                declarations.setdefault(cookie.name.removesuffix("*"), []).append((service.id, cookie))
        return declarations

    def declared(self, name: str) -> list[tuple[str, Cookie]]:
        """Look up every declaration that a cookie's *name* matches, as pairs of service id and cookie.

        Names match as in browsers: case counts, and a prefix such as `__Host-` is part of the name.
        """
        if name in self.framework:
            return []
        declarations = list(self._exact.get(name, ()))
        for length in self._lengths:
            declarations += self._beginnings.get(name[:length], ()) if len(name) >= length else ()
        return declarations

    def is_known(self, name: str) -> bool:
        """Tell whether a cookie is declared or the framework's own."""
        return name in self.framework or bool(self.declared(name))

    def is_optional(self, name: str) -> bool:
        """Tell whether a cookie belongs to services that need a choice, and to no other."""
        return self._remembered(name)

    @cached_property
    def _remembered(self) -> Callable[[str], bool]:
        # Every request brings the same few names; strangers may send any, so the memory is bounded.
        return lru_cache(maxsize=1024)(self._is_optional)

    def _is_optional(self, name: str) -> bool:
        declared = self.declared(name)
        return bool(declared) and all(service in self._optional for service, _ in declared)

    def is_denied(self, name: str, allowed: Collection[str]) -> bool:
        """Tell whether a cookie is declared, and no service that declares it is allowed."""
        declared = self.declared(name)
        return bool(declared) and not any(service in allowed for service, _ in declared)

    def is_spared(self, name: str) -> bool:
        """Tell whether a cookie is exempt from the sweep, by its name or a prefix with a star."""
        return any(name.startswith(rule[:-1]) if rule.endswith("*") else name == rule for rule in self.spared)

    @cached_property
    def _optional(self) -> frozenset[str]:
        return frozenset(self.registry.optional)

    def unseen(self, allowed: Collection[str]) -> Iterator[str]:
        """Return the names of denied cookies that not every request carries, because their path is not `/`."""
        return (name for service, name in self._elsewhere if service not in allowed)

    @cached_property
    def _elsewhere(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (service.id, cookie.name)
            for service, cookie in self.registry.first_party()
            if cookie.path != "/" and not cookie.name.endswith("*")
        )
