"""What an app puts before every request lets our pages pass, and says so where it does not (B9)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask_seasurf import SeaSurf
from flask_wtf import CSRFProtect

from flask_cookieconsent import SetupError
from tests.kit.sites import EVERYTHING, Site, make_app, make_site


def flask_wtf(app: Flask) -> None:
    CSRFProtect(app)


def flask_wtf_by_hand(app: Flask) -> None:
    """By the documentation of Flask-WTF, for an app that checks some requests and not others."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)
    app.before_request(lambda: csrf.protect())


def seasurf(app: Flask) -> None:
    SeaSurf(app)


GUARDS = (flask_wtf, flask_wtf_by_hand, seasurf)


def guarded(guard: Callable[[Flask], None], *, first: bool) -> Site:
    """Return a site with a guard against forgery, that was set up before or after ours."""
    app = make_app(WTF_CSRF_ENABLED=True)
    if first:
        guard(app)
    site = make_site(app=app)
    if not first:
        guard(app)
    return site


@pytest.mark.parametrize("first", [True, False], ids=["before ours", "after ours"])
@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("https", [True, False])
def test_choice_passes_guards_against_forgery(guard: Callable[[Flask], None], first: bool, https: bool) -> None:
    """B9: our forms have no token, because that would need a session; who sent them is checked all the same."""
    visitor = guarded(guard, first=first).visitor(https=https)

    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() == EVERYTHING
    assert visitor.choose("reject", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("guard", GUARDS)
def test_guards_still_guard_the_site(guard: Callable[[Flask], None]) -> None:
    """The bad twin: a form of the site without a token is refused."""
    assert guarded(guard, first=True).visitor().post({}, "/posted").status_code in (400, 403)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if "is_own_request" in each.getMessage()]


def test_login_guard_that_stops_our_pages_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Once for each page; nobody would find out from the log of a server."""
    site = make_site()
    site.app.before_request(lambda: ("Sign in", 401))
    for path in ("/cookies/", "/cookies/", "/cookies/policy", "/cookies/report", "/"):
        assert site.visitor().get(path).status_code == 401

    assert [each.split("'")[1] for each in told(caplog)] == ["cookieconsent.preferences", "cookieconsent.policy"]
    assert "the app answered 401 before" in told(caplog)[0]


def test_own_answers_are_not_taken_for_a_guard(caplog: pytest.LogCaptureFixture) -> None:
    """The bad twin: what our own views refuse is no guard of the app's."""
    visitor = make_site().visitor()
    statuses = [visitor.get(path).status_code for path in ("/cookies/", "/cookies/report", "/cookies/policy/none")]
    statuses.append(visitor.choose("reject", headers={"Sec-Fetch-Site": "cross-site"}).status_code)

    assert (statuses, told(caplog)) == ([200, 404, 404, 403], [])


# -- requires ------------------------------------------------------------------------------------------------------


def through(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as code does that knows no asynchronous views."""
    return lambda **values: view(**values)


async def later(**values: Any) -> str:
    return "the content"


def now(**values: Any) -> str:
    return "the content"


@pytest.mark.parametrize("view", [now, later])
@pytest.mark.parametrize("order", ["plain", "outside", "inside", "both"])
def test_requires(view: Callable[..., str | Awaitable[str]], order: str) -> None:
    """Whatever the view is, and whatever is around the guard: 403 before the grant, the content after it."""
    site = make_site()
    inner = through(view) if order in ("inside", "both") else view
    outer = site.consent.requires("films")(inner)
    site.app.add_url_rule("/needs", "needs", through(outer) if order in ("outside", "both") else outer)
    visitor = site.visitor()
    before = visitor.get("/needs")
    visitor.choose("save", "films")
    after = visitor.get("/needs")

    assert (before.status_code, after.status_code, after.text) == (403, 200, "the content")


def test_requires_on_class_based_views() -> None:
    """`MethodView` with the guard on the class, by its `decorators`, and on one asynchronous method."""
    site = make_site()

    class Whole(MethodView):
        decorators = [site.consent.requires("films")]

        async def get(self) -> ResponseReturnValue:
            return request.path

    class Part(MethodView):
        @site.consent.requires("films")
        async def get(self) -> ResponseReturnValue:
            return request.path

    for view in (Whole, Part):
        site.app.add_url_rule(f"/{view.__name__}", view_func=view.as_view(view.__name__))
    visitor = site.visitor()
    before = [visitor.get(path).status_code for path in ("/Whole", "/Part")]
    visitor.choose("save", "films")

    assert before == [403, 403]
    assert [visitor.get(path).text for path in ("/Whole", "/Part")] == ["/Whole", "/Part"]


def test_guard_above_the_route_is_refused() -> None:
    """The view that has the route would be open: the first request says so, and shows nothing."""
    site = make_site()
    site.app.config["PROPAGATE_EXCEPTIONS"] = True

    @site.consent.requires("films")
    @site.app.get("/film")
    def film() -> str:
        return "the film"

    with pytest.raises(SetupError, match="film' is open to everybody: found `@consent.requires` above its route"):
        site.visitor().get("/film")


def test_view_with_two_routes_may_be_guarded_on_one() -> None:
    """The bad twin: the same view, open at one address on purpose."""
    site = make_site()
    site.app.add_url_rule("/open", "open", now)
    site.app.add_url_rule("/needs", "needs", site.consent.requires("films")(now))

    assert [site.visitor().get(path).status_code for path in ("/open", "/needs")] == [200, 403]


# -- the report ----------------------------------------------------------------------------------------------------


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


@pytest.mark.parametrize(
    ("guard", "status"),
    [
        (lambda: True, 200),
        (yes, 200),
        (lambda: yes(), 200),
        (lambda: False, 403),
        (no, 403),
        (lambda: no(), 403),
        (lambda: None, 403),
        (lambda: "no", 403),
        (lambda: object(), 403),
        (lambda: 1, 403),
    ],
)
def test_only_true_opens_the_report(guard: Any, status: int) -> None:
    """F7: an object stands for nothing, least of all a coroutine."""
    visitor = make_site(may_see_report=guard).visitor()

    assert [visitor.get(f"/cookies/{path}").status_code for path in ("report", "report.csv")] == [status] * 2


@pytest.mark.parametrize(("answer", "told"), [(1, True), ("no", True), (True, False), (False, False), (None, False)])
def test_answer_that_is_no_answer_is_told(answer: Any, told: bool, caplog: pytest.LogCaptureFixture) -> None:
    """An owner who is kept out finds out why."""
    make_site(may_see_report=lambda: answer).visitor().get("/cookies/report")

    assert (f"report_guard: found {answer!r}, wanted True or False" in caplog.text) == told


def test_guard_that_raises_opens_nothing() -> None:
    site = make_site(may_see_report=lambda: bool(1 / 0))
    site.app.config["PROPAGATE_EXCEPTIONS"] = False

    assert site.visitor().get("/cookies/report").status_code == 500
    assert logging.getLogger("flask_cookieconsent").isEnabledFor(logging.ERROR)
