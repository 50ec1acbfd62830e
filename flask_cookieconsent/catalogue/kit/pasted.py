"""URL parsing and validation of what editors paste: a plain http(s) URL without deception, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

_LONGEST = 2_000
# Browsers drop some of these and read others as slashes, so an address that has one is not what it seems.
_DECEPTIVE = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
# Some browsers show letters of other alphabets behind the host as they are, and encode them when they ask.
_BEHIND_THE_HOST = re.compile(r"(https?://[\x21-\x7e]+?)([/?#].*)", re.I)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
# Browsers walk upwards at one or two dots, encoded ones too; an encoded slash or control character is part of no id,
# and a percent sign alone encodes nothing.
_DETOUR = re.compile(r"/(?:\.|%2e){1,2}(?=/|\Z)|%(?:[01][0-9a-f]|2f|5c|7f|(?![0-9a-f]{2}))", re.I)
_TIME = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?", re.A)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})", re.A)
_LONGEST_TIME = 999_999


@dataclass(frozen=True)
class Address:
    """Parsed http or https URL without user info, port or anything that browsers read differently.

    `query` keeps the first of each name, and so does `fragment`, for services that write theirs as a query.
    """

    host: str
    path: str
    query: Mapping[str, str]
    fragment: Mapping[str, str]


def address(text: str) -> Address | None:
    """Parse a URL, or return None where it is malformed, too long or not one that a person would paste."""
    text = _encoded(text)
    if len(text) > _LONGEST or _DECEPTIVE.search(text):
        return None
    try:
        parts = urlsplit(text)
        query, fragment = (_first_of_each(pairs) for pairs in (parts.query, parts.fragment))
        plain = parts.netloc.lower() == (parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not plain or _DETOUR.search(parts.path):
        return None
    return Address(parts.netloc.lower(), parts.path, query, fragment)


def _encoded(text: str) -> str:
    """Return a text whose printable characters beyond ASCII are encoded, but in a host, where they deceive."""
    match = _BEHIND_THE_HOST.fullmatch(text) if len(text) <= _LONGEST and text.isprintable() else None
    return match[1] + _BEYOND_ASCII.sub(lambda found: quote(found[0]), match[2]) if match else text


def seconds(text: str) -> int:
    """Return a start time in seconds, written as `90`, `90s`, `1m30s`, `1h2m3s` or `1:02:03`; 0 where it says nothing.

    The address of a frame may be pasted again, so that what is longer than any recording is nothing too.
    """
    match = _TIME.fullmatch(text) or _CLOCK.fullmatch(text)
    if match is None:
        return 0
    hours, minutes, rest = (int(digits or 0) for digits in match.groups())
    start = hours * 3_600 + minutes * 60 + rest
    return start if start <= _LONGEST_TIME else 0


def _first_of_each(query: str) -> Mapping[str, str]:
    return dict(reversed(parse_qsl(query, max_num_fields=50)))
