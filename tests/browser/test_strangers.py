"""What strangers write into a page, and the site's own buttons and events that only look as if they were ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route

from .harness import Visitor, Visitors
from .little_sites import (
    EVERYTHING,
    YOUTUBE,
    LittleSite,
    allowed,
    has_answered,
    make_little_site,
    running,
)

EVIL = "https://evil.example.net"
#: What a stranger's server may answer, and what would show that it was believed.
ANSWER = """{"changed": false, "state": "x", "allowed": ["youtube", "google_analytics"], "saved": "PIECE",
"banner": "PIECE", "link": "PIECE", "tags": ["PIECE"], "embeds": ["PIECE"]}""".replace(
    "PIECE", "<img id=inserted src=x onerror='window.broken = true'>"
)
BUTTON = '<button id="foreign" type="submit" name="choice" value="{}"{}>Read more</button>'
#: Forms in the content of strangers, which a sanitizer lets pass.
FOREIGN = {
    "a banner": f"""<div class="fcc-banner"><form class="fcc-form" action="{EVIL}/g"><input type="hidden"
name="surface" value="banner"><input type="hidden" name="next" value="/page">
{BUTTON.format("accept", "")}</form></div>""",
    "a button of our form": BUTTON.format("accept", f' form="fcc-form" formaction="{EVIL}/cookies/choice"'),
    "our id": f"""<form id="fcc-form" class="fcc-form" action="{EVIL}/g" method="post">
{BUTTON.format("reject", "")}</form>""",
    "a placeholder": f"""<div class="fcc-placeholder" data-service="youtube" data-url="{EVIL}/film" aria-label="A film">
<iframe class="fcc-once"></iframe>{BUTTON.format("allow", f' class="fcc-load" formaction="{EVIL}/load"')}</div>""",
    "names of a form": f"""<form action="{EVIL}/g" method="post"><input name="action" value="/cookies/choice">
<input name="getAttribute"><input name="elements">{BUTTON.format("withdraw", "")}</form>""",
}
#: Says on the console what a page's own scripts hear of a change.
HEAR = """document.addEventListener("cookieconsent:change", ({ detail }) => console.debug("changed"));"""
INSERTED = "() => !!window.broken || !!document.getElementById('inserted')"
#: A script that believes whoever is asked by a form with such a button.
GADGET = """<script>document.addEventListener("submit", async (event) => {
  if (event.submitter.name !== "choice") return;
  event.preventDefault();
  const answer = await fetch(event.target.action, { method: "POST" });
  document.querySelector(".fcc-banner").outerHTML = (await answer.json()).saved;
});</script>"""


def hears(someone: Visitor) -> list[str]:
    """Return a list that fills with the changes that pages of somebody tell their scripts."""
    heard: list[str] = []
    someone.context.add_init_script(HEAR)
    someone.context.on("console", lambda each: heard.append(each.text) if each.text == "changed" else None)
    return heard


def press_foreign(someone: Visitor, content: str, little: LittleSite, *granted: str) -> dict[str, Any]:
    """Press a stranger's button in the content of a page, and return what came of it."""

    def answer(route: Route) -> None:
        # A new document would hide what happened to this one.
        if route.request.is_navigation_request():
            return route.fulfill(status=204)
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        return route.fulfill(content_type="application/json", headers=headers, body=ANSWER)

    someone.context.route(f"{EVIL}/**", answer)
    heard = hears(someone)
    has_answered(someone, little, *granted)
    page = someone.visit("/page")
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", content)
    page.evaluate("document.getElementById('foreign').click()")
    someone.settle()
    return {"heard": heard, "inserted": page.evaluate(INSERTED), "is allowed": allowed(someone, little)}


QUIZ = '<form method="post" action="/quiz"><button name="choice" value="reject">Stonehenge</button></form>'


@pytest.fixture(scope="module")
def open_site() -> Iterator[tuple[LittleSite, str]]:
    """A site that shows what strangers write, and has a quiz."""
    little = make_little_site({"/page": QUIZ + YOUTUBE, "/quiz": "Right"})
    with running(little) as address:
        yield little, address


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_form_of_a_stranger_gets_nothing(visitor: Visitors, open_site: tuple[LittleSite, str], kind: str) -> None:
    """B9: our script neither believes another origin, nor tells anybody of a change that was none."""
    assert press_foreign(visitor(open_site[1]), FOREIGN[kind], open_site[0], "google_analytics") == {
        "heard": [],
        "inserted": False,
        "is allowed": {"google_analytics"},
    }


def test_form_of_a_stranger_gets_nothing_twin(visitor: Visitors) -> None:
    little = make_little_site({"/page": YOUTUBE}, head=GADGET)
    with running(little) as address:
        assert press_foreign(visitor(address), FOREIGN["a banner"], little)["inserted"]


def test_id_of_ours_in_the_content_stops_no_press(visitor: Visitors, open_site: tuple[LittleSite, str]) -> None:
    """E2: whoever writes into a page cannot take the way back from its visitors."""
    little, address = open_site
    someone = visitor(address)
    has_answered(someone, little, "youtube")
    page = someone.visit("/page")
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", FOREIGN["our id"])
    someone.press("Withdraw consent")

    assert allowed(someone, little) == set()
    assert [each for each in someone.requests if "evil" in each] == []


def test_quiz_of_the_site_is_its_own(visitor: Visitors, open_site: tuple[LittleSite, str]) -> None:
    """A button of that name and value is no answer to us, and the tag runs on."""
    little, address = open_site
    someone = visitor(address)
    heard, errors = hears(someone), list[str]()
    someone.page.on("pageerror", lambda error: errors.append(str(error)))
    has_answered(someone, little, *EVERYTHING)
    someone.visit("/page")
    little.sent.clear()
    someone.press("Stonehenge")

    assert little.sent == [("/quiz", [("choice", "reject")])]
    assert (heard, errors) == ([], [])
    assert allowed(someone, little) == set(EVERYTHING)


def test_quiz_of_the_site_is_its_own_twin(visitor: Visitors, open_site: tuple[LittleSite, str]) -> None:
    """A change is heard where there is one."""
    little, address = open_site
    someone = visitor(address)
    heard = hears(someone)
    has_answered(someone, little, *EVERYTHING)
    someone.visit("/page")
    someone.press("Withdraw consent")

    assert heard == ["changed"]


#: Events that a site's own scripts send, with something that is no element as their target.
SYNTHETIC = """() => {
  for (const target of [window, document, document.body.appendChild(document.createTextNode("x"))]) {
    for (const name of ["click", "input", "submit", "change"]) target.dispatchEvent(new Event(name, { bubbles: true }));
  }
}"""


def errors_of_events(someone: Visitor, path: str) -> list[str]:
    """Send events of every kind that our script listens to, and return the errors that follow."""
    errors: list[str] = []
    someone.page.on("pageerror", lambda error: errors.append(str(error)))
    someone.visit(path).evaluate(SYNTHETIC)
    someone.settle()
    return errors


@pytest.mark.parametrize("path", ["/page", "/cookies/"])
def test_events_of_the_site_make_no_errors(visitor: Visitors, open_site: tuple[LittleSite, str], path: str) -> None:
    assert errors_of_events(visitor(open_site[1]), path) == []


def test_events_of_the_site_make_no_errors_twin(visitor: Visitors) -> None:
    """A listener that takes every target for an element fails."""
    careless = "<script>addEventListener('click', ({ target }) => target.closest('button'), true);</script>"
    little = make_little_site({"/page": YOUTUBE}, head=careless)
    with running(little) as address:
        assert errors_of_events(visitor(address), "/page") != []
