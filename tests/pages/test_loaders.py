"""What templates are told that follows from a decision: removals, and storage that a script clears."""

from __future__ import annotations

import json
from typing import Any

from flask_cookieconsent import Cookie
from tests.kit.sites import make_site, own, soup_of


def test_page_tells_what_was_removed_and_what_was_not() -> None:
    """E4: names the site has removed, and those of others with their own address."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.choose("withdraw")
    section = soup_of(visitor.get("/cookies/")).select_one("#fcc-removals")
    told_of = {item.strong.text: item.text for item in section.select("li")}

    assert "lang" in told_of["Language"]
    assert "watched (example.net)" in told_of["Example Films"]
    assert section.select_one('a[href="https://media.example.net/privacy"]')


def seen(page: Any) -> list[str]:
    """Return the services of which the page says unasked that something was removed."""
    return [each.strong.text for each in soup_of(page).select("#fcc-removals.fcc-found li.fcc-found")]


def test_nobody_is_told_of_what_they_never_had() -> None:
    """E4: who refuses and had nothing hears of no cookies; who sent some hears of those, and of no others."""
    visitor = make_site().visitor()
    visitor.choose("reject")
    assert seen(visitor.get("/cookies/")) == []

    for cookies, services in (("lang=en", ["Language"]), ("_ec_7=1; lang=en", ["Language", "Example Counter"])):
        header = {"Cookie": f"cookieconsent={visitor.cookie()}; {cookies}"}
        assert seen(make_site().visitor().get("/cookies/", headers=header)) == services
    header = {"Cookie": f"cookieconsent={visitor.cookie()}; watched=1; unknown=2; session=3"}
    assert seen(make_site().visitor().get("/cookies/", headers=header)) == [], "the first is of another host"


def test_page_tells_what_was_removed_twin() -> None:
    """E4: nobody is told so before they have chosen, nor about what is on."""
    visitor = make_site().visitor()
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")
    visitor.choose("accept")
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")


def test_storage_is_left_to_the_script() -> None:
    """E4: the keys of what is off are handed to the script, those of what is on are not."""
    key = Cookie(name='draft*"', purpose="Keeps a draft.", storage="local")
    visitor = make_site(services=[own("drafts", "functionality", key)]).visitor()

    def handed() -> Any:
        return json.loads(soup_of(visitor.get("/about")).select_one("script[data-check]").get("data-forget", "null"))

    assert handed() == {"local": ['draft*"']}
    visitor.choose("accept")
    assert handed() is None
