"""Every address and method of the interface, wherever the app has its pages, and whatever else guards them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_seasurf import SeaSurf
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.api.problems import TYPE
from flask_cookieconsent.errors import SetupError
from tests.kit.programs import API, PROBLEM, Program, addresses_of, body_of, problem_of, program, script
from tests.kit.sites import BARE, EVERYTHING, SAME_ORIGIN, Site, make_app, make_site, services

#: Every address with the methods that it knows.
ADDRESSES = {
    "/openapi.json": {"GET"},
    "/declaration": {"GET"},
    "/notice": {"GET"},
    "/choice": {"GET", "POST"},
    "/choice/receipt": {"GET", "DELETE"},
    "/handover": {"POST"},
    "/handover/back": {"POST"},
    "/exchange": {"POST"},
}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"}


def test_addresses_are_those_of_the_code() -> None:
    site = make_site()
    assert addresses_of(site) == ADDRESSES


@pytest.mark.parametrize("path", ADDRESSES)
def test_methods(path: str) -> None:
    """RFC 9110: HEAD is GET without content, OPTIONS tells the methods, and every other one is a problem that does."""
    someone = program(make_site())
    known = ADDRESSES[path] | ({"HEAD"} if "GET" in ADDRESSES[path] else set()) | {"OPTIONS"}
    told = someone.ask("OPTIONS", path)
    head = someone.ask("HEAD", path).data
    refused = [someone.ask(method, path) for method in sorted(METHODS - known - {"HEAD"})]

    assert (told.status_code, set(told.headers["Allow"].split(", "))) == (204, known)
    assert head == b""
    assert {(each.status_code, problem_of(each), each.headers["Allow"]) for each in refused} == {
        (405, "wrong-method", told.headers["Allow"])
    }


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/choice/", "/choice/nothing/more", "/%00", "/../api/x"])
@pytest.mark.parametrize("method", sorted(METHODS - {"HEAD"}))
def test_nothing_there(path: str, method: str, site: Site) -> None:
    answer = program(site).ask(method, path)

    assert (answer.status_code, problem_of(answer)) == (404, "not-found")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module")
def site() -> Site:
    """One site for what changes nothing."""
    return make_site()


def test_problems_have_names() -> None:
    assert TYPE == PROBLEM


def _seasurf(app: Flask) -> None:
    SeaSurf(app)


def _talisman(app: Flask) -> None:
    Talisman(app, force_https=False)


def guarded(guard: Any, *, is_before: bool) -> Site:
    """Return a site with a guard over the whole app, which came before the extension or after it."""
    app = make_app()
    if is_before:
        guard(app)
    site = make_site(app=app)
    if not is_before:
        guard(app)
    return site


@pytest.mark.parametrize("guard", [CSRFProtect, _seasurf, _talisman])
@pytest.mark.parametrize("is_before", [True, False])
def test_beside_other_guards(guard: Any, is_before: bool) -> None:
    """B9: an app-wide check of tokens lets the interface pass, which checks for itself, and keeps its own forms."""
    site = guarded(guard, is_before=is_before)
    for someone in (program(site), script(site)):
        assert [someone.choose(each).status_code for each in ("accept", "withdraw")] == [200, 200]
        assert someone.ask("DELETE", "/choice/receipt").status_code == 200
    evil = {"Origin": "https://evil.example"}
    foreign = site.visitor().open(f"{API}/choice", "POST", json=body_of(site, "accept"), headers=evil)
    assert problem_of(foreign) == "other-site"
    assert guard is _talisman or site.visitor().open("/posted", "POST").status_code in (400, 403)


@pytest.mark.parametrize(
    ("config", "prefix"),
    [
        ({"SERVER_NAME": "localhost"}, "/cookies"),
        ({"APPLICATION_ROOT": "/shop"}, "/cookies"),
        ({"COOKIECONSENT_URL_PREFIX": "/legal/choices"}, "/legal/choices"),
        ({"COOKIECONSENT_URL_PREFIX": "/<lang>/cookies"}, "/cookies"),
        ({"COOKIECONSENT_URL_PREFIX": "/<lang>/cookies"}, "/de/cookies"),
    ],
)
def test_configured_addresses(config: dict[str, str], prefix: str) -> None:
    """The interface is where the pages are, its description says so, and its cookies come back to it."""
    visitor = make_site(**config).visitor()
    api = f"{prefix}/api"
    described = visitor.get(f"{api}/openapi.json").json
    body = body_of(visitor.site, "save", "films")
    posted = visitor.open(f"{api}/choice", "POST", json=body, headers=SAME_ORIGIN)

    assert described["servers"] == [{"url": api}]
    assert posted.status_code == 200
    assert visitor.get(f"{api}/notice").json["policy_url"] == f"{prefix}/policy"
    assert [each["event_state"] for each in visitor.get(f"{api}/choice/receipt").json["events"]] == ["given"]


def test_mounted() -> None:
    """Below a mount the addresses and both paths of the receipt keep the mount."""
    site = make_site()
    outer = Client(DispatcherMiddleware(Flask("outer"), {"/shop": site.app}))
    described = outer.get("/shop/cookies/api/openapi.json").json
    body = body_of(site, "accept")
    posted = outer.post("/shop/cookies/api/choice", json=body, headers=SAME_ORIGIN)

    assert described["servers"] == [{"url": "/shop/cookies/api"}]
    assert posted.status_code == 200
    assert [each["event_state"] for each in outer.get("/shop/cookies/api/choice/receipt").json["events"]] == ["given"]
    assert outer.get("/shop/cookies/choice/receipt.json").json["events"]


def test_hosts() -> None:
    """An app that matches hosts has the interface on each of them."""
    app = Flask("hosts", host_matching=True, static_host="localhost")
    app.config |= BARE
    app.add_url_rule("/", "home", lambda: "Home", host="shop.localhost")
    site = Site(app, CookieConsent(app, services=services()), make_site().clock, make_site().db)

    answer = script(site, host="shop.localhost").choose("accept")

    assert answer.status_code == 200


def test_nothing_of_the_site_stands_above() -> None:
    """A route of the site's below the interface is refused when the app starts, like every other below the prefix."""
    site = make_site()
    site.app.add_url_rule("/cookies/api/mine", "mine", lambda: "mine")

    with pytest.raises(SetupError, match="lies under the cookie pages"):
        site.visitor().get("/")


def test_program_is_anybody() -> None:
    """A7: a program that was never here asks, is told that it has to ask, and nothing optional is allowed."""
    answer = Program(make_site()).ask("GET", "/choice").json

    assert answer["asks"] and not EVERYTHING & set(answer["allowed"])
