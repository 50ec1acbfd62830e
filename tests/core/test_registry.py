"""What a site declares is checked as a whole at start-up, and every mistake names its remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Cookie, RegistryError, Service
from flask_cookieconsent.core.defaults import CATEGORIES
from flask_cookieconsent.core.registry import build, declaration_digest, with_framework
from tests.kit.declarations import CLUB, GOOD, NOTE, film
from tests.kit.sites import COMPANY, own, services


def test_the_five_categories() -> None:
    """B4, A6: five categories in the mission's order, of which one is always on and one alone."""
    assert [each.id for each in CATEGORIES] == [
        *("necessary", "functionality", "tracking", "performance", "third_party"),
    ]
    assert [each.id for each in CATEGORIES if each.necessary] == ["necessary"]
    assert [each.id for each in CATEGORIES if each.heeds_signal] == ["tracking", "third_party"]


def test_order_is_that_of_the_categories() -> None:
    """Services come as visitors see them, whatever the order of their declaration; empty categories do not."""
    registry = build(reversed(GOOD))

    assert list(registry.services) == ["language", "arrival", "counter", "posts", "films"]
    assert [each.id for each in registry.categories] == ["functionality", "tracking", "performance", "third_party"]


def test_lists_are_frozen() -> None:
    """A site may declare with lists; what it does with them afterwards changes nothing."""
    cookies, sources = [NOTE], ["https://films.example"]
    frozen = build([film(cookies=cookies, hosts={"frame-src": sources})]).services["films"]
    cookies.clear()
    sources.clear()

    assert (frozen.cookies, dict(frozen.hosts)) == ((NOTE,), {"frame-src": ("https://films.example",)})


def test_category_without_a_service_is_one_service() -> None:
    """A site that asks by categories alone names them and nothing more."""
    registry = build([], [CATEGORIES[0], CLUB])

    assert registry.optional == ("club",)
    assert registry.services["club"].category == "club"


MATERIAL = [
    {"purpose": "embedded_post"},
    {"provider": replace(COMPANY, name="Another SA")},
    {"provider": replace(COMPANY, country="US")},
    {"cookies": ()},
    {"cookies": (replace(GOOD[3].cookies[0], duration=timedelta(days=31)),)},
    {"cookies": (replace(GOOD[3].cookies[0], name="other"),)},
    {"cookies": (replace(GOOD[3].cookies[0], domain="example.org"),)},
    {"category": "tracking"},
]
WORDING = [
    {"name": "Films of Example"},
    {"description": "Films and more."},
    {"cookies": (replace(GOOD[3].cookies[0], purpose="Counts views."),)},
    {"provider": replace(COMPANY, privacy_policy="https://media.example.net/new")},
    {"provider": replace(COMPANY, opt_out="https://media.example.net/out")},
    {"hosts": {"frame-src": ("https://other.example.net",)}},
]


@pytest.mark.parametrize("change", MATERIAL)
def test_material_changes(change: dict[str, Any]) -> None:
    """D6: another purpose, recipient, cookie or duration is another thing than was agreed to."""
    assert declaration_digest(film(**change), "1") != declaration_digest(film(), "1")


@pytest.mark.parametrize("change", WORDING)
def test_wording_is_not_material(change: dict[str, Any]) -> None:
    """D6: another sentence is not."""
    assert declaration_digest(film(**change), "1") == declaration_digest(film(), "1")


def test_policy_version_is_material() -> None:
    """D6: the owner can declare a change of the policy itself."""
    before, after = build(GOOD), build(GOOD, policy_version="2")

    assert all(before.declaration_digests[each] != after.declaration_digests[each] for each in before.optional)


def test_order_of_cookies_is_not_material() -> None:
    """D6: whoever sorts a list asks nobody again."""
    cookies = GOOD[2].cookies

    assert declaration_digest(replace(GOOD[2], cookies=cookies[::-1]), "1") == declaration_digest(GOOD[2], "1")


SESSION = Cookie(name="session", purpose="Keeps the state of the visit.")


def told(*declared: Service) -> dict[str, list[str]]:
    """Return the names of the cookies of each service, once the framework's are with them."""
    seat = own("seat", "necessary", justification="To sit down.")
    registry = with_framework(build([seat, *declared]), [SESSION, replace(SESSION, name="memory")])
    return {service.id: [cookie.name for cookie in service.cookies] for service in registry.services.values()}


def test_framework_is_one_necessary_service() -> None:
    """C3: what nobody declares stands in one service, with the necessary ones; what is optional stays what it was."""
    assert told(*services()[:1]) == {"seat": [], "app-cookies": ["session", "memory"], "language": ["lang"]}


def test_framework_leaves_what_is_declared_to_its_owner() -> None:
    """A necessary service words the cookies that it names, with a star too; an optional star reaches none of them."""
    worded = own("signing", "necessary", replace(SESSION, name="ses*"), justification="You ask for it.")
    star = own("star", "functionality", replace(SESSION, name="mem*"))

    assert told(worded, star)["app-cookies"] == ["memory"]


def test_framework_cookie_is_never_optional() -> None:
    """The bad twin: a refusal would sign people out."""
    with pytest.raises(RegistryError, match="cookie 'memory' of service 'keep': the app's own session or sign-in"):
        told(own("keep", "functionality", replace(SESSION, name="memory")))
