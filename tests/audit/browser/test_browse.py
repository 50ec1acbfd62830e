"""What scripts of a site do in a real Chromium is found, and what a site does right is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from flask_cookieconsent.audit.browser.browse import browse
from flask_cookieconsent.audit.findings import Finding, merged
from flask_cookieconsent.audit.visitors import visitors_of
from flask_cookieconsent.audit.walking.walk import Wishes, walk
from flask_cookieconsent.state import get_state
from tests.browser.harness import find_browser, missing
from tests.kit.browser_processes import BROWSER, Programs
from tests.kit.sites import make_site

from .two_sites import PAGES, make

pytestmark = pytest.mark.browser

WORDS = "<!doctype html><html lang=en><title>Words</title><p>Words"
Found = Mapping[tuple[str, str], Finding]


@pytest.fixture(autouse=True, scope="module")
def chromium() -> None:
    """Every test here needs it."""
    if find_browser() is None:
        missing("chromium")


def browsed(*, wrong: bool) -> Found:
    app = make(wrong=wrong)
    visitors = visitors_of(get_state(app).registry)
    walked = walk(app, visitors if wrong else (visitors[0], visitors[2]), Wishes())
    findings, _ = browse(walked, Wishes())
    return {(finding.rule, finding.subject): finding for finding in merged(findings)}


@pytest.fixture(scope="module")
def found() -> Found:
    """The findings of the wrong site, by rule and subject."""
    return browsed(wrong=True)


#: Rule, subject, and by which line.
FAULTS = (
    ("undeclared-cookie", "unknown", "cookie"),
    ("undeclared-cookie", "unknown_too", "cookie-store"),
    ("cookie-too-long", "theme", "too-long"),
    ("cookie-before-choice", "arrival", "before-choice"),
    ("undeclared-storage", "basket", "local"),
    ("undeclared-storage", "draft", "property"),
    ("undeclared-storage", "shop", "database"),
    ("undeclared-storage", "pages", "cache"),
    ("undeclared-storage", "/worker.js", "worker"),
    ("storage-before-choice", "arrivals", "storage-before-choice"),
    ("forbidden-read", "arrivals", "read"),
    ("undeclared-host", "stats.example.com", "fetch"),
    ("undeclared-host", "beacon.example.com", "beacon"),
    ("undeclared-host", "tags.example.com", "script"),
    ("undeclared-host", "socket.example.com", "socket"),
    ("undeclared-host", "peer.example.com", "peer"),
    ("undeclared-host", "frame.example.com", "frame"),
    ("contact-before-choice", "counter.example.net", "vendor"),
    ("csp-violation", "style-src-attr inline", "policy"),
)


@pytest.mark.parametrize(("rule", "subject", "line"), FAULTS)
def test_fault_is_found_at_its_place(found: Found, rule: str, subject: str, line: str) -> None:
    finding = found[rule, subject]
    page, number = next((page, names.index(line) + 1) for page, names in PAGES.items() if line in names)

    assert {place.path for place in finding.places} == {f"/{page}"}
    assert {place.element for place in finding.places} == {f"/scripts/{page}.js:{number}"}
    # What is not declared is wrong for everybody, what waits for a choice for those who have not allowed it.
    everybody = {"undecided", "refusing", "accepting", "gpc"}
    waits = rule in ("cookie-before-choice", "storage-before-choice", "forbidden-read", "contact-before-choice")
    assert set(finding.visitors) == everybody - ({"accepting"} if waits else set())


def test_what_survives_a_withdrawal_is_found(found: Found) -> None:
    assert "localhost/stores/deep" in found["survives-withdrawal", "later"].says


@pytest.mark.parametrize("subject", ["banner: color", "banner: background-color"])
def test_refusal_in_other_colours_is_found(found: Found, subject: str) -> None:
    finding = found["unfair-look", subject]

    screens = [f"{size}, {scheme}" for size in ("phone", "desktop") for scheme in ("light", "dark")]
    assert [place.element for place in finding.places] == [f"banner ({screen})" for screen in screens]


def test_hint_to_connect_is_found(found: Found) -> None:
    assert found["undeclared-host", "hint.example.com"].places[0].element == '<link rel="preconnect">'


def test_refusal_that_is_hard_to_read_is_found(found: Found) -> None:
    (place, *_) = found["inaccessible-piece", "color-contrast"].places

    assert 'value="reject"' in place.element


def test_nothing_else_is_found(found: Found) -> None:
    others = {("survives-withdrawal", "later"), ("inaccessible-piece", "color-contrast")}
    others |= {("undeclared-host", "hint.example.com")}
    others |= {("unfair-look", f"banner: {what}") for what in ("color", "background-color")}

    assert set(found) == {(rule, subject) for rule, subject, _ in FAULTS} | others


def test_no_value_is_told(found: Found) -> None:
    assert "secret-value" not in repr(found)


def test_twin_that_does_it_right_has_no_findings() -> None:
    """The good twin, also of the sentence before."""
    assert browsed(wrong=False) == {}


def _stop(programs: Programs) -> int:
    """Stop the browser, where one runs."""
    found = programs.called(BROWSER)
    for browser in found:
        browser.suspend()
    return len(found)


def test_page_that_stops_the_browser_is_told_and_others_are_looked_at() -> None:
    """The owner reads which page it is; what a later page does is found all the same."""
    site, programs = make_site(), Programs()
    site.app.add_url_rule("/a-stop", "stop", lambda: WORDS + "!" * _stop(programs))
    site.app.add_url_rule("/b-words", "words", lambda: f"{WORDS}<script>localStorage.after = 1</script>")
    walked = walk(site.app, visitors_of(get_state(site.app).registry)[:1], Wishes())
    mine = [each for each in walked.answers if each.address.path in ("/a-stop", "/b-words")]
    findings, _ = browse(replace(walked, answers=tuple(mine)), Wishes())
    found = {(each.rule, each.subject): each for each in findings}

    assert found["unreadable-page", "/a-stop"].says.startswith("stops answering in a browser: ")
    assert ("undeclared-storage", "after") in found
