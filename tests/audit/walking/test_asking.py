"""One request of a visitor: what is seen of it from inside, and that it ends."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import threading
from queue import Queue
from typing import Any

import pytest
from flask import Flask, Response

from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.audit.walking.answers import Answer
from flask_cookieconsent.audit.walking.asking import Asker, beginning
from flask_cookieconsent.audit.walking.routes import Address
from flask_cookieconsent.state import get_state
from tests.kit.audited import app_with
from tests.kit.sites import make_site


def answer(app: Flask, path: str = "/page", **more: Any) -> Answer:
    """Return what somebody undecided gets from an app with the extension."""
    site = make_site(app=app)
    app.testing = True  # as in a walk, so that what a page raises is seen
    asker = Asker(site.app, site.app.test_client(), Visitor("undecided", None), get_state(site.app).environ_key)
    return asker.ask(Address("https://localhost", path, path), **more)


def test_what_is_seen_from_inside() -> None:
    """The templates of the site, and the cookies that nobody declares, stopped or not."""

    def page() -> Response:
        response = Response("x")
        response.set_cookie("odd", "1")
        return response

    assert answer(app_with({}), "/").templates == ("home.html",)
    assert answer(app_with({"/page": page})).undeclared == ("odd",)


def test_view_that_waits_for_ever() -> None:
    """It is left after a while, whatever it waits for, where the system has timers."""
    assert threading.current_thread() is threading.main_thread()
    found = answer(app_with({"/page": lambda: Queue[str]().get()}), patience=0.05)

    assert found.error == "TimeoutError: no answer within 0.05 seconds"


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        (gzip.compress(b"<!doctype html>a", mtime=0), {"Content-Encoding": "gzip"}, "<!doctype html>a"),
        (b"no gzip", {"Content-Encoding": "gzip"}, ""),
        ("é".encode(), {"Content-Type": "text/html; charset=no-such"}, "é"),
        (b"%PDF", {"Content-Type": "application/pdf"}, ""),
    ],
)
def test_bodies(body: bytes, headers: dict[str, str], text: str) -> None:
    found = answer(app_with({"/page": lambda: Response(body, headers=headers)}))

    assert (found.error, found.body) == ("", text)


@pytest.mark.parametrize("ending", [SystemExit(0), GeneratorExit(), asyncio.CancelledError()])
def test_view_that_ends_the_process(ending: BaseException) -> None:
    """It does not end the audit, whose exit status would be that of the view; one by hand still does."""

    def page() -> Response:
        raise ending

    assert answer(app_with({"/page": page})).error.startswith(type(ending).__name__)


def test_audit_that_is_stopped_by_hand() -> None:
    """Control and C end the audit, whatever page it is at."""

    def page() -> Response:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer(app_with({"/page": page}))


def test_page_that_never_ends_is_read_as_far_as_it_has_come() -> None:
    """The time for an answer in parts is over after the first of them here."""
    parts = Response((f"part {number} " for number in itertools.count()), mimetype="text/html")

    assert beginning(parts, 1_000_000, seconds=0) == b"part 0 "
    assert beginning(parts, 10, seconds=60) == b"part 1 par"
