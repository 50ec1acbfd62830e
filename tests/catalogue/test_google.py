"""What Google is told follows what a visitor was asked about; what owners may set is checked when the app starts."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from flask_cookieconsent import Service
from flask_cookieconsent.catalogue import google_ads, google_analytics, google_tag_manager
from flask_cookieconsent.catalogue.kit.google import config_data, types_of
from flask_cookieconsent.core.consent_types import ADVERTISING, CONSENT_TYPES
from flask_cookieconsent.core.services import Answer
from flask_cookieconsent.errors import RegistryError
from tests.catalogue.test_tags import LOADERS, datasets, registry_of, run
from tests.kit.sites import make_site, own

ANALYTICS, ADS = google_analytics("G-ABC1234567"), google_ads("AW-123456789")
CONTAINER = google_tag_manager("GTM-ABC1234")
IN_CONTAINER = tuple(replace(each, tag=None) for each in (ANALYTICS, ADS))
AUDIENCES = Service(id="audiences", name="Audiences", category="tracking", purpose="advertising", provider=ADS.provider)
BY_ADVERTISING = dict.fromkeys(ADVERTISING, Answer(purpose="advertising"))


def states(service: Service, *beside: Service, granted: tuple[str, ...]) -> dict[str, bool]:
    """Return what the loader of a service would tell Google for somebody who granted these."""
    (found,) = datasets(service, granted=granted, beside=beside)
    pairs = (each.split("=") for each in found["dataset"]["consent"].split())
    return {name: state == "granted" for name, state in pairs}


EVERYTHING_BUT_ADS = ("google_analytics", "own_tracking", "own_performance", "own_third_party", "own_functionality")


@pytest.mark.parametrize("category", ["performance", "tracking"])
def test_analytics_allows_no_advertising(category: str) -> None:
    """G5: wherever it is filed, and whatever else of that category is allowed; Google Ads alone allows it."""
    analytics = google_analytics("G-ABC1234567", category=category)
    only_analytics = states(analytics, granted=EVERYTHING_BUT_ADS)
    without_ads = states(analytics, ADS, granted=EVERYTHING_BUT_ADS)
    with_ads = states(analytics, ADS, granted=("google_analytics", "google_ads"))

    assert only_analytics == without_ads == {**dict.fromkeys(ADVERTISING, False), "analytics_storage": True}
    assert with_ads == {**dict.fromkeys(ADVERTISING, True), "analytics_storage": True}


def test_analytics_by_category_is_the_bad_twin() -> None:
    """Advertising that follows a category, as it once did, is an error at start-up."""
    tag = ANALYTICS.tag
    assert tag is not None
    careless = replace(ANALYTICS, tag=replace(tag, consent_types={"ad_storage": "tracking"}))

    with pytest.raises(RegistryError, match="follows the category 'tracking', which is about others too"):
        registry_of(careless)


@pytest.mark.parametrize("granted", ["google_ads", "audiences"])
def test_two_services_that_advertise(granted: str) -> None:
    """A6: a yes to one of them is no yes to the other, unless the owner says which type is whose."""
    all_of_them = states(ANALYTICS, ADS, AUDIENCES, granted=("google_analytics", granted))
    assert not any(all_of_them[each] for each in ADVERTISING)

    split = google_ads("AW-123456789", consent_types={"ad_personalization": "audiences"})
    told = states(split, AUDIENCES, granted=("google_ads",))
    assert told == {"ad_storage": True, "ad_user_data": True, "ad_personalization": False}
    assert states(split, AUDIENCES, granted=("google_ads", "audiences"))["ad_personalization"]


def test_google_signals_need_all_of_advertising() -> None:
    """G7: they follow advertising by Google, and no option of the owner brings them back."""
    later = "Array.from(dataLayer.find((each) => each[0] === 'config'))[2]"

    def told(service: Service, *beside: Service, granted: Any) -> tuple[bool, bool]:
        options = run(service, beside=beside, later=later, granted=granted)["result"]
        return options["allow_google_signals"], options["allow_ad_personalization_signals"]

    some = google_analytics("G-ABC1234567", consent_types={"ad_personalization": "audiences", "ad_user_data": None})
    assert told(ANALYTICS, granted=("google_analytics", "own_tracking")) == (False, False)
    assert told(ANALYTICS, ADS, granted=("google_analytics", "google_ads")) == (True, True)
    assert told(some, ADS, AUDIENCES, granted=("google_analytics", "google_ads", "audiences")) == (False, True)


# -- a container -------------------------------------------------------------------------------------------------------


def test_container_follows_what_is_in_it() -> None:
    """G5: each type follows the service that a visitor was asked about, which the container loads."""
    first = ("google_tag_manager", "google_analytics")
    told = states(CONTAINER, *IN_CONTAINER, granted=(*first, "own_performance", "own_tracking", "own_functionality"))

    assert {name for name, state in told.items() if state} == {
        *("analytics_storage", "functionality_storage", "personalization_storage")
    }
    assert states(CONTAINER, *IN_CONTAINER, granted=(*first, "google_ads"))["ad_user_data"]
    assert not states(CONTAINER, *IN_CONTAINER, granted=first)["functionality_storage"]


def test_container_alone_is_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """G5: what nothing here can grant is denied, and that is said once, with what to do."""
    caplog.set_level(logging.INFO, "flask_cookieconsent")
    site = make_site(services=[CONTAINER, own("language", "functionality")])
    (said,) = [each for each in caplog.records if each.levelno == logging.WARNING]

    assert "service 'google_tag_manager': nothing that this site declares can grant ad_storage" in said.getMessage()
    assert "analytics_storage" in said.getMessage() and "functionality_storage" not in said.getMessage()
    assert "tag=None where a container loads it" in said.getMessage()
    explained = site.app.test_cli_runner().invoke(args=["cookieconsent", "explain"]).output
    assert "google_tag_manager ad_storage denied (nothing here can grant it)" in explained
    assert "google_tag_manager functionality_storage denied (follows functionality)" in explained


def test_container_alone_twin(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said where all is declared, or is denied on purpose; and of Analytics it is no warning."""
    caplog.set_level(logging.INFO, "flask_cookieconsent")
    make_site(services=[CONTAINER, *IN_CONTAINER, own("language", "functionality")])
    make_site(services=[google_tag_manager("GTM-ABC1234", consent_types=dict.fromkeys(CONSENT_TYPES))])
    assert caplog.records == []

    make_site(services=[ANALYTICS])
    assert [each.levelno for each in caplog.records] == [logging.INFO]


# -- started again, and withdrawn --------------------------------------------------------------------------------------

CALLS = "dataLayer.map((call) => Array.from(call).slice(0, 3)).filter(([name]) => name)"


def more(service: Service, *beside: Service) -> tuple[list[Any], int]:
    """Return what Google hears where Google Ads is allowed in place, and how many libraries the page has then."""
    before = (service.id, "google_analytics")
    first, again = (
        datasets(service, beside=beside, granted=granted)[0] for granted in (before, (*before, "google_ads"))
    )
    heard: list[list[Any]] = run(service, tags=[first], later=CALLS)["result"]
    page = run(service, tags=[first, again], later=CALLS)
    known = [each for each in heard if each[0] != "js"]
    return [each for each in page["result"] if each not in known and each[0] != "js"], len(page["added"])


STARTED_AGAIN = [
    ["consent", "update", dict.fromkeys(ADVERTISING, "granted")],
    ["set", "ads_data_redaction", False],
]


def test_started_again() -> None:
    """G5: Google hears what is more, and nothing else happens twice."""
    assert more(ANALYTICS, ADS) == (STARTED_AGAIN, 1)
    assert more(CONTAINER, *IN_CONTAINER) == (STARTED_AGAIN, 1)


def test_started_again_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loader that does not see that it runs already counts the page twice."""
    monkeypatch.setitem(LOADERS, "google.js", LOADERS["google.js"].replace("if (isAgain)", "if (false)"))

    assert "config" in {each[0] for each in more(ANALYTICS, ADS)[0]}
    assert more(CONTAINER, *IN_CONTAINER)[1] == 2


@pytest.mark.parametrize(
    ("withdrawn", "denied", "redacts"),
    [
        (["google_ads"], set(ADVERTISING), True),
        (["own_functionality"], {"functionality_storage", "personalization_storage"}, False),
        (["google_analytics", "youtube"], {"analytics_storage"}, False),
        (["google_tag_manager"], set(CONSENT_TYPES), True),
        (["youtube"], set(), False),
    ],
)
def test_withdrawal_of_what_is_followed(withdrawn: list[str], denied: set[str], redacts: bool) -> None:
    """E3, G7: a type is denied with the press that takes away whatever it follows, a member of its category too."""
    page = run(CONTAINER, beside=IN_CONTAINER, later=CALLS, withdrawn=withdrawn)
    after = page["result"][5:]
    told = [each[2] for each in after if each[:2] == ["consent", "update"]]

    assert told == ([dict.fromkeys(sorted(denied), "denied")] if denied else [])
    assert (["set", "ads_data_redaction", True] in after) is redacts


ALL_BUT_ADS = ["google_tag_manager", "google_analytics"]


def test_taken_away_and_given_again() -> None:
    """G5, E3: without a new page Google hears of both, and of nothing that has not changed."""
    changes = [
        {"allowed": ALL_BUT_ADS, "granted": [], "withdrawn": ["google_ads"]},
        {"allowed": [*ALL_BUT_ADS, "youtube"], "granted": ["youtube"], "withdrawn": []},
        {"allowed": [*ALL_BUT_ADS, "google_ads"], "granted": ["google_ads"], "withdrawn": []},
        {"allowed": [*ALL_BUT_ADS, "google_ads"], "granted": ["google_ads"], "withdrawn": []},
    ]
    page = run(CONTAINER, beside=IN_CONTAINER, later=CALLS, changes=changes)

    assert page["result"][5:] == [
        ["set", "ads_data_redaction", True],
        ["consent", "update", dict.fromkeys(ADVERTISING, "denied")],
        ["set", "ads_data_redaction", False],
        ["consent", "update", dict.fromkeys(ADVERTISING, "granted")],
    ]


def test_given_to_one_of_two() -> None:
    """A6: a type that follows two services is not granted by one of them."""
    change = {"allowed": [*ALL_BUT_ADS, "google_ads"], "granted": ["google_ads"], "withdrawn": []}
    page = run(CONTAINER, beside=(*IN_CONTAINER, AUDIENCES), granted=tuple(ALL_BUT_ADS), later=CALLS, changes=[change])

    assert page["result"][5:] == []


def test_withdrawal_of_what_is_followed_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loader that asks for its own service alone goes on with the advertising of another."""
    deaf = LOADERS["google.js"].replace("isOff ? names : typesOf(detail.withdrawn)", "isOff ? names : []")
    monkeypatch.setitem(LOADERS, "google.js", deaf)
    page = run(CONTAINER, beside=IN_CONTAINER, later=CALLS, withdrawn=["google_ads"])

    assert page["result"][5:] == []


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "key"), [(google_analytics, "G-ABC1234567"), (google_ads, "AW-123456789")])
def test_options_of_an_account(make: Any, key: str) -> None:
    """What the owner sets is given to Google, beside what follows consent."""
    options = {
        "send_page_view": False,
        "linker": {"domains": ["a.example"]},
        "content_group": "Shop",
        "debug_mode": True,
    }
    page = run(make(key, config=options), later="Array.from(dataLayer.find((each) => each[0] === 'config'))[2]")

    assert options.items() <= page["result"].items()
    assert page["result"]["cookie_flags"] == "SameSite=Lax;Secure"


REFUSED = [
    ("allow_google_signals", "follows what a visitor allows; see consent_types"),
    ("ads_data_redaction", "follows what a visitor allows"),
    ("ad_storage", "follows what a visitor allows"),
    ("cookie_prefix", "is what visitors are told of this service's cookies"),
    ("cookie_expires", "is what visitors are told of this service's cookies"),
    ("user_id", "is of one visitor, not of the site; set it in a page, as docs/own-events.md shows"),
    ("user_data", "is of one visitor"),
    ("server_container_url", "is a host that has to be declared"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_options_that_are_not_the_sites_to_set(name: str, reason: str) -> None:
    """G7: consent, cookies and people are not decided there, and the error says where."""
    for make, key in ((google_analytics, "G-ABC1234567"), (google_ads, "AW-123456789")):
        with pytest.raises(ValueError, match=f"config: found '{name}', which {reason}"):
            make(key, config={name: True})


def test_options_never_win() -> None:
    """The bad twin: an option that got past the check is overruled by the loader."""
    (tag,) = datasets(ANALYTICS, granted=("google_analytics",))
    tag["dataset"]["config"] = json.dumps({"allow_google_signals": True, "cookie_flags": "none"})
    page = run(ANALYTICS, tags=[tag], later="Array.from(dataLayer.find((each) => each[0] === 'config'))[2]")

    assert page["result"]["allow_google_signals"] is False
    assert page["result"]["cookie_flags"] == "SameSite=Lax;Secure"


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), b"x"])
def test_options_that_are_no_json(value: Any) -> None:
    with pytest.raises(ValueError, match="config: found .*, wanted what JSON can hold"):
        config_data({"x": value})
    assert config_data({"x": [1, None, "a"]}) == {"config": '{"x": [1, null, "a"]}'}
    assert config_data({}) == config_data(None) == {}


def test_names_of_consent_types() -> None:
    with pytest.raises(ValueError, match="consent_types: found 'ad_storge', wanted one such as 'ad_storage'"):
        types_of({"ad_storge": "google_ads"}, {})
    assert types_of({"ad_storage": None, "analytics_storage": "x"}, BY_ADVERTISING) == {
        "ad_user_data": BY_ADVERTISING["ad_user_data"],
        "ad_personalization": BY_ADVERTISING["ad_personalization"],
        "analytics_storage": "x",
    }
