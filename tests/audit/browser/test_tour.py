"""Pages may do what they like: the tour goes on, and what they did is noted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from socket import socket

import psutil
import pytest
from flask import Flask, Response, redirect, session

from flask_cookieconsent.audit.browser.chromium import MOST_LOSSES, PAGE_SECONDS, BrowserLost, started
from flask_cookieconsent.audit.browser.device import Device
from flask_cookieconsent.audit.browser.seen import Look
from flask_cookieconsent.audit.browser.tour import look, opened, pages
from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.audit.walking.answers import Answer, Walk
from flask_cookieconsent.audit.walking.routes import ERROR_PAGE, Address
from flask_cookieconsent.state import get_state
from tests.browser.harness import find_browser, missing
from tests.kit.browser_processes import BROWSER, DRIVER, RENDERER, Programs
from tests.kit.sites import make_site

UNDECIDED = Visitor("undecided", None)
SCRIPTS = {
    "busy": "setTimeout(() => { while (true); }, 50)",
    "dialogs": "alert(1); confirm(2); prompt(3); onbeforeunload = (event) => event.preventDefault()",
    "away": "location = 'https://away.example.com/'",
    "again": "location.reload()",
    "windows": "open('https://window.example.com/'); open('/cart'); close()",
    "without": "delete window.localStorage; Object.freeze(Storage.prototype); window.Error = null",
    "worker": "new Worker('/work.js')",
    "frames": "document.body.innerHTML = '<iframe srcdoc=\"<script>localStorage.inside = 1<\\/script>\"></iframe>'",
    "asks": "fetch('https://asked.example.com/').then(() => localStorage.answered = 1, () => localStorage.failed = 1)",
    "endless": "while (true);",
    "alerts": "for (;;) alert(1)",
    "stays": "onbeforeunload = onunload = onpagehide = () => { while (true); }",
    "repeats": "setInterval(() => { location = '/repeats?' + Math.random(); }, 1)",
    "holds": "navigator.serviceWorker.register('/work.js'); navigator.serviceWorker.ready.then(() => alert(1))",
    "sound": "localStorage.after = 1",
}
#: What happens while a page is asked for: to which programs of the browser, and what.
HAPPENS = {
    "gone": (RENDERER, psutil.Process.kill),
    "crashed": (BROWSER, psutil.Process.kill),
    "stopped": (BROWSER, psutil.Process.suspend),
    "driver-stopped": (DRIVER, psutil.Process.suspend),
    "driver-gone": (DRIVER, psutil.Process.kill),
}


def _page(script: str) -> str:
    return f"<!doctype html><html lang=en><title>A page</title><body><script>{script}</script>"


@pytest.fixture(scope="module")
def app() -> Flask:
    """A site of pages that go wrong, each in its own way."""
    app, programs = make_site().app, Programs()
    for name, script in SCRIPTS.items():
        app.add_url_rule(f"/{name}", f"page of {name}", partial(_page, script))
    for name in HAPPENS:
        app.add_url_rule(f"/{name}", name, partial(_happens, programs, name))
    zip_file = partial(Response, b"PK", mimetype="application/zip")
    app.add_url_rule("/file", "file", partial(zip_file, headers={"Content-Disposition": "attachment; filename=a.zip"}))
    work = "indexedDB.open('of-worker'); fetch('https://work.example.com/')"
    app.add_url_rule("/work.js", "work", partial(Response, work, mimetype="text/javascript"))
    app.add_url_rule("/circle", "circle", lambda: redirect("/circle"))
    app.add_url_rule("/who", "who", lambda: _page(f"localStorage.setItem('{session.get('name', 'nobody')}', 1)"))
    app.add_url_rule("/sign-in", "sign_in", _sign_in, methods=["POST"])
    return app


def _happens(programs: Programs, name: str) -> str:
    word, act = HAPPENS[name]
    for program in programs.called(word):
        act(program)
    return _page("")


def _sign_in() -> str:
    session["name"] = "somebody"
    return "welcome"


def answer_at(path: str) -> Answer:
    return Answer(UNDECIDED, Address("https://localhost", path, path), "GET", 200)


@pytest.fixture(scope="module")
def device(app: Flask) -> Iterator[Device]:
    """The device of somebody who has not chosen."""
    if find_browser() is None:
        missing("chromium")
    walked = Walk(app, get_state(app), frozenset({"localhost"}), (UNDECIDED,), (), ())
    with started() as chromium:
        device = Device(chromium, walked, UNDECIDED)
        yield device
        device.close()


def names(seen: Look) -> set[str]:
    return {act.name for act in seen.acts} | {stored.name for stored in seen.stored if stored.kind != "cookie"}


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [
        *("dialogs", "away", "again", "windows", "without", "file", "circle"),
        *("endless", "alerts", "stays", "repeats", "holds"),
    ],
)
def test_page_does_not_hold_the_tour_up(device: Device, path: str) -> None:
    look(device, answer_at(f"/{path}"))
    after = look(device, answer_at("/sound"))

    assert after.broken == "" and names(after) >= {"after"}


@pytest.mark.browser
def test_page_that_is_busy_for_ever_is_told(device: Device) -> None:
    assert look(device, answer_at("/busy")).broken
    assert not look(device, answer_at("/sound")).broken


@pytest.mark.browser
def test_what_workers_and_frames_do_is_seen(device: Device) -> None:
    of_worker = look(device, answer_at("/worker"))
    of_frame = look(device, answer_at("/frames"))

    assert names(of_worker) >= {"of-worker"}
    assert [contact.host for contact in of_worker.contacts] == ["work.example.com"]
    assert names(of_frame) >= {"inside"}


@pytest.mark.browser
def test_others_are_stood_in_for_unless_they_may_be_asked(device: Device) -> None:
    """This browser reaches nobody, so that a request which is let through fails."""
    stood_in = look(device, answer_at("/asks"))
    device.live = True
    let_through = look(device, answer_at("/asks"))
    device.live = False

    told = {"answered", "failed"}
    assert (names(stood_in) & told, names(let_through) & told) == ({"answered"}, {"failed"})
    assert [each.host for each in (*stood_in.contacts, *let_through.contacts)] == ["asked.example.com"] * 2


@pytest.mark.browser
def test_address_in_digits_is_not_reached(device: Device) -> None:
    """No name has to be found for it, and no handler of requests sees a socket."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        address = f"wss://127.0.0.1:{listener.getsockname()[1]}/"
        with opened(device, answer_at("/sound")) as page:
            page.evaluate("(url) => new Promise((done) => { new WebSocket(url).onerror = () => done(1) })", address)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert [each.host for each in device.notes.contacts] == ["127.0.0.1"]


@pytest.mark.browser
def test_device_is_signed_in_by_the_sites_own_code(device: Device) -> None:
    before = look(device, answer_at("/who"))
    device.sign_in(lambda client: client.post("/sign-in"))
    after = look(device, answer_at("/who"))

    assert names(before) >= {"nobody"} and names(after) >= {"somebody"}


def test_one_page_of_each_route_is_looked_at() -> None:
    first, second = (
        Answer(UNDECIDED, Address("https://localhost", f"/tag/{name}", "/tag/<name>"), "GET") for name in "ab"
    )
    missing_page = Answer(UNDECIDED, Address("https://localhost", "/not-here", "error 404", ERROR_PAGE), "GET")
    # It was made to happen, and no address shows it.
    raised = Answer(UNDECIDED, Address("https://localhost", "/", "error 500", ERROR_PAGE), "GET")

    assert pages([first, second, missing_page, raised]) == [first, missing_page]


@pytest.fixture
def unlucky(device: Device) -> Iterator[Device]:
    """A device whose browser is lost on purpose, which counts for nothing afterwards."""
    device.chromium.losses = 0
    yield device
    device.chromium.losses = 0
    device.chromium.seconds = PAGE_SECONDS


@pytest.mark.browser
@pytest.mark.parametrize("path", HAPPENS)
def test_program_that_does_not_answer_is_replaced(unlucky: Device, path: str) -> None:
    """Nothing that is asked of a stopped one ever ends, not even its closing: only the watchdog does it."""
    before = look(unlucky, answer_at("/sound"))
    unlucky.chromium.seconds = 3
    broken = look(unlucky, answer_at(f"/{path}"))
    unlucky.chromium.seconds = PAGE_SECONDS
    after = look(unlucky, answer_at("/sound"))

    assert before.broken == after.broken == "" and names(after) >= {"after"}
    assert (broken.broken == "not done within 3 seconds") is path.endswith("stopped")
    assert broken.broken


@pytest.mark.browser
def test_tour_gives_up_in_the_end(unlucky: Device, caplog: pytest.LogCaptureFixture) -> None:
    """It is said at which page, what was wanted, and how to leave it out; what an event loop says of it is not."""
    for _ in range(MOST_LOSSES - 1):
        look(unlucky, answer_at("/crashed"))
    with pytest.raises(BrowserLost, match=r"lost 5 times.*at /crashed.*--skip PATH"):
        look(unlucky, answer_at("/crashed"))

    assert caplog.text == ""
