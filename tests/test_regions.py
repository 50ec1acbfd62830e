"""The rules of nothing before consent (A), of the choice (B) and of signals (G), under the regime of each region.

Every check has its bad twin: the same page in another region, on which it fails.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from flask_cookieconsent.errors import RegistryError, SettingsError
from tests.kit.sites import EVERYTHING, Site, Visitor, make_site, notice_of, own, services, soup_of

REGIONS: dict[str, Any] = {
    "COOKIECONSENT_REGION_HEADERS": ("X-Country", "X-Region"),
    "COOKIECONSENT_REGIMES": {"US-CA": "opt-out", "CA": "notice"},
    "COOKIECONSENT_REFUSAL_VALIDITY": 400,
    "COOKIECONSENT_EXEMPT": {"counter": {"GB": "PECR 2003, schedule A1"}},
}
#: A visitor of each regime, by what the site's proxy says of them.
OPT_IN, OPT_OUT, NOTICE, EXEMPT = (
    {"X_Country": "BR"},
    {"X_Country": "US", "X_Region": "CA"},
    {"X_Country": "CA"},
    {"X_Country": "GB"},
)
NOBODY_KNOWS: list[dict[str, str]] = [
    {},
    {"X_Region": "CA"},
    {"X_Country": "US,US", "X_Region": "CA"},
    {"X_Country": "US, DE", "X_Region": "CA"},
    {"X_Country": "US" * 900, "X_Region": "CA"},
    {"X_Country": "US", "X_Region": "CA;x"},
    {"X_Country": "T1", "X_Region": "CA"},
    {"X_Country": "US"},
]


@pytest.fixture
def site() -> Site:
    return make_site(**REGIONS)


def words(visitor: Visitor, selector: str, path: str = "/") -> str:
    """Return the text of an element of a page, empty where there is none."""
    found = soup_of(visitor.get(path)).select_one(selector)
    return re.sub(r"\s+", " ", found.text).strip() if found else ""


def loads(visitor: Visitor) -> list[str]:
    """Return what the first page loads from others: its frames and its tags."""
    page = soup_of(visitor.get("/"))
    return [str(each["src"]) for each in page.select("main iframe[src], script[data-id]")]


# -- A: nothing before consent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [OPT_IN, {"X_Country": "DE"}, {"X_Country": "CH", "X_Region": "ZH"}, *NOBODY_KNOWS])
def test_opt_in_where_a_region_is_unknown_or_says_so(site: Site, headers: dict[str, str]) -> None:
    """A1, A7, B3: nothing is on and nothing is ticked; what is missing, odd or said twice is no region."""
    visitor = site.visitor(**headers)

    assert visitor.allowed() == set()
    assert loads(visitor) == []
    assert words(visitor, ".fcc-banner h2") == "We use cookies"


@pytest.mark.parametrize("headers", [OPT_OUT, NOTICE])
def test_what_silence_allows_elsewhere(site: Site, headers: dict[str, str]) -> None:
    """The bad twin of A1 and B3: where the regime is another, the same check finds all of it on, and ticked."""
    visitor = site.visitor(**headers)

    assert visitor.allowed() == EVERYTHING
    assert len(loads(visitor)) == 3


def test_no_cache_mixes_regions(site: Site) -> None:
    """A8: the region is part of what a response depends on, of its marks, its key and its notice."""
    pages = [site.visitor(**headers).get("/cookies/policy") for headers in (OPT_IN, OPT_OUT, NOTICE, EXEMPT)]
    marks = {soup_of(page).select_one("[data-state]")["data-state"] for page in pages}
    notices = {notice_of(site.visitor(**headers).get("/cookies/")) for headers in (OPT_IN, OPT_OUT, NOTICE, EXEMPT)}

    assert {page.headers["Vary"] for page in pages} == {"Cookie, Sec-GPC, X-Country, X-Region"}
    assert len(marks) == len(notices) == 4
    assert make_site().visitor().get("/").headers["Vary"] == "Cookie, Sec-GPC", "who goes by no region asks for none"


# -- B: the choice -----------------------------------------------------------------------------------------------------


def test_opt_out_is_said_and_ends_with_one_press(site: Site) -> None:
    """B1, B2, C1: on until refused is said beside the two equal buttons; the refusal holds at once, on every page."""
    visitor = site.visitor(**OPT_OUT)
    page = visitor.get("/")
    accept, reject = soup_of(page).select(".fcc-banner .fcc-answers button")

    assert "The others are on until you switch them off" in words(visitor, ".fcc-banner")
    assert accept["class"] == reject["class"]
    assert words(visitor, ".fcc-link a") == "Your Privacy Choices"
    visitor.press(page, "Reject all")
    assert visitor.allowed() == set()
    assert loads(visitor) == []
    assert words(visitor, ".fcc-banner") == ""
    assert words(visitor, ".fcc-link a") == "Your Privacy Choices"
    assert [(event.kind.value, event.validity) for event in site.events()] == [("refused", 400)]


def test_notice_is_one_line_and_asks_nothing(site: Site) -> None:
    """B1: no question and no button; the settings refuse, and what was refused stays so."""
    visitor = site.visitor(**NOTICE)

    assert (
        words(visitor, ".fcc-notice") == "Optional cookies are on. You can switch them off at any time. Cookie settings"
    )
    assert soup_of(visitor.get("/")).select("button[value=accept]") == []
    visitor.press(visitor.get("/cookies/"), "Reject all")
    assert visitor.allowed() == set()
    assert words(visitor, ".fcc-notice") == ""
    site.clock.forward(days=400)
    assert visitor.allowed() == set()


@pytest.mark.parametrize("headers", [OPT_OUT, NOTICE, EXEMPT])
def test_saving_what_is_on_grants_nothing(site: Site, headers: dict[str, str]) -> None:
    """A5, B8: an untouched form is silence; no cookie, no event, and what is on is so without a grant."""
    visitor = site.visitor(**headers)
    before = visitor.allowed()
    visitor.press(visitor.get("/cookies/"), "Save choices")

    assert visitor.allowed() == before
    assert all("+" not in (visitor.cookie() or "") for _ in site.events())
    assert [event for event in site.events() if "granted" in event.choices.values()] == []


def test_untouched_form_beside_a_refusal(site: Site) -> None:
    """A5, B8: *Save choices* on a page that was open while *Reject all* was pressed on another one grants nothing."""
    visitor = site.visitor(**OPT_OUT)
    page = visitor.get("/cookies/")
    visitor.press(visitor.get("/"), "Reject all")
    visitor.press(page, "Save choices")

    assert visitor.allowed() == set()
    assert [event.kind.value for event in site.events()] == ["refused"]


@pytest.mark.parametrize("cookie", ["{0}; cookieconsent={1}", "{0}x", "1.20261123.0.films-.cut"])
def test_answer_that_cannot_be_read_is_no_silence(site: Site, cookie: str) -> None:
    """A7: a choice that is broken, or came twice, may be a refusal: nothing is on by silence, and a press counts."""
    refusing, other = site.visitor(**OPT_OUT), site.visitor(**OPT_OUT)
    refusing.press(refusing.get("/"), "Reject all")
    other.press(other.get("/"), "Accept all")
    sent = "cookieconsent=" + cookie.format(refusing.cookie(), other.cookie())
    token = cookie.format(refusing.cookie(), "").partition(";")[0]
    called = site.visitor(**OPT_OUT, Authorization=f"Bearer {token}x").get("/cookies/api/choice")
    page = site.visitor(**OPT_OUT, Cookie=sent).get("/")

    assert site.visitor(**OPT_OUT, Cookie=sent).allowed() == set()
    assert notice_of(page) == notice_of(site.visitor(**OPT_IN).get("/"))
    assert {*called.json["choices"].values()} == {"essential", "undecided"}
    fields = {"choice": "accept", "locale": "en", "notice": notice_of(page), "surface": "banner"}
    assert site.visitor(**OPT_OUT, Cookie=sent).post(fields).status_code == 303


def test_accepting_is_a_grant(site: Site) -> None:
    """The bad twin: pressing *Accept all* in the same place is recorded as one, and has a receipt."""
    visitor = site.visitor(**OPT_OUT)
    visitor.press(visitor.get("/"), "Accept all")

    (event,) = site.events()
    assert (event.kind.value, set(event.choices.values()), event.validity) == ("given", {"granted"}, 184)
    assert visitor.receipt is not None


def test_one_service_switched_off(site: Site) -> None:
    """B4, B8: what was switched off is refused, and the others stay on without a grant."""
    visitor = site.visitor(**OPT_OUT)
    page = soup_of(visitor.get("/cookies/"))
    shown = [field["value"] for field in page.select("input[name=shown]")]
    fields = {
        "choice": "save",
        "service": sorted(EVERYTHING - {"counter"}),
        "category": ["third_party"],
        "shown": shown,
    }
    visitor.post(fields | {"locale": "en", "notice": notice_of(str(page)), "surface": "preferences"})

    (event,) = site.events()
    assert {id for id, answer in event.choices.items() if answer == "refused"} == {"counter"}
    assert "granted" not in event.choices.values()
    assert visitor.allowed() == EVERYTHING - {"counter"}
    assert "Everything else that is on below stays on until you switch it off" in words(
        visitor, ".fcc-state", "/cookies/"
    )
    assert words(visitor, ".fcc-saved p span") == "Your cookie choice is saved: what you refused is off."


def test_refusing_everything_holds_for_what_comes_later(site: Site) -> None:
    """B10: a service that is declared after *Reject all* is off where others would be on; the cookie says so."""
    refusing, silent = site.visitor(**OPT_OUT), site.visitor(**OPT_OUT)
    refusing.press(refusing.get("/"), "Reject all")
    later = make_site(services=[*services(), own("novelty", "functionality")], **REGIONS)

    assert "novelty" not in later.visitor(**OPT_OUT, Cookie=f"cookieconsent={refusing.cookie()}").allowed()
    assert "novelty" in later.visitor(**OPT_OUT, Cookie=f"other={silent.cookie()}").allowed()


def test_exempt_service_is_on_with_its_ground(site: Site) -> None:
    """B7, C1: it counts without consent, all else is asked for; the ground and the right to object are said."""
    visitor = site.visitor(**EXEMPT)

    assert visitor.allowed() == {"counter"}
    assert len(loads(visitor)) == 1
    assert "You may object: “Reject all” is enough" in words(visitor, ".fcc-banner")
    assert "PECR 2003, schedule A1" in words(visitor, "#fcc-service-counter", "/cookies/")
    assert "You may object" in words(visitor, "#fcc-service-counter", "/cookies/")
    assert "PECR 2003, schedule A1" in words(visitor, ".fcc-policy", "/cookies/policy")
    visitor.press(visitor.get("/"), "Reject all")
    assert visitor.allowed() == set()
    assert site.visitor(**OPT_IN).allowed() == set(), "it is exempt in the region that is named, and nowhere else"


def test_form_of_another_region_grants_nothing(site: Site) -> None:
    """F2: a grant counts for the notice of the visitor's own regime; of another one it is asked again."""
    digest = notice_of(site.visitor(**OPT_OUT).get("/"))
    visitor = site.visitor(**OPT_IN)
    fields = {"choice": "accept", "locale": "en", "notice": digest, "surface": "banner"}

    assert visitor.post(fields).status_code == 409
    assert visitor.allowed() == set()
    assert site.visitor(**OPT_OUT).post(fields).status_code == 303


# -- G: signals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("headers", "heard"), [(OPT_OUT, "Your opt-out is honored"), (NOTICE, "Tracking is off")])
def test_signal_is_a_refusal(site: Site, headers: dict[str, str], heard: str) -> None:
    """G2, G3: it switches off what it does elsewhere, and a line says that it was heard."""
    visitor = site.visitor(**headers, Sec_GPC="1")

    assert visitor.allowed() == {"language"}
    assert words(visitor, ".fcc-signal").startswith(heard)
    assert words(visitor, ".fcc-banner") == ""


def test_exempt_service_is_not_needed() -> None:
    """E3: an objection ends it in the open page at once, so scripts are never told that it is strictly necessary."""
    visitor = make_site(COOKIECONSENT_EXEMPT={"counter": {"*": "CNIL 2020-091, article 5"}}).visitor()
    (script,) = soup_of(visitor.get("/")).select("script[data-needed]")

    assert "counter" in str(script["data-allowed"]).split()
    assert "counter" not in str(script["data-needed"]).split()


def test_signal_objects_to_what_is_exempt(site: Site) -> None:
    """G2: what is exempt gives way to a signal as a grant would."""
    assert site.visitor(**EXEMPT, Sec_GPC="1").allowed() == set()


# -- what is told ------------------------------------------------------------------------------------------------------


def test_policy_says_what_holds_where(site: Site) -> None:
    """C6: every regime with its places, and what is exempt; a site without regions has no such section."""
    told = words(site.visitor(), ".fcc-policy dl", "/cookies/policy")

    assert "off until you allow them Everywhere else" in told
    assert "on until you switch them off United States (US-CA)" in told
    assert "on, and we tell you so Canada" in told
    assert "Example Counter is used without consent, and you may object United Kingdom" in told
    assert words(make_site().visitor(), "#fcc-part-regions", "/cookies/policy") == ""


def test_commands_name_regimes(site: Site) -> None:
    """Whoever runs the site sees what holds where, and what one visitor may do."""
    run = site.app.test_cli_runner().invoke
    explained = run(args=["cookieconsent", "explain", "--region", "US-CA"]).output

    assert "until you switch them off: United States (US-CA)" in run(args=["cookieconsent", "services"]).output
    assert "yes  films  not-opted-out" in explained
    assert "yes  counter  exempt" in run(args=["cookieconsent", "explain", "--region", "GB"]).output
    assert "no   films  undecided" in run(args=["cookieconsent", "explain"]).output


def test_script_hears_the_reason(site: Site) -> None:
    """The JSON of a page's state tells what is on without a grant from what is granted."""
    found = json.loads(site.visitor(**OPT_OUT).get("/cookies/state").text)

    assert set(found["choices"].values()) == {"essential", "not-opted-out"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"REGIMES": {"DE": "opt-out"}}, "the law there asks for consent"),
        ({"REGION_HEADERS": ()}, "no COOKIECONSENT_REGION_HEADERS"),
        ({"REFUSAL_VALIDITY": 184}, "wanted at least 365"),
    ],
)
def test_settings_that_promise_too_much(wrong: dict[str, Any], said: str) -> None:
    """A1, B10: such a site does not start."""
    with pytest.raises(SettingsError, match=said):
        make_site(**REGIONS | {f"COOKIECONSENT_{name}": value for name, value in wrong.items()})


@pytest.mark.parametrize("service", ["films", "cookieconsent", "nothing"])
def test_only_counting_can_be_exempt(service: str) -> None:
    """B7: advertising, content of others and what does not exist have no exemption."""
    with pytest.raises(RegistryError, match=f"service '{service}' in COOKIECONSENT_EXEMPT: .*counter; take it out"):
        make_site(COOKIECONSENT_EXEMPT={service: {"*": "Our own wish."}})
