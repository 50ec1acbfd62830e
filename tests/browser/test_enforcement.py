"""What a real browser makes of it: cookies that go, content that stays out, copies that are not shown again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from flask import Flask, Response, render_template_string, session
from playwright.sync_api import Browser, Error, Page

from flask_cookieconsent import Cookie
from flask_cookieconsent.catalogue import google_analytics, youtube
from tests.kit.sites import COMPANY, Site, make_app, make_site, own

from .harness import Stub, Visitor, served
from .test_demo import CHOICES, EMBEDS, GOOGLE, SCRIPTS, Visitors

YEAR = timedelta(days=365)

# -- erasure -----------------------------------------------------------------------------------------------------------

TRACES = {"_ga", "_ga_ABC123", "seen", "basket", "apart"}
WRITE = """host => {
  const parent = host.split(".").slice(1).join(".");
  document.cookie = `_ga=1; max-age=999999; path=/; domain=${parent}`;
  document.cookie = `_ga_ABC123=1; max-age=999999; path=/; domain=${parent}; secure`;
}"""


def shop(folder: Path, **config: Any) -> Site:
    """Return a site that is counted from everywhere: by script, by the server, below a path, in a partition."""
    names = ("_ga", "_ga_*", "seen", "apart")
    cookies = [Cookie(name=name, purpose="Counts.", duration=YEAR) for name in names]
    cookies.append(Cookie(name="basket", purpose="Counts baskets.", duration=YEAR, path="/shop"))
    app = make_app(COOKIECONSENT_UNDECLARED_COOKIES="raise", **config)

    def counted_visit() -> Response:
        session["visits"] = session.get("visits", 0) + 1
        response = Response("<!doctype html><title>Shop</title>" + render_template_string("{{ cookieconsent.link() }}"))
        response.set_cookie("seen", "1", max_age=YEAR, httponly=True, secure=True)
        response.set_cookie("apart", "1", max_age=YEAR, secure=True, samesite="None", partitioned=True)
        response.set_cookie("basket", "1", max_age=YEAR, path="/shop", httponly=True)
        return response

    app.add_url_rule("/shop/", "shop", counted_visit)
    counter = own("counter", "performance", *cookies, purpose="audience_measurement", provider=COMPANY)
    return make_site(app=app, services=[counter], uri=f"sqlite:///{folder}/log.db")


def jar(visitor: Visitor) -> set[str]:
    return {each["name"] for each in visitor.context.cookies()}


def counted_visitor(visitor: Visitors, address: str, host: str) -> Visitor:
    someone = visitor(address)
    someone.visit("/about")
    someone.press("Accept all")
    someone.visit("/shop/")
    someone.page.evaluate(WRITE, host)
    assert jar(someone) >= TRACES | {"session"}
    return someone


@pytest.mark.parametrize("host", ["www.shop.co.uk", "app.shop.com"])
def test_withdrawal_deletes_every_cookie(visitor: Visitors, authority: trustme.CA, host: str, tmp_path: Path) -> None:
    """E2, E4: HttpOnly, of the parent domain, by wildcard, below a path, in a partition; the session stays."""
    site = shop(tmp_path)
    with served(site.app, authority, host=host) as address:
        someone = counted_visitor(visitor, address, host)

        someone.press("Withdraw consent")

        assert jar(someone) == {"session", CHOICES}


def test_withdrawal_deletes_every_cookie_twin(visitor: Visitors, authority: trustme.CA, tmp_path: Path) -> None:
    """E4: a site that spares a name keeps it, so the check above can see what is left."""
    site = shop(tmp_path, COOKIECONSENT_SWEEP_EXCEPT=["_ga"])
    with served(site.app, authority, host="www.shop.co.uk") as address:
        someone = counted_visitor(visitor, address, "www.shop.co.uk")

        someone.press("Withdraw consent")

        assert jar(someone) == {"session", CHOICES, "_ga"}


def kept(visitor: Visitor) -> tuple[set[str], set[str]]:
    found = visitor.stores()
    return set(found["local"]), set(found["session"])


def test_withdrawal_clears_web_storage(visitor: Visitors, authority: trustme.CA, tmp_path: Path) -> None:
    """E4: what only a script can remove is removed where scripts run, exact names and beginnings, and no other."""
    keys = [
        Cookie(name="draft*", purpose="Keeps drafts.", storage="local"),
        Cookie(name="step", purpose="Keeps a step.", storage="session"),
    ]
    site = make_site(services=[own("drafts", "functionality", *keys)], uri=f"sqlite:///{tmp_path}/log.db")
    with served(site.app, authority) as address:
        someone = visitor(address)
        someone.visit("/about")
        someone.press("Accept all")
        someone.page.evaluate(
            "() => { localStorage.draft_1 = localStorage.other = sessionStorage.step = sessionStorage.draft_2 = 1 }"
        )
        someone.visit("/about")
        assert kept(someone) == ({"draft_1", "other"}, {"step", "draft_2"})

        someone.press("Withdraw consent")

        assert kept(someone) == ({"other"}, {"draft_2"})


# -- what is pasted ----------------------------------------------------------------------------------------------------

PASTED = """<!doctype html><html lang="en"><head><title>Pasted</title>{{ cookieconsent.head() }}</head><body>
{{ cookieconsent.banner() }}
<iframe src="https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ" title="A film"></iframe>
<script src="https://www.googletagmanager.com/pasted.js"></script>
<img src="https://www.google-analytics.com/pixel.gif" alt="">
{{ cookieconsent.link() }}</body></html>"""
PASTED_HOSTS = {"www.youtube-nocookie.com", "www.googletagmanager.com", "www.google-analytics.com"}


def careless(folder: Path, mode: str) -> Site:
    app = make_app(COOKIECONSENT_CSP=mode)
    app.add_url_rule("/pasted", "pasted", lambda: render_template_string(PASTED))
    return make_site(app=app, services=[google_analytics("G-ECOMDEMO01"), youtube()], uri=f"sqlite:///{folder}/log.db")


def asked(stub: Stub, since: int) -> set[str]:
    return {host for host, path in stub.asked[since:] if host in PASTED_HOSTS and path != "/gtag/js?id=G-ECOMDEMO01"}


def test_pasted_content_waits_for_consent(visitor: Visitors, authority: trustme.CA, stub: Stub, tmp_path: Path) -> None:
    """A2: with a strict policy a raw iframe, script and pixel reach nobody before consent, and work after it."""
    site = careless(tmp_path, "enforce")
    with served(site.app, authority) as address:
        someone, start = visitor(address), len(stub.asked)
        someone.visit("/pasted")
        assert asked(stub, start) == set()

        someone.press("Reject all")
        someone.visit("/pasted")
        assert asked(stub, start) == set()

        someone.visit("/cookies/")
        someone.press("Accept all")
        someone.visit("/pasted")
        assert asked(stub, start) == PASTED_HOSTS


def reported(site: Site, page: Page) -> list[tuple[str, str, int, date]]:
    """Return the counted reports, which a browser sends when it likes; wait for them at most ten seconds."""
    for _ in range(100):
        with site.app.app_context():
            found = site.log.observed.violations()
        if {host for _, host, _, _ in found} >= PASTED_HOSTS:
            break
        page.wait_for_timeout(100)
    return found


def test_pasted_content_is_reported(visitor: Visitors, authority: trustme.CA, stub: Stub, tmp_path: Path) -> None:
    """A2: without the strict policy it loads at once, which report-only tells by host."""
    site = careless(tmp_path, "report-only")
    with served(site.app, authority) as address:
        someone, start = visitor(address), len(stub.asked)
        someone.visit("/pasted")
        found = reported(site, someone.page)

    assert asked(stub, start) == PASTED_HOSTS
    assert {host for _, host, _, _ in found} == PASTED_HOSTS
    assert {(directive, host) for directive, host, _, _ in found} >= {
        ("frame-src", "www.youtube-nocookie.com"),
        ("script-src-elem", "www.googletagmanager.com"),
        ("img-src", "www.google-analytics.com"),
    }


def test_day_of_report_only_is_an_audit(visitor: Visitors, authority: trustme.CA, tmp_path: Path) -> None:
    """C2, C3: what a browser reports, and brings because a script has set it, is proposed; values stay out."""
    app = make_app(COOKIECONSENT_CSP="report-only")
    app.add_url_rule("/pasted", "pasted", lambda: render_template_string(PASTED))
    site = make_site(app=app, services=[youtube()], uri=f"sqlite:///{tmp_path}/log.db")
    behind, clients = app.wsgi_app, itertools.cycle(f"203.0.113.{number}" for number in range(9))
    # Five browsers on five networks are more than this machine has.
    app.wsgi_app = lambda environ, start: behind(environ | {"REMOTE_ADDR": next(clients)}, start)  # type: ignore[method-assign]
    with served(app, authority) as address:
        someone = visitor(address)
        for _ in range(6):
            someone.visit("/pasted")
            someone.page.evaluate("document.cookie = '_ga_XYZ987=planted7f3a; path=/'")
        reported(site, someone.page)
    told = app.test_cli_runner().invoke(args=["cookieconsent", "audit", "--seen"]).output

    assert "seen-cookie" in told and "  _ga_*\n" in told
    assert "www.googletagmanager.com\n" in told and "google_analytics(" in told
    assert "www.youtube-nocookie.com of youtube is declared and was reported" in " ".join(told.split())
    assert "planted7f3a" not in told and "XYZ987" not in told


# -- Google ------------------------------------------------------------------------------------------------------------


def test_google_analytics_sends_no_hit_after_withdrawal(visitor: Visitors, stub: Stub) -> None:
    """E3, G7: from the press on nothing is counted, not even the end of the visit, and the cookies are gone."""
    someone = visitor()
    someone.visit("/")
    someone.press("Accept all")
    someone.visit("/about")
    someone.visit("/")
    assert ("www.google-analytics.com", "/g/collect?en=end") in stub.asked, "the stand-in counts ends of visits"
    start = len(stub.asked)

    someone.press("Withdraw consent")
    for path in ("/about", "/stories"):
        someone.visit(path)

    assert {host for host, _ in stub.asked[start:]} & GOOGLE == set()
    assert set(someone.cookies) == {CHOICES}


# -- the Back button ---------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_address(demo: Any) -> Iterator[str]:
    """Where the demo runs without TLS."""
    with served(demo) as running:
        yield running


def go_back(someone: Visitor) -> None:
    """Go back one page, however long the browser takes to change from one kept page to another."""
    for _ in range(200):
        try:
            someone.page.go_back(wait_until="commit")  # a kept page is not loaded again
        except Error as problem:
            if "Not attached to an active page" not in problem.message:
                raise
            someone.page.wait_for_timeout(10)
        else:
            return
    raise AssertionError("the browser never got to the page before")


def go_back_to_stories(someone: Visitor) -> None:
    """Go back to the page before the withdrawal; a press without scripts leaves one more page behind."""
    go_back(someone)
    someone.page.wait_for_load_state("networkidle")
    if "/about" in someone.page.url:
        go_back(someone)


def went_back(someone: Visitor) -> bool:
    """Go back one page and tell whether the browser had kept it."""
    left = someone.page.url
    go_back(someone)
    someone.page.wait_for_url(lambda url: url != left, wait_until="commit")
    return bool(someone.page.evaluate("() => window.kept === true"))


def test_back_forward_cache_is_on(keeping_browser: Browser, address: str) -> None:
    """E3: what follows would prove nothing in a browser that keeps no page."""
    someone = Visitor(keeping_browser, address)
    someone.visit("/about")
    someone.press("Reject all")
    someone.page.evaluate("() => { window.kept = true }")
    someone.visit("/platform/")

    assert went_back(someone)
    someone.context.close()


@SCRIPTS
@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_back_button_shows_nothing_withdrawn(
    keeping_browser: Browser, address: str, plain_address: str, stub: Stub, scripts: bool, secure: bool
) -> None:
    """E3, A4: copies of pages with granted content are not shown after the withdrawal."""
    someone = Visitor(keeping_browser, address if secure else plain_address, java_script_enabled=scripts)
    someone.visit("/stories")
    someone.press("Accept all")
    someone.visit("/stories")
    assert someone.page.locator(".fcc-embed").count() == len(EMBEDS)
    someone.visit("/about")
    someone.press("Withdraw consent")
    start = len(stub.asked)

    go_back_to_stories(someone)
    someone.page.wait_for_load_state("networkidle")

    assert someone.page.url.startswith(someone.address + "/stories")
    assert someone.page.locator(".fcc-embed").count() == 0
    assert someone.page.locator(".fcc-placeholder").count() == len(EMBEDS)
    assert {host for host, _ in stub.asked[start:]} & (EMBEDS | GOOGLE) == set()
    someone.context.close()


def forgetful(app: Any) -> Any:
    """Return an app that does not say what becomes of copies."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = [each for each in headers if each[0] not in ("Clear-Site-Data", "Cache-Control")]
            return start_response(status, kept, exc_info)

        return app(environ, start)

    return answer


def test_back_button_shows_nothing_withdrawn_twin(keeping_browser: Browser, demo: Any, authority: trustme.CA) -> None:
    """E3: without these headers, and without scripts, the withdrawn content is there again."""
    with served(forgetful(demo), authority) as address:
        someone = Visitor(keeping_browser, address, java_script_enabled=False)
        someone.visit("/stories")
        someone.press("Accept all")
        someone.visit("/stories")
        someone.visit("/about")
        someone.press("Withdraw consent")

        go_back_to_stories(someone)

        assert someone.page.url.startswith(someone.address + "/stories")
        assert someone.page.locator(".fcc-embed").count() == len(EMBEDS)
        someone.context.close()


def test_back_button_shows_no_answered_banner(keeping_browser: Browser, address: str) -> None:
    """A page that was kept with its banner is asked for again once the visitor has answered."""
    someone = Visitor(keeping_browser, address)
    someone.visit("/stories")
    someone.visit("/about")
    someone.press("Reject all")

    go_back(someone)
    someone.page.wait_for_load_state("networkidle")

    assert someone.page.url.startswith(someone.address + "/stories")
    someone.page.wait_for_selector(".fcc-banner", state="detached")
    someone.context.close()


# -- other apps --------------------------------------------------------------------------------------------------------


def test_app_with_a_policy_of_its_own(visitor: Visitors, authority: trustme.CA, stub: Stub, tmp_path: Path) -> None:
    """A9: under a policy that allows nothing remote, *Load once* and an allowed embed both work."""
    app: Flask = make_app()
    page = """<!doctype html><html lang="en"><head><title>Film</title>{{ cookieconsent.head() }}</head><body>
    {{ cookieconsent.embed("https://youtu.be/aqz-KE-bpKQ", title="A film") }}{{ cookieconsent.link() }}</body></html>"""
    app.add_url_rule("/film", "film", lambda: render_template_string(page))
    policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'none'"
    add: Callable[[Response], Response] = lambda r: r.headers.setdefault("Content-Security-Policy", policy) and r  # noqa: E731
    app.after_request(add)
    site = make_site(app=app, services=[youtube()], uri=f"sqlite:///{tmp_path}/log.db")
    with served(site.app, authority) as address:
        someone = visitor(address)
        someone.visit("/film")
        start = len(stub.asked)
        someone.page.get_by_role("button", name="Load once").click()
        someone.page.frame_locator(".fcc-once").frame_locator("iframe").locator("p").wait_for()
        assert {host for host, _ in stub.asked[start:]} == {"www.youtube-nocookie.com"}

        someone.visit("/film")
        someone.press("Always allow YouTube")
        someone.page.frame_locator(".fcc-embed iframe").locator("p").wait_for()
