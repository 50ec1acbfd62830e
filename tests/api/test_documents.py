"""The declaration and the notice: complete, in the language that is asked for, and fit for every cache."""

from __future__ import annotations

from typing import Any

import pytest
from flask import request
from flask_babel import Babel, lazy_gettext

from flask_cookieconsent.api.documents import TEXTS
from flask_cookieconsent.core.notices import snapshot
from flask_cookieconsent.pages.renderer import get_renderer
from tests.kit.phones import SHARING
from tests.kit.programs import API, program, script
from tests.kit.sites import CONTROLLER, EVERYTHING, SAME_ORIGIN, Site, make_app, make_site, own, services

BOTH = ("/declaration", "/notice")


def many_languages(**more: Any) -> Site:
    """Return a site in English, German and French, which goes by what a browser asks for."""
    site = make_site(**more)
    babel = Babel(site.app, locale_selector=lambda: request.accept_languages.best_match(["en", "de", "fr"], "en"))
    babel.list_translations = lambda: ["en", "de", "fr"]  # type: ignore[method-assign,assignment,return-value]
    return site


def get(site: Site, path: str, **headers: str) -> Any:
    return site.visitor().get(API + path, headers=headers)


def test_declaration_says_who_and_what() -> None:
    """C2, C3: who is responsible, and every service with its provider and each of its cookies."""
    site = make_site(
        COOKIECONSENT_CONTACT="privacy@example.com",
        COOKIECONSENT_CONTROLLER_ADDRESS="Street 1, Ghent",
        COOKIECONSENT_PRIVACY_POLICY_URL="/privacy",
        COOKIECONSENT_POLICY_DATE="2026-11-23",
        COOKIECONSENT_APP_SCOPE="phone",
    )
    told = get(site, "/declaration").json
    found = {service["id"]: service for category in told["categories"] for service in category["services"]}

    assert (told["controller"], told["controller_address"]) == (CONTROLLER, "Street 1, Ghent")
    assert (told["contact"], told["privacy_policy"]) == ("privacy@example.com", "/privacy")
    assert (told["policy_version"], told["policy_date"]) == ("1", "2026-11-23")
    assert (told["locales"], told["scopes"]) == (["en"], {"app": "phone", "pages": None, "shared": []})
    assert told["validity"] == {"grants": 184, "refusals": 184}
    assert set(found) >= EVERYTHING | {"cookieconsent"}
    assert found["films"]["provider"]["name"] == "Example Media SA" and found["language"]["provider"] is None
    assert found["films"]["cookies"][0]["seconds"] == 30 * 86_400 and found["films"]["cookies"][0]["lasts"] == "30 days"
    assert found["counter"]["cookies"][1]["seconds"] is None
    assert found["counter"]["says"] and found["cookieconsent"]["justification"]


def test_notice_has_what_a_screen_needs() -> None:
    """C1, C6: the purposes, both answers, that one may refuse, and where the policy is."""
    site = make_site(COOKIECONSENT_COOKIE_DOMAIN="localhost.localdomain")
    told = get(site, "/notice").json

    assert told["notice"] == site.digest
    assert (told["texts"]["accept"], told["texts"]["reject"]) == ("Accept all", "Reject all")
    assert set(told["texts"]) == {*TEXTS, "reach"} and "localhost.localdomain" in told["texts"]["reach"]
    assert all(each["title"] and each["summary"] and each["refusal"] for each in told["categories"])
    assert (told["policy_url"], told["preferences_url"]) == ("/cookies/policy", "/cookies/")


def test_notice_is_what_the_digest_is_of() -> None:
    """F2: the texts of its categories and services are those that are kept with the first event."""
    site = make_site()
    told = get(site, "/notice").json
    with site.app.test_request_context():
        renderer = get_renderer()
        kept = snapshot(renderer.state.registry, locale="en", texts="", templates={}, translate=str)["categories"]

    fields = ("id", "name", "purpose", "description", "justification", "consent_types")
    for ours, theirs in zip(told["categories"], kept, strict=True):
        assert [ours[name] for name in ("id", "necessary", "title", "summary", "refusal")] == [
            theirs[name] for name in ("id", "necessary", "title", "summary", "refusal")
        ]
        for service, snap in zip(ours["services"], theirs["services"], strict=True):
            assert [service[name] for name in fields] == [snap[name] for name in fields]
            assert [(each["name"], each["purpose"]) for each in service["cookies"]] == [
                (each[1], each[4]) for each in snap["cookies"]
            ]


@pytest.mark.parametrize(
    ("query", "accepted", "locale"),
    [
        ("?lang=de", "fr", "de"),
        ("?lang=de-AT", "", "de"),
        ("?lang=DE", "", "de"),
        ("?lang=nl", "fr", "fr"),
        ("?lang=", "fr", "fr"),
        ("", "de", "de"),
        ("", "", "en"),
        ("?lang=../../etc&lang=de", "", "en"),
        (f"?lang={'d' * 9_000}", "", "en"),
        ("?lang=%00%ff%f0", "de", "de"),
    ],
)
@pytest.mark.parametrize("path", BOTH)
def test_language(path: str, query: str, accepted: str, locale: str, languages: Site) -> None:
    """B6: the one that is asked for, where the site speaks it; else that of its pages, and never an error."""
    answer = get(languages, path + query, **{"Accept-Language": accepted})

    assert (answer.status_code, answer.json["locale"]) == (200, locale)
    # What depends on more than the address is given to nobody else.
    is_shared = "?lang=d" in query.lower() and len(query) < 20
    assert ("public" in answer.headers["Cache-Control"]) == is_shared


@pytest.fixture(scope="module")
def languages() -> Site:
    """One site for what changes nothing."""
    return many_languages()


def test_choice_in_another_language_is_recorded() -> None:
    """F2: an event names the notice in the language that was asked for, and the log keeps that."""
    site = many_languages()
    someone = script(site)
    told = someone.ask("GET", "/notice?lang=de").json

    answer = someone.choose("accept", notice=told["notice"], locale=told["locale"])

    assert answer.status_code == 200
    (event,) = site.events()
    assert (event.locale, event.notice) == ("de", told["notice"])
    with site.app.app_context():
        assert [each.locale for each in site.log.notices()] == ["de"]


@pytest.mark.parametrize(
    ("path", "freshness"), [("/declaration", "public, max-age=300"), ("/notice", "public, no-cache")]
)
def test_copies(path: str, freshness: str) -> None:
    """RFC 9110, section 13: the same for everybody, and 304 while it is; a visitor's cookie changes nothing."""
    site = make_site()
    someone = script(site)
    first = someone.ask("GET", path)
    someone.choose("accept")
    second = someone.ask("GET", path)
    again = someone.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.data == second.data and first.headers["Cache-Control"] == freshness
    assert "Vary" not in first.headers and "Set-Cookie" not in first.headers
    assert (again.status_code, again.data) == (304, b"")


def test_other_notice_has_another_tag() -> None:
    """The bad twin: what has changed is sent anew."""
    tags = [get(make_site(COOKIECONSENT_POLICY_VERSION=each), "/notice").headers["ETag"] for each in "12"]

    assert len(set(tags)) == 2


def test_words_of_the_site_are_in_its_language() -> None:
    """B6: lazy texts of Flask-Babel are resolved in the language that is asked for, one after the other."""
    app = make_app()
    site = make_site(app=app, services=[own("club", "tracking", description=lazy_gettext("Reject all"))])
    babel = Babel(app, default_domain="flask_cookieconsent", default_translation_directories=_catalogs())
    babel.list_translations = lambda: ["en", "de"]  # type: ignore[method-assign,assignment,return-value]
    told = [get(site, f"/notice?lang={each}").json for each in ("de", "en", "de")]
    clubs = [each["services"][0] for one in told for each in one["categories"] if each["id"] == "tracking"]

    assert [each["description"] for each in clubs] == ["Alle ablehnen", "Reject all", "Alle ablehnen"]


def _catalogs() -> str:
    from flask_cookieconsent.i18n import catalog_directory

    return str(catalog_directory().resolve())


REGIONS: dict[str, Any] = {
    "COOKIECONSENT_REGION_HEADERS": ["X-Region"],
    "COOKIECONSENT_REGIMES": {"US-CA": "opt-out"},
    "COOKIECONSENT_REFUSAL_VALIDITY": 400,
}


def test_notice_goes_by_the_region() -> None:
    """Where optional services are on until refused it says so, it is nobody else's, and it counts there alone."""
    site = make_site(**REGIONS)
    there, here = get(site, "/notice", **{"X-Region": "US-CA"}), get(site, "/notice")
    body = {"choice": "accept", "notice": there.json["notice"], "locale": "en"}
    path, headers = f"{API}/choice", {"Authorization": "Bearer"}
    statuses = [
        site.visitor().open(path, "POST", json=body, headers=headers | region).status_code
        for region in ({}, {"X-Region": "US-CA"})
    ]

    assert (there.json["regime"], here.json["regime"]) == ("opt-out", "opt-in")
    assert there.json["texts"]["settings"] == "Your Privacy Choices" != here.json["texts"]["settings"]
    assert {each.headers["Cache-Control"] for each in (there, here)} == {"private, no-cache"}
    assert statuses == [409, 200]


def test_notice_names_other_surfaces() -> None:
    """C1: where one choice counts on several surfaces, that is said before it is made."""
    told = get(make_site(**SHARING), "/notice").json

    assert told["texts"]["reach"].startswith("Your choice counts on: Website")


def test_right_to_left() -> None:
    told = get(make_site(BABEL_DEFAULT_LOCALE="ar"), "/notice").json

    assert (told["language"], told["direction"]) == ("ar", "rtl")


def test_site_without_optional_services() -> None:
    told = get(make_site(services=()), "/notice").json

    assert {category["id"] for category in told["categories"] if category["necessary"]} == {"necessary"}


def test_documents_need_no_database(tmp_path: Any) -> None:
    """E2: they are there while the log is away."""
    site = make_site(uri=f"sqlite:///{tmp_path}/nowhere/log.db", tables=False)

    assert [get(site, path).status_code for path in BOTH] == [200, 200]
    assert program(site).ask("GET", "/choice", headers=SAME_ORIGIN).status_code == 200


def test_declared_services_are_all_there() -> None:
    ids = {service["id"] for group in get(make_site(), "/notice").json["categories"] for service in group["services"]}

    assert {each.id for each in services()} <= ids
