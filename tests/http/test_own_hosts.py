"""The hosts of a site: named by its owner, or the one that a request came to."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from flask_cookieconsent.http.own_hosts import OwnHosts
from flask_cookieconsent.settings import Settings

NAMED = {"SERVER_NAME": "Shop.example.com:8000", "TRUSTED_HOSTS": ["shop.example.com", ".example.org"]}


def test_named_hosts() -> None:
    """Each host that the owner names is the site's; a pattern is none, and neither is a port that is not named."""
    hosts = OwnHosts.of(NAMED, Settings(trusted_origins=("https://News.example.com", "http://b.example:81")))

    assert hosts.named == {"shop.example.com:8000", "shop.example.com", "news.example.com", "b.example:81"}


@pytest.mark.parametrize(
    ("config", "host", "own"),
    [
        ({}, "Anything.example", "anything.example"),
        ({}, "anything.example:81", "anything.example:81"),
        ({"SERVER_NAME": "example.com"}, "example.com", "example.com"),
        ({"SERVER_NAME": "example.com"}, "www.example.com", "www.example.com"),
        ({"SERVER_NAME": "example.com"}, "evil.example", ""),
        ({"SERVER_NAME": "example.com"}, "evilexample.com", ""),
        ({"TRUSTED_HOSTS": [".example.org"]}, "a.example.org", "a.example.org"),
        ({"TRUSTED_HOSTS": ["example.org"]}, "a.example.org", ""),
        ({"TRUSTED_HOSTS": ["example.org"], "SERVER_NAME": "example.com"}, "example.com", ""),
    ],
)
def test_present_host(config: dict[str, Any], host: str, own: str) -> None:
    """Where the owner names hosts, a request tells of no other; a header is whatever its sender wrote."""
    hosts = OwnHosts.of(config, Settings())

    with Flask("a").test_request_context("/", headers={"Host": host}):
        assert hosts.present() == own


def test_outside_a_request() -> None:
    assert OwnHosts.of({}, Settings()).present() == ""
