"""The sweep: cookies of what is off are expired with any page, and nothing else is."""

from __future__ import annotations

import pytest

from tests.kit.talkative import LEFTOVERS, swept, talkative, told


@pytest.mark.parametrize("path", ["/", "/hello", "/nothing", "/tag/x"])
def test_pages_remove_what_is_off(path: str) -> None:
    """E4, A4: on any page while a service is off, also on pages that ask nothing and on errors."""
    _, response = told(talkative().visitor(), path=path)

    assert swept(response) == {"lang", "_ec", "_ec_9"}


@pytest.mark.parametrize("path", ["/told", "/set?type=application/json", "/cookies/static/fcc.css"])
def test_files_and_data_remove_nothing(path: str) -> None:
    """E4: an image or a stylesheet carries no headers for it."""
    with talkative().visitor().get(path, headers={"Cookie": LEFTOVERS}) as response:
        assert swept(response) == set()


def test_allowed_cookies_stay() -> None:
    """E4: the sweep takes what is off and nothing else."""
    visitor = talkative().visitor()
    visitor.choose("save", "counter")

    assert swept(told(visitor, path="/")[1]) == {"lang"}


def test_withdrawal_removes_with_its_own_answer() -> None:
    """E2, E4: one press, and what was allowed until then is expired in the answer to it."""
    visitor = talkative().visitor(https=True, host="www.example.com")
    visitor.choose("accept")
    sent = (each for each in visitor.client._cookies.values() if "/cookies/choice".startswith(each.path))
    choices = "; ".join(f"{each.key}={each.value}" for each in sent)

    answer = visitor.choose("withdraw", headers={"Cookie": f"{choices}; {LEFTOVERS}"})

    assert {"lang", "_ec", "_ec_9"} <= swept(answer)
    assert "session" not in swept(answer)
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_copies_are_not_cleared_when_nothing_ends() -> None:
    """E3: not for a grant, not for a first refusal, and not without HTTPS, where browsers would not heed it."""
    for https, choices in ((True, ["accept"]), (True, ["reject"]), (False, ["accept", "withdraw"])):
        visitor = talkative().visitor(https=https)
        for choice in choices:
            assert "Clear-Site-Data" not in visitor.choose(choice).headers, choices


def test_sweep_spares_the_names_of_the_setting() -> None:
    """E4: what a sibling site needs stays in the browser, and out of the app's sight."""
    found, response = told(talkative(COOKIECONSENT_SWEEP_EXCEPT=["_ec*"]).visitor())
    page = talkative(COOKIECONSENT_SWEEP_EXCEPT=["_ec*"]).visitor().get("/", headers={"Cookie": LEFTOVERS})

    assert "_ec" not in found
    assert swept(response) == set()
    assert swept(page) == {"lang"}
