"""`deciding` in a real Chromium: the site takes the browser for one whose visitor has chosen, and can change it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trustme
from flask import Flask
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, BrowserContext, Page

from flask_cookieconsent.testing import deciding
from tests.kit.sites import EVERYTHING, make_site

from .harness import FLAGS, HOST, find_browser, missing, served

TICKED = "all => all.map(each => each.value)"
SWITCHES = "input[name=service]:checked"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile in which nobody has chosen."""
    made = browser.new_context(ignore_https_errors=True)
    yield made
    made.close()


def allowed(page: Page, address: str) -> set[str]:
    """Return the services that the preferences show as on."""
    page.goto(f"{address}/cookies/")
    return set(page.eval_on_selector_all(SWITCHES, TICKED))


def choices(context: BrowserContext) -> list[str]:
    """Return the names of the cookies of choices that a browser keeps."""
    return [cookie.get("name", "") for cookie in context.cookies() if "cookieconsent" in cookie.get("name", "")]


@pytest.mark.parametrize(
    ("names", "expected"), [(("films",), {"films"}), (("all",), EVERYTHING), (("none",), set[str]())]
)
@pytest.mark.parametrize("config", [{}, {"COOKIECONSENT_COOKIE_DOMAIN": HOST}])
def test_browser_has_chosen(
    context: BrowserContext, authority: trustme.CA, names: tuple[str, ...], expected: set[str], config: dict[str, Any]
) -> None:
    """Over HTTPS, by the cookie of the host and by that of a domain; nobody is asked."""
    app, page = make_site(**config).app, context.new_page()
    with served(app, authority, host=f"www.{HOST}") as address:
        deciding(page, app, *names, base_url=address)
        page.goto(address)

        assert page.locator(".fcc-banner").count() == 0
        assert allowed(page, address) == expected
        assert choices(context) == ["cookieconsent" if config else "__Host-cookieconsent"]


def test_without_it_somebody_is_asked(context: BrowserContext, authority: trustme.CA) -> None:
    """The bad twins: no choice, and one that is too old."""
    app, page = make_site().app, context.new_page()
    with served(app, authority) as address:
        page.goto(address)
        assert page.locator(".fcc-banner").is_visible()
        deciding(context, app, "all", base_url=address, expired=True)
        page.goto(address)
        assert page.locator(".fcc-banner").is_visible()


def test_choice_can_be_changed(context: BrowserContext, authority: trustme.CA) -> None:
    """It is the very cookie that the site sets, so a press takes its place."""
    app, page = make_site().app, context.new_page()
    with served(app, authority) as address:
        deciding(context, app, "films", base_url=address)
        page.goto(f"{address}/cookies/")
        page.locator("button[value=reject]").first.click()
        page.wait_for_load_state()

        assert allowed(page, address) == set()
        assert choices(context) == ["__Host-cookieconsent"]


async def _allowed_async(app: Flask, address: str, executable: str) -> list[str]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*FLAGS])
        page = await browser.new_page()
        await deciding(page, app, "films", base_url=address)
        await page.goto(f"{address}/cookies/")
        ticked: list[str] = await page.eval_on_selector_all(SWITCHES, TICKED)
        await browser.close()
        return ticked


def test_async_api() -> None:
    """What it returns is awaited; over HTTP the cookie has its other name."""
    executable = find_browser() or missing("chromium")
    app = make_site().app
    with served(app, host="localhost") as address, ThreadPoolExecutor(1) as thread:  # this one may have a loop already
        ticked = thread.submit(asyncio.run, _allowed_async(app, address, executable)).result()

    assert ticked == ["films"]
