"""Signed-in people: their choice on all devices, whatever the site's hooks do, and nobody else's."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g, session

from flask_cookieconsent import CookieConsent, consent_given, current_consent, event_failed
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import get_state
from tests.kit.accounts import ADA, BOB, Accounts, accounts_site, device_of, press, sign_in, sign_out
from tests.kit.papers import DOCS, blocks, needs_pages
from tests.kit.sites import (
    EVERYTHING,
    GPC,
    SAME_ORIGIN,
    Site,
    Visitor,
    cookies_set,
    make_app,
    make_site,
    notice_of,
    own,
    soup_of,
)
from tests.kit.sites import services as all_services

pytest_plugins = ("pytester",)

DEVICES = "While you are signed in, your choice counts on all your devices."
ADOPTED = "What you chose on another device now counts here too."


@pytest.fixture
def place() -> tuple[Site, Accounts]:
    """A site that keeps the choices of its people."""
    return accounts_site()


def kept(place: tuple[Site, Accounts], email: str) -> dict[str, set[str]]:
    """Return what the site keeps of a person: the services that are granted, and those that are refused."""
    site, accounts = place
    with site.app.app_context():
        choice = get_state().kept_codec.read(accounts.kept(email), today=site.clock().date())
    return {"granted": set(choice.consent.granted), "refused": set(choice.consent.refused)} if choice else {}


# -- three devices -------------------------------------------------------------------------------------------------


def test_choice_counts_on_the_other_device(place: tuple[Site, Accounts]) -> None:
    """What Ada allows on one device is allowed on her other one, and on no device where she is not signed in."""
    site, _ = place
    phone, laptop, stranger = device_of(site, ADA), device_of(site, ADA), device_of(site)

    press(phone, "Accept all")

    assert [each.allowed() for each in (phone, laptop, stranger)] == [EVERYTHING, EVERYTHING, set()]
    assert "fcc-banner" in stranger.get("/").text


def test_newest_decision_wins_on_the_same_day(place: tuple[Site, Accounts]) -> None:
    """Back and forth between two devices, each has what was pressed last on either."""
    site, _ = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    found = []
    for device, label in ((phone, "Reject all"), (laptop, "Accept all"), (phone, "Reject all"), (laptop, "Accept all")):
        press(device, label)
        found.append((phone.allowed(), laptop.allowed()))

    assert found == [(set(), set()), (EVERYTHING, EVERYTHING)] * 2


def test_signed_out_refusal_of_the_same_day_counts(place: tuple[Site, Accounts]) -> None:
    """A refusal on a new device is not overruled by what the account allowed, although an earlier one looked alike."""
    site, _ = place
    phone = device_of(site, ADA)
    press(phone, "Reject all")
    press(phone, "Accept all")

    laptop = device_of(site, ADA, "reject")

    assert (laptop.allowed(), phone.allowed()) == (set(), set())
    assert kept(place, ADA)["refused"] == EVERYTHING


def test_older_refusal_of_a_device_gives_way(place: tuple[Site, Accounts]) -> None:
    """What Ada allowed after this device had refused it is allowed here."""
    site, _ = place
    laptop = device_of(site, "", "reject")
    site.clock.forward(days=1)
    phone = device_of(site, ADA)
    press(phone, "Accept all")

    sign_in(laptop, ADA)

    assert laptop.allowed() == EVERYTHING


def test_grants_of_a_device_reach_no_account(place: tuple[Site, Accounts]) -> None:
    """Somebody allowed everything here and went; that Ada signs in makes none of it hers."""
    site, _ = place
    device = device_of(site, ADA, "accept")

    assert device.allowed() == EVERYTHING
    assert kept(place, ADA) == {}

    other = device_of(site, BOB, "save", "films")
    assert other.allowed() == set()
    assert kept(place, BOB) == {"granted": set(), "refused": EVERYTHING - {"films"}}


def test_expired_choice_never_comes_back(place: tuple[Site, Accounts]) -> None:
    """D2: what is kept with an account lasts no longer than it would on the device where it was made."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    site.clock.forward(days=184)
    laptop = device_of(site, ADA)
    lasts = cookies_set(laptop.get("/"))["cookieconsent"]["max-age"]
    site.clock.forward(days=1)

    assert int(lasts) <= 86_400
    assert (laptop.allowed(), device_of(site, ADA).allowed()) == (set(), set())


def test_signal_of_the_other_device(place: tuple[Site, Accounts]) -> None:
    """G2: what was allowed without the signal is paused where the browser sends it, and what was under it stands."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    press(device_of(site, BOB, **GPC), "Accept all")

    assert device_of(site, ADA, **GPC).allowed() == {"language"}
    assert device_of(site, BOB, **GPC).allowed() == EVERYTHING


# -- adopting ------------------------------------------------------------------------------------------------------


def test_adopted_refusal_holds_in_the_same_request(place: tuple[Site, Accounts]) -> None:
    """A10: the view of the first request does not see a cookie that was refused on the other device."""
    site, _ = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    press(laptop, "Accept all")
    laptop.client.set_cookie("lang", "nl")
    before = laptop.get("/seen").json
    press(phone, "Reject all")

    seen = laptop.get("/seen")
    page = laptop.get("/")

    assert "lang" in before
    assert "lang" not in seen.json
    assert cookies_set(page)["lang"]["max-age"] == "0"


def test_adopted_grant_holds_in_the_same_request(place: tuple[Site, Accounts]) -> None:
    """What was hidden before somebody was known to be signed in is seen again where their account allows it."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    laptop = device_of(site, ADA)
    laptop.client.set_cookie("lang", "nl")

    assert "lang" in laptop.get("/seen").json


def test_adopting_is_told_once_and_recorded_never(place: tuple[Site, Accounts]) -> None:
    """Nobody has decided anything: no event, no receipt, no signal; the page says it once."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    laptop, events, told = device_of(site, ADA), site.events(), []

    with consent_given.connected_to(lambda app, **more: told.append(more), site.app):
        first, second = laptop.get("/"), laptop.get("/")

    assert (ADOPTED in first.text, ADOPTED in second.text) == (True, False)
    assert ADOPTED in device_of(site, ADA).get("/cookies/").text
    assert (site.events(), told, laptop.receipt) == (events, [], None)
    assert "Set-Cookie" not in second.headers


def test_whoever_refuses_everything_keeps_no_number(place: tuple[Site, Accounts]) -> None:
    """A refusal from another device ends the receipt of this one."""
    site, _ = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    press(laptop, "Accept all")
    had = laptop.receipt
    press(phone, "Reject all")

    laptop.get("/")

    assert had
    assert laptop.receipt is None


def test_cookie_is_written_on_private_documents_alone(place: tuple[Site, Accounts]) -> None:
    """A8: what a shared cache may keep, and what is no document, carries nobody's choice; the next page does."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    laptop = device_of(site, ADA)

    shared, data = laptop.get("/shared"), laptop.get("/seen")
    page = laptop.get("/plain")

    assert [list(cookies_set(each)) for each in (shared, data)] == [[], []]
    assert shared.headers["Cache-Control"] == "public"
    assert "cookieconsent" in cookies_set(page)
    assert "private" in page.headers["Cache-Control"]


def test_shared_pages_carry_nobodys_choice() -> None:
    """A8: where all pages are the same for everybody, that of a person has no cookie and no word of hers."""
    place = accounts_site(config={"COOKIECONSENT_PAGES": "cacheable"})
    press(device_of(place[0], ADA), "Accept all")
    laptop, stranger = device_of(place[0], ADA), device_of(place[0])

    page, other = laptop.get("/about"), stranger.get("/about")
    state = laptop.get("/cookies/state").json

    assert "Set-Cookie" not in page.headers
    assert page.text == other.text
    assert set(state["allowed"]) >= EVERYTHING
    assert laptop.allowed() == EVERYTHING


# -- devices that several people use --------------------------------------------------------------------------------


def test_sign_out(place: tuple[Site, Accounts]) -> None:
    """A device keeps what was pressed on it; what was allowed elsewhere sleeps until the person is back."""
    site, _ = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    press(phone, "Accept all")
    laptop.get("/")
    sign_out(phone)
    sign_out(laptop)

    out = [phone.allowed(), laptop.allowed(), "fcc-banner" in laptop.get("/").text]
    sign_in(laptop, ADA)
    back = laptop.get("/")

    assert out == [EVERYTHING, set(), True]
    assert (laptop.allowed(), ADOPTED in back.text) == (EVERYTHING, False)


def test_refusing_everything_holds_for_what_comes_later_on_every_device() -> None:
    """B10: what is declared after *Reject all* on one device is off on the others, and *Accept all* ends that."""
    config = {
        "COOKIECONSENT_REGION_HEADERS": "X-Country",
        "COOKIECONSENT_REGIMES": {"US": "opt-out"},
        "COOKIECONSENT_REFUSAL_VALIDITY": 365,
    }
    there, kept = {"X-Country": "US"}, dict[str, str]()

    def site_with(*more: Any) -> Site:
        site = make_site(app=make_app(**config), services=[*all_services(), *more])
        site.consent._user = lambda: "ada"
        site.consent.load_choice(kept.get)
        site.consent.store_choice(kept.__setitem__)
        return site

    site, later, allowed = site_with(), site_with(own("novelty", "functionality")), list[set[str]]()
    for label in ("Reject all", "Accept all"):
        phone = site.visitor(**there)
        phone.press(phone.get("/cookies/"), label, within=".fcc-all")
        allowed.append(later.visitor(**there).allowed())

    assert allowed == [set(), EVERYTHING | {"novelty"}]


@pytest.mark.parametrize("kept", ["k1.broken", None, "none at all"])
def test_account_that_cannot_be_read_is_no_silence(kept: str | None) -> None:
    """A7: where optional services are on until somebody refuses, a refusal may stand in what cannot be read."""
    config = {
        "COOKIECONSENT_REGION_HEADERS": "X-Country",
        "COOKIECONSENT_REGIMES": {"US": "opt-out"},
        "COOKIECONSENT_REFUSAL_VALIDITY": 365,
    }
    site = make_site(app=make_app(**config))

    def load(user: str) -> str | None:
        if kept is None:
            raise TimeoutError
        return kept if kept.startswith("k1") else None

    site.consent._user = lambda: "ada"
    site.consent.load_choice(load)
    site.consent.store_choice(_store)
    is_nothing_kept = kept == "none at all"

    assert site.visitor(**{"X-Country": "US"}).allowed() == (EVERYTHING if is_nothing_kept else set())


@pytest.mark.parametrize("what", ["image", "script"])
def test_what_was_adopted_sleeps_for_parts_of_pages(place: tuple[Site, Accounts], what: str) -> None:
    """A view that answers a picture or a script allows no more than a page does once somebody has signed out."""
    site, _ = place
    part = {"Sec-Fetch-Dest": what}
    site.app.add_url_rule("/part", "part", lambda: str(current_consent.allows("films")))
    press(device_of(site, ADA), "Accept all")
    laptop = device_of(site, ADA)
    laptop.get("/")
    found = [laptop.get("/part", headers=part).text]
    sign_out(laptop)
    found.append(laptop.get("/part", headers=part).text)

    assert found == ["True", "False"]


def test_what_was_adopted_and_then_pressed_here_stays(place: tuple[Site, Accounts]) -> None:
    """Whoever says here what they had said elsewhere has said it here; allowing one thing more says only that."""
    site, _ = place
    press(device_of(site, ADA), "Accept all")
    press(device_of(site, BOB), "Save choices", on=["films"])
    laptop, tablet = device_of(site, ADA), device_of(site, BOB)
    press(laptop, "Accept all")
    tablet.choose("allow", "posts", notice=notice_of(tablet.get("/cookies/")))
    both = tablet.allowed()
    for device in (laptop, tablet):
        sign_out(device)

    assert both == {"films", "posts"}
    assert (laptop.allowed(), tablet.allowed()) == (EVERYTHING, set())


def test_script_and_program(place: tuple[Site, Accounts]) -> None:
    """A script of the page keeps a choice as the form does; a program with a token keeps its own."""
    site, _ = place
    phone, laptop = device_of(site, ADA), device_of(site, BOB)
    choice = {"choice": "accept", "locale": "en", "notice": notice_of(phone.get("/cookies/"))}
    answers = [
        device.open("/cookies/api/choice", "POST", json=choice, headers=SAME_ORIGIN | more)
        for device, more in ((phone, {}), (laptop, {"Authorization": "Bearer"}))
    ]

    assert [each.status_code for each in answers] == [200, 200]
    assert kept(place, ADA)["granted"] == EVERYTHING
    assert kept(place, BOB) == {}


def test_refusals_stay_when_somebody_signs_out(place: tuple[Site, Accounts]) -> None:
    """What was refused elsewhere is not asked about again here."""
    site, _ = place
    press(device_of(site, ADA), "Reject all")
    laptop = device_of(site, ADA)
    laptop.get("/")
    sign_out(laptop)

    assert "fcc-banner" not in laptop.get("/").text


@pytest.mark.parametrize("label", ["Accept all", "Reject all"])
def test_next_person_on_the_same_device(place: tuple[Site, Accounts], label: str) -> None:
    """What Ada chose here says nothing about Bob: nothing is granted for him, and nothing kept with his account."""
    site, _ = place
    device = device_of(site, ADA)
    press(device, label)
    sign_out(device)

    sign_in(device, BOB)
    allowed = device.allowed()
    sign_out(device)
    sign_in(device, ADA)

    assert allowed == set()
    assert kept(place, BOB) == {}
    assert device.allowed() == kept(place, ADA)["granted"]


def test_own_choice_of_the_next_person(place: tuple[Site, Accounts]) -> None:
    """Bob's own refusal counts where Ada has allowed, and hers where he has; neither account learns of the other."""
    site, _ = place
    press(device_of(site, BOB), "Reject all")
    device = device_of(site, ADA)
    press(device, "Accept all")
    sign_out(device)
    sign_in(device, BOB)

    assert device.allowed() == set()
    assert (kept(place, ADA)["granted"], kept(place, BOB)["granted"]) == (EVERYTHING, set())


def test_allowing_one_thing_keeps_one_thing(place: tuple[Site, Accounts]) -> None:
    """Ada allows films on a device where somebody else had allowed all: her account has films and nothing more."""
    site, _ = place
    device = device_of(site, ADA, "save", "posts", "counter", "language", "arrival")
    device.get("/")
    signed_in_notice = notice_of(device.get("/cookies/"))

    device.choose("allow", "films", notice=signed_in_notice)

    assert kept(place, ADA)["granted"] == {"films"}


# -- hooks that fail -----------------------------------------------------------------------------------------------


def _break(accounts: Accounts, site: Site) -> None:
    site.db.session.execute(sa.text("SELECT * FROM a_table_that_nobody_made"))


@pytest.mark.parametrize("label", ["Accept all", "Reject all"])
def test_store_that_fails(place: tuple[Site, Accounts], caplog: pytest.LogCaptureFixture, label: str) -> None:
    """The choice counts on this device, is recorded, and the failure is told and logged."""
    site, accounts = place
    device, told = device_of(site, ADA), []
    page = device.get("/cookies/")
    site.consent.store_choice(lambda user, choice: _break(accounts, site))

    with event_failed.connected_to(lambda app, error: told.append(error), site.app):
        answer = device.press(page, label, within=".fcc-all")

    assert answer.status_code == 303
    assert device.allowed() == (EVERYTHING if label == "Accept all" else set())
    assert [type(each).__name__ for each in told[:1]] == ["OperationalError"]
    assert "choice of a signed-in person not kept" in caplog.text
    assert len(site.events()) == 1
    assert kept(place, ADA) == {}


def test_load_that_fails(place: tuple[Site, Accounts], caplog: pytest.LogCaptureFixture) -> None:
    """The choice of the device counts, and a page is a page, with the database that the hook has upset."""
    site, accounts = place
    device = device_of(site, ADA)
    press(device, "Accept all")
    site.consent.load_choice(lambda user: _break(accounts, site))

    assert device.get("/").status_code == 200
    assert device.allowed() == EVERYTHING
    assert "not loaded" in caplog.text


def test_press_after_a_store_that_failed(place: tuple[Site, Accounts]) -> None:
    """A refusal that could not be kept is kept when the person comes back; an old grant does not overrule it."""
    site, accounts = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    press(phone, "Accept all")
    laptop.get("/")
    page = laptop.get("/cookies/")
    site.consent.store_choice(lambda user, choice: _break(accounts, site))
    laptop.press(page, "Reject all", within=".fcc-all")
    broken = laptop.allowed()
    site.consent.store_choice(accounts.store)

    assert broken == set()
    assert (laptop.allowed(), phone.allowed()) == (set(), set())


@pytest.mark.parametrize(
    "text",
    ["", "k1", "no choice", "k1.202611231234..1.20261123.2.films+abcde.forged", 7, b"bytes", "x" * 9_000, ["list"]],
)
def test_what_a_site_has_kept_wrongly(place: tuple[Site, Accounts], text: Any) -> None:
    """A7: what is not ours is nothing kept: no grant, no error."""
    site, _ = place
    device = device_of(site, ADA)
    site.consent.load_choice(lambda user: text)

    assert device.get("/").status_code == 200
    assert device.allowed() == set()


def test_choices_cookie_is_nothing_kept(place: tuple[Site, Accounts]) -> None:
    """Whoever can write into a column cannot make grants of a cookie that they have seen."""
    site, accounts = place
    device = device_of(site, "", "accept")
    with site.app.app_context():
        accounts.put(ADA, device.cookie())

    assert device_of(site, ADA).allowed() == set()


def test_user_that_cannot_be_told(caplog: pytest.LogCaptureFixture) -> None:
    """A function that fails means nobody is signed in, and no more than that."""
    site = make_site()
    site.consent._user = lambda: 1 / 0
    site.consent.load_choice(lambda user: None)
    site.consent.store_choice(lambda user, choice: None)
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.allowed() == EVERYTHING
    assert "who is signed in cannot be told" in caplog.text


# -- two presses at the same moment ---------------------------------------------------------------------------------


def _meanwhile(place: tuple[Site, Accounts], other: Visitor, store: Callable[..., Any]) -> Callable[..., Any]:
    """Return a hook in which another device presses Reject just before the first store."""
    pages, accounts = [other.get("/cookies/")], place[1]

    def slow(user: Any, choice: str, loaded: str | None) -> Any:
        if pages:
            other.press(pages.pop(), "Reject all", within=".fcc-all")
        return store(user, choice, loaded)

    assert accounts
    return slow


def test_two_presses_at_once(place: tuple[Site, Accounts]) -> None:
    """Compare and set: the second store is refused, told what is there, and loses no refusal."""
    site, accounts = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    page = phone.get("/cookies/")
    site.consent.store_choice(_meanwhile(place, laptop, accounts.store))

    phone.press(page, "Accept all", within=".fcc-all")

    assert kept(place, ADA) == {"granted": set(), "refused": EVERYTHING}
    assert (phone.allowed(), laptop.allowed()) == (set(), set())


def test_store_without_comparing_loses_a_refusal(place: tuple[Site, Accounts]) -> None:
    """The bad twin: a hook that stores whatever it is given overwrites what came in the same moment."""
    site, accounts = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA)
    page = phone.get("/cookies/")

    def put(user: Any, choice: str, loaded: str | None) -> None:
        accounts.put(ADA, choice)

    site.consent.store_choice(_meanwhile(place, laptop, put))

    phone.press(page, "Accept all", within=".fcc-all")

    assert kept(place, ADA) != {"granted": set(), "refused": EVERYTHING}


def test_store_that_is_never_through(place: tuple[Site, Accounts], caplog: pytest.LogCaptureFixture) -> None:
    """A hook that goes on refusing is a failure, after three attempts, and the choice counts on this device."""
    site, _ = place
    device, calls = device_of(site, ADA), []

    def store(user: Any, choice: str) -> bool:
        calls.append(choice)
        return False

    site.consent.store_choice(store)
    press(device, "Reject all")

    assert len(calls) == 3
    assert "returned False" in caplog.text


# -- setting up ----------------------------------------------------------------------------------------------------


def _load(user: Any) -> str | None:
    return None


def _store(user: Any, choice: str) -> None: ...


@pytest.mark.parametrize("name", ["load_choice", "store_choice"])
def test_half_of_the_hooks(name: str) -> None:
    """One hook without the other is a mistake, told with the first request."""
    site, _ = accounts_site(hooks=False)
    getattr(site.consent, name)(_store)

    with pytest.raises(SetupError, match=f"found `@consent.{name}` alone"):
        site.visitor().get("/")


@pytest.mark.parametrize(
    ("load", "store", "found"),
    [
        (lambda: None, _store, r"`load_choice` with the parameters \(\), wanted \(user\)"),
        (_load, lambda user: None, r"`store_choice` with the parameters \(user\), wanted \(user, choice\)"),
        (_load, lambda user, loaded: None, r"\(user, loaded\), wanted \(user, choice, loaded\)"),
    ],
)
def test_hook_that_cannot_be_called(load: Any, store: Any, found: str) -> None:
    """A hook with other parameters than it is given is a mistake, told with the first request and not with a press."""
    site, _ = accounts_site(hooks=False)
    site.consent.load_choice(load)
    site.consent.store_choice(store)

    with pytest.raises(SetupError, match=found):
        site.visitor().get("/")


def test_hooks_that_can_be_called() -> None:
    """The bad twin: names are the site's own, and more parameters with defaults are no mistake."""
    site, _ = accounts_site(hooks=False)
    site.consent.load_choice(lambda whoever, engine=None: None)
    site.consent.store_choice(lambda *given, **named: None)

    assert site.visitor().get("/").status_code == 200


def test_nobody_says_who_is_signed_in() -> None:
    """Hooks on a site without Flask-Login need a function that returns the user."""
    site = make_site()
    site.consent.load_choice(_load)
    site.consent.store_choice(_store)

    with pytest.raises(SetupError, match=r"wanted CookieConsent\(user="):
        site.visitor().get("/")


def test_site_without_hooks() -> None:
    """Nothing is loaded, told or asked: the same pages, and no step of ours before a request."""
    site, accounts = accounts_site(hooks=False)
    device = device_of(site, ADA)
    press(device, "Accept all")

    assert accounts.loads == accounts.stores == 0
    assert DEVICES not in device.get("/cookies/").text + device.get("/cookies/policy").text
    assert (device.cookie() or "").startswith("1.20261123.0.")
    assert not any("people" in str(each) for each in site.app.before_request_funcs.get(None, ()))


def test_own_user_function_and_asynchronous_hooks() -> None:
    """A site with its own sign-in names its user, set by its own step before a request; hooks may be `async def`."""
    site, column = make_site(), dict[str, str]()

    @site.app.before_request
    def know() -> None:
        g.user = session.get("user")

    @site.app.get("/enter/<name>")
    def enter(name: str) -> str:
        session["user"] = name
        return "in"

    async def load(user: str) -> str | None:
        return column.get(user)

    async def store(user: str, choice: str) -> None:
        column[user] = choice

    site.consent._user = lambda: g.user
    site.consent.load_choice(load)
    site.consent.store_choice(store)
    phone, laptop = site.visitor(), site.visitor()
    for device in (phone, laptop):
        device.get("/enter/ada")
    press(phone, "Accept all")

    assert laptop.allowed() == EVERYTHING
    assert set(column) == {"ada"}


def test_asking_who_it_is_makes_no_page_depend_on_it() -> None:
    """A8: a page that says nothing about the visitor stays as shareable as it was."""
    site = make_site()
    site.consent._user = lambda: session.get("user")
    site.consent.load_choice(_load)
    site.consent.store_choice(_store)

    assert "Vary" not in site.visitor().get("/plain").headers


def test_files_ask_for_nobody(place: tuple[Site, Accounts]) -> None:
    """A picture or a stylesheet costs no look at the account."""
    site, accounts = place
    device = device_of(site, ADA)

    device.get("/seen", headers={"Sec-Fetch-Dest": "image"})
    device.get("/static/nothing.css")

    assert accounts.loads == 0


# -- what people are told, and what is recorded ---------------------------------------------------------------------


def test_people_are_told(place: tuple[Site, Accounts]) -> None:
    """Before they choose, on the first layer, in the preferences and in the policy; others in the policy alone."""
    site, _ = place
    person, other = device_of(site, ADA), device_of(site)
    paths = ("/", "/cookies/", "/cookies/policy")

    told = [[DEVICES in " ".join(soup_of(each.get(path)).text.split()) for path in paths] for each in (person, other)]

    assert told == [[True, True, True], [False, False, True]]


def test_notice_proves_it(place: tuple[Site, Accounts]) -> None:
    """F2: the record of a press has the notice that speaks of all devices, and another one without."""
    site, _ = place
    person, other = device_of(site, ADA), device_of(site)
    press(person, "Accept all")
    press(other, "Accept all")

    with site.app.app_context():
        notices = [site.log.notice(event.notice) for event in site.events()]
    texts = [(json.loads(each.notice.snapshot)["all_devices"], DEVICES in each.notice.html) for each in notices if each]

    assert sorted(texts) == [(False, False), (True, True)]


def test_signed_in_since_the_page_was_opened(place: tuple[Site, Accounts]) -> None:
    """Nobody agrees for all devices on a page that did not say so: the page comes back, and refusals pass."""
    site, _ = place
    device = device_of(site)
    page = device.get("/cookies/")
    sign_in(device, ADA)

    answer = device.press(page, "Accept all", within=".fcc-all")
    refusal = device.press(page, "Reject all", within=".fcc-all")

    assert (answer.status_code, refusal.status_code) == (409, 303)
    assert DEVICES in answer.text
    assert kept(place, ADA) == {"granted": set(), "refused": EVERYTHING}


def test_signing_in_changes_nothing_without_hooks() -> None:
    """The bad twin of a notice that differs: where nothing is kept with accounts, the same page is good for both."""
    site, _ = accounts_site(hooks=False)
    device = device_of(site)
    page = device.get("/cookies/")
    sign_in(device, ADA)

    assert device.press(page, "Accept all", within=".fcc-all").status_code == 303


def _traces(place: tuple[Site, Accounts], lines: Iterator[str] | list[str], *devices: Visitor) -> list[str]:
    """Return where the id or the address of a person stands: in rows of the log, log lines, or our cookies."""
    site, _ = place
    texts = {f"line {number}": line for number, line in enumerate(lines)}
    with site.app.app_context():
        for table in site.db.metadata.sorted_tables:
            rows = site.db.session.execute(sa.select(table)).all() if table.name != "user" else []
            texts |= {f"{table.name} {number}": str(row) for number, row in enumerate(rows)}
    for device in devices:
        texts |= {f"cookie {name}": device.cookie(name) or "" for name in ("cookieconsent", "cookieconsent_receipt")}
    return [where for where, text in texts.items() if ADA in text or "ada@" in text.lower() or "user_id" in text]


def test_log_stays_anonymous(place: tuple[Site, Accounts], caplog: pytest.LogCaptureFixture) -> None:
    """F3: no row, no line and no cookie of ours says who it was, and what is kept with the account says no more."""
    caplog.set_level(logging.DEBUG, "flask_cookieconsent")
    site, accounts = place
    phone, laptop = device_of(site, ADA), device_of(site, ADA, "reject")
    for label in ("Accept all", "Reject all"):
        press(phone, label)
        laptop.get("/")
    site.consent.store_choice(lambda user, choice: _break(accounts, site))
    press(phone, "Accept all")
    lines = [record.getMessage() for record in caplog.records]
    with site.app.app_context():
        lines.append(accounts.kept(ADA) or "")

    assert len(site.events()) >= 3
    assert _traces(place, lines, phone, laptop) == []


def test_trace_is_found(place: tuple[Site, Accounts]) -> None:
    """The bad twin: an event whose locale is an address, and a line that names somebody, are seen."""
    site, _ = place
    device = device_of(site, ADA)
    press(device, "Reject all")
    with site.app.app_context():
        table = site.consent.models.Event.__table__
        site.db.session.execute(sa.insert(table).from_select(list(table.c.keys()), _copied(table)))
        site.db.session.commit()

    assert any("line" in each for each in _traces(place, [f"kept for {ADA}"]))
    assert any("cookie" in each for each in _traces(place, []))


def _copied(table: Any) -> Any:
    columns = [sa.literal(ADA) if each.name == "locale" else each for each in table.c]
    return sa.select(*(sa.literal(b"0" * 16) if each is table.c.id else each for each in columns))


def test_two_who_chose_the_same_have_the_same_cookie(place: tuple[Site, Accounts]) -> None:
    """D3: that somebody is signed in shows as one digit, the same for all of them; the rest is equal."""
    site, _ = place
    ada, bob, other = device_of(site, ADA), device_of(site, BOB), device_of(site)
    for device in (ada, bob, other):
        press(device, "Reject all")

    assert ada.cookie() == bob.cookie() != other.cookie()
    with site.app.app_context():
        assert place[1].kept(ADA) == place[1].kept(BOB)


def test_consents_of_several_apps() -> None:
    """Two apps of one process have their own hooks; the extension keeps nothing of a request."""
    first, second = accounts_site(), accounts_site()
    press(device_of(first[0], ADA), "Accept all")

    assert device_of(second[0], ADA).allowed() == set()
    assert isinstance(CookieConsent(), CookieConsent)
    assert not hasattr(Flask("bare"), "login_manager")


@needs_pages
def test_page_shows_a_site_that_works(pytester: pytest.Pytester) -> None:
    """What docs/people.md tells people to write."""
    pytester.makepyfile("\n".join(blocks(DOCS / "people.md")))

    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=1)
