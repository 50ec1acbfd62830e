"""The audit in a browser against a site whose scripts and styles commit planted faults: each is found at its place."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.browser.browse import browse
from flask_cookieconsent.audit.findings import Finding, merged
from flask_cookieconsent.audit.visitors import visitors_of
from flask_cookieconsent.audit.walking.walk import Wishes, walk
from flask_cookieconsent.state import get_state
from tests.browser.harness import find_browser, missing
from tests.kit.planted import planted_app
from tests.kit.planted_faults import LOOKS, SCRIPTED, Planted, at_its_place, not_planted

pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=1)]


def browsed(faults: tuple[Planted, ...], *names: str) -> list[Finding]:
    """Return what a browser finds on a site with some of the faults, as some of the visitors."""
    if find_browser() is None:
        missing("chromium")
    app = planted_app(faults)
    visitors = [each for each in visitors_of(get_state(app).registry) if each.name in names]
    return merged(browse(walk(app, visitors, Wishes()), Wishes())[0])


@pytest.fixture(scope="module")
def of_scripts() -> list[Finding]:
    """What is found of scripts by a visitor who has not chosen and one who accepts."""
    # Whoever has a signal has not chosen either, and is not shown the banner, which would be looked at on four screens.
    return browsed(SCRIPTED, "gpc", "accepting")


@pytest.fixture(scope="module")
def of_looks() -> list[Finding]:
    """What is found of our pieces by a visitor who has not chosen."""
    return browsed(LOOKS, "undecided")


@pytest.mark.parametrize("planted", SCRIPTED, ids=lambda planted: planted.name)
def test_planted_script_is_found_in_a_browser(of_scripts: list[Finding], planted: Planted) -> None:
    """A1, C2, C3: whoever plants a fault reads of it under its rule, with its subject, at its route."""
    assert at_its_place(of_scripts, planted), [each for each in of_scripts if each.rule == planted.rule]


@pytest.mark.parametrize("planted", LOOKS, ids=lambda planted: planted.name)
def test_planted_look_is_found_in_a_browser(of_looks: list[Finding], planted: Planted) -> None:
    """E3: the same of what is wrong with how our pieces look."""
    assert at_its_place(of_looks, planted), [each for each in of_looks if each.rule == planted.rule]


def test_nothing_else_is_found_in_a_browser(of_scripts: list[Finding], of_looks: list[Finding]) -> None:
    """A false alarm teaches people to look away."""
    assert not_planted([*of_scripts, *of_looks], (*SCRIPTED, *LOOKS)) == []
