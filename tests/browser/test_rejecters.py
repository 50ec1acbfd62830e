"""Tools that refuse on a visitor's behalf: they find the banner, press Reject, and are believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.sites import Site

from .gallery import BANNER_STYLES, make_gallery
from .harness import Visitor, Visitors, served

AUTOCONSENT = Path(__file__).parent / "node_modules/@duckduckgo/autoconsent/dist/autoconsent.playwright.js"
RULES = Path(__file__).parents[2] / "docs" / "rules"
#: Its finder of banners that it has no rule for; the other way is a rule.
BY_WORDS = {"enableHeuristicDetection": True, "heuristicMode": "reject"}
#: The languages whose words it knows.
KNOWN = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "ca")

needs_autoconsent = pytest.mark.skipif(not AUTOCONSENT.exists(), reason="autoconsent comes with npm: `make browser`")


@pytest.fixture(scope="module", params=BANNER_STYLES)
def gallery(request: pytest.FixtureRequest) -> Iterator[tuple[Site, str]]:
    site = make_gallery(request.param)
    with served(site.app) as address:
        yield site, address


class Rejecter:
    """The extension of a visitor's browser, running in one page."""

    def __init__(self, someone: Visitor, rules: list[Any], **config: Any) -> None:
        self.page = someone.page
        self.heard: list[dict[str, Any]] = []
        self._answer = {
            "type": "initResp",
            "rules": {"autoconsent": rules},
            "config": {"enabled": True, "autoAction": "optOut", "isMainWorld": True, "detectRetries": 3, **config},
        }
        self.page.expose_function("autoconsentSendMessage", self._hear)
        someone.context.add_init_script(path=AUTOCONSENT)

    def _hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)

    def visit(self, address: str) -> set[str]:
        """Open a page, let the extension work until it has nothing more to say, and return what it said."""
        self.page.goto(address)
        self.page.wait_for_function("typeof autoconsentReceiveMessage === 'function'")
        self.page.evaluate("answer => void autoconsentReceiveMessage(answer)", self._answer)
        for _ in range(100):
            kinds = {each["type"] for each in self.heard}
            if "autoconsentDone" in kinds or any(self._state(each) == "nothingDetected" for each in self.heard):
                break
            self.page.wait_for_timeout(50)
        return {each["type"] for each in self.heard}

    @staticmethod
    def _state(message: dict[str, Any]) -> Any:
        return message.get("state", {}).get("lifecycle")


def refuses(someone: Visitor, site: Site, address: str, rules: list[Any], **config: Any) -> None:
    """Check that a visitor with the extension is rid of the banner, with a refusal in the log."""
    before = Counter(each.kind for each in site.events())
    heard = Rejecter(someone, rules, **config).visit(address)

    assert "popupFound" in heard
    someone.page.wait_for_function("!document.querySelector('.fcc-banner')")
    assert Counter(each.kind for each in site.events()) - before == {"refused": 1}


# The words are the same in every style, so one of them speaks all languages.
@needs_autoconsent
@pytest.mark.parametrize(
    ("gallery", "language"),
    [("bar", each) for each in KNOWN] + [(style, each) for style in BANNER_STYLES[1:] for each in ("en", "es")],
    indirect=["gallery"],
)
def test_autoconsent_refuses_by_the_words(visitor: Visitors, gallery: tuple[Site, str], language: str) -> None:
    """No rule for us is needed where it knows the language."""
    site, address = gallery
    refuses(visitor(address), site, f"{address}/?lang={language}", [], **BY_WORDS)


@needs_autoconsent
def test_autoconsent_finds_no_bad_twin(visitor: Visitors) -> None:
    """A banner whose second answer is no refusal is not pressed."""
    banner = """<section class="fcc-banner fcc-style-bar">We use cookies <button name="choice">Accept all</button>
<button name="choice">Not now</button></section>"""
    site = make_gallery(templates={"cookieconsent/banner.html": banner})
    with served(site.app) as address:
        assert "popupFound" not in Rejecter(visitor(address), [], **BY_WORDS).visit(address)


@needs_autoconsent
@pytest.mark.parametrize("language", ["fi", "ar", "ja"])
def test_autoconsent_refuses_by_our_rule(visitor: Visitors, gallery: tuple[Site, str], language: str) -> None:
    """With the rule of the docs it needs no words."""
    site, address = gallery
    rule = json.loads((RULES / "autoconsent.json").read_text("utf-8"))
    refuses(visitor(address), site, f"{address}/?lang={language}", [rule])


def selectors(rule: Any) -> Iterator[str]:
    """Yield every selector of a rule, wherever it stands."""
    if isinstance(rule, dict):
        for name, value in rule.items():
            if name == "selector":
                yield value
            else:
                yield from selectors(value)
    elif isinstance(rule, list):
        for each in rule:
            yield from selectors(each)


def test_rule_for_consent_o_matic_finds_the_refusal(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """Its selectors lead to the banner and to the one button that refuses; the bad twin is a page without a banner."""
    rule = json.loads((RULES / "consent-o-matic.json").read_text("utf-8"))["Flask-CookieConsent"]
    someone = visitor(gallery[1])
    page = someone.visit("/?lang=is")

    assert {page.locator(each).count() for each in selectors(rule["detectors"])} == {1}
    (pressed,) = selectors(rule["methods"])
    page.locator(pressed).click()
    someone.settle()
    assert {page.locator(each).count() for each in selectors(rule)} == {0}
