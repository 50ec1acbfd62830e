"""Hosts of addresses that a parameter names: of services that run on many servers."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.catalogue.kit.reader import Reader

EMBED = {
    "kind": "video",
    "shape": "wide",
    "src": "https://{server}/embed/{film}",
    "link": "https://{server}/films/{film}",
    "addresses": [{"hosts": ["{server}"], "path": "/(?:films|embed)/(?P<film>[0-9]{1,9})"}],
}


def src_of(server: str, text: str, embed: dict[str, Any] = EMBED) -> str:
    """Return the address of the frame that a server's films have, or an empty text."""
    frame = Reader("Films", embed, {"server": server}).read(text)
    return getattr(frame, "src", "")


def test_host_is_that_of_the_parameter() -> None:
    assert src_of("films.example", "https://films.example/films/12") == "https://films.example/embed/12"
    assert src_of("other.example", "https://other.example/embed/12") == "https://other.example/embed/12"


@pytest.mark.parametrize(
    "text",
    [
        "https://other.example/films/12",
        "https://films.example.evil.example/films/12",
        "https://evilfilms.example/films/12",
        "https://filmsxexample/films/12",
        "https://{server}/films/12",
    ],
)
def test_other_host_is_nobodys(text: str) -> None:
    """A dot of the parameter stands for a dot, and its hole for nothing but its value."""
    assert src_of("films.example", text) == ""


def test_other_host_twin() -> None:
    """A declaration whose host is any name takes what is not its own."""
    careless = EMBED | {"addresses": [{"hosts": ["*.example"], "path": "/films/(?P<film>[0-9]{1,9})"}]}

    assert src_of("films.example", "https://other.example/films/12", careless) == "https://films.example/embed/12"
