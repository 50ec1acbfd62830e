"""View functions of the JSON interface for what is the same for everybody: the declaration, and the notice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import Response, current_app, jsonify, request, url_for

from flask_cookieconsent.core.notices import Audience
from flask_cookieconsent.core.regimes import Regime
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import Language, language
from flask_cookieconsent.locales import in_locale
from flask_cookieconsent.pages.renderer import Renderer

from .declared import categories_of
from .languages import spoken_locales, wanted_locale

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
        "told": N_("Optional cookies are on. You can switch them off at any time."),
    }
)

#: Those that are others where optional services are on until somebody refuses.
OPT_OUT_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "introduction": N_("Some make this site work. The others are on until you switch them off:"),
        "explanation": N_(
            "If you refuse, the whole site stays open. Change your mind any time under “Your Privacy Choices” on every "
            "page."
        ),
        "settings": N_("Your Privacy Choices"),
        "saved": N_("Your cookie choice is saved: what you refused is off."),
    }
)

_OBJECTION = N_("Some of them are used without your consent. You may object: “Reject all” is enough.")

# In seconds; a declaration is what a release of the site says, and may be that much behind.
_FRESH = 300


class Documents:
    """The view functions of one app; what they say in a language is made once."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._state = renderer, renderer.state
        self._declarations = lru_cache(maxsize=64)(self._declaration)
        self._notices = lru_cache(maxsize=256)(self._notice)

    def declaration(self) -> Response:
        """Return all that the site declares, and who is responsible for it."""
        wanted = wanted_locale()
        told = self._declaration(wanted.locale) if current_app.debug else self._declarations(wanted.locale)
        return _shared(told | _addresses(), f"max-age={_FRESH}", is_for_all=wanted.is_same_for_all)

    def notice(self) -> Response:
        """Return what somebody is shown who is asked, with the digest that their answer has to name.

        Whoever keeps it asks whether it still holds: an answer to an old one grants nothing. It is another one where
        another law holds, and for whoever is signed in.
        """
        wanted, audience = wanted_locale(), get_visit(self._state).audience
        told = self._notice(wanted.locale, audience) if current_app.debug else self._notices(wanted.locale, audience)
        digest = self._renderer.notice_digest(wanted.locale, audience)
        has_one_audience = not (self._state.region_keys or self._state.people())
        is_for_all = wanted.is_same_for_all and has_one_audience
        return _shared({"notice": digest} | told | _addresses(), "no-cache", is_for_all=is_for_all)

    # -- inside ----------------------------------------------------------------------------------------------------

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
            "scopes": {"app": settings.app_scope, "pages": settings.scope, "shared": list(settings.shared_scopes)},
        }

    def _notice(self, locale: str, audience: Audience) -> dict[str, Any]:
        words, terms = language(locale), audience.terms
        messages = {**TEXTS, **(OPT_OUT_TEXTS if terms.regime is Regime.OPT_OUT else {})}
        texts = {name: words.text(message) for name, message in messages.items()}
        if terms.regime is Regime.OPT_IN and terms.exempt:
            texts["objection"] = words.text(_OBJECTION)
        if reach := self._reach(words, audience):
            texts["reach"] = reach
        terms_told = {"regime": terms.regime.value, "exempt": dict(terms.exempt)}
        return self._common(locale) | terms_told | {"texts": texts}

    def _reach(self, words: Language, audience: Audience) -> str:
        """Return where else a choice counts: other hosts, other surfaces, other devices."""
        settings, told = self._state.settings, list[str]()
        if settings.cookie_domain:
            message = N_("Your choice counts on every site below %(domain)s.")
            told.append(words.text(message, domain=settings.cookie_domain))
        if named := settings.scopes.named:
            told.append(words.text(N_("Your choice counts on: %(scopes)s."), scopes=", ".join(named)))
        if audience.signed_in:
            told.append(words.text(N_("While you are signed in, your choice counts on all your devices.")))
        return " ".join(told)


def _addresses() -> dict[str, Any]:
    """Return where the pages are that an app's own screen leads to (C6)."""
    names = {"preferences_url": "cookieconsent.preferences", "policy_url": "cookieconsent.policy"}
    return {name: url_for(endpoint) for name, endpoint in names.items()}


def _shared(told: dict[str, Any], freshness: str, *, is_for_all: bool) -> Response:
    """Return a response that any cache may give to everybody who asks for the same address, if it *is_for_all*."""
    response = jsonify(told)
    response.headers["Cache-Control"] = f"public, {freshness}" if is_for_all else "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
