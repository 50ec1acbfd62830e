"""What scripts store and read is judged by the declaration; here by hand, in test_browse by a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_cookieconsent import Cookie
from flask_cookieconsent.audit.browser.seen import Act, Look, Stored
from flask_cookieconsent.audit.browser.storage import storage_findings
from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.audit.walking.answers import Answer, Walk
from flask_cookieconsent.audit.walking.routes import Address
from flask_cookieconsent.state import get_state
from tests.kit.sites import COMPANY, make_site, own

DAY = timedelta(days=1)
HOME = Address("https://localhost", "/", "/", "home")
UNDECIDED, ACCEPTING = Visitor("undecided", None), Visitor("accepting", frozenset({"ads"}))


@pytest.fixture(scope="module")
def walked() -> Walk:
    """A walk of a site that declares a cookie, keys, and a cookie of another host."""
    cookies = [
        Cookie(name="ad", purpose="Counts.", duration=DAY),
        Cookie(name="far", purpose="x", domain="ads.example"),
    ]
    cookies += [Cookie(name=f"{area}-*", purpose="Counts.", storage=area) for area in ("local", "session")]
    ads = own("ads", "tracking", *cookies, provider=COMPANY)
    basics = own("basics", "necessary", Cookie(name="cart", purpose="Keeps.", storage="local"), justification="Needed.")
    app = make_site(services=(ads, basics), COOKIECONSENT_SWEEP_EXCEPT=("spared*",)).app
    return Walk(app, get_state(app), frozenset({"localhost"}), (UNDECIDED, ACCEPTING), (), ())


def rules(
    walked: Walk, *acts: Act, visitor: Visitor = UNDECIDED, stored: tuple[Stored, ...] = (), withdrawn: bool = False
) -> list[tuple[str, str]]:
    look = Look(Answer(visitor, HOME, "GET"), acts, stored=stored, is_withdrawn=withdrawn)
    return [(finding.rule, finding.subject) for finding in storage_findings(walked, look)]


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (Act("cookie", "write", "ad", "a.js:1"), "cookie-before-choice"),
        (Act("cookie", "write", "other", "a.js:1"), "undeclared-cookie"),
        (Act("cookie", "write", "", "a.js:1"), "undeclared-cookie"),
        (Act("local", "write", "local-1", "a.js:1"), "storage-before-choice"),
        (Act("local", "write", "session-1", "a.js:1"), "undeclared-storage"),
        (Act("session", "write", "session-1", "a.js:1"), "storage-before-choice"),
        (Act("database", "write", "local-db", "a.js:1"), "storage-before-choice"),
        (Act("database", "write", "db", "a.js:1"), "undeclared-storage"),
        (Act("cookie", "read", "ad", "a.js:1"), "forbidden-read"),
        (Act("local", "read", "local-1", "a.js:1"), "forbidden-read"),
    ],
)
def test_act_that_is_wrong(walked: Walk, act: Act, rule: str) -> None:
    assert rules(walked, act) == [(rule, act.name)]


@pytest.mark.parametrize(
    "act",
    [
        Act("cookie", "write", "ad", "a.js:1", lasts=0),
        Act("cookie", "write", "other", "a.js:1", lasts=-1),
        Act("local", "write", "cart", "a.js:1"),
        Act("cache", "write", "cart", "a.js:1"),
        Act("local", "read", "cart", "a.js:1"),
        Act("local", "read", "never-declared", "a.js:1"),
    ],
)
def test_act_that_is_right(walked: Walk, act: Act) -> None:
    """The good twins: a deletion, what is declared as necessary, and a look at what is not there."""
    assert rules(walked, act) == []


def test_who_allowed_it_finds_it_right_unless_it_lasts_too_long(walked: Walk) -> None:
    for_a_day = Act("cookie", "write", "ad", "a.js:1", lasts=86_400)
    for_two = Act("cookie", "write", "ad", "a.js:1", lasts=2 * 86_400)

    assert rules(walked, for_a_day, visitor=ACCEPTING) == []
    assert rules(walked, for_two, visitor=ACCEPTING) == [("cookie-too-long", "ad")]


def test_what_nobody_was_seen_to_store_is_found_in_the_end(walked: Walk) -> None:
    """A worker, or a frame, stores without our hearing of it."""
    stored = (Stored("database", "db"), Stored("cookie", "other", "localhost", "/"))

    assert rules(walked, stored=stored) == [("undeclared-storage", "db"), ("undeclared-cookie", "other")]


def test_cookie_of_another_host_is_declared_with_its_domain(walked: Walk) -> None:
    declared, not_declared = (Stored("cookie", name, ".ads.example", "/") for name in ("far", "ad"))

    assert rules(walked, stored=(declared, not_declared)) == [("undeclared-cookie", "ad")]


@pytest.mark.parametrize("stored", [Stored("cookie", "ad", "localhost", "/deep"), Stored("local", "local-1")])
def test_what_is_left_after_a_withdrawal(walked: Walk, stored: Stored) -> None:
    assert rules(walked, stored=(stored,), visitor=ACCEPTING, withdrawn=True) == [("survives-withdrawal", stored.name)]


@pytest.mark.parametrize(
    "stored",
    [
        Stored("local", "cart"),
        Stored("cookie", "other", "localhost", "/"),
        Stored("cookie", "far", ".ads.example", "/"),
    ],
)
def test_what_may_be_left_after_a_withdrawal(walked: Walk, stored: Stored) -> None:
    """The good twins: what is necessary, what is found by another rule, and what only its own host can remove."""
    assert rules(walked, stored=(stored,), visitor=ACCEPTING, withdrawn=True) == []
