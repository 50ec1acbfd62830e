"""What a site's own code does during a choice: it is told, and decides nothing (F4)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, current_app, flash, get_flashed_messages, session

from flask_cookieconsent import (
    CookieConsent,
    consent_given,
    consent_withdrawn,
    event_failed,
    log_interrupted,
    log_resumed,
)
from flask_cookieconsent.errors import DatabaseUnavailableError
from flask_cookieconsent.signals import call
from tests.kit.sites import BARE, JSON, Site, make_site, services

SIGNALS = (consent_given, consent_withdrawn, event_failed)


def raising(app: Flask, **values: Any) -> None:
    raise ZeroDivisionError("on purpose")


def aborting(app: Flask, **values: Any) -> None:
    abort(418)


async def asynchronous(app: Flask, **values: Any) -> None:
    raise ZeroDivisionError("on purpose, later")


class Unseen:
    """A callable whose `__call__` is asynchronous, which nothing but its answer shows."""

    async def __call__(self, app: Flask, **values: Any) -> None:
        raise ZeroDivisionError("on purpose, unseen")


@contextmanager
def connected(receiver: Any) -> Iterator[None]:
    """Connect a receiver to all of our signals."""
    with ExitStack() as stack:
        for signal in SIGNALS:
            stack.enter_context(signal.connected_to(receiver))
        yield


@pytest.mark.parametrize(
    "receiver", [raising, aborting, asynchronous, Unseen()], ids=["raises", "aborts", "async", "object"]
)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_receiver_decides_nothing(receiver: Any, headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """A grant and a withdrawal have their answer and their cookie, and the log names the receiver."""
    visitor = make_site().visitor()
    with connected(receiver):
        granted = visitor.choose("accept", headers=headers)
        cookies = [visitor.cookie()]
        withdrawn = visitor.choose("withdraw", headers=headers)
        cookies.append(visitor.cookie())

    assert [granted.status_code, withdrawn.status_code] == [200 if headers else 303] * 2
    assert all(cookies) and cookies[0] != cookies[1] and visitor.allowed() == set()
    name = getattr(receiver, "__qualname__", repr(receiver))
    told = [record.getMessage() for record in caplog.records if record.name == "flask_cookieconsent"]
    assert told == [
        f"receiver {name} of the signal {signal} failed; what was chosen counts"
        for signal in ("consent-given", "consent-withdrawn")
    ]


def test_other_receivers_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """One that raises takes nothing from those that come after it; an asynchronous one is awaited."""
    heard: list[str] = []

    async def hear(app: Flask, *, choices: dict[str, str]) -> None:
        assert current_app.name == app.name
        flash("Thank you")
        heard.append(choices["films"])

    site = make_site()
    with connected(raising), consent_given.connected_to(hear), consent_given.connected_to(raising):
        site.visitor().choose("accept")
        with consent_given.muted():
            site.visitor().choose("accept")

    assert heard == ["granted"]


def break_log(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log of a site raise whatever it is asked."""

    def fail(*args: Any, **named: Any) -> Any:
        raise OSError("on purpose")

    for name in ("record", "delay", "erase"):
        monkeypatch.setattr(type(site.log), name, fail)


@pytest.mark.parametrize("receiver", [raising, asynchronous], ids=["raises", "async"])
def test_log_that_raises_decides_no_refusal(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a receiver of its failure: grants are not taken, refusals are, those in a mixed form too."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films", "language")
    with connected(receiver):
        break_log(site, monkeypatch)
        mixed = visitor.choose("save", "films", "posts")
        kept = visitor.allowed()
        refused = visitor.choose("reject")

    assert (mixed.status_code, kept) == (503, {"films"})
    assert (refused.status_code, visitor.allowed()) == (303, set())


class Broken(logging.Handler):
    """A handler of the app's that raises itself, as the standard ones never do."""

    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("no room on the device")


def test_logger_that_raises_decides_no_refusal() -> None:
    """Without a database the log is a logger; it may fail, and what tells of that may fail with it."""
    app = Flask("logged")
    app.config |= BARE
    CookieConsent(app, services=services())
    handler = Broken()
    loggers = [logging.getLogger(name) for name in ("flask_cookieconsent", "flask_cookieconsent.events")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        answer = app.test_client().post(
            "/cookies/choice", data={"choice": "reject"}, headers={"Sec-Fetch-Site": "same-origin"}
        )
    finally:
        for logger in loggers:
            logger.removeHandler(handler)

    assert answer.status_code == 303
    assert any(line.startswith("cookieconsent=") for line in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("template", ["banner.html", "preferences.html", "hidden_fields.html"])
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_template_that_raises_decides_no_refusal(
    template: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the answer looks like is the site's, whether it counts is not."""
    site = make_site(templates={f"cookieconsent/{template}": "{{ 1 / none }}"})
    visitor = site.visitor()
    site.app.testing = False
    for press in (("save", "films", "language"), ("save", "films", "posts", "x"), ("reject",)):
        answer = visitor.post({"choice": press[0], "service": list(press[1:])}, headers=headers)
        assert answer.status_code < 500, press

    refused = visitor.choose("reject", headers=headers)
    monkeypatch.setattr(type(site.log), "delay", lambda *args: 60)

    assert refused.status_code in (200, 303) and visitor.cookie()
    assert visitor.choose("save", "films", headers=headers).status_code < 500


async def answer_later() -> str:
    session["was"] = "here"
    return "later"


@pytest.mark.parametrize(
    "function", [lambda: "later", answer_later, lambda: answer_later()], ids=["plain", "async", "behind a lambda"]
)
def test_functions_of_the_site_are_called_alike(function: Callable[[], str | Awaitable[str]]) -> None:
    site = make_site()
    with site.app.test_request_context():
        assert call(function) == "later"
        assert get_flashed_messages() == []


def test_database_that_hangs_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """F5: whoever watches the log learns that events wait, and that they follow; a receiver that fails ends nothing."""
    site = make_site(uri=f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_DATABASE_TIMEOUT=0.1)
    told: list[tuple[str, Flask]] = []
    released, resumed = threading.Event(), threading.Event()

    def interrupt(app: Flask) -> None:
        told.append(("interrupted", app))
        raise ZeroDivisionError("on purpose")

    def resume(app: Flask) -> None:
        told.append(("resumed", app))
        resumed.set()

    with log_interrupted.connected_to(interrupt), log_resumed.connected_to(resume), site.app.app_context():
        with pytest.raises(DatabaseUnavailableError):
            site.log._breaker.run(lambda is_wanted: released.wait())
        released.set()
        assert resumed.wait(10)

    assert told == [("interrupted", site.app), ("resumed", site.app)]
    assert "does not answer in time (0.1 seconds): events wait in" in caplog.text
    assert "database of the log answers again" in caplog.text
    assert "receiver test_database_that_hangs_is_told.<locals>.interrupt" in caplog.text
