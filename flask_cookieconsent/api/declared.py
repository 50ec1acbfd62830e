"""What a site declares, in one language, as JSON types: categories, their services, providers and cookies."""

from __future__ import annotations

from typing import Any

from flask_cookieconsent.core.defaults import PURPOSES, REFUSALS
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.core.services import Category, Cookie, Provider, Service
from flask_cookieconsent.i18n import Language


def categories_of(registry: Registry, words: Language) -> list[dict[str, Any]]:
    """Return every category with its services, in the order in which visitors see them."""
    return [_category(registry, category, words) for category in registry.categories]


def _category(registry: Registry, category: Category, words: Language) -> dict[str, Any]:
    return {
        "id": category.id,
        "necessary": category.necessary,
        "title": words.text(category.title),
        "summary": words.text(category.summary),
        "refusal": words.text(category.refusal),
        "services": [_service(registry, service, words) for service in registry.by_category[category.id]],
    }


def _service(registry: Registry, service: Service, words: Language) -> dict[str, Any]:
    """Return a service; what its purpose means, and what refusing it means, is said as on the preferences page."""
    refusal = REFUSALS.get(service.purpose)
    return {
        "id": service.id,
        "name": words.text(service.name),
        "purpose": service.purpose,
        "says": words.text(PURPOSES[service.purpose]),
        "description": words.text(service.description),
        "justification": words.text(service.justification),
        "refusal": "" if refusal is None else words.text(refusal),
        "provider": None if service.provider is None else _provider(service.provider),
        "cookies": [_cookie(cookie, words) for cookie in service.cookies],
        "consent_types": {name: list(ids) for name, ids in registry.consent_types[service.id].items()},
    }


def _provider(provider: Provider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "country": provider.country,
        "privacy_policy": provider.privacy_policy,
        "opt_out": provider.opt_out,
    }


def _cookie(cookie: Cookie, words: Language) -> dict[str, Any]:
    """Return a cookie; `seconds` is null where it is kept until the browser is closed, or until it is cleared."""
    is_cleared_by_hand = cookie.duration is None and cookie.storage == "local"
    return {
        "name": cookie.name,
        "purpose": words.text(cookie.purpose),
        "storage": cookie.storage,
        "domain": cookie.domain,
        "seconds": None if cookie.duration is None else int(cookie.duration.total_seconds()),
        "lasts": words.text("Until you clear it") if is_cleared_by_hand else words.duration(cookie.duration),
    }
