"""Content-Security-Policy and Permissions-Policy: a policy opened for exactly what a visitor allows, and no more."""

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

#: Features that advertisers' scripts use without a cookie; they stay off until tracking is allowed.
FEATURES = ("browsing-topics", "join-ad-interest-group", "run-ad-auction", "attribution-reporting")

# Content Security Policy Level 3, section 6.8.3: what counts where a directive is not there.
_INSTEAD: Mapping[str, tuple[str, ...]] = {
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


_DIRECTIVE = re.compile(r"[a-z]+(?:-[a-z]+)*")

#: A page with a mistake makes a few reports; whoever sends more is not asked.
MOST_IN_ONE_REPORT = 20


_WORDS = ("inline", "eval", "data", "blob", "self", "wasm-eval", "trusted-types-policy", "trusted-types-sink")

#: What was blocked: the directive, and a host or a word such as `inline`.
Violation = tuple[str, str]

#: Sources by directive, in a form that can be remembered.
Opened = tuple[tuple[str, tuple[str, ...]], ...]


def is_source(text: str) -> bool:
    """Tell whether a text can stand in a policy: an origin, a scheme, a keyword or a hash, and nothing after it."""
    return text in _KEYWORDS or _SOURCE.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """Tell whether a text is the lower-case origin of another host, with or without a wildcard for its subdomains."""
    return text.islower() and _ORIGIN.fullmatch(text) is not None


def is_directive(text: str) -> bool:
    """Tell whether a text can be the name of a directive."""
    return _DIRECTIVE.fullmatch(text) is not None


@lru_cache(maxsize=512)
def merged(value: str, opened: Opened) -> str:
    """Return the value of a policy header with some sources added, and otherwise as it was.

    A header may hold several policies, and every one of them has to allow what is loaded. A directive that is not
    there and has no fallback forbids nothing, so nothing is added to it.
    """
    return ", ".join(_merged_policy(each, opened) for each in value.split(","))


def _merged_policy(policy: str, opened: Opened) -> str:
    directives = [each.split() for each in policy.split(";")]
    directives = [each for each in directives if each]
    names = [each[0].lower() for each in directives]
    for wanted, sources in opened:
        if not sources:
            continue
        chain = _INSTEAD.get(wanted, (wanted, "default-src"))
        governing = next((each for each in chain if each in names), None)
        if governing is None:
            continue
        present = directives[names.index(governing)][1:]
        kept = [each for each in present if each.lower() != "'none'"]
        if governing not in (wanted, wanted + "-elem"):
            # The fallback stays as it is for every other directive.
            directives.append([wanted, *_inherited(wanted, kept)])
            names.append(wanted)
            governing, kept = wanted, directives[-1][1:]
        added = [each for each in sources if each.lower() not in {one.lower() for one in kept}]
        directives[names.index(governing)][1:] = kept + added
    return "; ".join(" ".join(each) for each in directives)


def _inherited(directive: str, sources: list[str]) -> list[str]:
    # Nonces, hashes and the like mean something for scripts and styles alone.
    if directive in ("script-src", "style-src"):
        return sources
    return [each for each in sources if not each.startswith("'") or each.lower() == "'self'"]


def strict(extended: Mapping[str, Iterable[str]], report_to: str) -> str:
    """Return the policy of a site that enforces, with what its owner adds and the address for reports."""
    directives = {name: list(sources) for name, sources in STRICT.items()}
    for name, sources in extended.items():
        found = directives.setdefault(name, ["'self'"])
        added = [each for each in sources if each not in found]
        directives[name] = [each for each in found if each != "'none'" or not added] + added
    parts = [" ".join([name, *sources]) for name, sources in directives.items()]
    return "; ".join([*parts, f"report-uri {report_to}"])


@lru_cache(maxsize=64)
def without_features(value: str) -> str:
    """Return the value of a Permissions-Policy header that denies every feature it does not speak of itself."""
    spoken = {part.partition("=")[0].strip().lower() for part in value.split(",")}
    denied = [f"{each}=()" for each in FEATURES if each not in spoken]
    return ", ".join([*([value] if value.strip() else []), *denied])


def violations_in(body: bytes) -> list[Violation]:
    """Read a report of a browser: of `report-uri` (Content Security Policy Level 2) or of the Reporting API.

    Addresses are cut to their host, because the rest may say who read what. What is no report gives nothing.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return []
    reports = found if isinstance(found, list) else [found]
    violations = [_violation(each) for each in reports[:MOST_IN_ONE_REPORT] if isinstance(each, dict)]
    return [each for each in violations if each is not None]


def _violation(report: dict[str, Any]) -> Violation | None:
    body = report.get("csp-report") or report.get("body")
    if not isinstance(body, dict):
        return None
    directive = body.get("effective-directive") or body.get("effectiveDirective") or body.get("violated-directive")
    blocked = body.get("blocked-uri") or body.get("blockedURL")
    if not isinstance(directive, str) or not isinstance(blocked, str):
        return None
    directive = directive.partition(" ")[0].lower()
    host = _host_of(blocked)
    return (directive, host) if host and len(directive) <= 40 and is_directive(directive) else None


def _host_of(blocked: str) -> str | None:
    word = blocked.lower()
    if word in _WORDS:
        return word
    try:
        host = urlsplit(word).hostname or ""
    except ValueError:
        return None
    return host if len(host) <= 253 and _HOST.fullmatch(host) else None
