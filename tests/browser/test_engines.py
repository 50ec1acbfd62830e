"""The same visits in Chromium, Firefox and WebKitGTK: what a visitor is promised does not depend on their browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import trustme
from flask import Flask

from flask_cookieconsent.catalogue import google_analytics, x, youtube
from tests.kit.sites import Site, own

from .driven import start_firefox, start_webkit
from .engines import Chromium, Engine, Window
from .gallery import STYLE, make_gallery
from .harness import Stub, missing, served

CHOICES = "__Host-cookieconsent"
GOOGLE = {"www.googletagmanager.com", "www.google-analytics.com"}
VIDEO = "www.youtube-nocookie.com"
#: How often a visitor withdraws, where more than once: WebKit lost the word that it is done in two tries of three.
TRIES = {"WebKitGTK": 4}

HOME = """{% extends "layout.html" %}{% block content %}<h1>Radio 1</h1>
{{ cookieconsent.embed(video, title="Big Buck Bunny") }}
<form><input id="word" name="word" aria-label="Word"><textarea id="letter" aria-label="Letter"></textarea></form>
<form autocomplete="off"><input id="secret" aria-label="Secret"></form>{% endblock %}"""
#: A window of WebKitGTK cannot be as narrow as a phone; a frame can.
NARROW = '<!doctype html><title>Narrow</title><iframe src="/?lang={}" style="width:320px;height:640px;border:0">'
INSIDE = "document.querySelector('iframe').contentDocument"
FIELDS = ("#word", "#letter", "#secret")
TYPED = {each: f"typed into {each[1:]}" for each in FIELDS}

GROUND = """(() => {
  const shade = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
  const style = getComputedStyle(document.querySelector(".fcc-banner"));
  return shade(style.backgroundColor) < 150 && shade(style.color) > 500;
})()"""
#: The first answer is at the right where one reads from the right.
FROM_THE_RIGHT = f"""(() => {{
  const [first, second] = {INSIDE}.querySelectorAll(".fcc-banner button");
  const [one, other] = [first, second].map((each) => each.getBoundingClientRect());
  return getComputedStyle(first).direction === "rtl" && (one.left > other.left || one.right === other.right);
}})()"""
FITS = f"""(() => {{
  const page = {INSIDE}, root = page.documentElement;
  return page.querySelector(".fcc-banner").checkVisibility() && root.scrollWidth <= root.clientWidth;
}})()"""
FOCUSED = "document.activeElement?.closest('.fcc-embed')"
SOME = "document.querySelector('#fcc-third_party .fcc-category-switch small').checkVisibility()"
SWITCH = "document.querySelector('#fcc-third_party input[name=category]')"

Open = Callable[..., Window]


# -- what visitors are promised ----------------------------------------------------------------------------------------


def nothing_has_happened(window: Window) -> None:
    """The banner asks, nothing is stored, and nobody has heard of the visitor."""
    window.wait_to_see(".fcc-banner")
    window.settle()
    assert window.asked == set()
    assert window.cookies() == set()


def all_is_on(window: Window) -> None:
    """No banner, the video, and both companies asked."""
    window.wait_to_miss(".fcc-banner")
    window.wait_to_see(".fcc-embed iframe")
    window.wait_to_ask(GOOGLE | {VIDEO})


def all_is_off(window: Window) -> None:
    """It is said that the choice is saved; no banner, a placeholder, and nobody asked since."""
    window.wait_to_see("#fcc-saved")
    window.wait_to_miss(".fcc-banner")
    window.wait_to_see(".fcc-placeholder")
    window.settle()
    assert window.asked == set()


def typing_stays(window: Window) -> None:
    """What was typed is where it was typed."""
    window.settle()
    typed = {each: window.evaluate(f"document.querySelector('{each}').value") for each in FIELDS}
    assert typed == TYPED


def type_everywhere(window: Window) -> None:
    """Type into each field of the page."""
    window.settle()
    for field, text in TYPED.items():
        window.type(field, text)


def accept(window: Window) -> None:
    """Accept on the first page, and wait until everything is on."""
    window.open("/")
    window.press("Accept all")
    all_is_on(window)
    window.settle()


def withdraw(window: Window) -> None:
    """Withdraw on a page that shows no word of an earlier choice, and wait until nothing is on, and that is said."""
    window.stub.asked.clear()
    window.open("/")
    window.until(lambda: VIDEO in window.asked, lambda: "the video is not there")
    window.settle()
    window.stub.asked.clear()
    window.press("Withdraw consent")
    all_is_off(window)


# -- the engines -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def engines(
    stub: Stub, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Engine]]:
    """Gives an engine by its name, and keeps it running."""
    started: dict[str, Engine] = {}
    with ExitStack() as stack:

        def start(name: str) -> Engine:
            if name == "chromium":
                return Chromium(request.getfixturevalue("chromium"), stub)
            if name == "firefox":
                return stack.enter_context(start_firefox(stub, tmp_path_factory.mktemp("firefox")))
            return stack.enter_context(start_webkit(stub))

        def get(name: str) -> Engine:
            if name not in started:
                started[name] = start(name)
            return started[name]

        yield get


@pytest.fixture(params=["chromium", "firefox", "webkit"])
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    return engines(request.param)


@pytest.fixture(scope="module")
def site(authority: trustme.CA) -> Iterator[str]:
    declared = (own("language", "functionality"), google_analytics("G-ECOMDEMO01"), youtube(), x())
    radio = with_frame(make_gallery(declared=declared, templates={"home.html": HOME}))
    with served(radio.app, authority) as address:
        yield address


def with_frame(site: Site) -> Site:
    """Add a page that shows the first one on a narrow screen."""
    site.app.add_url_rule("/narrow/<lang>", "narrow", lambda lang: NARROW.format(lang))
    return site


@pytest.fixture
def visit(engine: Engine, site: str) -> Iterator[Open]:
    """Makes the visitor of a test; what they see of the site first is for the test."""

    def begin(at: str = site, **options: Any) -> Window:
        return engine.visit(at, **options)

    yield begin
    engine.leave()


# -- the walk ----------------------------------------------------------------------------------------------------------

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@SCRIPTS
def test_first_visit(visit: Open, scripts: bool) -> None:
    """A1, A2: the question, and nothing else."""
    window = visit(scripts=scripts)
    window.open("/")

    nothing_has_happened(window)


@SCRIPTS
def test_reject(visit: Open, scripts: bool) -> None:
    """B1, E4: one press; one cookie, no company asked, and no question on the next page."""
    window = visit(scripts=scripts)
    window.open("/")
    window.press("Reject all")
    all_is_off(window)
    window.open("/about")

    window.wait_to_miss(".fcc-banner")
    assert window.cookies() == {CHOICES}


def test_accept(visit: Open) -> None:
    """A6: the tag runs and the video is there, on this page already, and on the next."""
    window = visit()
    accept(window)
    assert {"_ga", CHOICES} <= window.cookies()

    window.stub.asked.clear()
    window.open("/")
    all_is_on(window)


def test_accept_and_withdraw_without_scripts(visit: Open) -> None:
    """E1: what needs a script stays silent; all else is as with scripts."""
    window = visit(scripts=False)
    window.open("/")
    window.press("Accept all")
    window.wait_to_see(".fcc-embed iframe")
    window.wait_to_ask({VIDEO})

    withdraw(window)


def test_mix_on_the_preferences_page(visit: Open) -> None:
    """B3: the category's switch shows that some are on, before and after they are saved, and sets them all."""
    window = visit()
    window.open("/")
    window.press("Choose cookies")
    window.wait_to_see("#fcc-service-x input")
    window.click("#fcc-service-x input")
    window.wait(SOME)
    assert window.evaluate(f"[{SWITCH}.checked, {SWITCH}.indeterminate]") == [False, True]
    window.press("Save choices")

    window.wait_to_see("#fcc-saved")
    window.wait(SOME)
    switches = "['x', 'youtube'].map((id) => document.querySelector(`#fcc-service-${id} input`).checked)"
    assert window.evaluate(switches) == [True, False]
    window.click("#fcc-third_party input[name=category]")
    window.wait(f"!{SOME} && {SWITCH}.checked")
    assert window.evaluate(switches) == [True, True]
    window.open("/")
    window.wait_to_see(".fcc-placeholder")
    window.settle()
    assert window.asked == set()


def test_withdraw(visit: Open, engine: Engine) -> None:
    """E1, E3, H7: each time it is said that it is done, and no company hears of the visitor again."""
    window = visit()
    for _ in range(TRIES.get(engine.name, 1)):
        window.open("/cookies/")
        window.press("Accept all")
        window.wait_to_see("#fcc-saved")
        withdraw(window)
        window.wait_to_miss(".fcc-embed")

    assert CHOICES in window.cookies() and "_ga" not in window.cookies()


@SCRIPTS
def test_load_once(visit: Open, scripts: bool) -> None:
    """A9: the video comes in its place, nothing is stored, and it has gone with the next page."""
    window = visit(scripts=scripts)
    window.open("/")
    window.wait_to_see(".fcc-placeholder")
    window.press("Load once")
    window.wait_to_see(".fcc-placeholder iframe")
    window.wait_to_ask({VIDEO})
    window.wait_to_see(".fcc-banner")
    assert window.cookies() == set()

    window.settle()
    window.stub.asked.clear()
    window.reload()
    window.wait_to_miss(".fcc-placeholder iframe")
    nothing_has_happened(window)


@SCRIPTS
def test_always_allow(visit: Open, scripts: bool) -> None:
    """A9, A6: the video comes in its place, with nobody else, and on the next page too; scripts put the focus on it."""
    window = visit(scripts=scripts)
    window.open("/")
    window.press("Always allow YouTube")
    window.wait_to_see(".fcc-embed iframe")
    window.wait(FOCUSED if scripts else "document.querySelector('.fcc-embed:target, :target .fcc-embed')")
    window.wait_to_ask({VIDEO})

    window.open("/")
    window.wait_to_see(".fcc-embed iframe")
    window.settle()
    assert window.asked == {VIDEO}


def test_dark(visit: Open) -> None:
    """H4: a site that follows the system is followed."""
    window = visit(dark=True)
    window.open("/")

    window.wait_to_see(".fcc-banner")
    assert window.evaluate(GROUND)


@pytest.mark.parametrize(("language", "direction"), [("ar", FROM_THE_RIGHT), ("de", "true")])
def test_narrow(visit: Open, language: str, direction: str) -> None:
    """H4: on 320 pixels nothing has to be scrolled sideways, in either direction of reading."""
    window = visit()
    window.open(f"/narrow/{language}")

    window.wait(FITS)
    window.wait(direction)


# -- what was typed ----------------------------------------------------------------------------------------------------

PRESSES = [("Accept all", ".fcc-embed iframe"), ("Reject all", "#fcc-saved"), ("Always allow YouTube", ".fcc-embed")]


@pytest.mark.parametrize(("name", "seen"), PRESSES)
def test_press_takes_nothing_away(visit: Open, name: str, seen: str) -> None:
    """What somebody has typed into a form of the site is there after their choice."""
    window = visit()
    window.open("/")
    type_everywhere(window)
    window.press(name)
    window.wait_to_see(seen)

    typing_stays(window)


def test_withdrawal_takes_nothing_away(visit: Open) -> None:
    """Not even where the page has to be read again, because a tag that ran must end."""
    window = visit()
    accept(window)
    window.open("/")
    type_everywhere(window)
    window.press("Withdraw consent")
    window.wait_to_see(".fcc-placeholder")

    typing_stays(window)


@pytest.mark.parametrize(("name", "seen"), PRESSES[:2])
def test_choice_in_another_tab_takes_nothing_away(visit: Open, name: str, seen: str) -> None:
    """The question goes, and the text stays."""
    window = visit()
    window.open("/")
    type_everywhere(window)
    other = window.tab()
    other.open("/")
    other.press(name)
    other.wait_to_see(seen)
    window.wait_to_miss(".fcc-banner")

    typing_stays(window)


def test_withdrawal_in_another_tab_takes_nothing_away(visit: Open) -> None:
    """The video goes, and the text stays."""
    window = visit()
    accept(window)
    type_everywhere(window)
    other = window.tab()
    other.open("/")
    other.press("Withdraw consent")
    window.wait_to_see(".fcc-placeholder")

    typing_stays(window)


# -- the checks themselves ---------------------------------------------------------------------------------------------


def test_checks_fail_for_somebody_else(visit: Open) -> None:
    """The bad twins: whoever did nothing has neither refused nor accepted, and whoever accepted has done something."""
    window = visit()
    window.patience = 0.3
    window.open("/")
    for check in (all_is_on, all_is_off, typing_stays):
        with pytest.raises(AssertionError):
            check(window)
    for expression in (FOCUSED, GROUND):
        with pytest.raises(AssertionError):
            window.wait(expression)
    with pytest.raises(AssertionError):
        window.press("Withdraw consent")
    window.patience = Window.patience
    window.press("Accept all")
    window.wait_to_see(".fcc-embed iframe")
    window.patience = 0.3
    window.open("/nowhere")
    for check in (nothing_has_happened, all_is_off):
        with pytest.raises(AssertionError):
            check(window)


def test_page_that_is_read_again_is_the_bad_twin(visit: Open) -> None:
    """A page that is opened anew shows what loses somebody's typing."""
    window = visit()
    window.open("/")
    type_everywhere(window)
    window.open("/")

    with pytest.raises(AssertionError):
        typing_stays(window)


def test_frame_that_comes_back_is_the_bad_twin(
    engines: Callable[[str], Engine], authority: trustme.CA, stub: Stub
) -> None:
    """Firefox fills the frames of a page that is read again with what was in them, whatever the page says now.

    So a page that is read again after a withdrawal has to take its frames out before it goes.
    """
    app, engine, allowed = Flask("framed"), engines("firefox"), [True]
    frame = '<!doctype html><iframe title="One" src="{}"></iframe>'
    app.add_url_rule("/", "page", lambda: frame.format("https://v.example/1" if allowed else "about:blank"))
    asked = {}
    with served(app, authority) as address:
        for way, leave in {"kept": "0", "removed": "document.querySelector('iframe').remove()"}.items():
            window = engine.visit(address)
            allowed[:] = [True]
            window.open("/")
            window.wait_to_ask({"v.example"})
            window.settle()
            allowed.clear()
            stub.asked.clear()
            window.evaluate(leave)
            window.reload()
            window.settle()
            asked[way] = window.asked
            engine.leave()

    assert asked == {"kept": {"v.example"}, "removed": set()}


def test_wide_page_is_the_bad_twin(visit: Open, authority: trustme.CA) -> None:
    """Something of 400 pixels does not fit, and German is not read from the right."""
    wide = with_frame(make_gallery(style=STYLE + "main { min-inline-size: 400px; }"))
    with served(wide.app, authority) as address:
        window = visit(address)
        window.patience = 0.3
        window.open("/narrow/de")
        for expression in (FITS, FROM_THE_RIGHT):
            with pytest.raises(AssertionError):
                window.wait(expression)


@SCRIPTS
@pytest.mark.parametrize("body", ['<img src="https://tracker.example/p.gif" alt="">', '<iframe src="//v.example/1">'])
def test_every_engine_is_led_to_the_stub(
    visit: Open, authority: trustme.CA, stub: Stub, body: str, scripts: bool
) -> None:
    """The instrument: a request to another company is seen, and stays on this machine."""
    app = Flask("tracked")
    app.add_url_rule("/", "home", lambda: f"<!doctype html><title>Bad</title>{body}")
    with served(app, authority) as address:
        window = visit(address, scripts=scripts)
        window.open("/")
        window.settle()

    assert window.asked == {"tracker.example" if "img" in body else "v.example"}


@SCRIPTS
def test_scripts_are_off_where_they_are_said_to_be(visit: Open, authority: trustme.CA, scripts: bool) -> None:
    """The instrument: a script of the page runs, or does not."""
    app = Flask("scripted")
    app.add_url_rule("/", "home", lambda: "<!doctype html><title>No</title><script>document.title = 'Yes'</script>")
    with served(app, authority) as address:
        window = visit(address, scripts=scripts)
        window.open("/")

        assert window.evaluate("document.title") == ("Yes" if scripts else "No")


# -- browsers that are missing -----------------------------------------------------------------------------------------


def test_missing_browser_skips_with_the_name_of_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FCC_EVERY_BROWSER", raising=False)

    with pytest.raises(pytest.skip.Exception, match="webkit2gtk-driver, xvfb"):
        missing("webkit2gtk-driver", "xvfb")


@pytest.mark.parametrize("find", ["find_firefox", "find_webkit"])
def test_missing_browser_fails_where_each_has_to_be_there(
    monkeypatch: pytest.MonkeyPatch, stub: Stub, tmp_path: Any, find: str
) -> None:
    """The bad twin: with the word that CI says, no browser is left out in silence."""
    monkeypatch.setenv("FCC_EVERY_BROWSER", "1")
    monkeypatch.setattr(f"tests.browser.driven.{find}", lambda: None)
    start = {"find_firefox": lambda: start_firefox(stub, tmp_path), "find_webkit": lambda: start_webkit(stub)}[find]

    with pytest.raises(pytest.fail.Exception, match="not on this machine"), start():
        raise AssertionError("never reached")
