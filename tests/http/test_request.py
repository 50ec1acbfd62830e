"""The one reader of the choices cookie and of the signal, and its memory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flask_cookieconsent import current_consent
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Codec, choose
from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.errors import InvalidConsentError
from flask_cookieconsent.http.request import CurrentConsent, get_visit, sends_gpc
from flask_cookieconsent.state import decider, get_state
from tests.kit.sites import GPC, NOON, make_site, services, soup_of
from tests.kit.talkative import names_set, talkative, told

TODAY = NOON.date()
REGISTRY = build(services())
CODEC = Codec(["a key for tests only"])
ACCEPTED = CODEC.dumps(choose(NOTHING_CHOSEN, REGISTRY, REGISTRY.optional, today=TODAY, gpc=False))


@pytest.mark.parametrize(
    ("header", "on"),
    [
        *[("1", True), ("1, 1", True), ("0, 1", True), ("1,0", True), (" 1 ", True), ("\t1", True)],
        *[(None, False), ("", False), ("0", False), ("true", False), ("1;x", False), ("11", False), ("01", False)],
        *[("１", False), ("?1", False), ('"1"', False), ("1.0", False), (",", False), ("yes", False), ("1 1", False)],
    ],
)
def test_signal_is_exactly_one(header: str | None, on: bool) -> None:
    """G1: on with exactly `1`, in any of several headers."""
    assert sends_gpc(header) is on


def test_memory_holds_only_what_was_verified() -> None:
    """A7: texts that nobody signed leave nothing behind, however many come."""
    decide = decider(REGISTRY, CODEC)
    for number in range(100):
        with pytest.raises(InvalidConsentError):
            decide(f"1.20261123.0.films-.{number}", OptOutSignals(), TODAY)

    assert decide.cache_info().currsize == 0  # type: ignore[attr-defined]
    assert decide(ACCEPTED, OptOutSignals(), TODAY) is decide(ACCEPTED, OptOutSignals(), TODAY)
    assert decide.cache_info().currsize == 1  # type: ignore[attr-defined]


def test_decision_does_not_outlive_its_day() -> None:
    """D2: a process that runs for months forgets what has run out."""
    decide = decider(REGISTRY, CODEC)

    assert decide(ACCEPTED, OptOutSignals(), TODAY + timedelta(days=184)).allows("films")
    assert not decide(ACCEPTED, OptOutSignals(), TODAY + timedelta(days=185)).allows("films")
    assert not decide(ACCEPTED, OptOutSignals(gpc=True), TODAY).allows("films")
    assert decide(ACCEPTED, OptOutSignals(), TODAY).allows("films")


def _allowed(header: str, https: bool = False) -> bool:
    site = make_site(services=services())
    base = "https://localhost" if https else "http://localhost"
    key = get_state(site.app).codec.dumps(choose(NOTHING_CHOSEN, REGISTRY, REGISTRY.optional, today=TODAY, gpc=False))
    another = Codec(["the key of another app"]).dumps(choose(NOTHING_CHOSEN, REGISTRY, [], today=TODAY, gpc=False))
    header = header.replace("CHOICE", key).replace("ANOTHER", another)
    with site.app.test_request_context("/", base_url=base, headers={"Cookie": header}):
        return current_consent.allows("films")


@pytest.mark.parametrize(
    "header",
    [
        *["cookieconsent=CHOICE; cookieconsent=CHOICE", "cookieconsent=CHOICE; cookieconsent=", "Cookieconsent=CHOICE"],
        *[
            "\xa0cookieconsent=CHOICE",
            "cookieconsent\x85=CHOICE",
            "cookieconsent=\xa0CHOICE",
            "\x1ccookieconsent=CHOICE",
        ],
        *["cookieconsent=CHOICEx", "cookieconsent=xCHOICE", "__Host-cookieconsent=CHOICE", "cookieconsent", ""],
    ],
)
def test_cookies_that_say_nothing(header: str) -> None:
    """A7, D1: given twice, altered, or of another name as browsers read it: undecided."""
    assert not _allowed(header)


@pytest.mark.parametrize(
    ("header", "https"),
    [
        ("a=1; cookieconsent=CHOICE", False),
        ("__Host-cookieconsent=CHOICE; cookieconsent=x", True),
        ("cookieconsent=ANOTHER; cookieconsent=CHOICE", False),
        ("__Host-cookieconsent=CHOICE; cookieconsent=CHOICE; cookieconsent=CHOICE", True),
    ],
)
def test_cookies_that_say_something(header: str, https: bool) -> None:
    """D1: the name that a page of this scheme writes is read, and what another app has signed is no second choice."""
    assert _allowed(header, https)


def test_plain_name_over_https_says_nothing() -> None:
    """D1: a name without the prefix may have been planted by a sibling host."""
    assert not _allowed("cookieconsent=CHOICE", https=True)


def test_outside() -> None:
    """A7: without a request, and without an app, nothing optional is allowed."""
    assert not current_consent.allows("films")
    assert current_consent.allows("necessary")
    with make_site().app.app_context():
        assert not current_consent.allows("films")


def test_app_without_the_extension() -> None:
    """The error tells what to do."""
    with Flask("bare").test_request_context(), pytest.raises(RuntimeError, match=r"consent\.init_app\(app\)"):
        get_visit()


@pytest.mark.parametrize(("headers", "name"), [(GPC, "Global Privacy Control"), ({"DNT": "1"}, "Do Not Track")])
def test_signal_is_shown(headers: dict[str, str], name: str) -> None:
    """G3: in a line in place of the banner, and by its own name on the settings and beside the link of every page."""
    visitor = make_site(COOKIECONSENT_DNT=True).visitor()
    page, preferences = (soup_of(visitor.get(path, headers=headers)) for path in ("/about", "/cookies/"))

    assert not page.select(".fcc-banner")
    assert page.select_one(".fcc-signal")["aria-label"] == name
    assert name in page.select_one(".fcc-link .fcc-heeded").text
    assert name in preferences.select_one(".fcc-signal").text


def test_signal_is_shown_twin() -> None:
    """G3: `DNT: 0` signals nothing, so the banner asks."""
    page = soup_of(make_site(COOKIECONSENT_DNT=True).visitor().get("/about", headers={"DNT": "0"}))

    assert page.select(".fcc-banner")
    assert not page.select(".fcc-signal, .fcc-heeded")


def test_do_not_track_is_off_by_default() -> None:
    """G2: it is another signal, which the owner may heed; then caches have to know about it."""
    heeding, deaf = make_site(COOKIECONSENT_DNT=True).visitor(), make_site().visitor()

    assert soup_of(deaf.get("/", headers={"DNT": "1"})).select(".fcc-banner")
    assert "DNT" in heeding.get("/").headers["Vary"].split(", ")
    assert "DNT" not in deaf.get("/").headers["Vary"].split(", ")


def test_later_signal_pauses_cookies_too() -> None:
    """G3, A10: cookies of a paused grant are stopped, hidden and removed; without the signal the grant is back."""
    visitor = talkative().visitor()
    visitor.choose("accept")
    count = len(visitor.site.events())

    assert names_set(visitor.get("/set?set=_ec&set=lang", headers=GPC)) == {"lang"}
    found, _ = told(visitor, **GPC)
    assert "_ec" not in found
    assert "lang" in found
    assert names_set(visitor.get("/set?set=_ec&set=lang")) == {"_ec", "lang"}
    assert len(visitor.site.events()) == count, "no page view writes anything"


@pytest.mark.parametrize(("headers", "bit"), [(GPC, True), ({}, False)])
def test_every_event_carries_the_signal(headers: dict[str, str], bit: bool) -> None:
    """G3, F2: what the browser said with the press is in the log."""
    site = make_site()
    site.visitor().choose("accept", headers=headers)

    assert [each.gpc for each in site.events()] == [bit]


@pytest.mark.parametrize(
    ("ask", "consulted"),
    [
        (lambda visit: visit.decision, False),
        (lambda visit: visit.cookies, False),
        (lambda visit: visit.consult(), True),
        (lambda visit: visit.allows("films"), True),
        (lambda visit: CurrentConsent(visit).decision, True),
        (lambda visit: CurrentConsent(visit).consent, True),
        (lambda visit: CurrentConsent(visit).allows("films"), True),
    ],
)
def test_only_asking_makes_a_response_depend_on_the_visitor(ask: Any, consulted: bool) -> None:
    """A8: who reads the decision for themselves changes no header; whatever code of a site can ask does."""
    site = make_site()
    with site.app.test_request_context():
        visit = get_visit()
        ask(visit)
        assert visit.consulted is consulted


def test_visits_of_two_apps_in_one_request_are_apart() -> None:
    """A8: one environ may pass through several apps, and each keeps its own state in it."""
    one, other = make_site(), make_site()
    environ: dict[str, Any] = {}

    first = get_visit(get_state(one.app), environ)
    second = get_visit(get_state(other.app), environ)

    assert first is get_visit(get_state(one.app), environ)
    assert first is not second


@pytest.mark.parametrize("pages", ["cacheable", "private"])
def test_pieces_are_made_of(pages: str) -> None:
    """A8: where caches share pages a piece is made of nobody's decision and leaves the page theirs; twin: private."""
    site = make_site(COOKIECONSENT_PAGES=pages)
    with site.app.test_request_context("/", headers={"Cookie": f"cookieconsent={ACCEPTED}"}):
        visit = get_visit()
        visit.show()

        assert visit.decision.allows("films")
        assert visit.shown.allows("films") is visit.consulted is (pages == "private")
        # Whoever asks for the visitor is answered for the visitor, in a page of nobody else.
        assert current_consent.allows("films") and visit.consulted
