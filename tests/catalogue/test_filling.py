"""Holes of a declaration: what fills them, what leaves no trace, and which names become one."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent import Provider
from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.catalogue.kit.filling import filled, merged
from flask_cookieconsent.core.services import Answer

GIVEN = {"site": "12", "url": "https://stats.example.org/x", "none": None, "empty": "", "off": False, "zero": 0}
OWNER = Provider(name="Shop SA", country="BE", privacy_policy="https://shop.example/privacy")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{site}", "12"),
        ("a{site}b", "a12b"),
        ("{site|number}", 12),
        ("{url|origin}", "https://stats.example.org"),
        ("{url|folder}", "https://stats.example.org/x/"),
        ("{empty|origin}", ""),
        (["{site}", ["{url|origin}"]], ("12", ("https://stats.example.org",))),
        ({"{site}": True}, {"12": True}),
        (7, 7),
    ],
)
def test_filled(value: Any, expected: Any) -> None:
    assert filled(value, GIVEN) == expected


def test_what_has_no_value_leaves_no_trace() -> None:
    """An entry that is one hole without a value is left out; what the file itself says is kept, and so is a no."""
    data = {"a": "{none}", "b": "{empty}", "c": "", "d": None, "e": "x{empty}", "f": "{off}", "g": "{zero}"}

    assert filled(data, GIVEN) == {"c": "", "d": None, "e": "x", "f": False, "g": 0}


def test_names_that_become_one_are_merged() -> None:
    """A server in two roles is opened for both; the bad twin is a plain dictionary, in which the last one counts."""
    hosts = {"{url|origin}": {"for": ["script-src"]}, "https://stats.example.org": {"for": ["connect-src"]}}

    assert filled(hosts, GIVEN) == {"https://stats.example.org": {"for": ("script-src", "connect-src")}}
    twin = {filled(key, GIVEN): filled(value, GIVEN) for key, value in hosts.items()}
    assert twin == {"https://stats.example.org": {"for": ("connect-src",)}}


def test_merged() -> None:
    assert merged({"a": [1], "b": {"c": 1}, "d": 1}, {"a": [2], "b": {"e": 2}, "d": 2}) == {
        "a": [1, 2],
        "b": {"c": 1, "e": 2},
        "d": 2,
    }


def podium(**more: Any) -> Any:
    """Return the factory of a least declaration with some keys more."""
    return factory("podium", {"name": "Podium", "purpose": "audience_measurement", "categories": ["tracking"], **more})


def test_server_in_one_of_two_parameters() -> None:
    """Who runs it has to be named where any of them is not the vendor's."""
    server = {"is": "server", "example": "https://podium.example", "default": ""}
    rule = {"is": "provider", "unless": ["first second", r"(https://podium\.example(/.*)?)?"], "default": None}
    made = podium(parameters={"first": server, "second": server, "provider": rule})

    assert made().provider is None
    assert made(first="https://podium.example/x").provider is None
    for given in ({"first": "https://a.example"}, {"second": "https://podium.example.evil.example"}):
        with pytest.raises(ValueError, match="^provider: found None, wanted the Provider"):
            made(**given)
        assert made(**given, provider=OWNER).provider == OWNER


def test_consent_types_that_follow_the_same() -> None:
    types = {"ad_storage ad_user_data": {"answer": {"purpose": "advertising"}}, "analytics_storage": "{id}"}

    assert podium(tag={"src": "https://podium.example/x.js", "consent_types": types})().tag.consent_types == {
        **dict.fromkeys(("ad_storage", "ad_user_data"), Answer(purpose="advertising")),
        "analytics_storage": "podium",
    }


def test_widget_without_a_reference() -> None:
    """Nothing may be pasted for it, not even a space."""
    embed = {"kind": "check", "shape": "check", "widget": {"attributes": {}, "tag": {"src": "https://a.example/x.js"}}}
    read = podium(embed=embed)().parse

    assert read("").tag.src == "https://a.example/x.js"
    assert [read(text) for text in (" ", "x", "https://a.example/x.js")] == [None, None, None]
