"""Undeclared cookies of real requests: counted by folded name on a day of report-only, and never a value."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, make_response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_cookieconsent import CookieConsent
from tests.kit.sites import Clock, Site, make_app, make_site, services

#: Stands in each value, and may stand nowhere else.
PLANTED = "planted7f3a"
IDENTIFIER = "0123456789abcdef0123456789abcdef"


def add_shop(app: Flask) -> Flask:
    def shop() -> Any:
        response = make_response("<!doctype html><title>Shop</title>")
        response.set_cookie("basket_hint", PLANTED)
        return response

    app.add_url_rule("/shop", "shop", shop)
    return app


#: Visitors come from networks of their own.
ADDRESSES = [{"REMOTE_ADDR": f"203.0.113.{number}"} for number in range(30)]


def counting(uri: str = "sqlite://", csp: str = "report-only", **more: Any) -> Site:
    return make_site(app=add_shop(make_app(COOKIECONSENT_CSP=csp)), uri=uri, **more)


def bring(site: Site, cookie: str, *, path: str = "/about", times: int = 5, **environ: str) -> None:
    for number in range(times):
        from_outside = ADDRESSES[number] | environ
        answer = site.visitor().get(path, headers={"Cookie": cookie}, environ_overrides=from_outside)
        assert answer.status_code == 200


def names(site: Site) -> dict[str, int]:
    with site.app.app_context():
        return {name: count for name, count, _ in site.log.observed.cookies()}


def dump(site: Site) -> str:
    """Return every row of every table as text."""
    with site.app.app_context(), site.db.engine.connect() as connection:
        tables = site.db.metadata.sorted_tables
        return "\n".join(str(row) for table in tables for row in connection.execute(sa.select(table)))


def test_names_of_requests_and_responses(caplog: pytest.LogCaptureFixture) -> None:
    """What a script of others has set comes with requests; what the app sets goes with responses; both are names."""
    site = counting()
    cookie = f"_fbp={PLANTED}; mp_{IDENTIFIER}_mixpanel={PLANTED}; lang={PLANTED}; a b={PLANTED}; _fbp=twice{PLANTED}"
    with caplog.at_level(logging.DEBUG):
        bring(site, cookie, path="/shop")
        bring(site, f"cookieconsent=1.{PLANTED}; __Host-cookieconsent={PLANTED}; session={PLANTED}; {PLANTED}")

    assert names(site) == {"_fbp": 5, "mp_*_mixpanel": 5, "basket_hint": 5}
    everything = dump(site) + caplog.text
    assert "basket_hint" in everything
    assert PLANTED not in everything
    assert IDENTIFIER not in everything


@pytest.mark.parametrize("csp", ["merge", "enforce", "off"])
def test_nothing_at_other_times(csp: str) -> None:
    """The switch is report-only: else there is no write, no memory and no work."""
    site = counting(csp=csp)
    statements: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    bring(site, "_fbp=1", times=20)

    assert statements == []
    assert names(site) == {}
    assert vars(site.log.observed._seen).keys().isdisjoint({"_totals", "_held"})
    assert site.app.wsgi_app._undeclared is None  # type: ignore[attr-defined]


def test_requests_without_such_cookies_cost_nothing() -> None:
    site = counting()
    bring(site, "lang=en; session=1", times=5)
    site.visitor().get("/about")

    assert vars(site.log.observed._seen).keys().isdisjoint({"_totals", "_held"})


def test_writes_are_a_minute_apart() -> None:
    clock = Clock()
    site = counting(clock=clock)
    statements: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    bring(site, "_fbp=1; _gid=2", times=30)
    first = len(statements)
    clock.forward(seconds=60)
    bring(site, "_fbp=1", times=30)

    assert names(site) == {"_fbp": 31, "_gid": 30}
    assert 0 < first <= 5
    assert len(statements) <= 10


def test_address_behind_a_proxy() -> None:
    """Clients are told apart by the address that a trusted proxy names, wherever its middleware stands."""
    site = counting()
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app)  # type: ignore[method-assign]
    for number in range(4):
        for _ in range(5):
            headers = {"Cookie": "_fbp=1", "X-Forwarded-For": f"203.0.113.{number}"}
            site.visitor().get("/about", headers=headers)
    assert names(site) == {}
    site.visitor().get("/about", headers={"Cookie": "_fbp=1", "X-Forwarded-For": "203.0.113.77"})

    assert names(site) == {"_fbp": 21}


def test_app_without_a_database(caplog: pytest.LogCaptureFixture) -> None:
    """Each name is one line of the log, once."""
    app = add_shop(make_app(COOKIECONSENT_CSP="report-only"))
    now = [0.0]
    CookieConsent(app, services=services(), timer=lambda: now[0])
    with caplog.at_level(logging.WARNING, "flask_cookieconsent.violations"):
        for _ in range(4):
            for number in range(10):
                from_outside = {"headers": {"Cookie": f"_fbp={PLANTED}"}, "environ_overrides": ADDRESSES[number]}
                app.test_client(use_cookies=False).get("/shop", **from_outside)
            now[0] += 60

    said = [each.message for each in caplog.records if each.name == "flask_cookieconsent.violations"]
    assert said == [f"undeclared cookie in browsers of visitors: {name}" for name in ("_fbp", "basket_hint")]
    assert PLANTED not in caplog.text


def test_answers_of_other_apps() -> None:
    """What another app below answers is counted by nobody, and breaks nothing."""
    site = counting()
    other = Flask("other")
    other.add_url_rule("/", "home", lambda: "other")
    inner = site.app.wsgi_app._wsgi_app  # type: ignore[attr-defined]
    site.app.wsgi_app._wsgi_app = DispatcherMiddleware(inner, {"/other": other})  # type: ignore[attr-defined]
    bring(site, "_fbp=1", path="/other/", times=9)

    assert names(site) == {}


def test_tests_of_the_site_are_no_visitors() -> None:
    site = counting()
    site.app.testing = True
    bring(site, "_fbp=1", path="/shop", times=9)

    assert names(site) == {}


def test_declaration_ends_the_count() -> None:
    """A declared name is none of these, by its prefix too."""
    declared = services()
    site = counting(services=[*declared, *_counters()])
    bring(site, f"_pk_id.7.{IDENTIFIER[:4]}=1; _pk_ses.7=2; _fbp=3")

    assert names(site) == {"_fbp": 5}


def _counters() -> list[Any]:
    from flask_cookieconsent import Cookie, Service

    cookie = Cookie(name="_pk_*", purpose="Counts visits.", duration=timedelta(days=1))
    return [Service(id="pk", name="PK", category="performance", purpose="audience_measurement", cookies=(cookie,))]


def test_request_of_very_many_cookies() -> None:
    """Whoever sends a header of made-up names is answered, and of each request a few take a place."""
    site = counting()
    words = [f"w{chr(97 + a)}{chr(97 + b)}" for a in range(26) for b in range(26)]
    bring(site, "; ".join(f"{word}=1" for word in words) + f"; {'x' * 9_000}=1", times=6)

    assert 10 <= len(names(site)) <= 20
