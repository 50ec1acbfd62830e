"""Who calls: tokens and cookies, what each of them proves, and what nobody else may do."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.api.callers import caller
from flask_cookieconsent.state import get_state
from tests.kit.programs import CALLERS, Program, Script, body_of, problem_of, program, script
from tests.kit.sites import EVERYTHING, GPC, Site, make_site

SISTER = "https://sister.localhost"


def token_of(site: Site, choice: str = "accept") -> str:
    """Return the token of somebody who has just chosen."""
    someone = program(site)
    someone.choose(choice)
    assert someone.token
    return someone.token


@pytest.mark.parametrize("given", ["Bearer {}", "bearer {}", "BEARER   {}  ", " Bearer\t{}"])
def test_token_is_read(given: str) -> None:
    site = make_site()
    with site.app.test_request_context(headers={"Authorization": given.format(token_of(site))}):
        who = caller(get_state())

    assert who.keeps_token and set(who.decision.grants) == EVERYTHING
    assert who.scope == "app"


#: What a program may send in the place of a token of this site.
FORGED = (
    *(
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer 1.20261123.0.films+hLj16.",
        "Bearer é",
        "Bearer a b",
        "Bearer a, Bearer b",
    ),
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    f"Bearer {'a' * 9_000}",
)


@pytest.mark.parametrize("given", FORGED)
def test_forged_token_is_undecided(given: str) -> None:
    """A7: what this site has not signed means that nobody has chosen, never an error, and no cookie counts instead."""
    site = make_site()
    someone = script(site)
    someone.choose("accept")

    answer = someone.ask("GET", "/choice", headers={"Authorization": given})

    assert answer.status_code == 200 and answer.json["asks"]
    assert set(answer.json["choices"].values()) == {"essential", "undecided"}


def test_changed_token_is_undecided() -> None:
    """The bad twin: one letter of a good one is another."""
    site = make_site()
    token = token_of(site, "reject")
    forged = token.replace("films-", "films+hLj16")

    assert Program(site, token).ask("GET", "/choice").json["choices"]["films"] == "refused"
    assert Program(site, forged).ask("GET", "/choice").json["choices"]["films"] == "undecided"


def test_token_of_another_site_is_undecided() -> None:
    other = make_site(SECRET_KEY="the key of another site")

    assert Program(make_site(), token_of(other)).allowed() == set()


def test_old_token_has_run_out() -> None:
    """D2: six months later it is asked again, and one press later the token is a new one."""
    site = make_site()
    someone = Program(site, token_of(site))
    site.clock.forward(days=185)

    answer = someone.ask("GET", "/choice")
    assert answer.json["asks"] and answer.json["choices"]["films"] == "expired"
    assert someone.choose("reject").json["made_on"] == "2027-05-27"


def test_basic_authorization_is_no_token() -> None:
    """A site behind a password for its testers: the browser sends that along, and the cookie counts."""
    someone = script(make_site())
    someone.choose("save", "films")

    answer = someone.ask("GET", "/choice", headers={"Authorization": "Basic dXNlcjpwYXNz"})
    assert answer.json["choices"]["films"] == "granted"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, None),
        ({"Origin": "http://localhost"}, None),
        ({"Referer": "http://localhost/page"}, None),
        ({"Sec-Fetch-Site": "same-site", "Origin": SISTER}, None),
        ({}, "no-evidence"),
        ({"Sec-Fetch-Site": "none"}, "no-evidence"),
        ({"Origin": "null"}, "no-evidence"),
        ({"Sec-Fetch-Site": "cross-site"}, "other-site"),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://x.localhost"}, "other-site"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SISTER}, "other-site"),
        ({"Origin": "https://evil.example"}, "other-site"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_cookie_needs_a_page_of_the_site(method: str, headers: dict[str, str], expected: str | None) -> None:
    """B9: nobody else's page decides, and what proves nothing decides nothing; there is no token of a form here."""
    site = make_site(COOKIECONSENT_TRUSTED_ORIGINS=[SISTER])
    someone = site.visitor()
    more: dict[str, Any] = {"json": body_of(site, "reject")} if method == "POST" else {}
    path = "/cookies/api/choice" + ("" if method == "POST" else "/receipt")

    answer = someone.open(path, method, headers=headers, **more)

    assert (None if answer.status_code == 200 else problem_of(answer)) == expected
    assert answer.status_code == (200 if expected is None else 403)
    # Whoever has not chosen and erases all the same has refused.
    assert len(site.events()) == (expected is None)
    assert expected is None or "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Sec-Fetch-Site": "none"}, None),
        ({"Origin": "null"}, None),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SISTER}, None),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, "other-site"),
        ({"Origin": "https://evil.example"}, "other-site"),
    ],
)
def test_token_needs_no_page(headers: dict[str, str], expected: str | None) -> None:
    """A program has no cookie that others could use; a page of another site decides for nobody all the same."""
    site = make_site(COOKIECONSENT_TRUSTED_ORIGINS=[SISTER])

    answer = program(site).choose("reject", headers=headers)

    assert (None if answer.status_code == 200 else problem_of(answer)) == expected
    assert len(site.events()) == (expected is None)


@pytest.mark.parametrize("receipt", ["x", "A" * 21, "A" * 23, "é" * 22, "A" * 21 + "="])
def test_malformed_receipt_is_none(receipt: str) -> None:
    """F7: what has not the form of a receipt is as if it was not there."""
    site = make_site()
    someone = program(site)
    someone.choose("accept")
    someone.receipt = receipt

    assert someone.choose("withdraw").status_code == 200
    assert [event.previous_receipt for event in site.events() if event.kind == "withdrawn"] == [None]


@pytest.mark.parametrize("make", CALLERS.values(), ids=list(CALLERS))
def test_signal_of_the_browser_denies(make: Any) -> None:
    """G2: Global Privacy Control answers for who has not, and pauses what was granted without it."""
    someone: Program | Script = make(make_site())
    before = someone.ask("GET", "/choice", headers=GPC).json
    someone.choose("accept")
    after = someone.ask("GET", "/choice", headers=GPC).json

    assert (before["asks"], before["signal"]) == (False, "Global Privacy Control")
    assert before["choices"]["films"] == after["choices"]["films"] == "signal"
    assert after["choices"]["language"] == "granted" and "films" not in after["allowed"]
    assert someone.choose("accept", headers=GPC).json["choices"]["films"] == "granted"
