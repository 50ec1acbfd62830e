"""Pages that a cache is told to keep, and that say something else to each visitor, are told from those that change."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from flask import Flask, Response, render_template, request

from flask_cookieconsent.audit.report import audit
from tests.kit.sites import make_site, small_app

_numbers = itertools.count()


def by_signal() -> str:
    return "Words for everybody" if request.headers.get("Sec-GPC") else "Words for you"


def by_choice() -> str:
    return f"Your choice has {len(request.headers.get('Cookie', ''))} letters"


def by_moment() -> str:
    return f"You are reader number {next(_numbers)}"


def by_nobody() -> str:
    return "Words"


def shared(view: Callable[[], str], control: str, mimetype: str = "text/html") -> list[tuple[str, str]]:
    """Return the rule and the subject of what is found of an answer with some text."""
    app: Flask = small_app()
    headers = {"Cache-Control": control}
    app.add_url_rule("/piece", "piece", lambda: Response(f'"{view()}"', mimetype=mimetype, headers=headers))
    make_site(app=app, tables=False)
    return [(each.rule, each.subject) for each in audit(app).findings if each.rule == "shared-page"]


@pytest.mark.parametrize("mimetype", ["text/html", "application/json"])
@pytest.mark.parametrize("view", [by_signal, by_choice])
def test_public_text_that_depends_on_the_visitor_is_found(view: Callable[[], str], mimetype: str) -> None:
    """A8: a view that reads cookie or signal past `current_consent` is not made private by it."""
    assert shared(view, "public, max-age=600", mimetype) == [("shared-page", "/piece")]


@pytest.mark.parametrize(
    ("view", "control"),
    [(by_moment, "public"), (by_nobody, "public"), (by_signal, "private"), (by_signal, "public, no-store")],
)
def test_text_that_changes_or_is_not_kept_is_none(view: Callable[[], str], control: str) -> None:
    """The bad twins: what differs each time, what never does, and what no cache may keep."""
    assert shared(view, control) == []


def test_answers_of_a_moment_are_no_difference() -> None:
    """A limit of requests, or a fault, says nothing of the visitor who happened to meet it."""
    app, numbers = small_app(), itertools.count()
    busy = Response("Too many", status=429)
    app.before_request(lambda: busy if request.path == "/about" and next(numbers) > 1 else None)
    app.add_url_rule("/about", "about", lambda: render_template("page.html", heading="About"))
    make_site(app=app, tables=False)

    assert [each.subject for each in audit(app).findings if each.rule == "shared-page"] == []
