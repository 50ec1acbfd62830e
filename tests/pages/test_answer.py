"""The answer that the script gets: the decision, the pieces of a page that say it, and what a press has done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from flask_cookieconsent.catalogue import google_analytics
from tests.kit.sites import EVERYTHING, Site, Visitor, make_site, services, soup_of

JSON = {"Accept": "application/json"}
WITHDRAWN = "Your consent is withdrawn: everything optional is off."
REFUSED = "Your cookie choice is saved: everything optional is off."
ACCEPTED = "Your cookie choice is saved: everything is allowed."
MIXED = "Your cookie choice is saved: what you did not allow is off."


def test_answer_to_a_press_is_the_state_of_the_next_request() -> None:
    """E3: what a press is answered, any other tab is told when it asks."""
    visitor = make_site().visitor()
    before = visitor.get("/cookies/state").json
    pressed = visitor.press(visitor.get("/"), "Accept all", headers=JSON).json
    after = visitor.get("/cookies/state").json

    assert before is not None and pressed is not None
    assert after == pressed
    assert before["state"] != after["state"]
    assert set(after["allowed"]) - set(before["allowed"]) >= {"films", "third_party"}


def test_answer_holds_the_pieces_of_the_next_page() -> None:
    """The page that is changed in place shows what the same page would show if it were read again."""
    declared = [*services(), google_analytics("G-ABC1234567")]
    visitor = make_site(services=declared).visitor()
    answer = visitor.press(visitor.get("/"), "Accept all", headers=JSON).json
    page = soup_of(visitor.get("/"))

    assert answer is not None
    assert str(soup_of(answer["link"]).select_one(".fcc-link")) == str(page.select_one(".fcc-link"))
    assert soup_of(answer["banner"]).select_one(".fcc-saved") and not soup_of(answer["banner"]).select(".fcc-banner")
    assert [str(soup_of(tag).script) for tag in answer["tags"]] == list(map(str, page.select("script[data-service]")))


def test_own_template_is_made_for_each_press() -> None:
    """A8: pieces of ours are remembered for whoever chose the same; a template of the site's may show a request."""
    own = {f"cookieconsent/{name}.html": "{{ request.args.x }}{{ next }}" for name in ("banner", "link", "tag")}
    declared = [*services(), google_analytics("G-ABC1234567")]
    visitor = make_site(services=declared, templates=own).visitor()

    for x in ("one", "two"):
        answer = visitor.post({"choice": "reject", "locale": "en"}, f"/cookies/choice?x={x}", headers=JSON).json
        assert answer is not None and (answer["banner"], answer["link"]) == (x, x)
    visitor.choose("accept")
    for x in ("one", "two"):
        answer = visitor.get(f"/cookies/state?x={x}").json
        assert answer is not None and set(answer["tags"]) == {x}


def test_piece_of_ours_is_the_same_for_whoever_chose_the_same() -> None:
    """A8: and another after another press, also from the same visitor."""
    site = make_site()
    one, other = site.visitor(), site.visitor()
    pieces = [
        visitor.choose(choice, headers=JSON).json["banner"]  # type: ignore[index]
        for visitor, choice in ((one, "reject"), (other, "reject"), (one, "accept"), (one, "reject"), (one, "reject"))
    ]

    assert [pieces.index(each) for each in pieces] == [0, 0, 2, 3, 0]


def test_banner_stays_while_something_is_undecided() -> None:
    """A8: one allowed video answers nothing else, so the banner of the answer still asks."""
    visitor = make_site().visitor()
    answer = visitor.press(visitor.get("/"), "Always allow Example Films", headers=JSON).json

    assert answer is not None and soup_of(answer["banner"]).select(".fcc-banner button[value=reject]")


def told(visitor: Visitor, choice: str, *services: str, cookies: str = "") -> tuple[str, list[str]]:
    """Press a button as the script does; return the words of the confirmation and where its links lead."""
    headers = Headers(JSON)
    if cookies:
        headers["Cookie"] = cookies
    banner = soup_of(visitor.choose(choice, *services, headers=headers).json["banner"])
    return banner.select_one("#fcc-saved-words").text, [link["href"] for link in banner.select("a")]


@pytest.mark.parametrize(
    ("before", "press", "words"),
    [
        ([], ["accept"], ACCEPTED),
        ([], ["reject"], REFUSED),
        ([], ["save", "films"], MIXED),
        ([], ["save", *EVERYTHING], ACCEPTED),
        ([["accept"]], ["withdraw"], WITHDRAWN),
        ([["accept"]], ["reject"], WITHDRAWN),
        ([["save", "films"]], ["save"], WITHDRAWN),
        ([["accept"]], ["save", "films"], MIXED),
        ([["reject"]], ["allow", "films"], MIXED),
        # Nothing is left that could be withdrawn once more.
        ([["accept"], ["withdraw"]], ["withdraw"], REFUSED),
        ([["reject"]], ["reject"], REFUSED),
    ],
)
def test_each_answer_has_its_own_words(before: list[list[str]], press: list[str], words: str) -> None:
    """H7: acceptance, refusal, a mix and a withdrawal are told apart, whichever button they came from."""
    visitor = make_site().visitor()
    for each in before:
        visitor.choose(*each)

    assert told(visitor, *press)[0] == words


@pytest.mark.parametrize(("choice", "words"), [("accept", ACCEPTED), ("reject", REFUSED), ("withdraw", REFUSED)])
def test_page_of_a_plain_form_says_what_the_decision_says(choice: str, words: str) -> None:
    """H7: without scripts the page knows what holds, and not how it came to that; it claims no more."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.choose(choice)

    assert soup_of(visitor.get("/about")).select_one("#fcc-saved-words").text == words


def offers_removal(links: list[str]) -> bool:
    return "/cookies/#fcc-removals" in links


def test_refusal_of_a_newcomer_tells_of_no_removal() -> None:
    """E4: whoever never had anything is not told that it was removed; the settings are offered instead."""
    assert told(make_site().visitor(), "reject")[1] == ["/cookies/", "#fcc-hidden"]


@pytest.mark.parametrize(
    "press",
    [
        lambda visitor: told(visitor, "withdraw"),
        lambda visitor: told(visitor, "save", "films"),
    ],
)
def test_removal_is_told_to_whoever_had_a_grant(press: Callable[[Visitor], Any]) -> None:
    """E4: the bad twin of the newcomer: something was allowed before, all of it or some of it ends."""
    visitor = make_site().visitor()
    visitor.choose("accept")

    assert offers_removal(press(visitor)[1])


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [("_ec=1", True), ("_ec_x=1", True), ("lang=nl", True), ("session=1", False), ("unknown=1", False)],
)
def test_removal_is_told_to_whoever_brings_such_a_cookie(cookies: str, expected: bool) -> None:
    """E4: a cookie of what is off, left from before, is removed with this answer."""
    assert offers_removal(told(make_site().visitor(), "reject", cookies=cookies)[1]) is expected


def test_grant_without_cookies_removes_nothing() -> None:
    """E4: a service that stores nothing has nothing that could be removed."""
    visitor = make_site().visitor()
    visitor.choose("save", "posts")

    assert not offers_removal(told(visitor, "withdraw")[1])


def test_other_tabs_hear_what_holds() -> None:
    """A tab that only asks was not pressed: it is told what holds."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.choose("withdraw")

    banner = soup_of(visitor.get("/cookies/state").json["banner"])

    assert banner.select_one("#fcc-saved-words").text == REFUSED
    assert not banner.select('[href$="#fcc-removals"]')


def confirmation_of(site: Site) -> Any:
    visitor = site.visitor()
    return soup_of(visitor.choose("reject", headers=JSON).json["banner"]).select_one(".fcc-saved")


def is_said_once(saved: Any) -> bool:
    """Tell whether what takes the focus has a name, and is not announced a second time as a live region."""
    name = saved.select_one("#" + (saved.get("aria-labelledby") or "nothing"))
    return bool(saved.get("tabindex") == "-1" and name and name.text) and not (
        saved.get("role") in ("status", "alert", "log") or saved.get("aria-live")
    )


def test_confirmation_is_announced_once() -> None:
    """H7: it takes the focus and says its name; a status that has the focus is read twice."""
    assert is_said_once(confirmation_of(make_site()))


def test_confirmation_that_is_announced_twice_is_the_bad_twin() -> None:
    twice = '<div class="fcc-saved" id="fcc-saved" role="status" tabindex="-1" aria-labelledby="a"><p id="a">Saved.</p>'

    assert not is_said_once(confirmation_of(make_site(templates={"cookieconsent/saved.html": twice})))
