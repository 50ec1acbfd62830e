"""Language of what the JSON interface tells: the one that `lang` names, else that of the site's own negotiation."""

from __future__ import annotations

from dataclasses import dataclass

from babel import negotiate_locale
from flask import current_app, request

from flask_cookieconsent.i18n import language
from flask_cookieconsent.locales import has_one_locale, page_locale, site_locales

# In characters; no name of a language is longer.
_LONGEST = 40


@dataclass(frozen=True)
class Wanted:
    """The locale of an answer, and whether its address alone decides it, so that everybody may be given the same."""

    locale: str
    is_same_for_all: bool


def wanted_locale() -> Wanted:
    """Return the locale of the present answer; a `lang` that the site does not speak is as if there was none.

    It is one that a form of the site may name, or the notice of an event would not be kept (F2).
    """
    spoken = {name.lower(): locale for name, locale in spoken_locales().items()}
    asked = request.args.get("lang", "")[:_LONGEST].replace("-", "_").lower()
    found = negotiate_locale([asked], list(spoken)) if asked else None
    if found is not None:
        return Wanted(spoken[found], is_same_for_all=True)
    return Wanted(language(page_locale()).locale, is_same_for_all=has_one_locale(current_app))


def spoken_locales() -> dict[str, str]:
    """Return the locales that the site has pages in, each with that of the texts it gets, in their order."""
    return {name: language(name).locale for name in site_locales()}
