"""The pure functions from a decision and headers to headers."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from werkzeug.datastructures import Headers

from flask_cookieconsent import Cookie
from flask_cookieconsent.consent import NOTHING_CHOSEN, choose
from flask_cookieconsent.decision import Decision, Signals, decide
from flask_cookieconsent.enforcement import (
    MOST_SWEPT,
    forbid_framing,
    is_streamed_page,
    keep_private,
    parent_domains,
    replace_policy,
    sweep,
)
from flask_cookieconsent.registry import build

from .sites import NOON, own, services

TODAY = NOON.date()
SCOPED = Cookie(name="basket", purpose="Keeps a basket.", duration=timedelta(days=1), path="/shop")
REGISTRY = build((*services(), own("basket", "functionality", SCOPED)))


def decision_of(*granted: str) -> Decision:
    return decide(REGISTRY, choose(NOTHING_CHOSEN, REGISTRY, granted, today=TODAY, gpc=False), Signals(), TODAY)


CONTROLS = [
    ([], {"private"}),
    (["no-cache"], {"no-cache", "private"}),
    (["public, max-age=60"], {"max-age=60", "private"}),
    (["public", "s-maxage=60"], {"private"}),
    (["max-age=60, s-maxage=600, stale-while-revalidate=30"], {"max-age=60", "stale-while-revalidate=30", "private"}),
    (['private="Set-Cookie", max-age=9'], {"max-age=9", "private"}),
    (["no-store"], {"no-store"}),
    (["PUBLIC"], {"private"}),
]


@pytest.mark.parametrize(("given", "wanted"), CONTROLS)
def test_private(given: list[str], wanted: set[str]) -> None:
    """A8: what would let a shared cache keep it gives way, what is stricter stays."""
    headers = Headers([("Cache-Control", each) for each in given] + [("CDN-Cache-Control", "max-age=600")])
    keep_private(headers)

    assert set(headers.get("Cache-Control", "").split(", ")) == wanted
    assert "CDN-Cache-Control" not in headers
    assert len(headers.getlist("Cache-Control")) == 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], {"Cookie", "Sec-GPC"}),
        (["Accept-Encoding"], {"Accept-Encoding", "Cookie", "Sec-GPC"}),
        (["cookie", "Origin"], {"cookie", "Origin", "Sec-GPC"}),
        (["*"], {"*"}),
    ],
)
def test_vary(given: list[str], wanted: set[str]) -> None:
    """A8: what the answer depends on is added to what the app has said."""
    headers = Headers([("Vary", each) for each in given])
    keep_private(headers)

    assert set(headers["Vary"].split(", ")) == wanted


@pytest.mark.parametrize(
    ("headers", "streamed"),
    [
        ([("Content-Type", "text/html; charset=utf-8")], True),
        ([("content-type", "text/html"), ("content-length", "5")], False),
        ([("Content-Type", "application/json")], False),
        ([], False),
    ],
)
def test_streamed_pages(headers: list[tuple[str, str]], streamed: bool) -> None:
    """A8: HTML without a length may still ask; files and data may not."""
    assert is_streamed_page(headers) is streamed


def test_own_policy_replaces_the_site_s() -> None:
    """A9: the frame page has one policy, its own."""
    headers = Headers([("Content-Security-Policy", "frame-src 'none'"), ("Content-Security-Policy", "img-src x")])
    headers["Content-Security-Policy-Report-Only"] = "default-src 'none'"
    replace_policy(headers, "default-src 'none'")

    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Content-Security-Policy-Report-Only" not in headers


def test_framing_is_forbidden_beside_the_site_s_policy() -> None:
    """B9: a second policy can only forbid more, so the site's own is left as it is."""
    headers = Headers([("Content-Security-Policy", "frame-ancestors *"), ("X-Frame-Options", "ALLOWALL")])
    forbid_framing(headers)

    assert headers.getlist("Content-Security-Policy") == ["frame-ancestors *", "frame-ancestors 'none'"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("www.shop.example.com", ["www.shop.example.com", "shop.example.com", "example.com"]),
        ("example.com:8443", ["example.com"]),
        ("localhost", []),
        ("localhost:5000", []),
        ("192.168.0.7", []),
        ("192.168.0.7:5000", []),
        ("[::1]", []),
        ("[::1]:5000", []),
        ("", []),
    ],
)
def test_parent_domains(host: str, domains: list[str]) -> None:
    """E4: the host and its parents with two labels or more; numbers and single names have none."""
    assert parent_domains(host) == domains


def swept(decision: Decision, *names: str, host: str = "www.example.com") -> set[tuple[str, str, str]]:
    """Return name, path and domain of each cookie that is expired."""
    found = set()
    for line in sweep(decision, names, host=host, secure=True):
        (morsel,) = SimpleCookie(line).values()
        assert morsel["max-age"] == "0"
        found.add((morsel.key, morsel["path"], morsel["domain"]))
    return found


def test_sweep() -> None:
    """E4: exact names and wildcards of what is not allowed, for the host and every parent."""
    assert swept(decision_of("basket", "language"), "_ec", "_ec_1", "lang", "session", "_EC", "other") == {
        (name, "/", domain) for name in ("_ec", "_ec_1") for domain in ("", "www.example.com", "example.com")
    }


def test_sweep_twin() -> None:
    """What is allowed stays, so it is the refusal that takes the others away."""
    assert swept(decision_of("basket", "counter"), "_ec", "_ec_1") == set()


def test_sweep_of_paths() -> None:
    """E4: a cookie below a path of its own does not come along, and goes all the same."""
    assert swept(decision_of("language"), host="localhost") == {("basket", "/shop", "")}


def test_sweep_spares_what_another_allows() -> None:
    """E4: a name that an allowed service shares is not taken from it."""
    shared = Cookie(name="mark", purpose="Keeps a mark.", duration=timedelta(days=1))
    registry = build([own("a", "functionality", shared), own("b", "functionality", shared)])
    decision = decide(registry, choose(NOTHING_CHOSEN, registry, {"a"}, today=TODAY, gpc=False), Signals(), TODAY)

    assert swept(decision, "mark") == set()


def test_sweep_is_bounded() -> None:
    """E4: proxies refuse answers with too many headers."""
    names = [f"_ec_{number}" for number in range(500)]

    assert len(list(sweep(decision_of(), names, host="a.b.c.example.com", secure=True))) == MOST_SWEPT
