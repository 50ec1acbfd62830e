"""Language negotiation of a page: how it is chosen, remembered where allowed, and otherwise carried from link to link.

The catalogs are read from the `.po` files when the app starts, so a fresh clone needs no build step. After a change of
texts, run `pybabel extract -F demo_app/babel.cfg -o messages.pot demo_app` and
`pybabel update -i messages.pot -d demo_app/translations`, then translate what is new.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain, get_locale

from flask_cookieconsent import current_consent

from .consents import LANGUAGE_COOKIE, remember

LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}


class Catalogs(Domain):
    """The demo's texts, held in memory; where there is no catalog, as for English, the text in the code is shown."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._catalogs = {path.parts[-3]: _read(path) for path in folder.glob("*/LC_MESSAGES/messages.po")}

    def get_translations(self) -> NullTranslations:
        """Return the catalog of the present language."""
        return self._catalogs.get(str(get_locale()), NullTranslations())


class Languages(Babel):
    """Flask-Babel with the languages of the demo; it would look for catalogs that are compiled, and find none."""

    def list_translations(self) -> list[Locale]:
        """Return the locales that the site speaks."""
        return [Locale.parse(language) for language in LANGUAGES]


def _read(path: Path) -> Translations:
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=path.parts[-3]))
    compiled.seek(0)
    return Translations(compiled)


def init_app(app: Flask) -> None:
    """Give an app its languages."""
    babel = Languages(app, locale_selector=choose_language)
    babel.domain_instance = Catalogs(Path(app.root_path) / "translations")
    app.url_defaults(carry_language)
    app.after_request(remember_language)
    app.context_processor(lambda: {"languages": LANGUAGES, "language": str(get_locale()), "address_in": address_in})


def choose_language() -> str:
    """Return the language that was asked for, else the remembered one, else the best that the browser accepts."""
    if not has_request_context():
        return "en"
    return asked_language() or remembered_language() or request.accept_languages.best_match(LANGUAGES) or "en"


def asked_language() -> str | None:
    """Return the language that the address asks for, if the site has it."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def remembered_language() -> str | None:
    """Return the language of the cookie, if there is one and the visitor lets us read it; the App reads no cookie."""
    if request.blueprint == "mobile":
        return None
    remembered = request.cookies.get(LANGUAGE_COOKIE)
    return remembered if remembered in LANGUAGES and current_consent.allows("language") else None


def carry_language(endpoint: str, values: dict[str, Any]) -> None:
    """Keep `?lang=` in every link for as long as it is not remembered otherwise."""
    if has_request_context() and not endpoint.endswith("static"):
        asked = asked_language()
        if asked and asked != remembered_language():
            values.setdefault("lang", asked)


def remember_language(response: Response) -> Response:
    """Keep the language that was asked for in a cookie, where the visitor allows it."""
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
        asked = asked_language() if request.blueprint != "mobile" else None
        if asked and request.method == "GET" and asked != remembered_language() and current_consent.allows("language"):
            remember(response, LANGUAGE_COOKIE, asked)
    return response


def address_in(language: str) -> str:
    """Return the address of the present page in another language."""
    path = "/" + (request.root_path + request.path).lstrip("/")
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return quote(path) + "?" + urlencode([*query, ("lang", language)])
