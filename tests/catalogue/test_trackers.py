"""Whoever tracks in the catalogue is a known tracker, and what may be necessary is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from demo_app.consents import SERVICES
from flask_cookieconsent import Cookie, Provider, Service
from flask_cookieconsent.core.defaults import NECESSARY_PURPOSES
from tests.kit.accused import accusations
from tests.kit.samples import SAMPLES

#: The purposes for which visitors are recognised or counted.
TRACKING = frozenset(
    {
        *("attribution", "audience_measurement", "session_recording", "page_testing", "campaign_measurement"),
        *("advertising", "tag_management", "chat"),
    }
)

#: What the catalogue says of the names by which a browser is known again.
RECOGNISING = frozenset(
    {
        "Tells visitors apart by a random number.",
        "Recognises your browser.",
        "Matches your browser with an account or a profile there.",
        "Joins the pages of one visit into a recording.",
        "Keeps your conversation with us.",
        "Shows and measures advertisements.",
        "Remembers which advertisement led here.",
        "Remembers how you first found this site.",
    }
)

#: Names that the catalogue tells of together with such names, and that keep an answer to a question instead.
ANSWERS = ("et_allow_cookies", "pa_privacy", "_pprv", "__mp_opt_in_out_", "__ph_opt_in_out_")


def hosts_of(service: Service) -> list[str]:
    """Return the hosts that a service is declared to use."""
    sources = {source for sources in service.hosts.values() for source in sources}
    return sorted({source.rpartition("://")[2].removeprefix("*.") for source in sources})


def recognising_names(service: Service) -> list[str]:
    """Return the names by which a service knows a browser again."""
    found = {each.name for each in service.cookies if str(each.purpose) in RECOGNISING}
    return sorted(name for name in found if not name.startswith(ANSWERS))


def to_add(service: Service) -> str:
    """Return the line of trackers.json that would make a service known, with what is missing; "" if it is known.

    Its hosts are known where one is; its names where each is, be it only together with those hosts.
    """
    said = accusations(service)
    of_cookies = {each.partition(" of service ")[0] for each in said if each.startswith("cookie ")}
    names = [name for name in recognising_names(service) if f"cookie {name!r}" not in of_cookies]
    domains = [] if any(each.startswith("service ") for each in said) else hosts_of(service)
    missing = {"names": names, "domains": domains}
    line = {"vendor": service.name, "source": f"the catalogue, {service.id}"}
    more = {part: each for part, each in missing.items() if each}
    return json.dumps(line | more, ensure_ascii=False) if more else ""


def tracking_services() -> Iterator[Service]:
    """Yield the services of the catalogue that recognise visitors, or count them."""
    return (sample.service for sample in SAMPLES if sample.service.purpose in TRACKING)


def test_trackers_of_the_catalogue_are_known() -> None:
    """C5: whoever declares one of them as necessary, for security, is found out by each such name and by its hosts."""
    lines = {service.id: to_add(service) for service in tracking_services()}

    assert {"google_analytics", "meta_pixel", "plausible", "mouseflow", "brevo", "ab_tasty", "crisp"} <= lines.keys()
    assert {id: line for id, line in lines.items() if line} == {}, "core/trackers.json wants these lines, or parts"


def spyglass(*names: str, host: str = "eye.spyglass.example") -> Service:
    """Return a tracker that nobody knows."""
    return Service(
        id="spyglass",
        name="Spyglass",
        category="tracking",
        purpose="advertising",
        provider=Provider(name="Spyglass SA", country="BE", privacy_policy="https://spyglass.example/privacy"),
        cookies=tuple(Cookie(name=name, purpose="Tells visitors apart by a random number.") for name in names),
        hosts={"script-src": (f"https://{host}",)},
    )


@pytest.mark.parametrize(
    ("service", "missing"),
    [
        (spyglass("spy_uid"), {"names": ["spy_uid"], "domains": ["eye.spyglass.example"]}),
        (spyglass(), {"domains": ["eye.spyglass.example"]}),
        (spyglass("spy_uid", "_ga"), {"names": ["spy_uid"], "domains": ["eye.spyglass.example"]}),
        (spyglass("spy_uid", host="*.hotjar.com"), {"names": ["spy_uid"]}),
    ],
)
def test_stranger_is_told_what_to_add(service: Service, missing: Mapping[str, list[str]]) -> None:
    """The bad twins: a new file that nobody has made known, without a name, and known by a part alone."""
    assert (
        json.loads(to_add(service))
        == {
            "vendor": "Spyglass",
            "source": "the catalogue, spyglass",
        }
        | missing
    )


def test_words_for_recognising_are_those_of_the_catalogue() -> None:
    """A sentence that is worded anew there, or a name that has gone, is not left behind here."""
    cookies = [cookie for service in tracking_services() for cookie in service.cookies]
    known = {str(cookie.purpose) for cookie in cookies}

    assert RECOGNISING - known == set()
    assert [each for each in ANSWERS if not any(cookie.name.startswith(each) for cookie in cookies)] == []


def needed_services() -> Iterator[Service]:
    """Yield the services of the catalogue whose purpose can be necessary, and those of the demo that are."""
    yield from (sample.service for sample in SAMPLES if sample.service.purpose in NECESSARY_PURPOSES)
    yield from (service for service in SERVICES if service.category == "necessary")


def test_what_may_be_necessary_is_no_tracker() -> None:
    """Checks for robots, payments and calendars of the catalogue, and what the demo needs, are nobody's trackers.

    Google's calendar brings the cookie that Google's advertising uses too, and so is not offered as necessary.
    """
    said = {service.id: accusations(service) for service in needed_services()}

    assert {"turnstile", "hcaptcha", "recaptcha", "friendly_captcha", "stripe", "paypal"} < said.keys()
    assert {id for id, each in said.items() if each} == {"google_appointments"}
    assert "necessary" not in next(each for each in needed_services() if each.id == "google_appointments").categories


def test_tracker_among_the_needed_is_seen() -> None:
    """The bad twin: a check for robots that brings an advertiser's cookie."""
    check = next(service for service in needed_services() if service.id == "turnstile")

    assert accusations(replace(check, cookies=(*check.cookies, Cookie(name="_fbp", purpose="x")))) != []
