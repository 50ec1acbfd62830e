"""The functions from headers to headers."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from flask_cookieconsent.http.headers import forbid_framing, joined, keep_private, replace_policy

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
    pairs = [("cache-control", each) for each in given] + [("CDN-Cache-Control", "max-age=600"), ("X-Other", "1")]
    headers = Headers(keep_private(pairs, joined(pairs)))

    assert set(headers.get("Cache-Control", "").split(", ")) == wanted
    assert "CDN-Cache-Control" not in headers
    assert len(headers.getlist("Cache-Control")) == 1
    assert headers["X-Other"] == "1"


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
    pairs = [("Vary", each) for each in given]
    headers = Headers(keep_private(pairs, joined(pairs)))

    assert set(headers["Vary"].split(", ")) == wanted


def test_own_policy_replaces_the_site_s() -> None:
    """A9: the frame page has one policy, its own."""
    theirs = [("Content-Security-Policy", each) for each in ("frame-src 'none'", "img-src x")]
    theirs += [("Content-Security-Policy-Report-Only", "default-src 'none'"), ("x-frame-options", "DENY")]
    headers = Headers(replace_policy(theirs, "default-src 'none'"))

    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
    assert headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    assert "Content-Security-Policy-Report-Only" not in headers


def test_framing_is_forbidden_beside_the_site_s_policy() -> None:
    """B9: a second policy can only forbid more, so the site's own is left as it is."""
    theirs = [("Content-Security-Policy", "frame-ancestors *"), ("X-Frame-Options", "ALLOWALL")]
    headers = Headers(forbid_framing(theirs))

    assert headers.getlist("Content-Security-Policy") == ["frame-ancestors *", "frame-ancestors 'none'"]
    assert headers["X-Frame-Options"] == "DENY"
