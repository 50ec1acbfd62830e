"""A vendor is told that something is allowed where a visitor was asked about that, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flask_cookieconsent import Provider, Service, Tag
from flask_cookieconsent.core.consent_types import ADVERTISING, CONSENT_TYPES
from flask_cookieconsent.core.defaults import CATEGORIES
from flask_cookieconsent.core.notices import changes, snapshot
from flask_cookieconsent.core.registry import Registry, build, declaration_digest
from flask_cookieconsent.core.services import Answer, Queue
from flask_cookieconsent.errors import RegistryError
from tests.kit.sites import COMPANY, own

OTHER = Provider(name="Another SA", country="BE", privacy_policy="https://another.example/privacy")


def tagged(consent_types: Any, **changes: Any) -> Service:
    """Return a service whose tag passes consent types on."""
    tag = Tag(src="https://c.example/c.js", consent_types=consent_types)
    given = {"id": "counter", "name": "Counter", "category": "performance", "purpose": "audience_measurement"}
    return Service(**given | {"provider": COMPANY, "tag": tag} | changes)


def advertising(id: str = "ads", provider: Provider = COMPANY, **changes: Any) -> Service:
    """Return a service that advertises."""
    given = {"name": "Ads", "category": "tracking", "purpose": "advertising", "provider": provider}
    return Service(id=id, **given | changes)


def wrong(*services: Service, categories: Any = None) -> str:
    """Return the mistakes of a declaration."""
    try:
        build(services, categories)
    except RegistryError as error:
        return str(error)
    return ""


BY_PURPOSE = dict.fromkeys(ADVERTISING, Answer(purpose="advertising"))


def follows(registry: Registry) -> dict[str, tuple[str, ...]]:
    return dict(registry.consent_types["counter"])


def test_advertising_of_the_same_provider_is_followed() -> None:
    """G5: all of it, whatever its ids are, and of nobody else."""
    counter = tagged({"ad_storage": Answer(purpose="advertising")})

    assert follows(build([counter, advertising(), advertising("more")])) == {"ad_storage": ("ads", "more")}
    assert follows(build([counter, advertising(provider=OTHER)])) == {"ad_storage": ()}
    assert follows(build([counter, own("arrival", "tracking", purpose="attribution")])) == {"ad_storage": ()}


def test_answers_inside_a_recipe_are_followed_too() -> None:
    queue = Queue(name="q", properties={"state": {"ad_Storage": Answer(purpose="advertising")}})
    tag = Tag(src="https://c.example/c.js", queue=queue, calls=(("consent", {"counts": Answer(name="counter")}),))

    found = follows(build([tagged({}, tag=tag), advertising()]))
    assert found == {"counts": ("counter",), "ad_Storage": ("ads",)}


def test_what_nothing_can_grant_is_known() -> None:
    """G5: no such service, or a category that this site does not have."""
    never = build([tagged({**BY_PURPOSE, "functionality_storage": "functionality", "analytics_storage": "counter"})])
    some = build([tagged(BY_PURPOSE), advertising()])

    assert never.ungrantable("counter") == (*ADVERTISING, "functionality_storage")
    assert some.ungrantable("counter") == ()


MISTAKES = [
    ({"ad_storge": "ads"}, "unknown consent type 'ad_storge'; wanted one of ad_storage, "),
    ({"security_storage": "ads"}, "unknown consent type 'security_storage'"),
    (
        {"ad_storage": "adz"},
        "follows 'adz', which is no service or category; did you mean 'ads'?",
    ),
    ({"ad_storage": "qqqq"}, "no service or category; declare it, or name one that is"),
    ({"ad_storage": "tracking"}, "follows the category 'tracking', which is about others too; name one service"),
    ({"analytics_storage": "performance"}, "follows the category 'performance'"),
    ({"ad_user_data": "other"}, "follows 'other', which is not advertising by Example Media"),
    ({"ad_user_data": "counter"}, "name a service with that provider and the purpose 'advertising'"),
    ({"ad_storage": Answer(purpose="audience_measurement")}, "follows 'counter', which is not advertising by"),
    ({"functionality_storage": "necessary"}, "follows 'necessary', which nobody is asked about"),
    ({"analytics_storage": "basket"}, "follows 'basket', which nobody is asked about"),
]
SOUND: list[Any] = [
    {"ad_storage": "ads", "ad_user_data": "ads", "ad_personalization": "ads"},
    {"analytics_storage": "other"},
    {"functionality_storage": "functionality", "personalization_storage": "tracking"},
    {"functionality_storage": "counter"},
    BY_PURPOSE,
]
BESIDE = (
    advertising(),
    advertising("other", OTHER),
    own("basket", "necessary", purpose="security", justification="It is needed."),
)


@pytest.mark.parametrize(("consent_types", "message"), MISTAKES)
def test_mistakes(consent_types: Any, message: str) -> None:
    """G5: what would tell a vendor something untrue is an error at start-up, with its remedy."""
    assert message in wrong(tagged(consent_types), *BESIDE)


@pytest.mark.parametrize("consent_types", SOUND)
def test_mistakes_twin(consent_types: Any) -> None:
    """What is true is none."""
    assert wrong(tagged(consent_types), *BESIDE) == ""


def test_mistake_inside_a_recipe() -> None:
    """The vendor's own spelling of Google's names changes nothing."""
    tag = Tag(src="https://c.example/c.js", queue="q", calls=(("consent", {"ad_Storage": Answer(name="tracking")}),))

    assert "follows the category 'tracking'" in wrong(tagged({}, tag=tag), *BESIDE)


def test_category_that_is_always_on() -> None:
    """A site's own category of that name may be one that nobody is asked about."""
    groups = [CATEGORIES[0], replace(CATEGORIES[1], necessary=True), CATEGORIES[3]]

    assert "which nobody is asked about" in wrong(
        tagged({"functionality_storage": "functionality"}), *BESIDE[2:], categories=groups
    )


def test_every_type_is_an_answer_of_somebody() -> None:
    assert set(ADVERTISING) < set(CONSENT_TYPES)
    assert "security_storage" not in CONSENT_TYPES


# -- a change asks again -----------------------------------------------------------------------------------------------


def digest_of(*services: Service) -> str:
    return build(services).declaration_digests["counter"]


def test_change_of_whom_it_follows_is_material() -> None:
    """D6: a type more or less, another service, and a service that is there now."""
    digests = [
        digest_of(tagged({}), advertising(), advertising("more")),
        digest_of(tagged({"ad_storage": "ads"}), advertising(), advertising("more")),
        digest_of(tagged({"ad_storage": "more"}), advertising(), advertising("more")),
        digest_of(tagged({"ad_user_data": "ads"}), advertising(), advertising("more")),
        digest_of(tagged({"ad_storage": Answer(purpose="advertising")}), advertising(), advertising("more")),
    ]

    assert len(set(digests)) == len(digests)


def test_change_of_whom_it_follows_twin() -> None:
    """D6: another order, and another way to say the same, ask nobody; nor does it ask where nothing is passed on."""
    one, other = tagged(dict.fromkeys(ADVERTISING, "ads")), tagged(dict.fromkeys(ADVERTISING[::-1], "ads"))

    assert digest_of(one, advertising()) == digest_of(other, advertising())
    assert digest_of(one, advertising()) == digest_of(tagged(BY_PURPOSE), advertising())
    assert digest_of(tagged({})) == declaration_digest(tagged({}), "1")


def test_diff_says_that_it_asks_again() -> None:
    """D6: `flask cookieconsent diff` knows it beforehand, of a notice too that is older than this."""

    def notice(consent_types: Any) -> dict[str, Any]:
        registry = build([tagged(consent_types), advertising()])
        return snapshot(registry, locale="en", texts="", templates={}, translate=str)

    (change,) = changes(notice({}), notice({"ad_storage": "ads"}))
    assert (change.what, change.service, change.fields) == ("material", "Counter", ("consent types",))
    old = notice({})
    for group in old["categories"]:
        for service in group["services"]:
            del service["consent_types"]
    assert changes(old, notice({})) == []
