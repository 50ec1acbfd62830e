"""Checks of the values of settings: patterns, lists, days and durations; none of them raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from .csp import is_directive, is_source


def matches(pattern: str) -> Callable[[Any], bool]:
    """Return a check for text that a pattern matches as a whole."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_key(value: Any) -> bool:
    """Tell whether a value can be a secret key: text or bytes, at least 16."""
    return isinstance(value, str | bytes) and len(value) >= 16


def list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a check for lists of values that each pass a check."""
    return lambda value: isinstance(value, list | tuple) and all(map(check, value))


def is_origin(value: Any) -> bool:
    """Tell whether a value is an origin such as `https://example.com` (RFC 6454)."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and value == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:
        return False


def optional(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a check for None, or what passes a check."""
    return lambda value: value is None or check(value)


def is_line(value: Any) -> bool:
    """Tell whether a value is one line of at most 300 characters."""
    return isinstance(value, str) and "\n" not in value and len(value) <= 300


def is_day(value: Any) -> bool:
    """Tell whether a value is a day, as text (ISO 8601) or not, or None."""
    try:
        return day(value) is None or isinstance(day(value), date)
    except (TypeError, ValueError):
        return False


def day(value: str | date | None) -> date | None:
    """Return a day for its text."""
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def is_retention(value: Any) -> bool:
    """Tell whether a value is a time to keep something: a timedelta, or a number of days."""
    if isinstance(value, int) and not isinstance(value, bool):
        return 184 <= value <= 36_500
    return isinstance(value, timedelta) and timedelta(days=184) <= value <= timedelta(days=36_500)


def days_between(least: int, most: int) -> Callable[[Any], bool]:
    """Return a check for a number of days between two others: a timedelta of whole days, or a number."""

    def check(value: Any) -> bool:
        if isinstance(value, timedelta):
            return not value % timedelta(days=1) and least <= value.days <= most
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return check


def duration(value: int | timedelta) -> timedelta:
    """Return a timedelta for itself, or for a number of days."""
    return value if isinstance(value, timedelta) else timedelta(days=value)


def is_flag(value: Any) -> bool:
    """Tell whether a value is True or False."""
    return isinstance(value, bool)


def is_one_of(*words: str) -> Callable[[Any], bool]:
    """Return a check for some words."""
    return lambda value: value in words


def are_sources(value: Any) -> bool:
    """Tell whether a value maps directives to lists of sources, or is None (CSP Level 3)."""
    return value is None or (isinstance(value, Mapping) and all(map(_is_source_list, value.items())))


def _is_source_list(item: tuple[Any, Any]) -> bool:
    name, sources = item
    return (
        isinstance(name, str)
        and is_directive(name)
        and list_of(lambda source: isinstance(source, str) and is_source(source))(sources)
    )


is_domain = matches(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
is_short = matches(r"[A-Za-z0-9._-]{1,40}")
# What a cookie may be called, with a star for any ending.
is_cookie_name = matches(r"[^\s;,=]+")
is_rate = matches(r"[1-9]\d{0,8} per (second|minute|hour|day)")


def is_span_of_seconds(value: Any) -> bool:
    """Tell whether a value is a time from a tenth of a second to an hour: a timedelta, or a number of seconds."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.1 <= value <= 3_600


def seconds(value: float | timedelta) -> float:
    """Return a number of seconds for itself, or for a timedelta."""
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
