"""URLs as browsers read them: where one leads, ways to our pages, and links that show their own address."""

from __future__ import annotations

import pytest

from flask_cookieconsent.embeds.targets import Target, is_bare, leads_below, read_target

FILM = "https://youtu.be/aqz-KE-bpKQ"


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("/own", None),
        ("https://LOCALHOST:443/own", None),
        ("about:blank", None),
        ("//evil.example/x", Target("https://evil.example/x", "evil.example")),
        (" ht\ntps:\\\\evil.example", Target("https://evil.example", "evil.example")),
        ("http://a@evil.example?x", Target("http://a@evil.example?x", "evil.example")),
        ("data:text/html,x", Target()),
        ("https://A.example:443/X", Target("https://a.example/X", "a.example")),
        ("http://a.example.:080?x", Target("http://a.example?x", "a.example")),
        ("http://a.example:443", Target("http://a.example:443", "a.example:443")),
        ("https://ａ%2Eexample/x", Target("https://a.example/x", "a.example")),
    ],
)
def test_targets(value: str, target: Target | None) -> None:
    """A2: an address is read as browsers read it."""
    assert read_target(value, {"localhost"}) == target


@pytest.mark.parametrize(
    ("value", "leads"),
    [
        ("/cookies/choice", True),
        ("choice", False),
        ("cookies/choice?x#y", True),
        ("/news/../cookies//choice", True),
        (" /coo\nkies\\choice", True),
        ("/%63ookies/choice", True),
        ("https://shop.example/en/cookies/", True),
        ("/cookies-and-cream", False),
        ("/search?next=/cookies/choice", False),
        ("", False),
    ],
)
def test_ways_to_our_pages(value: str, leads: bool) -> None:
    """B9: however an address is spelt, it is known whether it may lead to one of ours."""
    assert leads_below(value, "/cookies") is leads


def test_bare_links() -> None:
    assert is_bare("youtu.be/a%20b", "https://youtu.be/a b/")
    assert is_bare("https://youtu.be/aqz…", FILM)
    assert not is_bare("you…", FILM)
    assert not is_bare("our film", FILM)
