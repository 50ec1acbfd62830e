"""Consent that a sibling host, or whoever answers for one over HTTP, plants in a browser: it never counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser

from tests.kit.sites import make_site

from .harness import Visitor, served

SPELLINGS = [
    *["\xa0{}", "\x85{}", "\xc2\xa0{}", "\x1c{}", "\x0c{}", "{}\xa0", "{}\x85", "{}\x1f", " {}", "\t{}", "{}", "{} "],
    *["={}", "{}\xa0\x85"],
]
#: Those whose cookie a browser takes over either protocol, and of which one reads another name than it.
FEW = ["{}", "\xa0{}", "\x85{}", "{}\xa0", "={}"]


def sibling(line: str) -> Any:
    """Return an app that answers with one raw `Set-Cookie` line."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "2"), ("Set-Cookie", line)])
        return [b"ok"]

    return answer


def reading_as_python_does(app: Any) -> Any:
    """Return an app to which names are read without every character that is a space to Python."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        parts = (part.partition("=") for part in environ.get("HTTP_COOKIE", "").split(";"))
        header = "; ".join(f"{name.strip()}={value.strip()}" for name, _, value in parts)
        return app(environ | {"HTTP_COOKIE": header}, start_response)

    return answer


def planted_and_seen(
    browser: Browser, authority: trustme.CA, spelling: str, *, through: Callable[[Any], Any], secure: bool
) -> tuple[bool, bool]:
    """Return whether the site asks a visitor in whose browser a sibling planted a grant, and what they sent."""
    site = make_site()
    attacker = site.visitor(https=True)
    attacker.choose("accept")
    text = attacker.cookie("__Host-cookieconsent")
    name = spelling.format("__Host-cookieconsent")
    end = "; Secure" if secure else ""
    line = f"{name}={text}; Domain=ecom.example; Path=/{end}"
    seen: list[str] = []
    app = through(site.app.wsgi_app)

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        seen.append(environ.get("HTTP_COOKIE", ""))
        return app(environ, start_response)

    with (
        served(noting, authority, "www.ecom.example") as shop,
        served(sibling(line), authority if secure else None, "evil.ecom.example") as evil,
    ):
        victim = Visitor(browser, shop)
        victim.page.goto(evil)
        victim.visit("/")
        asks = victim.page.locator(".fcc-banner").count() == 1
        if asks:
            victim.press("Reject all")
            victim.visit("/")
            assert victim.page.locator(".fcc-banner").count() == 0, "whoever has refused is not asked again"
        victim.context.close()
    return asks, any(text is not None and text in header for header in seen)


@pytest.mark.parametrize(("secure", "spellings"), [(True, SPELLINGS), (False, FEW)], ids=["https", "http"])
def test_planted_consent_does_not_count(
    browser: Browser, authority: trustme.CA, secure: bool, spellings: list[str]
) -> None:
    """D1: however the name is spelt, the browser's `__Host-` rule cannot be got around; and a refusal stays one."""
    sent = set()
    for spelling in spellings:
        asks, was_sent = planted_and_seen(browser, authority, spelling, through=lambda app: app, secure=secure)
        assert asks, repr(spelling)
        sent.update([spelling] if was_sent else [])

    assert {"\xa0{}", "\x85{}"} <= sent, "the browser really sends these, so what was seen means something"


def test_planted_consent_does_not_count_twin(browser: Browser, authority: trustme.CA) -> None:
    """D1: to a site that reads names as Python strips them, the same visit is a grant."""
    asks, _ = planted_and_seen(browser, authority, "\xa0{}", through=reading_as_python_does, secure=True)

    assert not asks
