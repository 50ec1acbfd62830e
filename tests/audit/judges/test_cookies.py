"""Cookies of answers, against the declaration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response, session

from flask_cookieconsent import Cookie
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.report import audit
from tests.kit.audited import app_with, audit_of, page_in_layout
from tests.kit.sites import make_site, own

RULES = ("undeclared-cookie", "cookie-before-choice", "cookie-too-long", "stale-cookie")
LANG = own("language", "functionality", Cookie(name="lang", purpose="Keeps it.", duration=timedelta(days=10)))


def setting(name: str, **more: Any) -> Any:
    """Return a view that sets a cookie."""

    def view() -> Response:
        response = Response("<!doctype html>")
        response.set_cookie(name, "a secret value", **more)
        return response

    return view


def cookies(app: Flask, *declared: Any) -> list[Finding]:
    return [finding for finding in audit_of(app, declared).findings if finding.rule in RULES]


def told(app: Flask, *declared: Any) -> list[tuple[str, str]]:
    return [(finding.rule, finding.subject) for finding in cookies(app, *declared)]


class Outer:
    """WSGI middleware outside of ours that sets a cookie on every answer."""

    def __init__(self, inner: Any, line: str) -> None:
        self.inner, self.line = inner, line

    def __call__(self, environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("Set-Cookie", self.line)], exc_info)

        return self.inner(environ, start)


def test_sound_site() -> None:
    """The bad twin of all below: what is declared, for as long; the session; a deletion; and what we stop ourselves."""

    def session_of() -> str:
        session["seen"] = True
        return "x"

    gone = Response("x")
    gone.delete_cookie("old")
    app = app_with({"/lang": setting("lang", max_age=864_000), "/session": session_of, "/gone": lambda: gone})

    assert told(app, LANG) == []


def test_undeclared_cookie() -> None:
    (finding,) = cookies(app_with({"/odd": setting("odd")}))

    assert (finding.rule, finding.subject, finding.routes) == ("undeclared-cookie", "odd", ("/odd",))
    assert {place.element for place in finding.places} == {"Set-Cookie: odd"}
    assert "a secret value" not in repr(finding)


def test_cookie_too_long() -> None:
    (finding,) = cookies(app_with({"/lang": setting("lang", max_age=86_400 * 400)}), LANG)

    assert finding.rule == "cookie-too-long" and finding.visitors == ("accepting",)
    assert "duration=timedelta(days=400)" in finding.remedy[0]


def outside(line: str) -> list[tuple[str, str]]:
    site = make_site(app=app_with({}), services=(LANG,))
    site.app.wsgi_app = Outer(site.app.wsgi_app, line)  # type: ignore[method-assign]
    return [(finding.rule, finding.subject) for finding in audit(site.app).findings if finding.rule in RULES]


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("lang=en; Max-Age=86400", ["cookie-before-choice"]),
        ("lang=en; Max-Age=86400000", ["cookie-before-choice", "cookie-too-long"]),
        ("odd=1", ["undeclared-cookie", "stale-cookie"]),
        ("lang=; Max-Age=0", []),
    ],
)
def test_cookie_past_our_middleware(line: str, rules: list[str]) -> None:
    """What a layer outside of ours sets is seen as a browser sees it."""
    assert [rule for rule, _ in outside(line)] == rules


@pytest.mark.parametrize(
    ("pages", "is_stale"),
    [
        ({}, True),
        ({"/lang": setting("lang")}, False),
        ({"/page": page_in_layout("<script>document.cookie = 'lang=' + choice</script>")}, False),
        ({"/page": page_in_layout("<p>lang</p>")}, True),
    ],
)
def test_stale_cookie(pages: Any, is_stale: bool) -> None:
    """No answer sets it, nor does a script of the site; that a form may set it is said."""
    found = cookies(app_with(pages), LANG)

    assert [finding.rule for finding in found] == ["stale-cookie"] * is_stale
    assert all("no form sent" in finding.says for finding in found)


def test_storage_and_vendors_are_never_stale() -> None:
    """A browser alone sees what scripts keep."""
    kept = own("kept", "functionality", Cookie(name="kept", purpose="Keeps.", storage="local"))

    assert told(app_with({}), kept) == []


@pytest.mark.parametrize("line", ["=a secret value; Path=/", "secret", " = secret; Max-Age=9"])
def test_cookie_without_a_name_keeps_its_value_to_itself(line: str) -> None:
    """RFC 6265bis, section 5.6: it is sent as its value alone, so that what would be its name is the value."""
    site = make_site(app=app_with({}), services=(LANG,))
    site.app.wsgi_app = Outer(site.app.wsgi_app, line)  # type: ignore[method-assign]
    found = [each for each in audit(site.app).findings if each.rule == "undeclared-cookie"]

    assert [each.subject for each in found] == ["(without a name)"]
    assert "secret" not in repr(found)
