"""Ways to arrive at a page of a test site, and what the answer holds."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.http import parse_cache_control_header, parse_set_header
from werkzeug.test import TestResponse

from tests.kit.sites import Visitor, soup_of

#: Every way to arrive at a page: the method, the address and the status.
ENTRIES = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/about", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/boom", 500),
    ("GET", "/handled", 409),
    ("POST", "/posted", 200),
    ("GET", "/away", 302),
    ("GET", "/stream", 200),
    ("GET", "/cookies/", 200),
    ("GET", "/cookies/policy", 200),
    ("GET", "/cookies/choice", 302),
    ("GET", "/cookies/nowhere", 404),
    ("GET", "/cookies/choice?choice=accept&service=films", 302),
]


def arrive(visitor: Visitor, method: str, path: str, **more: Any) -> TestResponse:
    visitor.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    return visitor.open(path, method, **more)


REMOTE = {"films": "https://player.example.net/abc", "posts": "https://frames.example.net/7"}


def loaded(html: str) -> tuple[set[str], set[str]]:
    """Return the services whose tags and the services whose frames stand in a page."""
    soup = soup_of(html)
    tags = {each["data-id"] for each in soup.select("script[data-id]")}
    frames = {name for name, src in REMOTE.items() if soup.select_one(f'iframe[src="{src}"]')}
    assert all(each.get("src", "") in ("", *REMOTE.values()) for each in soup.select("iframe"))
    return tags, frames


def is_kept_private(headers: Headers) -> bool:
    """Tell whether no shared cache will give this response to another visitor."""
    vary = parse_set_header(", ".join(headers.getlist("Vary")))
    control = parse_cache_control_header(", ".join(headers.getlist("Cache-Control")))
    shared = any(name in control for name in ("public", "s-maxage")) or "CDN-Cache-Control" in headers
    private = control.get("private", "absent") is None or "no-store" in control
    return private and {"cookie", "sec-gpc"} <= {each.lower() for each in vary} and not shared
