"""Real browsers: a web view opens already decided, and no page of somebody else can plant a choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.kit.phones import Phone, website
from tests.kit.sites import Site

from .harness import Visitor, Visitors, served

EVIL = "https://evil.example.net/"
FORM = """<!doctype html><title>A page</title>{head}<form method="post" action="{action}"{more}>
<input type="hidden" name="code" value="{code}"><input type="hidden" name="next" value="/about"></form>
<script>document.forms[0].submit()</script>"""
#: How a page of somebody else may send a visitor here, and hide where from.
WAYS = {
    "a form": ("", ""),
    "without a referrer": ('<meta name="referrer" content="no-referrer">', ""),
    "to the top": ("", ' target="_top"'),
}


@pytest.fixture
def shared(tmp_path: Path, authority: trustme.CA) -> Iterator[tuple[Site, str]]:
    """A site that shares its choices with an app, over TLS, and its address."""
    site = website(uri=f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))
    with served(site.app, authority) as address:
        yield site, address


def code_of(site: Site) -> str:
    phone = Phone(site)
    phone.choose("accept")
    return str(phone.call("/handover").json["code"])


def is_decided(view: Visitor) -> bool:
    """Tell whether the browser keeps a choice; where it does, a page asks no more."""
    keeps = any("cookieconsent" in name for name in view.cookies)
    assert view.open("/about").locator(".fcc-banner").count() == (not keeps)
    return keeps


def test_web_view_opens_decided(shared: tuple[Site, str], visitor: Visitors) -> None:
    """What a web view sends that an app has pointed somewhere is taken, and leads to the page."""
    site, address = shared
    view, body = visitor(at=address), f"code={code_of(site)}&next=%2Fabout"
    form = {"content-type": "application/x-www-form-urlencoded"}
    view.context.route(
        "**/cookies/handover",
        lambda route: route.continue_(method="POST", post_data=body, headers=route.request.headers | form),
    )
    view.open("/cookies/handover")

    assert view.page.url == f"{address}/about"
    assert is_decided(view)


def sent_from(view: Visitor, page: str, site: Site, way: str) -> None:
    """Open a page that sends its reader to the site with a code, by a script."""
    head, more = WAYS[way]
    html = FORM.format(head=head, more=more, action=f"{view.address}/cookies/handover", code=code_of(site))
    view.context.route(page, lambda route: route.fulfill(body=html, content_type="text/html"))
    with view.page.expect_response("**/cookies/handover"):
        view.page.goto(page)
    view.page.wait_for_load_state()


@pytest.mark.parametrize("way", WAYS)
def test_stranger_plants_nothing(way: str, shared: tuple[Site, str], visitor: Visitors) -> None:
    """B9: whatever a page of somebody else does, its code is refused, and the visitor is asked."""
    site, address = shared
    view = visitor(at=address)
    sent_from(view, EVIL, site, way)

    assert not is_decided(view)


@pytest.mark.parametrize("way", WAYS)
def test_own_page_hands_over(way: str, shared: tuple[Site, str], visitor: Visitors) -> None:
    """The bad twin: the same form on a page of the site itself is taken."""
    site, address = shared
    view = visitor(at=address)
    sent_from(view, f"{address}/own", site, way)

    assert is_decided(view)
