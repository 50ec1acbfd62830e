"""What the banner says: little, and all that the law wants beside the question."""

from __future__ import annotations

import pytest
from bs4 import Tag

from flask_cookieconsent import Service
from flask_cookieconsent.core.defaults import CATEGORIES
from tests.kit.sites import COMPANY, make_site, own, services, soup_of

#: The most words of a banner about the default categories, with its buttons and links.
MOST_WORDS = 90


def banner_of(*declared: Service, templates: dict[str, str] | None = None) -> Tag:
    site = make_site(services=declared or services(), templates=templates)
    banner = soup_of(site.visitor().get("/about")).select_one(".fcc-banner")
    assert banner is not None
    return banner


def lacks(banner: Tag) -> list[str]:
    """Return what a banner leaves out of what has to stand beside the question."""
    text = " ".join(banner.text.split())
    before = text.partition("Accept all")[0]
    wanted = {
        "that some are needed": "Some make this site work.",
        "that the others need a yes": "need your consent",
        "what a refusal costs": "If you refuse, the whole site stays open.",
        "that one may change one's mind, and where": "Change your mind any time under “Cookie settings”",
    }
    wanted |= {each.id: f"{each.title} {each.summary}" for each in CATEGORIES if not each.necessary}
    return [what for what, words in wanted.items() if words not in before]


def test_banner_says_what_it_has_to() -> None:
    """C1, C6: what is needed, what is not and for what, what refusing costs, how to take it back, above the answers."""
    assert lacks(banner_of()) == []


def test_banner_that_says_less_is_the_bad_twin() -> None:
    short = '<section class="fcc-banner">We use cookies. Some make this site work. Accept all</section>'

    assert "what a refusal costs" in lacks(banner_of(templates={"cookieconsent/banner.html": short}))
    assert "tracking" in lacks(banner_of(templates={"cookieconsent/banner.html": short}))


def test_banner_is_short() -> None:
    """C1: what is too long is not read."""
    assert len(banner_of().text.split()) <= MOST_WORDS


def test_long_banner_is_the_bad_twin() -> None:
    long = '<section class="fcc-banner">' + "We use cookies for many reasons. " * 16 + "</section>"

    assert len(banner_of(templates={"cookieconsent/banner.html": long}).text.split()) > MOST_WORDS


@pytest.mark.parametrize(
    ("purpose", "told"), [("embedded_map", ["Shows maps inside our pages."]), ("embedded_video", [])]
)
def test_purposes_beyond_the_summary_are_told(purpose: str, told: list[str]) -> None:
    """C1: what a service is for stands beside the question, unless its category has said so; never twice."""
    embedded = [
        Service(id=id, name=id, category="third_party", purpose=purpose, provider=COMPANY)  # type: ignore[arg-type]
        for id in ("one", "two")
    ]
    summary = " ".join(banner_of(*embedded).select_one("dd").text.split())

    assert summary == " ".join([CATEGORIES[-1].summary, *told])


def test_answers_come_first_and_lead_nowhere_else() -> None:
    """B1: the two answers are the first to be reached; the settings and the policy follow, beside each other."""
    banner = banner_of()

    assert [each.get("value") or each.text for each in banner.select("a, button")] == [
        *("accept", "reject", "Choose cookies", "Cookie policy")
    ]
    assert len({id(each.parent) for each in banner.select("a")}) == 1


def test_signal_is_told_in_one_line() -> None:
    """G3: a status, by the name of the signal to those who cannot see it, and a way to choose all the same."""
    strip = soup_of(make_site().visitor(Sec_GPC="1").get("/about")).select_one("aside.fcc-signal")

    assert " ".join(strip.text.split()) == "Tracking is off, as your browser asks. Change"
    assert strip["aria-label"] == "Global Privacy Control"
    assert strip.a["href"] == "/cookies/"


def test_nobody_without_a_signal_gets_that_line() -> None:
    site = make_site(services=[own("language", "functionality")])

    assert not soup_of(site.visitor(Sec_GPC="0").get("/about")).select(".fcc-signal")
