"""The page for app developers: its requests are sent, in their order, and the answers are those that it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import Babel

from flask_cookieconsent.catalogue import youtube
from tests.kit.papers import DOCS, needs_pages
from tests.kit.sites import Site, make_app, make_site, own

pytestmark = needs_pages

PAGE = DOCS / "apps.md"
#: A request, and the answer to it, in which an ellipsis stands for anything.
EXCHANGE = re.compile(r"^```http\n(.*?)^```\n+```json\n(?:(\d{3})\n)?(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def site() -> Site:
    """A site that counts, and shows videos, in English and German."""
    app = make_app()
    babel = Babel(app)
    babel.list_translations = lambda: [babel.default_locale, type(babel.default_locale).parse("de")]
    return make_site(app=app, services=(own("counter", "performance", purpose="audience_measurement"), youtube()))


def exchanges(text: str) -> Iterator[tuple[str, int, Any]]:
    """Yield each request of a page with the status and the body of its answer."""
    for request, status, answer in EXCHANGE.findall(text):
        yield request, int(status or 200), json.loads(answer)


def sent(site: Site, request: str, held: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Send a request as it is written, with what an app holds in the place of names in braces."""
    for name, value in held.items():
        request = request.replace(f"{{{name}}}", value)
    head, _, body = request.partition("\n\n")
    (line, *lines) = head.splitlines()
    method, path = line.split(" ")
    headers = dict(each.partition(": ")[::2] for each in lines)
    client = site.app.test_client(use_cookies=False)
    answer = client.open(path, method=method, headers=headers, data=body.strip() or None)
    told: dict[str, Any] = answer.get_json(force=True)
    return answer.status_code, told


def differences(shown: Any, told: Any, where: str = "") -> list[str]:
    """Return where an answer is not as it is shown; it may hold more members than are shown."""
    if shown == "…":
        return []
    if isinstance(shown, dict) and isinstance(told, dict):
        missing = [f"{where}.{name}: is missing" for name in shown if name not in told]
        return missing + [
            found for name in shown if name in told for found in differences(shown[name], told[name], f"{where}.{name}")
        ]
    if isinstance(shown, list) and isinstance(told, list):
        if "…" in shown:
            shown = shown[1:]
            told = told[-len(shown) :] if shown else told
        if len(shown) > len(told):
            return [f"{where}: is shorter"]
        return [found for each, other in zip(shown, told, strict=False) for found in differences(each, other, where)]
    return [] if shown == told else [f"{where}: found {told!r}, shown {shown!r}"]


def walk(site: Site, text: str) -> list[str]:
    """Send all requests of a page, keep what an app keeps, and return what differs from what is shown."""
    held: dict[str, str] = {}
    found = []
    for number, (request, status, shown) in enumerate(exchanges(text), 1):
        found_status, told = sent(site, request, held)
        where = f"{number}. {request.splitlines()[0]}"
        found += [] if found_status == status else [f"{where}: answers {found_status}, shown {status}"]
        found += differences(shown, told, where)
        held |= {name: told[name] for name in ("notice", "token", "receipt") if isinstance(told.get(name), str)}
    return found


def test_every_exchange_is_as_it_is_shown(site: Site) -> None:
    """Eight requests, from the first start to the erasure, as an app would send them."""
    text = PAGE.read_text(encoding="utf-8")

    assert len(list(exchanges(text))) == text.count("```http") == 8
    assert walk(site, text) == []
    assert {event.scope for event in site.events() if event.kind in ("given", "withdrawn")} == {"app"}


@pytest.mark.parametrize(
    ("was", "written"),
    [
        ('"choices": {"counter": "granted", "youtube": "refused"}', '"choices": {"counter": "refused"}'),
        ('"receipt": null', '"receipt": "kept"'),
        ("GET /cookies/api/choice/receipt", "GET /cookies/api/receipt"),
        ("\n409\n", "\n200\n"),
        ('"asks": false', '"asks": true'),
    ],
)
def test_page_that_is_wrong_is_found(site: Site, was: str, written: str) -> None:
    """The bad twins: an answer, an address, a status that is not so."""
    text = PAGE.read_text(encoding="utf-8")
    assert was in text

    assert walk(site, text.replace(was, written))
