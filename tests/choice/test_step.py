"""One press of a button: what it changes, under a signal, on a page that is out of date, and when it withdraws."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_cookieconsent import Cookie
from flask_cookieconsent.choice.form import Choice, Press
from flask_cookieconsent.choice.step import take_step
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent
from flask_cookieconsent.core.decision import OptOutSignals, decide
from flask_cookieconsent.core.regimes import REST, STRICT, Regime, Terms
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.validity import HALF_A_YEAR
from tests.kit.sites import EVERYTHING, GPC, NOON, STALE, Clock, cookies_set, make_site, notice_of, own, soup_of
from tests.kit.sites import services as all_services

# -- B: what a press means ------------------------------------------------------------------------------------------


def test_step_tells_nobody_apart() -> None:
    """D3: who chooses the same on a day takes one step, wherever the button stood; another day or signal is another."""
    registry, today = build(all_services()), NOON.date()
    asked, denying = (decide(registry, NOTHING_CHOSEN, OptOutSignals(gpc), today) for gpc in (False, True))
    step = take_step(Press(choice=Choice.ACCEPT), asked, today)

    assert take_step(Press(choice=Choice.ACCEPT, surface="banner", next="/a", locale="nl"), asked, today) is step
    assert set(step.after.granted) == EVERYTHING and step.after.made_on == today
    assert take_step(Press(choice=Choice.ACCEPT), asked, today + timedelta(days=1)).after.made_on != today
    assert take_step(Press(choice=Choice.ACCEPT), denying, today).after.gpc
    assert take_step(Press(choice=Choice.REJECT), asked, today).after.refused == EVERYTHING
    with pytest.raises(TypeError):
        step.choices["films"] = "refused"  # type: ignore[index]


@pytest.mark.parametrize("page", ["/", "/cookies/"])
@pytest.mark.parametrize(("label", "allowed"), [("Accept all", EVERYTHING), ("Reject all", set())])
def test_one_press_answers_everything(page: str, label: str, allowed: set[str]) -> None:
    """B1, B8: one press accepts or refuses everything, from the banner and from the preferences alike."""
    visitor = make_site().visitor()

    response = visitor.press(visitor.get(page), label)

    assert response.status_code == 303
    assert visitor.allowed() == allowed


@pytest.mark.parametrize(
    ("on", "off", "allowed"),
    [
        ([], [], {"films"}),
        (["language"], [], {"films", "language"}),
        (["language"], ["films"], {"language"}),
        (["posts"], [], {"films", "posts"}),
        (["third_party"], [], {"films", "posts"}),
        (["counter", "arrival"], ["films"], {"counter", "arrival"}),
        ([], ["films"], set()),
    ],
)
def test_save_saves_what_is_shown(on: list[str], off: list[str], allowed: set[str]) -> None:
    """B4, B8: saving answers for every service, each as its switch stands; the others stay as they were."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")

    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", on=on, off=off)

    assert visitor.allowed() == allowed
    last = site.events()[-1].choices if (on or off) else site.events()[0].choices
    assert set(last) == EVERYTHING
    assert set(last.values()) <= {"granted", "refused"}


def test_category_switch_moves_all_its_services() -> None:
    """B4: without scripts the one switch cannot move the others, and still means all of them, both ways."""
    visitor = make_site().visitor()

    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", on=["third_party"])
    assert visitor.allowed() == {"films", "posts"}
    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", off=["third_party"])
    assert visitor.allowed() == set()


def test_always_allow_answers_for_one_service() -> None:
    """A9, B4: the button of a placeholder grants its service and decides for no other."""
    site = make_site()
    visitor = site.visitor()

    visitor.press(visitor.get("/"), "Always allow Example Films")

    assert visitor.allowed() == {"films"}
    assert {each: answer for each, answer in site.events()[0].choices.items() if answer != "undecided"} == {
        "films": "granted"
    }
    assert soup_of(visitor.get("/")).select_one(".fcc-banner")


# -- notices out of date --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stale", [STALE, {"notice": ""}, {"locale": ""}, {"locale": "nl"}, {"locale": "en_US"}])
def test_stale_grant_is_asked_again(stale: dict[str, str]) -> None:
    """F2: what was allowed to a text that is no longer shown is asked again, with the selection kept."""
    site = make_site()
    visitor = site.visitor()

    again = visitor.choose("accept", **stale)

    assert again.status_code == 409
    assert "Please read it again" in again.text
    assert {each["value"] for each in soup_of(again).select("input[name=service][checked]")} == EVERYTHING
    assert cookies_set(again) == {}
    assert site.events() == []
    visitor.press(again, "Save", within=".fcc-switches", off=["posts", "counter", "arrival"])
    assert visitor.allowed() == {"films", "language"}


def test_stale_grant_under_the_signal_records_nothing() -> None:
    """F1, F2: an accept that has to be asked again is no refusal, whatever the browser signals."""
    site = make_site()

    again = site.visitor().choose("accept", headers=GPC, **STALE)

    assert again.status_code == 409
    assert site.events() == []
    assert cookies_set(again) == {}


@pytest.mark.parametrize("choice", ["reject", "withdraw"])
def test_stale_refusal_applies(choice: str) -> None:
    """F2, E3: refusing and withdrawing need no up-to-date page."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.choose(choice, **STALE).status_code == 303
    assert visitor.allowed() == set()


def test_stale_page_refuses_and_asks_about_the_rest() -> None:
    """F2: of a press that does both, the refusal applies at once and the grant is asked again."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films", "posts")
    site.clock.forward(minutes=5)

    again = visitor.choose("save", "posts", "language", **STALE)

    assert again.status_code == 409
    assert visitor.allowed() == {"posts"}
    assert site.events()[-1].kind == "changed"
    assert site.events()[-1].choices["language"] == "refused"
    assert "cookieconsent" in cookies_set(again)


def test_switches_of_a_stale_page_are_saved() -> None:
    """B8: on the page that asks again, taking a category's switch away takes its services away, as on any page."""
    visitor = make_site().visitor()
    again = visitor.choose("save", "films", "posts", **STALE)

    visitor.press(again, "Save", within=".fcc-switches", off=["third_party"])

    assert visitor.allowed() == set()


def test_wording_does_not_ask_again() -> None:
    """D6: another text is another notice; the choices made to the old one stand."""
    visitor = make_site().visitor()
    visitor.choose("save", "films")
    template = "<form>{{ notice }}{% include 'cookieconsent/hidden_fields.html' %}</form>"
    new = make_site(templates={"cookieconsent/link.html": template})

    page = new.visitor().get("/", headers={"Cookie": f"cookieconsent={visitor.cookie()}"})

    assert not soup_of(page).select_one(".fcc-banner")
    assert notice_of(page) != visitor.site.digest


@pytest.mark.parametrize("granted", [(), ("films",)])
def test_new_service_is_undecided(granted: tuple[str, ...]) -> None:
    """D4, D6: what is new is off and asked about by name; every other answer is kept."""
    visitor = make_site(services=all_services()).visitor()
    visitor.choose("save", *granted)
    novelty = own("novelty", "functionality", Cookie(name="nov", purpose="New.", duration=timedelta(days=1)))
    new = make_site(services=(*all_services(), novelty)).visitor(Cookie=f"cookieconsent={visitor.cookie()}")

    page = soup_of(new.get("/"))

    assert "Something is new since your last choice" in page.select_one(".fcc-banner").text
    assert page.select_one(".fcc-banner strong").text.strip() == "Novelty"
    assert new.allowed() == set(granted)


def test_shared_consent_is_not_prolonged_by_another_app() -> None:
    """D2: where two apps share one cookie, a choice made in the one does not renew what was granted in the other."""
    clock, key = Clock(), "one key for two apps"
    shop = make_site(services=[own("cart", "functionality")], clock=clock, COOKIECONSENT_SECRET_KEY=key)
    blog = make_site(services=[own("theme", "functionality")], clock=clock, COOKIECONSENT_SECRET_KEY=key)
    visitor = shop.visitor()
    visitor.choose("accept")
    clock.forward(days=HALF_A_YEAR.days - 1)
    reader = blog.visitor()
    reader.client.set_cookie("cookieconsent", str(visitor.cookie()))
    reader.choose("reject")
    clock.forward(days=2)

    assert shop.visitor(Cookie=f"cookieconsent={reader.cookie()}").allowed() == set()


# -- E: withdrawal --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/", "/about", "/cookies/", "/cookies/policy", "/nowhere"])
def test_withdrawal_is_one_press(page: str) -> None:
    """E2, E3: from any page, one press ends every grant, and the very next page has nothing left."""
    visitor = make_site().visitor()
    visitor.choose("accept")

    visitor.press(visitor.get(page), "Withdraw consent")

    assert visitor.allowed() == set()
    assert not soup_of(visitor.get("/")).select("iframe[src], script[data-id]")
    assert visitor.receipt is None


# -- G: signals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "on"),
    [
        *((each, True) for each in ("1", "0,1", "1, 1", " 1", "true,1")),
        *((each, False) for each in ("0", "true", "1;x", "", "11", "+1", "１", "'1'", "0,0")),
    ],
)
def test_signal_is_one(header: str, on: bool) -> None:
    """G1: the signal is exactly `1`, in any of its headers."""
    page = soup_of(make_site().visitor().get("/", headers={"Sec-GPC": header.encode().decode("latin-1")}))

    assert (page.select_one("aside.fcc-signal") is not None) == on
    assert (page.select_one(".fcc-banner") is not None) != on


def test_signal_answers_for_the_visitor() -> None:
    """G2: a line instead of a banner, nothing on, nothing stored and nothing written: the signal only denies."""
    site = make_site()
    visitor = site.visitor(Sec_GPC="1")

    for path in ("/", "/about", "/cookies/"):
        page = visitor.get(path)
        assert page.headers.getlist("Set-Cookie") == []
        assert not soup_of(page).select(".fcc-banner, iframe[src], script[data-id], [checked]")
        assert soup_of(page).select_one(".fcc-signal")
    assert site.events() == []


def test_absent_signal_is_no_grant() -> None:
    """G2: `Sec-GPC: 0` is nothing that anybody agreed to."""
    assert make_site().visitor(Sec_GPC="0").allowed() == set()


def test_explicit_choice_under_the_signal_stands() -> None:
    """G3: who has seen the line and still allows something has allowed it."""
    site = make_site()
    visitor = site.visitor(Sec_GPC="1")

    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", on=["films"])

    assert visitor.allowed() == {"films"}
    assert site.events()[0].gpc is True
    visitor.headers.clear()
    assert visitor.allowed() == {"films"}


def test_later_signal_pauses() -> None:
    """G2, G3: a signal that comes later beats older grants to third parties, for as long as it is there."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")

    page = visitor.get("/", headers=GPC)

    assert visitor.allowed(headers=GPC) == {"language"}
    assert not soup_of(page).select("iframe[src], script[data-id]")
    assert "Paused because of your browser" in visitor.get("/cookies/", headers=GPC).text
    assert soup_of(page).select_one("footer button[value=withdraw]")
    assert visitor.allowed() == EVERYTHING
    assert len(site.events()) == 1


def test_reconfirming_under_the_signal() -> None:
    """G3: accepting again, with the signal on, counts, and is an event of its own."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    site.clock.forward(minutes=1)

    visitor.choose("accept", headers=GPC)

    assert visitor.allowed(headers=GPC) == EVERYTHING
    assert [(each.kind, each.gpc) for each in site.events()] == [("given", False), ("changed", True)]


def test_allowing_one_service_does_not_revive_the_paused() -> None:
    """G3: the press of one placeholder answers for its service; what the signal paused stays off."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.headers.update(GPC)

    visitor.press(visitor.get("/"), "Always allow Example Films")

    assert visitor.allowed() == {"language", "films"}
    visitor.headers.clear()
    assert visitor.allowed() == {"language", "films"}
    assert soup_of(visitor.get("/")).select_one(".fcc-banner")


def test_grant_made_without_the_signal_is_paused_by_it() -> None:
    """G3: that other choices were made under the signal does not make a later one stand against it."""
    visitor = make_site().visitor()
    visitor.choose("save", "posts", headers=GPC)
    visitor.choose("allow", "films", surface="embed")

    assert "films" not in visitor.allowed(headers=GPC)


def test_saving_under_the_signal_revives_nothing_unseen() -> None:
    """G3, B8: paused switches are shown off, so saving without a touch leaves them off."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.headers.update(GPC)

    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches")

    assert visitor.allowed() == {"language"}


def consent_types(page: Any) -> list[str]:
    return [each["data-consent"] for each in soup_of(page).select("script[data-consent]")]


def test_vendor_signals_follow_the_choice() -> None:
    """G7: what a vendor is told follows the choices, and after a withdrawal its script is not there to be told."""
    visitor = make_site().visitor()

    found = []
    for choice, services in (("save", ("counter",)), ("accept", ()), ("withdraw", ())):
        visitor.choose(choice, *services)
        found.append(consent_types(visitor.get("/")))

    assert found == [["functionality_storage=denied"], ["functionality_storage=granted"], []]


def test_tag_is_silent_under_a_later_signal() -> None:
    """G7: the signal takes the tag away too."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    assert consent_types(visitor.get("/", headers=GPC)) == []


# -- the terms of a region ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [Terms(Regime.OPT_OUT), Terms(Regime.NOTICE), Terms(exempt={"counter": "A law."})])
def test_untouched_switch_is_no_grant(terms: Terms) -> None:
    """A5, B8: what is on by silence and stays on is neither granted nor refused; turned on by hand, it is granted."""
    registry, today = build(all_services()), NOON.date()
    decision = decide(registry, NOTHING_CHOSEN, OptOutSignals(), today, terms)
    on, groups = decision.by_silence, decision.allowed & {"third_party"}
    untouched = take_step(Press(choice=Choice.SAVE, services=on, categories=groups, shown=on), decision, today)
    by_hand = take_step(Press(choice=Choice.SAVE, services=on, categories=groups), decision, today)

    assert not untouched.has_new_grants
    assert untouched.after.granted == {}
    assert untouched.after.refused == set(registry.optional) - on
    assert set(by_hand.after.granted) == on


@pytest.mark.parametrize("gpc", [False, True])
@pytest.mark.parametrize("terms", [Terms(Regime.OPT_OUT), Terms(Regime.NOTICE), Terms(exempt={"counter": "A law."})])
def test_untouched_form_that_is_out_of_date_grants_nothing(terms: Terms, gpc: bool) -> None:
    """A5, G2: a page that was open while all was refused elsewhere, or the signal came, turns nothing on again."""
    registry, today = build(all_services()), NOON.date()
    on = decide(registry, NOTHING_CHOSEN, OptOutSignals(), today, terms).by_silence
    press = Press(choice=Choice.SAVE, services=on, shown=on, silent=on)
    refused = take_step(
        Press(choice=Choice.REJECT), decide(registry, NOTHING_CHOSEN, OptOutSignals(), today, terms), today
    ).after
    since = decide(registry, NOTHING_CHOSEN if gpc else refused, OptOutSignals(gpc), today, terms)
    by_hand = take_step(Press(choice=Choice.SAVE, services=on, silent=on), since, today)

    assert take_step(press, since, today).after.granted == {}
    assert take_step(press, since, today).after.refused >= since.consent.refused
    assert set(by_hand.after.granted) == on


def test_grant_that_does_not_count_turns_nothing_on() -> None:
    """F2, F5: *Accept all* on a page that is out of date leaves off what comes after everything was refused."""
    terms, today = Terms(Regime.OPT_OUT), NOON.date()
    before = decide(build(all_services()), NOTHING_CHOSEN, OptOutSignals(), today, terms)
    refused = take_step(Press(choice=Choice.REJECT), before, today).after
    later = build([*all_services(), own("novelty", "functionality")])
    step = take_step(Press(choice=Choice.ACCEPT), decide(later, refused, OptOutSignals(), today, terms), today)

    assert "novelty" not in decide(later, step.reduced.after, OptOutSignals(), today, terms).allowed
    assert step.reduced.after is step.before and step.after.refused == set()


@pytest.mark.parametrize("gpc", [False, True])
def test_untouched_form_changes_nothing(gpc: bool) -> None:
    """F1, B8: where all is on by silence and nothing was moved, there is no event, with the signal and without."""
    registry, today = build([own("theme", "functionality")]), NOON.date()
    decision = decide(registry, NOTHING_CHOSEN, OptOutSignals(gpc), today, Terms(Regime.OPT_OUT))
    press = Press(choice=Choice.SAVE, services=frozenset({"theme"}), shown=decision.by_silence)
    step = take_step(press, decision, today)

    assert step.kind is None
    assert step.after is step.before


def test_old_form_of_a_grant_is_left_alone() -> None:
    """D6, F1: saving a form in which a changed service is on by silence withdraws nothing and grants nothing."""
    registry, today = build(all_services()), NOON.date()
    before = Consent(granted={"films": "?????"}, made_on=today)
    decision = decide(registry, before, OptOutSignals(), today, Terms(Regime.OPT_OUT))
    on, groups = decision.by_silence, decision.allowed & {"third_party"}
    press = Press(choice=Choice.SAVE, services=on, categories=groups, shown=on)

    assert take_step(press, decision, today).after is before


@pytest.mark.parametrize(
    ("choice", "terms", "refuses_rest"),
    [
        (Choice.REJECT, Terms(Regime.OPT_OUT), True),
        (Choice.WITHDRAW, Terms(Regime.NOTICE), True),
        (Choice.SAVE, Terms(exempt={"counter": "A law."}), True),
        (Choice.ACCEPT, Terms(Regime.OPT_OUT), False),
        (Choice.REJECT, STRICT, False),
    ],
)
def test_refusing_everything_refuses_what_comes(choice: Choice, terms: Terms, refuses_rest: bool) -> None:
    """B10: only where silence would allow it; *Accept all* takes the word back."""
    registry, today = build(all_services()), NOON.date()
    before = Consent(refused=frozenset({REST} if choice is Choice.ACCEPT else ()), made_on=today)
    step = take_step(Press(choice=choice), decide(registry, before, OptOutSignals(), today, terms), today)

    assert (REST in step.after.refused) == refuses_rest
    assert REST not in step.choices
    assert step.terms is terms
