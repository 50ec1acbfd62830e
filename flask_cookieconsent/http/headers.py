"""Pure functions from response headers to response headers: caches, policies, framing, features of browsers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from werkzeug.http import dump_header, parse_dict_header, parse_set_header

from flask_cookieconsent.core.csp import Opened, merged, without_features

Pairs = list[tuple[str, str]]

#: The headers that say who may keep a copy of a response.
ABOUT_CACHES = ("vary", "cache-control", "cdn-cache-control", "surrogate-control")

#: The headers of a Content-Security-Policy.
POLICIES = ("content-security-policy", "content-security-policy-report-only")

#: Media types of pages: what a site's own views make of templates.
PAGES = ("text/html", "application/xhtml+xml")

# Kinds that no browser runs scripts of, or shows as a document of the site.
_SUBRESOURCES = ("image/", "audio/", "video/", "font/", "application/font")
_DATA = frozenset(
    (
        *("text/css", "text/csv", "text/javascript", "text/event-stream", "text/vtt", "application/javascript"),
        *("application/json", "application/octet-stream", "application/pdf", "application/zip", "application/wasm"),
        *("application/manifest+json", "application/ld+json", "application/problem+json", "application/x-ndjson"),
    )
)


def media_type(value: str) -> str:
    """Return the media type of a `Content-Type` header, in lower case, without its parameters (RFC 9110, 8.3.1)."""
    return value.partition(";")[0].strip(" \t").lower()


def is_document(kind: str) -> bool:
    """Tell whether a browser may show a media type as a document, in which scripts would run.

    Every kind of XML may hold scripts, SVG too; what is unknown, or not said, a browser guesses.
    """
    return "xml" in kind or not (kind in _DATA or kind.startswith(_SUBRESOURCES))


def joined(headers: Pairs) -> dict[str, str]:
    """Return the values of headers by their names in lower case; those of one name are joined (RFC 9110, 5.3)."""
    values: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        values[key] = f"{values[key]}, {value}" if key in values else value
    return values


def without_headers(headers: Pairs, *names: str) -> Pairs:
    """Return headers without those of some names, given in lower case."""
    return [pair for pair in headers if pair[0].lower() not in names]


def keep_private(headers: Pairs, values: Mapping[str, str], *, asked: tuple[str, ...] = ()) -> Pairs:
    """Mark a response that depends on the visitor, so that no shared cache gives it to another (A8).

    What the app said is kept where it is stricter; what would let a shared cache store it gives way. *values* are those
    of the headers by their names, see `joined`; *asked* are headers of requests that it depends on besides.
    """
    vary, control = _private(values.get("vary", ""), values.get("cache-control", ""), asked)
    if any(name in values for name in ABOUT_CACHES):
        headers = without_headers(headers, *ABOUT_CACHES)
    return [*headers, ("Vary", vary), ("Cache-Control", control)]


# An app says one of a few things, on every page.
@lru_cache(maxsize=256)
def _private(vary: str, control: str, asked: tuple[str, ...]) -> tuple[str, str]:
    names = parse_set_header(vary)
    if "*" not in names:
        names.update(["Cookie", "Sec-GPC", *asked])
    values = {name.lower(): value for name, value in parse_dict_header(control).items()}
    if "no-store" not in values:
        # `private="X-Name"` keeps one header private and lets the page be shared.
        values = {name: value for name, value in values.items() if name not in ("public", "private", "s-maxage")}
        values["private"] = None
    return names.to_header(), dump_header(values)


def keep_nowhere(headers: Pairs) -> Pairs:
    """Let no copy of a response be kept, not even for the Back button."""
    return [*without_headers(headers, "cache-control"), ("Cache-Control", "no-store")]


def replace_policy(headers: Pairs, policy: str) -> Pairs:
    """Give a page of ours its own policy in place of the app's.

    The frame page may be framed by this site alone and may frame one vendor, whatever the app says elsewhere.
    """
    others = without_headers(headers, *POLICIES, "x-frame-options")
    return [*others, ("Content-Security-Policy", policy), ("X-Frame-Options", "SAMEORIGIN")]


def open_policies(headers: Pairs, hosts: Opened, needs: Iterable[str]) -> Pairs:
    """Add to every policy of a response the *hosts* of services and what the page's own frames and forms need."""
    opened = hosts + tuple((directive, ("'self'",)) for directive in needs)
    return [(name, merged(value, opened) if name.lower() in POLICIES else value) for name, value in headers]


def forbid_framing(headers: Pairs) -> Pairs:
    """Keep a page out of every frame: a press on a button nobody sees would look like a choice of the visitor."""
    others = without_headers(headers, "x-frame-options")
    # A second policy can only forbid more, so the app's own is left as it is.
    return [*others, ("Content-Security-Policy", "frame-ancestors 'none'"), ("X-Frame-Options", "DENY")]


def deny_features(headers: Pairs) -> Pairs:
    """Deny the features of browsers that serve advertisers, unless the app has said something about them."""
    spoken = joined(headers).get("permissions-policy", "")
    others = without_headers(headers, "permissions-policy") if spoken else headers
    return [*others, ("Permissions-Policy", without_features(spoken))]
