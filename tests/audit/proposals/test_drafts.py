"""Drafts of declarations: Python that runs, and says what is still to be looked up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_cookieconsent import Frame
from flask_cookieconsent.audit.proposals.drafts import CookieDraft, Draft, quoted, span, written
from tests.kit.pasting import filled_in, pasted

DAY = timedelta(days=1)
FULL = Draft(
    id="widgets",
    name='The "Widgets"',
    category="third_party",
    is_third_party=True,
    cookies=(CookieDraft("w_*", True, timedelta(days=30)), CookieDraft("w.seen", True), CookieDraft("w", path="/a")),
    hosts={"script-src": ["https://cdn.widgets.example"], "frame-src": ["https://widgets.example"]},
    scripts=("https://cdn.widgets.example/w.js", "https://cdn.widgets.example/more.js"),
    styles=("https://cdn.widgets.example/w.css",),
    frames=("https://widgets.example/of?x=1&y=2",),
)


def test_whole_draft_is_a_service() -> None:
    code = "\n".join(written(FULL)).replace('path="/a", duration="?"', 'path="/a", duration=timedelta(days=1)')
    services, _ = pasted(filled_in(code))
    (service,) = services

    assert (service.id, service.name, service.category) == ("widgets", 'The "Widgets"', "third_party")
    assert [(each.name, each.duration, each.path) for each in service.cookies] == [
        ("w_*", 30 * DAY, "/"),
        ("w.seen", None, "/"),
        ("w", DAY, "/a"),
    ]
    assert service.hosts["frame-src"] == ["https://widgets.example"]
    assert service.tag is not None and service.parse is not None
    assert (service.tag.src, service.tag.styles) == (FULL.scripts[0], list(FULL.styles))
    assert isinstance(service.parse(FULL.frames[0]), Frame) and service.parse(FULL.frames[0] + "3") is None
    assert f"# a second script, which has to be a service or a tag of its own: {FULL.scripts[1]}" in code


def test_own_cookie_needs_nobody_else() -> None:
    lines = written(Draft(id="cart", name="Cart", category="necessary", is_necessary=True, cookies=(CookieDraft("c"),)))

    assert lines[0] == "from flask_cookieconsent import Cookie, Service"
    assert '    justification="?",' in "\n".join(lines)
    assert "Provider" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("lasts", "line"),
    [
        (30 * DAY, "timedelta(days=30)"),
        (30 * DAY - timedelta(seconds=0.6), "timedelta(days=30)"),
        (timedelta(hours=36), "timedelta(hours=36)"),
        (timedelta(minutes=90), "timedelta(minutes=90)"),
        (timedelta(seconds=61), "timedelta(seconds=61)"),
        (timedelta(milliseconds=1), "timedelta(seconds=1)"),
        (5 * DAY + timedelta(seconds=7), "timedelta(seconds=432007)"),
    ],
)
def test_life_is_never_shorter_than_it_was(lasts: timedelta, line: str) -> None:
    """A minute longer at most, which is what a declaration is allowed to differ by."""
    assert span(lasts) == line
    made = eval(line, {"timedelta": timedelta})
    assert timedelta() <= made - lasts < timedelta(minutes=1)


def test_longest_life_is_what_browsers_allow() -> None:
    assert CookieDraft("a", True, 4_000 * DAY).line() == 'Cookie(name="a", purpose="?", duration=timedelta(days=400))'


@pytest.mark.parametrize("text", ["a", 'a"b', "a\\b", "a\nb", "é", "\u2028", "\ud800", "'", '"); import os; ("'])
def test_text_stays_a_text(text: str) -> None:
    """Whatever a page has in its addresses, nothing of it becomes code."""
    assert eval(quoted(text)) == text
    assert quoted(text).isprintable()
