"""The answer that the script gets: the present decision, and the pieces of a page that say it."""

from __future__ import annotations

from flask_cookieconsent.catalogue import google_analytics
from tests.kit.sites import make_site, services, soup_of

ASKS_FOR_JSON = {"Accept": "application/json"}


def test_answer_to_a_press_is_the_state_of_the_next_request() -> None:
    """E3: what a press is answered, any other tab is told when it asks."""
    visitor = make_site().visitor()
    before = visitor.get("/cookies/state").json
    pressed = visitor.press(visitor.get("/"), "Accept all", headers=ASKS_FOR_JSON).json
    after = visitor.get("/cookies/state").json

    assert before is not None and pressed is not None
    assert after == pressed
    assert before["state"] != after["state"]
    assert set(after["allowed"]) - set(before["allowed"]) >= {"films", "third_party"}


def test_answer_holds_the_pieces_of_the_next_page() -> None:
    """The page that is changed in place shows what the same page would show if it were read again."""
    declared = [*services(), google_analytics("G-ABC1234567")]
    visitor = make_site(services=declared).visitor()
    answer = visitor.press(visitor.get("/"), "Accept all", headers=ASKS_FOR_JSON).json
    page = soup_of(visitor.get("/"))

    assert answer is not None
    assert str(soup_of(answer["link"]).select_one(".fcc-link")) == str(page.select_one(".fcc-link"))
    assert soup_of(answer["banner"]).select_one(".fcc-saved") and not soup_of(answer["banner"]).select(".fcc-banner")
    assert [str(soup_of(tag).script) for tag in answer["tags"]] == list(map(str, page.select("script[data-service]")))


def test_banner_stays_while_something_is_undecided() -> None:
    """A8: one allowed video answers nothing else, so the banner of the answer still asks."""
    visitor = make_site().visitor()
    answer = visitor.press(visitor.get("/"), "Always allow Example Films", headers=ASKS_FOR_JSON).json

    assert answer is not None and soup_of(answer["banner"]).select(".fcc-banner button[value=reject]")
