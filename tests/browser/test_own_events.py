"""The examples of docs/own-events.md, run as somebody who has not answered, who refused and who allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, render_template_string
from playwright.sync_api import Browser

from flask_cookieconsent.catalogue import (
    google_ads,
    google_analytics,
    google_tag_manager,
    matomo,
    meta_pixel,
    tiktok_pixel,
)
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.pages.loaders import absent
from flask_cookieconsent.state import get_state
from tests.kit.papers import DOCS, blocks, needs_pages, rows
from tests.kit.samples import SAMPLES, Sample, consent_to
from tests.kit.sites import Site, make_app, make_site

from .harness import Stub, Visitor, served

pytestmark = needs_pages

PAGE = DOCS / "own-events.md"
LAYOUT = (
    "<!doctype html><html lang=en><head><title>t</title>{{ cookieconsent.head() }}</head><body>%s"
    "<script src=/own.js></script>{{ cookieconsent.link() }}</body></html>"
)
SERVICES = (
    google_tag_manager("GTM-ABC1234"),
    google_analytics("G-ABC1234567", config={"send_page_view": False}),
    google_ads("AW-123456789"),
    meta_pixel("1234567890123456"),
    matomo("https://example.matomo.cloud/", "1"),
    tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"),
)
PURCHASE = {"transaction_id": "T1", "currency": "EUR", "value": 12.5}
TOLD = """() => JSON.stringify([
  ...dataLayer.map((each) => [each[0], each[1], each.event]),
  ...(Array.isArray(fbq.queue) ? [fbq.queue, [...ttq], _paq] : []),
])"""


@pytest.fixture(scope="module")
def site(stub: Stub) -> Iterator[tuple[Site, str]]:
    app = make_app()
    templates, scripts = blocks(PAGE, "jinja"), blocks(PAGE, "js")
    assert (len(templates), len(scripts)) == (5, 2)
    app.add_url_rule(
        "/shop",
        "shop",
        lambda: render_template_string(LAYOUT % "\n".join(templates), sku="A-1", purchase=PURCHASE, user_id="u-7"),
    )
    own = "\n".join([*scripts, "view(); window.ran = true;"])
    app.add_url_rule("/own.js", "own", lambda: Response(own, mimetype="text/javascript"))
    site = make_site(app=app, services=SERVICES)
    stub.script, before = "0;", stub.script
    with served(app) as address:
        yield site, address
    stub.script = before


WANTED = ("view_item", "purchase", "conversion", "page_view", "user_id", "CompletePayment", "Purchase", "PageView")


def cookies(site: Site, address: str, answer: tuple[str, ...] | None) -> list[Any]:
    """Return the choices cookie of somebody who allowed these and refused the others, or none for who has not."""
    if answer is None:
        return []
    return [{"name": "cookieconsent", "value": consent_to(site, *answer), "url": address}]


@pytest.mark.parametrize("answer", [None, (), tuple(each.id for each in SERVICES)], ids=["none", "refused", "allowed"])
def test_examples_run(browser: Browser, site: tuple[Site, str], answer: tuple[str, ...] | None) -> None:
    """B5: without an error for everybody, and told to the vendors for whoever allowed them."""
    someone = Visitor(browser, site[1])
    errors: list[str] = []
    someone.page.on("pageerror", lambda error: errors.append(str(error)))
    someone.context.add_cookies(cookies(*site, answer))
    page = someone.visit("/shop")
    page.get_by_role("button", name="Into the basket").click()
    told = page.evaluate(TOLD)

    assert page.title() == "In your basket"
    assert page.evaluate("window.ran") is True
    assert errors == []
    assert [each for each in WANTED if each in told] == (list(WANTED) if answer else [])
    assert bool(someone.strangers) is bool(answer)
    someone.context.close()


def names_of(sample: Sample) -> set[str]:
    """Return the functions and the lists that a page's own code may call of a service."""
    alone = make_site(services=[sample.service])
    with alone.app.test_request_context():
        names = absent(get_visit(get_state()).decision)
    return {*names["functions"].split(), *names["lists"].split()}


def test_names_table_is_the_code() -> None:
    """The page names every function and list, of every service that has one."""
    table = rows(PAGE, "The names are always there")
    documented = {row[0].strip("`"): set(re.findall(r"`([\w$]+)`", row[1])) for row in table}

    assert documented == {each.service.id: words for each in SAMPLES if (words := names_of(each))}
