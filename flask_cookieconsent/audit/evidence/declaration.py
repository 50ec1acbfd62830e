"""What a site declares, and its settings, as JSON types; of the settings only those that are listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask_cookieconsent.core.defaults import PURPOSES
from flask_cookieconsent.core.prefix import UrlPrefix
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.core.services import Cookie, Service
from flask_cookieconsent.i18n import Language
from flask_cookieconsent.settings import PREFIX, Settings

#: The settings that are told: each says what visitors meet, or how long something is kept.
TOLD = (
    *("controller", "controller_address", "contact", "privacy_policy_url"),
    *("policy_version", "policy_date", "url_prefix", "banner_style", "log_scope"),
    *("scope", "app_scope", "shared_scopes", "pages"),
    *("validity", "refusal_validity", "region_headers", "regimes", "exempt"),
    *("cookie_name", "cookie_domain", "trusted_origins", "sweep_except"),
    *("undeclared_cookies", "undeclared_frames", "undeclared_media", "csp"),
    *("dnt", "gpc_statement", "grant_rate", "receipt_rate", "grant_retention", "refusal_retention"),
)
#: Those that are not: keys, places on the server, and what is nobody's business but the owner's.
NOT_TOLD = (
    *("secret_key", "secret_key_fallbacks", "spool_folder"),
    *("database_timeout", "database_pause", "base_template", "csp_sources"),
)


def told_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that are told, by their keys."""
    return {PREFIX + name.upper(): _plain(getattr(settings, name)) for name in TOLD}


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return f"{value.days} days"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UrlPrefix):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def declared(registry: Registry, words: Language) -> list[dict[str, Any]]:
    """Return the categories with their services, providers and cookies, in one language."""
    text: Callable[[Any], str] = words.text
    return [
        {
            "id": group.id,
            "title": text(group.title),
            "summary": text(group.summary),
            "refusal": text(group.refusal),
            "always_on": group.necessary,
            "services": [_service(member, words) for member in registry.by_category[group.id]],
        }
        for group in registry.categories
    ]


def _service(service: Service, words: Language) -> dict[str, Any]:
    provider = service.provider
    return {
        "id": service.id,
        "name": words.text(service.name),
        "purpose": service.purpose,
        "purpose_text": words.text(PURPOSES[service.purpose]),
        "description": words.text(service.description),
        "justification": words.text(service.justification),
        "provider": provider
        and {
            "name": provider.name,
            "country": provider.country,
            "privacy_policy": provider.privacy_policy,
            "opt_out": provider.opt_out,
        },
        "cookies": [_cookie(cookie, words) for cookie in service.cookies],
        "hosts": {directive: list(sources) for directive, sources in service.hosts.items()},
    }


def _cookie(cookie: Cookie, words: Language) -> dict[str, Any]:
    return {
        "name": cookie.name,
        "storage": cookie.storage,
        "domain": cookie.domain,
        "path": cookie.path,
        "purpose": words.text(cookie.purpose),
        "duration": words.duration(cookie.duration),
        "duration_seconds": cookie.duration and int(cookie.duration.total_seconds()),
    }
