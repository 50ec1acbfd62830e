"""The demo's App on a phone: asked in its own words, without a connection too, and what is kept on the device."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser, Page, expect

from demo_app import create_app
from demo_app.consents import SERVICES as DECLARED
from flask_cookieconsent.testing import deciding

from .axe import violations
from .harness import Visitor, served
from .test_demo import Log, log

__all__ = ["log"]

#: What Playwright calls a Pixel 7.
PHONE = {
    "viewport": {"width": 412, "height": 839},
    "device_scale_factor": 2.625,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 "
    "Mobile Safari/537.36",
}
SCREENS = ("ask", "choose", "invoices", "customers", "privacy")
YOUTUBE = "www.youtube-nocookie.com"
KEPT = """async () => (await Promise.all((await caches.keys()).map(async (name) => {
  const cache = await caches.open(name);
  return Promise.all((await cache.keys()).map(async (request) => {
    const answer = await cache.match(request);
    return { cache: name, url: request.url, headers: [...answer.headers], text: await answer.text() };
  }));
}))).flat()"""
STORED = "() => Object.entries(localStorage)"

Open = Callable[..., "Phone"]


class Phone(Visitor):
    """Somebody with the App on a phone."""

    def start(self, screen: str = "") -> Page:
        """Open the App, and wait until it has read what there is to read."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/app/{screen}")
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def install(self) -> Page:
        """Open the App, and wait until its worker keeps it."""
        page = self.start()
        page.wait_for_function("() => navigator.serviceWorker.controller")
        return page

    def go(self, screen: str) -> Page:
        """Go to another screen."""
        self.page.evaluate("name => { location.hash = name; }", screen)
        self.page.wait_for_selector(f"main[data-screen={screen}]")
        return self.page

    def tap(self, name: str) -> None:
        """Tap a button, and wait for what follows."""
        self.page.get_by_role("button", name=name, exact=True).tap()
        self.settle()

    @property
    def kept(self) -> list[dict[str, Any]]:
        """Everything in the Cache API."""
        found: list[dict[str, Any]] = self.page.evaluate(KEPT)
        return found

    @property
    def stored(self) -> dict[str, str]:
        """Everything in Web Storage."""
        return dict(self.page.evaluate(STORED))


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Open]:
    """Makes people with a phone."""
    made: list[Phone] = []

    def make(at: str = address, **options: Any) -> Phone:
        made.append(Phone(browser, at, **(PHONE | options)))
        return made[-1]

    yield make
    for each in made:
        each.context.close()


def is_harmless(phone: Phone) -> None:
    """Check that the Cache API holds the App, its lists and the question, and nothing that needs consent (A1)."""
    tokens = [value for name, value in json.loads(phone.stored.get("ecom_app_choices", "{}")).items() if value]
    secrets = [each for each in tokens if isinstance(each, str)]
    for entry in phone.kept:
        path = entry["url"].removeprefix(phone.address)
        headers = dict(entry["headers"])
        assert path.startswith(("/app/", "/static/", "/cookies/api/notice?")), f"{path} is kept"
        assert YOUTUBE not in headers.get("content-security-policy", ""), f"{path} is opened for YouTube"
        assert "no-store" not in headers.get("cache-control", ""), f"{path} is not to be stored"
        assert "private" not in headers.get("cache-control", ""), f"{path} was made for one visitor"
        assert not any(secret in entry["text"] for secret in secrets), f"{path} holds a token or a receipt"


# -- asked -------------------------------------------------------------------------------------------------------------


def test_first_start_asks_and_does_nothing_else(phone: Open, log: Log) -> None:
    """A1, A2, A4: nothing optional is stored or counted, and nobody is contacted, on any screen."""
    someone = phone()
    page = someone.start()
    assert page.locator("main").get_attribute("data-screen") == "ask"
    for screen in SCREENS:
        someone.go(screen)
    someone.settle()

    assert someone.strangers == set()
    assert someone.cookies == {}
    assert set(someone.stored) <= {"ecom_app_choices"}
    assert log.new() == []


def test_answers_are_equal(phone: Open) -> None:
    """B1, B2: both answers are in sight, of one size and one appearance, and no box is ticked (B3)."""
    someone = phone(viewport={"width": 320, "height": 568})
    page = someone.start()
    accept, reject = (page.get_by_role("button", name=name) for name in ("Accept all", "Reject all"))
    look = "each => { const { inlineSize, blockSize, color, backgroundColor, font, opacity, borderColor } = "
    look += (
        "getComputedStyle(each); return [inlineSize, blockSize, color, backgroundColor, font, opacity, borderColor]; }"
    )

    assert accept.evaluate(look) == reject.evaluate(look)
    boxes = [each.bounding_box() for each in (accept, reject)]
    assert boxes[0] and boxes[1] and boxes[0]["y"] == boxes[1]["y"] and boxes[0]["height"] >= 44
    assert boxes[0]["y"] + boxes[0]["height"] < 568 - 64, "both are in sight without scrolling, above the tabs"
    someone.go("choose")
    assert page.locator("input[type=checkbox]").count() == 2
    assert page.locator("input:checked").count() == 0


def test_asks_about_what_it_does(phone: Open, log: Log) -> None:
    """C2: with choices of its own it asks about its own two services, and to accept them allows no others."""
    someone = phone()
    page = someone.start()
    assert page.locator(".asks h2").all_text_contents() == ["Counting screens", "YouTube"]
    assert "Google Ireland Limited" in page.locator(".asks").inner_text()
    someone.tap("Accept all")

    event = log.one()
    assert {each for each, answer in event.choices.items() if answer == "granted"} == {"app_screens", "youtube"}
    assert (event.kind, event.method, event.scope, event.locale) == ("given", "api", "App", "en")
    assert event.notice and event.receipt
    assert someone.cookies == {}, "the choices of the App are not those of the browser"


def test_reject_is_kept_and_asks_no_more(phone: Open, log: Log) -> None:
    """B1, D3, E4: one tap; without a receipt, and the next start asks nothing."""
    someone = phone()
    someone.start()
    someone.tap("Reject all")
    event = log.one()
    page = someone.start()

    assert (event.kind, event.method, event.scope, event.receipt) == ("refused", "api", "App", None)
    assert page.locator("main").get_attribute("data-screen") == "invoices"
    assert json.loads(someone.stored["ecom_app_choices"])["receipt"] is None
    assert someone.strangers == set()


def test_choosing_one(phone: Open, log: Log) -> None:
    """B8: one switch, one service."""
    someone = phone()
    page = someone.start("#choose")
    page.get_by_role("switch", name="Counting screens").check()
    someone.tap("Save choices")

    event = log.one()
    assert (event.choices["app_screens"], event.choices["youtube"]) == ("granted", "refused")
    assert page.locator("main").get_attribute("data-screen") == "privacy"
    assert page.locator(".states .is-on").count() == 1


def test_what_is_allowed_is_on(phone: Open) -> None:
    """A6, E3: screens are counted and the film is shown, and a withdrawal ends both at once, in one tap (E2)."""
    someone = phone()
    page = someone.start()
    someone.tap("Accept all")
    someone.go("customers")
    page = someone.go("invoices")
    page.frame_locator("iframe[name=film]").frame_locator("iframe").locator("p").wait_for()
    assert someone.strangers == {YOUTUBE}
    assert json.loads(someone.stored["ecom_app_screens"])["customers"] == 1
    someone.go("privacy")
    someone.tap("Withdraw consent")
    someone.requests.clear()
    for screen in SCREENS:
        someone.go(screen)
    someone.settle()

    assert someone.strangers == set()
    assert "ecom_app_screens" not in someone.stored
    assert page.get_by_role("button", name="Withdraw consent").count() == 0


def test_film_is_allowed_where_it_stands(phone: Open, log: Log) -> None:
    """A9: the tap answers for YouTube and leaves the other question open."""
    someone = phone()
    page = someone.start("#privacy")
    someone.go("invoices")
    someone.tap("Allow YouTube")
    page.frame_locator("iframe[name=film]").frame_locator("iframe").locator("p").wait_for()

    assert log.one().choices["app_screens"] == "undecided"
    assert someone.strangers == {YOUTUBE}


def test_receipt_is_shown_and_erased(phone: Open, log: Log) -> None:
    """F6: the bearer sees what is recorded, and has it erased; then everything is off."""
    someone = phone()
    someone.start()
    someone.tap("Accept all")
    receipt = json.loads(someone.stored["ecom_app_choices"])["receipt"]
    log.new()
    page = someone.go("privacy")
    assert page.locator(".number").inner_text() == receipt
    someone.tap("Show the record")
    expect(page.locator(".record dd")).to_have_text("On: Counting screens and YouTube")
    someone.tap("Withdraw and erase")

    expect(page.locator("#state")).to_have_text("Everything optional is off")
    assert receipt not in someone.stored["ecom_app_choices"]
    assert not page.locator(".number").is_visible()


def test_signal_denies(phone: Open, log: Log) -> None:
    """G1, G2: with Global Privacy Control the film stays off, and the screen says why."""
    someone = phone(extra_http_headers={"Sec-GPC": "1"})
    page = someone.start("#privacy")
    expect(page.get_by_text("Global Privacy Control")).to_be_visible()
    someone.go("invoices")
    someone.settle()

    assert someone.strangers == set()
    assert page.locator("iframe").count() == 0
    assert log.new() == []


def test_signal_that_comes_later_denies_without_a_connection(phone: Open) -> None:
    """G1: what the device says now counts more than what the server said before."""
    someone = phone()
    someone.install()
    someone.tap("Accept all")
    someone.context.set_offline(True)
    someone.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    page = someone.start("#privacy")

    assert page.locator(".states .is-on").count() == 0


# -- without a connection ----------------------------------------------------------------------------------------------


def test_opens_without_a_connection(phone: Open) -> None:
    """The lists are there, and say of when they are."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start()
    assert page.get_by_role("button", name="Reject all").is_visible()
    assert page.get_by_text("What you allow is on once the App is online").is_visible()
    someone.go("customers")

    expect(page.locator(".rows .row")).to_have_count(12)
    assert page.get_by_text("As it was on").is_visible()
    assert page.locator(".offline").is_visible()


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_opens_in_every_language(phone: Open, language: str) -> None:
    """The worker keeps the shell of each."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start(f"?lang={language}")
    someone.go("customers")

    assert page.locator("html").get_attribute("lang") == language
    expect(page.locator(".rows .row")).to_have_count(12)


def test_refusal_counts_at_once_and_is_recorded_once(phone: Open, log: Log) -> None:
    """E3, E4: a withdrawal without a connection is in effect, and the log has it once when there is one."""
    someone = phone()
    someone.install()
    someone.tap("Accept all")
    log.new()
    someone.context.set_offline(True)
    page = someone.start("#privacy")
    someone.tap("Withdraw consent")
    assert page.locator(".states .is-on").count() == 0
    assert page.get_by_text("Your refusal counts already").is_visible()
    assert "ecom_app_screens" not in someone.stored
    assert log.new() == []
    someone.context.set_offline(False)
    expect(page.get_by_text("Your refusal counts already")).to_be_hidden()
    someone.start()
    someone.start()

    event = log.one()
    assert (event.kind, event.method, event.scope) == ("withdrawn", "api", "App")


def test_first_refusal_without_a_connection(phone: Open, log: Log) -> None:
    """F1: whoever is asked offline and refuses is asked no more, and recorded once, from two windows too."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start()
    assert page.locator("main").get_attribute("data-screen") == "ask"
    someone.tap("Reject all")
    other = someone.context.new_page()
    other.goto(f"{someone.address}/app/")
    other.wait_for_selector("html[data-ready]")
    assert other.locator("main").get_attribute("data-screen") == "invoices"
    someone.context.set_offline(False)
    someone.go("privacy")
    expect(page.get_by_text("Your refusal counts already")).to_be_hidden()
    someone.settle()

    event = log.one()
    assert (event.kind, event.method, event.scope) == ("refused", "api", "App")


def test_grant_without_a_connection_waits(phone: Open, log: Log) -> None:
    """F5: nothing is on before it is recorded, and the screen says so; then it is."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start()
    someone.tap("Accept all")
    someone.go("customers")
    someone.go("privacy")
    assert page.locator(".states .is-on").count() == 0
    assert page.get_by_text("is not recorded yet").is_visible()
    assert "ecom_app_screens" not in someone.stored
    assert log.new() == []
    someone.context.set_offline(False)
    expect(page.locator(".states .is-on")).to_have_count(2)

    assert log.one().kind == "given"


def test_grant_that_waits_is_taken_back(phone: Open, log: Log) -> None:
    """E1: of an answer that was taken back before it was sent, the refusal alone is recorded."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start()
    someone.tap("Accept all")
    someone.go("privacy")
    someone.tap("Withdraw consent")
    someone.context.set_offline(False)
    expect(page.get_by_text("Your refusal counts already")).to_be_hidden()

    assert page.locator(".states .is-on").count() == 0
    assert {event.kind for event in log.new()} <= {"refused", "withdrawn"}


def test_grant_of_an_old_question_is_asked_again(phone: Open, log: Log) -> None:
    """F2: what changed while the App had no connection is read again before it is allowed."""
    someone = phone()
    someone.install()
    someone.context.set_offline(True)
    page = someone.start()
    someone.tap("Accept all")
    page.evaluate(
        """() => {
          const kept = JSON.parse(localStorage.getItem("ecom_app_choices"));
          kept.waiting[0].notice = "0".repeat(64);
          localStorage.setItem("ecom_app_choices", JSON.stringify(kept));
        }"""
    )
    someone.context.set_offline(False)
    expect(page.get_by_text("The question has changed meanwhile")).to_be_visible()

    assert {event.kind for event in log.new()} <= {"refused"}


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_kept_is_nothing_that_needs_consent(phone: Open) -> None:
    """A1: whatever was allowed and looked at, on the Website as in the App."""
    someone = phone()
    someone.visit("/stories")
    someone.press("Accept all")
    someone.install()
    someone.start()
    someone.tap("Accept all")
    for screen in SCREENS:
        someone.go(screen)
    someone.settle()
    someone.start()

    is_harmless(someone)
    assert {entry["cache"] for entry in someone.kept} == {next(iter(someone.kept))["cache"]}
    assert len(someone.kept) > 10


GREEDY = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith((async () => {
  const response = await fetch(event.request), cache = await caches.open("ecom-app-greedy");
  if (event.request.method === "GET") await cache.put(event.request, response.clone());
  return response;
})()));
"""


def test_worker_that_keeps_everything_is_found(phone: Open) -> None:
    """The bad twin: the same check, and a worker as they are often written."""
    someone = phone()
    someone.context.route("**/app/worker.js", lambda route: route.fulfill(body=GREEDY, content_type="text/javascript"))
    someone.install()
    someone.tap("Accept all")
    someone.start()
    someone.settle()

    with pytest.raises(AssertionError, match="is kept"):
        is_harmless(someone)


def test_new_version_replaces_the_old_whole(
    browser: Browser, phone: Open, authority: trustme.CA, tmp_path: Path
) -> None:
    """The next version waits for a tap, and leaves nothing of the last."""
    app = create_app({"INSTANCE_PATH": str(tmp_path)})
    with served(app, authority) as at:
        someone = phone(at)
        someone.install()
        (first,) = {entry["cache"] for entry in someone.kept}
        app.extensions["ecom.shell_version"] = "next"
        page = someone.start("#customers")
        page.locator("#update button").tap()
        page.wait_for_function("async () => (await caches.keys()).join() === 'ecom-app-next'")
        page.wait_for_selector("html[data-ready]")

        assert first != "ecom-app-next"
        assert page.locator("#update").is_hidden()
        is_harmless(someone)


def test_is_installable(phone: Open, demo: Any) -> None:
    """Chromium reads the manifest without an error, finds nothing against installing it, and the worker controls it."""
    with served(demo, host="127.0.0.1") as at:  # where Chromium needs no certificate
        installs(phone(at))


def installs(someone: Phone) -> None:
    """Check that Chromium would install the App."""
    page = someone.install()
    session = someone.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    against = {each["errorId"] for each in session.send("Page.getInstallabilityErrors")["installabilityErrors"]}

    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["display"] == "standalone"
    assert against <= {"in-incognito"}, "what is left is that a test has a private window"
    assert page.evaluate("() => navigator.serviceWorker.ready.then((each) => each.scope)") == f"{someone.address}/app/"


def test_worker_leaves_the_website_alone(phone: Open) -> None:
    """Its scope is the App: no page of the Website, and none of the consent, is its business."""
    someone = phone()
    someone.install()
    page = someone.visit("/cookies/")

    assert page.evaluate("() => navigator.serviceWorker.controller") is None


# -- shared with the Website -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sharing(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """The demo whose App has the choices of the Website, and its address."""
    scopes = {"COOKIECONSENT_SCOPE": "Website", "COOKIECONSENT_SHARED_SCOPES": ("Website", "App")}
    app = create_app({"INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))} | scopes)
    with served(app, authority) as at:
        yield app, at


def test_shared_choices_are_those_of_the_browser(phone: Open, sharing: tuple[Any, str]) -> None:
    """One answer for both: what the Website was told counts in the App, and what the App takes back is off on it."""
    someone = phone(sharing[1])
    recorded = Log(sharing[0])
    someone.visit("/stories")
    someone.press("Accept all")
    assert recorded.one().method == "banner"
    page = someone.start()
    assert page.locator("main").get_attribute("data-screen") == "invoices"
    someone.go("privacy")
    assert page.get_by_text("shares your choices with our Website").is_visible()
    someone.tap("Withdraw consent")
    expect(page.locator(".states .is-on")).to_have_count(0)
    event = recorded.one()
    page = someone.visit("/stories")

    assert (event.kind, event.method) == ("withdrawn", "api")
    assert page.locator(".fcc-placeholder").count() == 4
    assert set(someone.stored) <= {"ecom_app_choices"}


def test_shared_choices_are_asked_about_whole(phone: Open, sharing: tuple[Any, str]) -> None:
    """C2: an answer that counts on the Website too is asked about all that is there."""
    someone = phone(sharing[1])
    page = someone.start()

    optional = {each.category for each in DECLARED if each.category != "necessary"}
    assert page.locator(".asks li").count() == len(optional)
    assert page.get_by_role("button", name="Reject all").is_visible()
    assert page.get_by_text("shares your choices with our Website").is_visible()
    someone.tap("Reject all")
    page = someone.visit("/")
    assert page.locator(".fcc-banner").count() == 0


def test_shared_choices_leave_no_grant_on_the_device(phone: Open, sharing: tuple[Any, str]) -> None:
    """E3: what may have been withdrawn on the Website meanwhile is not on without a connection."""
    someone = phone(sharing[1])
    someone.install()
    someone.tap("Accept all")
    assert "token" not in someone.stored.get("ecom_app_choices", "")
    someone.context.set_offline(True)
    page = someone.start("#privacy")

    assert page.locator(".states .is-on").count() == 0
    is_harmless(someone)


@pytest.mark.parametrize(("meanwhile", "kinds"), [("youtube", []), (None, ["given"])])
def test_shared_grant_that_waited(
    phone: Open, sharing: tuple[Any, str], meanwhile: str | None, kinds: list[str]
) -> None:
    """What was allowed without a connection gives way to what the Website was told meanwhile, and counts else."""
    someone, recorded = phone(sharing[1]), Log(sharing[0])
    someone.install()
    someone.tap("Reject all")
    page = someone.start("#privacy")
    notice = page.evaluate("() => fetch('/cookies/api/notice?lang=en').then((answer) => answer.json())")
    said = {"notice": notice["notice"], "locale": notice["locale"]}
    recorded.new()
    someone.context.set_offline(True)
    queue = "async (body) => (await import('/app/static/choices.js')).choose(body)"
    page.evaluate(queue, {"choice": "accept", **said})
    assert [each["choice"] for each in json.loads(someone.stored["ecom_app_choices"])["waiting"]] == ["accept"]
    if meanwhile is not None:
        deciding(page, sharing[0], meanwhile, base_url=sharing[1])
    someone.context.set_offline(False)
    page = someone.start("#privacy")
    on = page.locator(".states .is-on")

    expect(on).to_have_count(1) if meanwhile else expect(on).not_to_have_count(1)
    assert [event.kind for event in recorded.new()] == kinds


# -- appearance --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(phone: Open, scheme: str) -> None:
    """H1: every screen, undecided and with everything allowed."""
    someone = phone(color_scheme=scheme)
    page = someone.start()
    for screen in SCREENS:
        someone.go(screen)
        assert violations(page) == [], screen
    someone.go("ask")
    someone.tap("Accept all")
    for screen in SCREENS:
        someone.go(screen)
        assert violations(page) == [], screen


def test_nothing_is_wider_than_a_small_phone(phone: Open) -> None:
    """H2: 320 pixels, in the language of the longest words."""
    someone = phone(viewport={"width": 320, "height": 640}, locale="de")
    page = someone.start()
    someone.tap("Alle akzeptieren")
    for screen in SCREENS:
        someone.go(screen)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320, screen
