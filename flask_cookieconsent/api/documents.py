"""View functions of the JSON interface for what is the same for everybody: the declaration, and the notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import Response, current_app, jsonify, request, url_for

from flask_cookieconsent.core.services import N_
from flask_cookieconsent.i18n import language
from flask_cookieconsent.locales import in_locale
from flask_cookieconsent.pages.renderer import Renderer

from .declared import categories_of
from .languages import Wanted, spoken_locales, wanted_locale

#: The standing sentences that a screen needs, as the banner and the preferences have them.
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "title": N_("We use cookies"),
        "introduction": N_("Some make this site work. The others need your consent:"),
        "explanation": N_(
            "If you refuse, the whole site stays open. Change your mind any time under “Cookie settings” on every page."
        ),
        "news": N_("Something is new since your last choice. What you refused stays refused."),
        "accept": N_("Accept all"),
        "reject": N_("Reject all"),
        "choose": N_("Choose cookies"),
        "save": N_("Save choices"),
        "allow": N_("Allow"),
        "withdraw": N_("Withdraw consent"),
        "settings": N_("Cookie settings"),
        "policy": N_("Cookie policy"),
        "always_on": N_("Always on"),
        "granted": N_("Your cookie choice is saved: everything is allowed."),
        "saved": N_("Your cookie choice is saved: what you did not allow is off."),
        "refused": N_("Your cookie choice is saved: everything optional is off."),
        "withdrawn": N_("Your consent is withdrawn: everything optional is off."),
    }
)

# In seconds; a declaration is what a release of the site says, and may be that much behind.
_FRESH = 300


class Documents:
    """The view functions of one app; what they say in a language is made once."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._state = renderer, renderer.state
        self._remembered = lru_cache(maxsize=128)(self._made)

    def declaration(self) -> Response:
        """Return all that the site declares, and who is responsible for it."""
        wanted = wanted_locale()
        return _shared(self._told(self._declaration, wanted.locale) | _addresses(), wanted, f"max-age={_FRESH}")

    def notice(self) -> Response:
        """Return what somebody is shown who is asked, with the digest that their answer has to name.

        Whoever keeps it asks whether it still holds: an answer to an old one grants nothing.
        """
        wanted = wanted_locale()
        told = self._told(self._notice, wanted.locale)
        digest = self._renderer.notice_digest(wanted.locale)
        return _shared({"notice": digest} | told | _addresses(), wanted, "no-cache")

    # -- inside ----------------------------------------------------------------------------------------------------

    def _told(self, make: Callable[[str], dict[str, Any]], locale: str) -> dict[str, Any]:
        return make(locale) if current_app.debug else self._remembered(make, locale)

    def _made(self, make: Callable[[str], dict[str, Any]], locale: str) -> dict[str, Any]:
        return make(locale)

    def _common(self, locale: str) -> dict[str, Any]:
        registry, words = self._state.registry, language(locale)
        with in_locale(locale):  # for the lazy texts of the site
            return {
                "locale": words.locale,
                "language": words.tag,
                "direction": words.direction,
                "policy_version": registry.policy_version,
                "cookie_domain": self._state.settings.cookie_domain,
                "categories": categories_of(registry, words),
            }

    def _declaration(self, locale: str) -> dict[str, Any]:
        settings = self._state.settings
        return self._common(locale) | {
            "locales": sorted(set(spoken_locales().values())),
            "policy_date": settings.policy_date and settings.policy_date.isoformat(),
            "controller": settings.controller,
            "controller_address": settings.controller_address,
            "contact": settings.contact,
            "privacy_policy": settings.privacy_policy_url,
            "validity": {"grants": settings.validity.days, "refusals": settings.refusal_validity.days},
            "scopes": {"app": settings.app_scope},
        }

    def _notice(self, locale: str) -> dict[str, Any]:
        words = language(locale)
        texts = {name: words.text(message) for name, message in TEXTS.items()}
        if domain := self._state.settings.cookie_domain:
            texts["reach"] = words.text(N_("Your choice counts on every site below %(domain)s."), domain=domain)
        return self._common(locale) | {"texts": texts}


def _addresses() -> dict[str, Any]:
    """Return where the pages are that an app's own screen leads to (C6)."""
    names = {"preferences_url": "cookieconsent.preferences", "policy_url": "cookieconsent.policy"}
    return {name: url_for(endpoint) for name, endpoint in names.items()}


def _shared(told: dict[str, Any], wanted: Wanted, freshness: str) -> Response:
    """Return a response that any cache may give to everybody who asks for the same address (RFC 9111)."""
    response = jsonify(told)
    response.headers["Cache-Control"] = f"public, {freshness}" if wanted.is_same_for_all else "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
