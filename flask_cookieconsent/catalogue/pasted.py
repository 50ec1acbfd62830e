"""What editors paste, taken apart: an address of the web that is safe to look at, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_LONGEST = 2_000
# Browsers drop some of these and read others as slashes, so an address that has one is not what it seems.
_DECEPTIVE = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
# Browsers walk upwards at one or two dots, encoded ones too; an encoded slash or control character is part of no id.
_DETOUR = re.compile(r"/(?:\.|%2e){1,2}(?=/|\Z)|%(?:[01][0-9a-f]|2f|5c|7f)", re.I)


@dataclass(frozen=True)
class Address:
    """An http or https address without a user, a port or anything deceptive; `query` keeps the first of each name."""

    host: str
    path: str
    query: Mapping[str, str]


def address(text: str) -> Address | None:
    """Take an address apart, or return None where it is not one that a person would paste."""
    if len(text) > _LONGEST or _DECEPTIVE.search(text):
        return None
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, max_num_fields=50)
        plain = parts.netloc.lower() == (parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not plain or _DETOUR.search(parts.path):
        return None
    return Address(parts.netloc.lower(), parts.path, dict(reversed(pairs)))
