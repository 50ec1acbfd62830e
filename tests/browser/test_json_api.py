"""The single-page client of docs/json-api.md, word for word, in a small app and a real Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response
from playwright.sync_api import Page, Route, expect

from tests.kit.papers import DOCS, blocks, needs_pages
from tests.kit.sites import EVERYTHING, STALE, Site, make_site

from .axe import violations
from .harness import Visitors, served

pytestmark = needs_pages

APP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>An app</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<script src="/client.js" defer></script><script src="/app.js" defer></script></head>
<body><main><h1>An app</h1><section id="consent"></section><p id="films"></p></main></body></html>"""
#: The rest of the app: it shows films where they are allowed.
REST = """addEventListener("consent", ({ detail }) => {
  document.querySelector("#films").textContent = detail.includes("films") ? "Films are on" : "Films are off";
});"""


@pytest.fixture
def site() -> Site:
    """A small app of one page, whose script is the block of the documentation."""
    made = make_site()
    (client,) = blocks(DOCS / "json-api.md", "js")
    made.app.add_url_rule("/app", "app", lambda: APP)
    for name, code in (("client", client), ("app", REST)):
        made.app.add_url_rule(f"/{name}.js", f"{name}_js", lambda code=code: Response(code, mimetype="text/javascript"))
    return made


@pytest.fixture
def app(site: Site, visitor: Visitors) -> Iterator[Page]:
    """The open app."""
    with served(site.app) as address:
        page = visitor(address).open("/app")
        expect(page.get_by_role("heading", name="We use cookies")).to_be_visible()
        yield page


def switches(page: Page) -> set[str]:
    """Return the optional services whose switch is on."""
    ticked: list[str] = page.eval_on_selector_all("input:checked:enabled", "all => all.map((each) => each.value)")
    return set(ticked)


def answer(page: Page, label: str, said: str) -> None:
    """Press a button, and wait until the app has said what followed."""
    page.get_by_role("button", name=label).click()
    expect(page.get_by_role("status")).to_contain_text(said)


def test_client_asks(app: Page, site: Site) -> None:
    """A1, B1, B3: nothing is ticked or on, both answers are there, the policy is one step away, nothing is recorded."""
    assert switches(app) == set() and site.events() == []
    assert [each.get("name") for each in app.context.cookies()] == []
    expect(app.locator("#films")).to_have_text("Films are off")
    for label in ("Accept all", "Reject all", "Save choices"):
        expect(app.get_by_role("button", name=label)).to_be_visible()
    expect(app.get_by_role("link", name="Cookie policy")).to_have_attribute("href", "/cookies/policy")
    assert violations(app) == []


def test_client_decides(app: Page, site: Site) -> None:
    """B4, E2, E3: refuse, accept, save one, withdraw, each in one press; the rest of the app follows at once."""
    answer(app, "Reject all", "everything optional is off")
    expect(app.locator("#films")).to_have_text("Films are off")
    answer(app, "Accept all", "everything is allowed")
    expect(app.locator("#films")).to_have_text("Films are on")
    assert switches(app) == EVERYTHING
    app.get_by_label("Example Posts").uncheck()
    answer(app, "Save choices", "what you did not allow is off")
    assert switches(app) == EVERYTHING - {"posts"}
    answer(app, "Withdraw consent", "Your consent is withdrawn")
    expect(app.locator("#films")).to_have_text("Films are off")

    assert switches(app) == set()
    assert sorted(event.kind.value for event in site.events()) == ["changed", "given", "refused", "withdrawn"]
    assert {event.method for event in site.events()} == {"api"}


def test_choice_is_that_of_the_pages(app: Page) -> None:
    """What was chosen in the app holds on the site's pages, and after the app is opened again."""
    answer(app, "Accept all", "everything is allowed")
    app.goto(app.url.replace("/app", "/cookies/"))
    assert app.locator("input[name=service]:checked").count() == len(EVERYTHING)
    app.goto(app.url.replace("/cookies/", "/app"))
    expect(app.locator("#films")).to_have_text("Films are on")


def test_old_notice_is_shown_anew(app: Page, site: Site) -> None:
    """F2: a grant to a notice that is shown no more is none; people read why, and answer to the present one."""

    def as_of_yesterday(route: Route) -> None:
        sent = route.request.post_data
        body: dict[str, Any] = json.loads(sent or "{}") | STALE
        route.continue_(post_data=json.dumps(body) if sent else None)

    app.route("**/cookies/api/choice", as_of_yesterday)
    app.get_by_role("button", name="Accept all").click()
    expect(app.get_by_role("status")).to_contain_text("This page has changed since you opened it")
    assert switches(app) == set() and site.events() == []
    app.unroute("**/cookies/api/choice")

    answer(app, "Accept all", "everything is allowed")
    assert switches(app) == EVERYTHING
