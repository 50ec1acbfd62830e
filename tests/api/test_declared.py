"""What is declared, as JSON types: each word of it, in one language."""

from __future__ import annotations

import json
from datetime import timedelta

from flask_cookieconsent import Cookie, Provider, Service
from flask_cookieconsent.api.declared import categories_of
from flask_cookieconsent.core.own_service import own_service
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.i18n import Language
from tests.kit.sites import own, services

PROVIDER = Provider(name="Maps BV", country="NL", privacy_policy="https://m.example/p", opt_out="https://m.example/o")
MAPS = Service(
    id="maps",
    name="Maps",
    category="third_party",
    purpose="embedded_map",
    description="Shows the way.",
    provider=PROVIDER,
    cookies=(
        Cookie(name="seen", purpose="Counts.", duration=timedelta(hours=1), domain="m.example"),
        Cookie(name="zoom", purpose="Keeps the zoom.", storage="local"),
        Cookie(name="visit", purpose="Keeps the visit.", storage="session"),
    ),
)


def test_service_is_told_whole() -> None:
    registry = build((own_service("/"), MAPS))
    (category,) = [each for each in categories_of(registry, Language("en")) if each["id"] == "third_party"]
    (service,) = category["services"]

    assert (service["name"], service["purpose"], service["description"]) == ("Maps", "embedded_map", "Shows the way.")
    assert service["provider"] == {
        "name": "Maps BV",
        "country": "NL",
        "privacy_policy": "https://m.example/p",
        "opt_out": "https://m.example/o",
    }
    assert [(each["seconds"], each["lasts"], each["domain"], each["storage"]) for each in service["cookies"]] == [
        (3_600, "1 hour", "m.example", "cookie"),
        (None, "Until you clear it", None, "local"),
        (None, "Until you close the browser", None, "session"),
    ]


def test_order_and_words_are_those_of_the_pages() -> None:
    """B6: categories as visitors see them, and their words in the language."""
    registry = build((own_service("/"), *services()))
    english, german = (categories_of(registry, Language(locale)) for locale in ("en", "de"))

    assert [each["id"] for each in english] == [each.id for each in registry.categories]
    assert english[0]["title"] == "Strictly necessary cookies" != german[0]["title"]
    assert [each["necessary"] for each in english] == [True, False, False, False, False]


def test_everything_is_json() -> None:
    """Texts that find their language later are words by then."""
    registry = build((own_service("/"), own("club", "tracking", description=_Later())))

    assert "Found later." in json.dumps(categories_of(registry, Language("en")))


class _Later:
    """A text that is known when it is needed."""

    def __str__(self) -> str:
        return "Found later."
