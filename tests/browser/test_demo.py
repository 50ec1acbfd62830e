"""The demo as visitors meet it: what is stored with them, who hears of them, and what the log keeps."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Request

from demo_app.consents import SERVICES
from flask_cookieconsent.log.events import Event
from flask_cookieconsent.state import get_state

from .equality import check_equality
from .harness import HOST, Visitor, Visitors

CHOICES = "__Host-cookieconsent"
RECEIPT = "__Secure-cookieconsent_receipt"
PAGES = ("/", "/stories", "/about", "/platform/", "/cookies/", "/cookies/policy", "/nowhere")
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
EMBEDS = {"www.youtube-nocookie.com", "www.facebook.com", "platform.x.com", "www.linkedin.com"}
GOOGLE = {"www.googletagmanager.com", "www.google-analytics.com"}


class Log:
    """The log of the demo; `new` gives the events since it was last asked.

    Ids tell no more than the minute or the day, so which event is new shows only by comparison.
    """

    def __init__(self, demo: Any) -> None:
        self._demo = demo
        self._known = {event.id for event in self._all()}

    def _all(self) -> list[Event]:
        with self._demo.app_context():
            return get_state(self._demo).log.newest(10_000)

    def new(self) -> list[Event]:
        found = [event for event in self._all() if event.id not in self._known]
        self._known |= {event.id for event in found}
        return found

    def one(self) -> Event:
        """Return the one new event there must be."""
        (event,) = self.new()
        return event


@pytest.fixture
def log(demo: Any) -> Log:
    """The log, from now on."""
    return Log(demo)


def is_untouched(visitor: Visitor, but_for: frozenset[str] = frozenset()) -> None:
    """Check that nothing was stored and nobody was contacted (A1, A2)."""
    assert set(visitor.cookies) == set(but_for)
    assert visitor.strangers == set()


@SCRIPTS
@pytest.mark.parametrize("path", PAGES)
def test_first_visit_stores_nothing_and_contacts_nobody(visitor: Visitors, log: Log, path: str, scripts: bool) -> None:
    """A1, A2, A4, F1: every page of the demo, scripts on and off."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit(path)

    is_untouched(someone)
    assert not scripts or not any(someone.stores().values())
    assert log.new() == []


def test_first_visit_check_fails_for_one_who_accepted(visitor: Visitors) -> None:
    """The bad twin of A1 and A2: the same check sees what acceptance brings."""
    someone = visitor()
    someone.visit("/")
    someone.press("Accept all")

    with pytest.raises(AssertionError):
        is_untouched(someone)


@SCRIPTS
def test_reject_leaves_one_cookie_and_nobody_contacted(visitor: Visitors, log: Log, scripts: bool) -> None:
    """B1, D3, E4: one press; the choices cookie and nothing else, on every page from then on."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/")
    someone.press("Reject all")

    for path in PAGES:
        someone.visit(path)
        assert someone.page.locator(".fcc-banner").count() == 0
    is_untouched(someone, frozenset({CHOICES}))
    cookie = someone.cookies[CHOICES]
    assert cookie["httpOnly"] and cookie["secure"] and cookie["path"] == "/" and cookie["sameSite"] == "Lax"
    assert not cookie["domain"].startswith(".")
    event = log.one()
    assert event.kind == "refused" and event.receipt is None


def test_two_who_reject_hold_the_same_cookie(visitor: Visitors) -> None:
    """D3: nothing tells two refusals of one day apart."""
    held = set()
    for _ in range(2):
        someone = visitor()
        someone.visit("/stories")
        someone.press("Reject all")
        held.add(someone.cookies[CHOICES]["value"])

    assert len(held) == 1


@SCRIPTS
def test_accept_opens_everything(visitor: Visitors, log: Log, scripts: bool) -> None:
    """A6, F1: the declared hosts and only those; the receipt lives on its path alone (D1)."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/stories")
    someone.press("Accept all")
    for embed in someone.page.locator(".fcc-embed").all():
        embed.scroll_into_view_if_needed()
    someone.settle()

    wanted = EMBEDS | GOOGLE if scripts else EMBEDS
    assert someone.strangers == wanted
    event = log.one()
    assert event.kind == "given" and set(event.choices.values()) == {"granted"}
    assert someone.cookies[RECEIPT]["path"] == "/cookies/choice"
    assert "ecom_source" in someone.cookies
    assert not scripts or {"_ga", "_ga_ECOMDEMO01"} <= set(someone.cookies)


def test_receipt_is_sent_to_nothing_but_choices(visitor: Visitors) -> None:
    """D3: no page, script, style or frame request carries an identifier."""
    someone = visitor()
    someone.visit("/")
    someone.press("Accept all")
    requests: list[Request] = []
    someone.context.on("request", lambda request: requests.append(request))
    someone.visit("/")
    someone.visit("/cookies/")

    cookies = {request.url: request.all_headers().get("cookie", "") for request in requests}
    assert any(CHOICES in each for each in cookies.values())
    assert [url for url, each in cookies.items() if RECEIPT in each] == []


@SCRIPTS
def test_saving_some_services(visitor: Visitors, log: Log, scripts: bool) -> None:
    """B4, B8: one service on, everything else off, and the event says both."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/cookies/")
    someone.page.locator("input[name=service][value=youtube]").check()
    someone.press("Save choices")

    assert someone.page.locator("input[name=service]:checked").count() == 1
    someone.visit("/stories")
    assert someone.strangers == {"www.youtube-nocookie.com"}
    event = log.one()
    assert {each for each, answer in event.choices.items() if answer == "granted"} == {"youtube"}
    assert event.method == "preferences"


@SCRIPTS
def test_category_switch_moves_its_services(visitor: Visitors, log: Log, scripts: bool) -> None:
    """B8: a category's switch means all its services, scripts or not."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/cookies/")
    someone.page.locator("input[name=category][value=third_party]").check()
    someone.press("Save choices")

    granted = {each for each, answer in log.one().choices.items() if answer == "granted"}
    assert granted == {"youtube", "facebook", "x", "linkedin"}
    someone.page.locator("input[name=service][value=x]").uncheck()
    someone.press("Save choices")
    choices = log.one().choices
    assert choices["x"] == "refused" and choices["youtube"] == "granted"


@SCRIPTS
def test_untouched_form_refuses_everything(visitor: Visitors, log: Log, scripts: bool) -> None:
    """B3: nothing is ticked for the visitor, so saving what is shown is a refusal."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/cookies/")

    assert someone.page.locator("input[type=checkbox]:checked").count() == 0
    someone.press("Save choices")
    assert set(log.one().choices.values()) == {"refused"}


@SCRIPTS
def test_withdraw_is_one_press_from_any_page(visitor: Visitors, log: Log, scripts: bool) -> None:
    """E2, E3, E4: the cookies of what was allowed are gone, and nobody is contacted from the next answer on."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/stories")
    assert someone.page.get_by_role("button", name="Withdraw consent").count() == 0
    someone.press("Accept all")
    someone.visit("/")
    given = log.one()
    someone.press("Withdraw consent")
    someone.requests.clear()
    for path in PAGES:
        someone.visit(path)

    is_untouched(someone, frozenset({CHOICES}))
    withdrawn = log.one()
    assert withdrawn.kind == "withdrawn"
    assert withdrawn.receipt == given.receipt and withdrawn.previous_receipt == given.receipt
    assert someone.page.get_by_role("button", name="Withdraw consent").count() == 0


@SCRIPTS
def test_load_once_stays_in_place_and_is_forgotten(visitor: Visitors, log: Log, scripts: bool) -> None:
    """A9: one embed, its host alone, nothing stored, and the placeholder is back on the next visit."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/stories")
    someone.press("Reject all")
    someone.visit("/stories")
    someone.page.get_by_role("button", name="Load once").first.click()
    someone.settle()
    place = someone.page.locator(".fcc-placeholder").first
    someone.page.frame_locator(".fcc-once").first.frame_locator("iframe").locator("p").wait_for()

    assert someone.page.url.endswith("/stories")
    assert place.locator(".fcc-once").is_visible() and not place.locator(".fcc-about").is_visible()
    assert someone.strangers == {"www.youtube-nocookie.com"}
    assert set(someone.cookies) == {CHOICES}
    assert log.one().kind == "refused"
    someone.visit("/stories")
    assert someone.page.locator(".fcc-about").first.is_visible()


@SCRIPTS
def test_always_allow_is_one_recorded_grant(visitor: Visitors, log: Log, scripts: bool) -> None:
    """A9: the press answers for one service and leaves the others open."""
    someone = visitor(java_script_enabled=scripts)
    someone.visit("/stories")
    someone.press("Always allow YouTube")

    assert someone.page.url.startswith(someone.address + "/stories")
    assert someone.strangers == {"www.youtube-nocookie.com"}
    event = log.one()
    assert event.method == "embed"
    assert event.choices["youtube"] == "granted" and event.choices["facebook"] == "undecided"
    assert someone.page.locator(".fcc-banner").count() == 1


@pytest.mark.parametrize("where", ["escape", "scroll", "outside", "onward"])
def test_doing_nothing_is_no_consent(visitor: Visitors, log: Log, where: str) -> None:
    """A5: Escape, scrolling, a press beside the banner and reading on decide nothing."""
    someone = visitor()
    page = someone.visit("/")
    match where:
        case "escape":
            page.keyboard.press("Escape")
        case "scroll":
            page.mouse.wheel(0, 4_000)
        case "outside":
            page.mouse.click(5, 300)
    someone.visit("/stories")

    is_untouched(someone)
    assert page.locator(".fcc-banner").is_visible()
    assert log.new() == []


@pytest.mark.parametrize("locale", ["nl", "fr", "de"])
@SCRIPTS
def test_pages_in_four_languages(visitor: Visitors, log: Log, locale: str, scripts: bool) -> None:
    """B6: the banner speaks the language of the page, and the event knows which."""
    reject = {"nl": "Alles weigeren", "fr": "Tout refuser", "de": "Alle ablehnen"}[locale]
    someone = visitor(java_script_enabled=scripts, locale=locale)
    page = someone.visit("/")

    assert page.locator("html").get_attribute("lang") == locale
    assert page.locator(".fcc-banner").get_attribute("lang") == locale
    someone.press(reject)
    assert log.one().locale == locale
    assert page.locator("#fcc-saved").is_visible()


def test_signal_answers_instead_of_a_banner(visitor: Visitors, log: Log) -> None:
    """G1, G2: `Sec-GPC: 1` denies, and says so in a line."""
    someone = visitor(extra_http_headers={"Sec-GPC": "1"})
    page = someone.visit("/stories")

    assert page.locator(".fcc-banner").count() == 0
    assert page.locator(".fcc-signal").is_visible()
    is_untouched(someone)
    assert log.new() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "nl", "fr", "de"])
def test_refusing_is_as_easy_as_accepting(visitor: Visitors, scheme: str, locale: str) -> None:
    """B1, B2, H2: same element, same appearance, both in sight and large, at every size and in every language."""
    page = visitor(color_scheme=scheme, locale=locale).visit("/")

    for width, height in ((1280, 800), (360, 640), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        check_equality(page)


def test_equality_check_fails_for_a_paler_refusal(visitor: Visitors) -> None:
    """The bad twin of B2."""
    page = visitor().visit("/")
    page.locator(".fcc-banner button[value=reject]").evaluate("each => { each.style.opacity = '0.6'; }")

    with pytest.raises(AssertionError, match=", 0.6, |,0.6,"):
        check_equality(page)


def test_two_windows_agree_on_the_next_page(visitor: Visitors) -> None:
    """E3: another window stops with its next page, also where no script reads it again by itself."""
    someone = visitor(java_script_enabled=False)
    someone.visit("/stories")
    someone.press("Accept all")
    other = someone.context.new_page()
    other.goto(someone.address + "/stories")
    someone.press("Withdraw consent")
    other.reload()

    assert other.locator(".fcc-embed").count() == 0
    assert other.locator(".fcc-placeholder").count() == 4


def test_every_declared_service_can_be_chosen(visitor: Visitors) -> None:
    """C2, C3: each service is on the page with a switch of its own, or the words that it is always on."""
    page = visitor().visit("/cookies/")

    for service in SERVICES:
        assert page.locator(f"#fcc-service-{service.id}").count() == 1
        switches = page.locator(f"#fcc-{service.category} input[name=service][value={service.id}]")
        assert switches.count() == (0 if service.category == "necessary" else 1)
    assert HOST in page.url


GROUPS = {
    "functionality": (set(), {"ecom_lang"}),
    "tracking": (set(), {"ecom_source"}),
    "performance": (GOOGLE, {"_ga", "_ga_ECOMDEMO01"}),
    "third_party": (EMBEDS, set()),
}


@pytest.mark.parametrize("groups", [set(each) for n in (0, 1, 4) for each in itertools.combinations(GROUPS, n)])
def test_every_set_of_categories(visitor: Visitors, groups: set[str]) -> None:
    """A6: for each of the sixteen sets exactly its hosts are contacted and exactly its cookies are set."""
    someone = visitor()
    page = someone.visit("/cookies/")
    for group in GROUPS:
        switches = page.locator(f"#fcc-{group} input[name=service]")
        for number in range(switches.count()):
            switches.nth(number).set_checked(group in groups)
    someone.press("Save choices")
    for path in ("/?lang=nl", "/stories?lang=en", "/"):
        someone.visit(path)

    assert someone.strangers == set().union(*(GROUPS[each][0] for each in groups))
    assert set(someone.cookies) - {RECEIPT} == {CHOICES}.union(*(GROUPS[each][1] for each in groups))
    assert (RECEIPT in someone.cookies) is bool(groups)
