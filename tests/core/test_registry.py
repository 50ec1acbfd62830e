"""What a site declares is checked as a whole at start-up, and every mistake names its remedy."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Category, Cookie, Provider, RegistryError
from flask_cookieconsent.core.defaults import CATEGORIES
from flask_cookieconsent.core.registry import CookieIndex, build, declaration_digest
from tests.kit.sites import COMPANY, own, services

GOOD = services()
NOTE = Cookie(name="note", purpose="Keeps a note.", duration=timedelta(days=1))
CLUB = Category(id="club", title="Club", summary="Knows members.", refusal="You are a guest.")


def film(**changes: Any) -> Any:
    return replace(GOOD[3], **changes)


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


def test_values_are_frozen() -> None:
    """What was declared stays as it was checked."""
    registry = build(GOOD)

    with pytest.raises(FrozenInstanceError):
        registry.services["films"].category = "necessary"  # type: ignore[misc]
    with pytest.raises(TypeError):
        registry.services["films"].hosts["frame-src"] = ("https://evil.example",)  # type: ignore[index]
    with pytest.raises(TypeError):
        registry.services["more"] = GOOD[0]  # type: ignore[index]


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


MISTAKES = [
    (lambda: [film(category="marketing")], "service 'films': unknown category 'marketing'; wanted one of necessary"),
    (lambda: [film(id="Films!")], "service 'Films!': an id is lower-case letters"),
    (lambda: [film(id="x" * 33)], "an id is lower-case letters"),
    (lambda: [film(), film()], "service 'films': declared twice"),
    (lambda: [film(id="tracking")], "service 'tracking': has the id of a category"),
    (lambda: [film(name="")], "service 'films': name is empty"),
    (lambda: [film(purpose="fun")], "service 'films': unknown purpose 'fun'; wanted one of consent"),
    (lambda: [film(provider=None)], "service 'films': uses other hosts but names no provider"),
    (lambda: [film(provider=replace(COMPANY, name=""))], "provider without a name"),
    (lambda: [film(provider=replace(COMPANY, country="Belgium"))], "provider country 'Belgium'"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy=""))], "provider without a privacy policy; found ''"),
    (lambda: [film(provider=replace(COMPANY, privacy_policy="http://a.example"))], "wanted https://"),
    (lambda: [film(hosts={"frame-ancestors": ()})], "unknown directive 'frame-ancestors'"),
    (lambda: [film(hosts={"frame-src": ("https://a.example; script-src *",)})], "wanted an origin such as"),
    (lambda: [film(hosts={"frame-src": ("*",)})], "host '*' in frame-src"),
    (lambda: [film(hosts={"frame-src": ("'unsafe-inline'",)})], "wanted an origin"),
    (lambda: [own("seat", "necessary", NOTE)], "service 'seat': strictly necessary without a justification"),
    (lambda: [own("seat", "necessary", replace(NOTE, name="_ga"), justification="x")], "a known tracker is never"),
    (lambda: [own("seat", "necessary", replace(NOTE, name="_ga_*"), justification="x")], "a known tracker is never"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(days=401)))], "at most 400 days"),
    (lambda: [own("notes", "functionality", replace(NOTE, duration=timedelta(0)))], "wanted more than nothing"),
    (lambda: [own("notes", "functionality", replace(NOTE, purpose=""))], "without a purpose"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="a b"))], "not a cookie name"),
    (lambda: [own("notes", "functionality", replace(NOTE, name="*a"))], "with * only at the end"),
    (lambda: [own("notes", "functionality", replace(NOTE, path="shop"))], "wanted one that begins with '/'"),
    (lambda: [film(hosts={"frame-src": "https://films.example"})], "wanted a list such as ['https://films.example']"),
    (lambda: [own("notes", "functionality", replace(NOTE, storage="disk"))], "storage 'disk'"),
    (lambda: [own("a", "functionality", NOTE), own("b", "tracking", NOTE)], "a cookie belongs to one category"),
]


@pytest.mark.parametrize(("make", "sentence"), MISTAKES)
def test_mistakes(make: Any, sentence: str) -> None:
    """C2, C3, C5: each mistake stops the start, and says what to write instead."""
    with pytest.raises(RegistryError) as error:
        build(make())

    assert [each for each in error.value.mistakes if sentence in each]


@pytest.mark.parametrize("make", [lambda: [film()], lambda: [own("a", "functionality", NOTE)], lambda: GOOD])
def test_mistakes_twin(make: Any) -> None:
    """The same declarations without the mistakes are accepted, so it is the mistake that stops them."""
    assert build(make()).optional


def test_one_cookie_may_have_two_services_of_one_category() -> None:
    """Two tags of one vendor share their cookies."""
    assert build([own("a", "functionality", NOTE), own("b", "functionality", NOTE)]).optional == ("a", "b")


def test_every_mistake_at_once() -> None:
    """Nobody has to start the app once for each of their mistakes."""
    wrong = [film(category="marketing", name="", provider=None), own("seat", "necessary", replace(NOTE, purpose=""))]

    with pytest.raises(RegistryError) as error:
        build(wrong)

    assert len(error.value.mistakes) == 5
    assert all(each in str(error.value) for each in error.value.mistakes)


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        ([CLUB], "none is necessary"),
        ([CATEGORIES[0], CLUB, CLUB], "category 'club': declared twice"),
        ([CATEGORIES[0], replace(CLUB, refusal="")], "category 'club': refusal is empty"),
        ([CATEGORIES[0], replace(CLUB, id="The club")], "category 'The club': an id is"),
    ],
)
def test_mistakes_of_categories(categories: list[Category], sentence: str) -> None:
    """C1: a category says what it is for and what refusing means, or the site does not start."""
    with pytest.raises(RegistryError, match=sentence):
        build([], categories)


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


@pytest.mark.parametrize(
    ("declared", "name", "matches"),
    [
        *[("_ga", "_ga", True), ("_ga", "_GA", False), ("_ga", "_ga_1", False), ("_ga_*", "_ga_1", True)],
        *[("_ga_*", "_ga_", True), ("_ga_*", "_ga", False), ("__Host-a", "a", False)],
    ],
)
def test_names_match_as_in_browsers(declared: str, name: str, matches: bool) -> None:
    """E4: case and prefixes are part of a name."""
    index = CookieIndex(build([replace(GOOD[2], cookies=[replace(NOTE, name=declared)])]))

    assert bool(index.declared(name)) is matches


def test_provider_is_named_by_every_third_party() -> None:
    """C2: who names a provider is a third party; nobody else is."""
    assert [each.id for each in GOOD if each.is_third_party] == ["counter", "films", "posts"]
    assert isinstance(GOOD[3].provider, Provider)
