"""The instruments themselves: a bad site must be seen, or none of the other tests proves anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trustme
from flask import Flask

from .harness import Stub, Visitor, served

GOOD = "<!doctype html><title>Quiet</title><p>Nothing happens here.</p>"
BAD = {
    "image": '<img src="https://tracker.example/p.gif" alt="">',
    "preconnect": '<link rel="stylesheet" href="https://fonts.example/a.css">',
    "frame": '<iframe src="https://video.example/1"></iframe>',
    "script": '<script>localStorage.setItem("id", 1); localStorage.removeItem("id")</script>',
    "cookie": '<script>document.cookie = "id=1"; document.cookie = "id=; max-age=0"</script>',
}


def _site(body: str) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "home", lambda: body)
    return app


@pytest.mark.parametrize("kind", ["image", "preconnect", "frame"])
@pytest.mark.parametrize("scripts", [True, False])
def test_visitor_sees_strangers(
    visitor: Callable[..., Visitor], authority: trustme.CA, stub: Stub, kind: str, scripts: bool
) -> None:
    with served(_site(GOOD + BAD[kind]), authority) as address:
        someone = visitor(address, java_script_enabled=scripts)
        someone.visit("/")

    assert someone.strangers
    assert {host for host, _ in stub.asked} >= someone.strangers


@pytest.mark.parametrize("kind", ["script", "cookie"])
def test_visitor_sees_what_is_written_and_deleted_at_once(
    visitor: Callable[..., Visitor], authority: trustme.CA, kind: str
) -> None:
    with served(_site(GOOD + BAD[kind]), authority) as address:
        someone = visitor(address)
        someone.visit("/")

        assert someone.stores()["written"]


def test_visitor_finds_nothing_on_a_quiet_site(visitor: Callable[..., Visitor], authority: trustme.CA) -> None:
    with served(_site(GOOD), authority) as address:
        someone = visitor(address)
        someone.visit("/")

        assert someone.strangers == set()
        assert someone.cookies == {}
        assert not any(someone.stores().values())
