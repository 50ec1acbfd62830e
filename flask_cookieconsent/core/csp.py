"""Merge sources into Content-Security-Policy headers, extend Permissions-Policy, and parse violation reports.

Sections are those of Content Security Policy Level 3. A csp is opened for exactly what a visitor allows, no more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

#: What a site that enforces starts from; nothing of ours is inline, and nothing is remote.
STRICT: Mapping[str, tuple[str, ...]] = {
    "default-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'self'",),
}

#: Features that advertisers' scripts use without a cookie; they stay off until tracking is allowed. Only what browsers
#: know stands here: of every other name they warn in the console of every page.
FEATURES = ("browsing-topics",)

# Section 6.8.3, directive fallback list: what counts where a directive is not there, the nearest first.
_FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "style-src": ("style-src-elem", "style-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    "worker-src": ("worker-src", "child-src", "script-src", "default-src"),
    "form-action": ("form-action",),
}

_KEYWORDS = ("'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "'wasm-unsafe-eval'", "'strict-dynamic'")

# RFC 1035, section 2.3.4: a label of a host name has at most 63 characters.
_LABEL = r"[A-Za-z0-9-]{1,63}"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

# Content Security Policy Level 3, section 2.3.1: the host-source without a path, the few schemes, and hashes.
_SOURCE = re.compile(
    rf"(?:(?:https?|wss?)://)?(?:\*\.)?{_HOST.pattern}(?::(?:\d{{1,5}}|\*))?"
    r"|data:|blob:|https:|'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'"
)

# What a service may declare of these: hosts of others are encrypted and have a dot, and a port is a number.
_ORIGIN = re.compile(rf"(?:https|wss)://(?:\*\.)?{_LABEL}\.{_HOST.pattern}(?::\d{{1,5}})?")

# Words stand between ASCII whitespace (section 2.2.1); to `str.split` more characters are spaces.
_WORD = re.compile(r"[^\t\n\f\r ]+")

_DIRECTIVE = re.compile(r"[a-z]+(?:-[a-z]+)*")

#: Violations read from one request; a page with a mistake makes a few, and whoever sends more is not asked.
MOST_IN_ONE_REPORT = 20

# What a report may hold in place of a URL (section 5.2, `blockedURI`).
_WORDS = ("inline", "eval", "data", "blob", "self", "wasm-eval", "trusted-types-policy", "trusted-types-sink")

# The only ones whose URLs have a host (section 5.2): that of an extension would be its id, and tell of the visitor.
_SCHEMES = ("http", "https", "ws", "wss")

# Chromium names the scheme alone, others the whole address.
_EXTENSION = re.compile(r"(?:chrome|moz|safari|safari-web|ms-browser)-extension\b")

#: What was blocked: the directive, and a host or a word such as `inline`.
Violation = tuple[str, str]

#: Sources by directive, hashable so that it can be part of a cache key.
Opened = tuple[tuple[str, tuple[str, ...]], ...]


def is_source(text: str) -> bool:
    """Validate a source expression (section 2.3.1): one host, scheme, keyword or hash, and nothing after it."""
    return text in _KEYWORDS or _SOURCE.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """Tell whether a text is the lower-case origin of another host, with or without a wildcard for its subdomains."""
    return text.islower() and _ORIGIN.fullmatch(text) is not None


def is_directive(text: str) -> bool:
    """Validate the name of a directive (section 2.3), in lower case."""
    return _DIRECTIVE.fullmatch(text) is not None


@lru_cache(maxsize=512)
def merged(value: str, opened: Opened) -> str:
    """Merge sources into the value of a Content-Security-Policy header (memoised), which otherwise stays as it was.

    A header may hold several (section 2.2.2), and every one of them has to allow what is loaded. Where a directive is
    missing its fallback governs (section 6.8.3); without any it forbids nothing, so nothing is added.
    """
    return ", ".join(_merged_one(csp, opened) for csp in value.split(","))


def _merged_one(csp: str, opened: Opened) -> str:
    directives = [words for part in csp.split(";") if (words := _WORD.findall(part))]
    # A directive that is given again counts for nothing (section 2.2.1), and stays as it was.
    by_name: dict[str, list[str]] = {}
    for words in directives:
        by_name.setdefault(words[0].lower(), words)
    for name, sources in opened:
        chain = _FALLBACKS.get(name, (name, "default-src"))
        governing = next((fallback for fallback in chain if fallback in by_name), None)
        if governing is None or not sources:
            continue
        if governing not in (name, f"{name}-elem"):
            # The fallback stays as it is for every other directive.
            by_name[name] = [name, *_inherited(name, by_name[governing][1:])]
            directives.append(by_name[name])
            governing = name
        by_name[governing][1:] = _with_sources(by_name[governing][1:], sources)
    return "; ".join(" ".join(words) for words in directives)


def _with_sources(present: list[str], sources: Iterable[str]) -> list[str]:
    remaining = [source for source in present if source.lower() != "'none'"]
    names = {source.lower() for source in remaining}
    return remaining + [source for source in sources if source.lower() not in names]


def _inherited(directive: str, sources: list[str]) -> list[str]:
    # Nonces, hashes and the like mean something for scripts and styles alone.
    if directive in ("script-src", "style-src"):
        return sources
    return [source for source in sources if not source.startswith("'") or source.lower() == "'self'"]


def strict_policy(extended: Mapping[str, Iterable[str]], report_to: str) -> str:
    """Build the strict Content-Security-Policy: `STRICT`, its owner's sources by directive, and the `report-uri`."""
    directives = {name: list(sources) for name, sources in STRICT.items()}
    for name, sources in extended.items():
        standing = directives.setdefault(name, ["'self'"])
        added = [source for source in sources if source not in standing]
        directives[name] = [source for source in standing if source != "'none'" or not added] + added
    parts = [" ".join([name, *sources]) for name, sources in directives.items()]
    return "; ".join([*parts, f"report-uri {report_to}"])


@lru_cache(maxsize=64)
def without_features(value: str) -> str:
    """Extend the value of a Permissions-Policy header: deny each of `FEATURES` that it says nothing of (memoised)."""
    spoken = {part.partition("=")[0].strip(" \t").lower() for part in value.split(",")}
    denied = [f"{feature}=()" for feature in FEATURES if feature not in spoken]
    return ", ".join([*([value] if value.strip(" \t") else []), *denied])


def violations_in(body: bytes) -> list[Violation]:
    """Parse a CSP violation report: of `report-uri` (section 5.3) or of the Reporting API (section 5.5).

    URLs are cut to their host, because the rest may say who read what. What is no report gives an empty list, and what
    the script of a browser's extension has tried is none of the site's.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return []
    reports = document if isinstance(document, list) else [document]
    violations = [_violation(report) for report in reports[:MOST_IN_ONE_REPORT] if isinstance(report, dict)]
    return [violation for violation in violations if violation is not None]


def _violation(report: dict[str, Any]) -> Violation | None:
    body = report.get("csp-report") or report.get("body")
    if not isinstance(body, dict):
        return None
    directive = body.get("effective-directive") or body.get("effectiveDirective") or body.get("violated-directive")
    blocked = body.get("blocked-uri") or body.get("blockedURL")
    source = body.get("source-file") or body.get("sourceFile")
    if not isinstance(directive, str) or not isinstance(blocked, str):
        return None
    if isinstance(source, str) and _EXTENSION.match(source):
        return None
    directive = directive.partition(" ")[0].lower()
    host = _host_of(blocked)
    return (directive, host) if host and len(directive) <= 40 and is_directive(directive) else None


def _host_of(blocked: str) -> str | None:
    word = blocked.lower()
    if word in _WORDS:
        return word
    try:
        parts = urlsplit(word)
        host = parts.hostname or ""
    except ValueError:
        return None
    return host if parts.scheme in _SCHEMES and len(host) <= 253 and _HOST.fullmatch(host) else None
