"""The choices cookie as a browser holds it: what the site itself would set, in the forms that tools take."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from http.cookiejar import MozillaCookieJar
from pathlib import Path

import pytest

from flask_cookieconsent.audit.held import HeldCookie, held_cookie
from flask_cookieconsent.core.validity import HALF_A_YEAR
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import get_state
from tests.kit.sites import EVERYTHING, NOON, Site, make_site


@pytest.fixture(scope="module")
def site() -> Site:
    """A site with the usual settings."""
    return make_site()


@pytest.fixture(scope="module")
def shared() -> Site:
    """A site whose choices count below a domain."""
    return make_site(COOKIECONSENT_COOKIE_DOMAIN="shop.example")


def held(site: Site, *allowed: str, origin: str = "https://localhost", **more: bool) -> HeldCookie:
    """Return the cookie of a visitor of a site."""
    return held_cookie(get_state(site.app), origin, allowed, **more)


@pytest.mark.parametrize("https", [False, True])
@pytest.mark.parametrize(
    ("host", "config"),
    [
        ("localhost", {}),
        ("localhost:5000", {}),
        ("www.shop.example", {"COOKIECONSENT_COOKIE_DOMAIN": "shop.example"}),
        ("localhost", {"COOKIECONSENT_COOKIE_DOMAIN": "shop.example"}),
        ("localhost", {"COOKIECONSENT_COOKIE_NAME": "choices"}),
    ],
)
def test_header_is_what_the_site_sets(host: str, config: dict[str, str], https: bool) -> None:
    """D1, D3: the same name, value and attributes as after a press on the same day."""
    site = make_site(**config)
    for allowed in ((), ("films",), tuple(EVERYTHING)):
        visitor = site.visitor(host=host, https=https)
        lines = visitor.choose("save", *allowed).headers.getlist("Set-Cookie")
        cookie = held(site, *allowed, origin=visitor.origin)

        assert cookie.header.removeprefix("Set-Cookie: ") in lines
        assert cookie.header.startswith(f"Set-Cookie: {cookie.pair};")


@pytest.mark.parametrize(("gpc", "allowed"), [(False, set()), (True, {"films"})])
def test_choice_under_the_signal_stands_against_it(site: Site, gpc: bool, allowed: set[str]) -> None:
    headers = {"Cookie": held(site, "films", gpc=gpc).pair, "Sec-GPC": "1"}

    assert site.visitor(https=True).allowed(headers=headers) == allowed


def test_expired_choice_is_asked_again(site: Site) -> None:
    """D2: it is a day older than a choice may be; one that is not expired is the bad twin."""
    pages = {
        expired: site.visitor(https=True).get("/", headers={"Cookie": held(site, "films", expired=expired).pair}).text
        for expired in (False, True)
    }

    assert {expired: "fcc-banner" in page for expired, page in pages.items()} == {False: False, True: True}


def test_drivers_get_what_webdriver_names(site: Site, shared: Site) -> None:
    """`hostOnly` is of Cypress, whose cookies are for subdomains too unless it is told."""
    cookie = held(site, "films").for_drivers

    assert cookie | {"value": ""} == {
        "name": "__Host-cookieconsent",
        "value": "",
        "path": "/",
        "secure": True,
        "httpOnly": True,
        "sameSite": "Lax",
        "hostOnly": True,
        "expiry": int((NOON + HALF_A_YEAR).timestamp()),
    }
    scope = held(shared, origin="http://www.shop.example").for_drivers
    assert (scope["name"], scope["domain"], scope["secure"]) == ("cookieconsent", "shop.example", False)
    assert "hostOnly" not in scope
    assert json.loads(held(shared, origin="http://www.shop.example").json) == scope


@pytest.mark.parametrize(
    ("origin", "scope"),
    [
        ("https://localhost:5000/", {"url": "https://localhost/"}),
        ("http://[::1]:5000", {"url": "http://[::1]/"}),
        ("https://www.shop.example", {"domain": ".shop.example", "path": "/"}),
    ],
)
def test_playwright_gets_an_address_or_a_domain(shared: Site, origin: str, scope: dict[str, str]) -> None:
    """It takes one or the other, and a cookie with the prefix `__Host-` has no domain (RFC 6265bis, section 4.1.3)."""
    cookie = held(shared, origin=origin).for_playwright

    assert {name: cookie[name] for name in ("url", "domain", "path") if name in cookie} == scope


@pytest.mark.parametrize(
    ("origin", "domain", "initial_dot"),
    [("https://localhost", "localhost", False), ("http://a.shop.example", ".shop.example", True)],
)
def test_netscape_file_can_be_read(shared: Site, tmp_path: Path, origin: str, domain: str, initial_dot: bool) -> None:
    """As Python's own reader has it, of the format that curl writes."""
    cookie = held(shared, origin=origin)
    (tmp_path / "jar").write_text(cookie.netscape + "\n", "utf-8")
    jar = MozillaCookieJar(tmp_path / "jar")
    jar.load(ignore_expires=True)
    (read,) = jar

    assert (read.name, read.value, read.path) == (cookie.name, cookie.value, "/")
    assert (read.domain, read.domain_initial_dot, read.secure) == (domain, initial_dot, cookie.is_secure)
    assert datetime.fromtimestamp(read.expires or 0, NOON.tzinfo) == (NOON + HALF_A_YEAR).replace(microsecond=0)
    assert cookie.expires - NOON == timedelta(days=184)


@pytest.mark.parametrize("origin", ["localhost:5000", "", "ftp://localhost", "https://"])
def test_origin_that_is_none(site: Site, origin: str) -> None:
    with pytest.raises(SetupError, match="wanted the address of the site"):
        held(site, origin=origin)


def test_held_cookie_can_be_read_where_caches_share_pages() -> None:
    """A browser of tests that kept it from scripts would be asked once more."""
    cookie = held(make_site(COOKIECONSENT_PAGES="cacheable"), "films")

    assert "HttpOnly" not in cookie.header and not cookie.netscape.splitlines()[1].startswith("#")
    assert cookie.for_drivers["httpOnly"] is cookie.for_playwright["httpOnly"] is False
