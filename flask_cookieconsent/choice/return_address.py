"""The page that a press leads back to: the present one, or one of this app that was named (open redirects)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Request, current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter

from .form import LONGEST_NEXT

# What browsers read in several ways.
_AMBIGUOUS = re.compile(r"[\\\x00-\x20\x7f]")
# RFC 3986, section 3.3: what a path may hold as it is.
_SAFE_IN_PATH = "/:@!$&'()*+,;=~"


def way_back() -> str:
    """Return the path and query of the present page as the return address of a form; else the preferences.

    The answer to a POST has no address of its own to return to, and an address that is too long is not carried.
    """
    present = _request()
    if present.method in ("GET", "HEAD"):
        address = _address(present.script_root + present.path, present.query_string)
        if len(address) <= LONGEST_NEXT:
            return address
    return url_for("cookieconsent.preferences")


def _request() -> Request:
    # An attribute of the proxy costs twice as much.
    return cast(Request, request._get_current_object())  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def _address(path: str, query: bytes) -> str:
    return quote(path, safe=_SAFE_IN_PATH) + ("?" + quote(query, safe=_SAFE_IN_PATH + "%?") if query else "")


def return_address(wanted: str) -> str:
    """Prevent open redirects: return *wanted* if it is a path of this app that answers GET, else preferences (B9)."""
    return _own_page(wanted) or url_for("cookieconsent.preferences")


def _own_page(wanted: str) -> str | None:
    """Return an address without its fragment, None where no page of this app answers GET there."""
    if not wanted.startswith("/") or wanted.startswith("//") or _AMBIGUOUS.search(wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    present = _request()
    root, path = present.script_root, unquote(parts.path)
    if parts.scheme or parts.netloc or not path.startswith(root + "/"):
        return None
    path = path.removeprefix(root)
    try:
        endpoint, _ = _matcher(current_app, present).match(path, method="GET")
    except HTTPException:
        return None
    return None if endpoint == "cookieconsent.choice_page" else parts._replace(fragment="").geturl()


def _matcher(app: Flask, present: Request) -> MapAdapter:
    """Return what matches paths with the routes of an app: one for all requests, unless its routes go by host."""
    makes_its_own = getattr(app.create_url_adapter, "__func__", None) is not Flask.create_url_adapter
    if makes_its_own or app.subdomain_matching or app.url_map.host_matching:
        return cast(MapAdapter, app.create_url_adapter(present))
    return _matcher_of_all(app.url_map)


@lru_cache(maxsize=16)
def _matcher_of_all(routes: Map) -> MapAdapter:
    return routes.bind("localhost", subdomain=routes.default_subdomain)
