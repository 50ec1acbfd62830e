"""Guess the service behind a host or a cookie that nobody knows: its id and name, its category, and what is one cookie.

A guess is the strictest that fits: whatever is not plainly a wish of the visitor's is asked about as tracking.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass

from flask_cookieconsent.audit.walking.domains import site_of
from flask_cookieconsent.core.validation import GAP

_AN_ID = re.compile(r"[0-9a-f]{8,}|[0-9]{4,}|(?=[A-Za-z-]*[0-9])(?=[0-9-]*[A-Za-z])[A-Za-z0-9-]{6,}")

# Words in the names of cookies that sites set themselves, with category and purpose.
_WORDS: tuple[tuple[str, str, str], ...] = (
    (r"csrf|xsrf|nonce", "necessary", "security"),
    (r"remember|auth|login|signin|jwt|access_token|refresh_token|sso|session|sess|sid", "necessary", "authentication"),
    (r"cart|basket|bag|checkout|draft|form|wizard|flash|messages", "necessary", "user_input"),
    (
        r"lang|language|locale|theme|dark|mode|currency|country|timezone|tz|font|layout|view|sort|sidebar|seen|dismissed"
        r"|hide|hidden|banner|notice|prefs?|preferences|settings",
        "functionality",
        "preferences",
    ),
    (
        r"utm|ref|referrer|referer|campaign|affiliate|source|arrival|landing|gclid|fbclid|msclkid",
        "tracking",
        "attribution",
    ),
    (r"visitor|visit|visits|count|hits|stats|analytics", "performance", "audience_measurement"),
)


@dataclass(frozen=True)
class Guess:
    """The category and the purpose of a cookie; the purpose is a gap where its name says nothing."""

    category: str
    purpose: str

    @property
    def is_necessary(self) -> bool:
        """Whether a justification has to be given."""
        return self.category == "necessary"


def guessed(name: str) -> Guess:
    """Return what a cookie of the site's own is for, by the words in its name."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    for pattern, category, purpose in _WORDS:
        if re.search(rf"(?:^|[^a-z])(?:{pattern})(?:$|[^a-z])", words):
            return Guess(category, purpose)
    return Guess("tracking", GAP)


def starred(name: str) -> str:
    """Return the name under which a cookie is declared: one that ends in an id of its own gets a star for it."""
    match = re.fullmatch(r"(.{2,}?[_.-])([^_.]+)", name)
    return f"{match[1]}*" if match and _AN_ID.fullmatch(match[2]) else name


def name_of_host(host: str) -> str:
    """Return what the owner of a host is probably called."""
    site = site_of(host)
    labels = site.split(".")
    word = labels[0] if len(labels) > 1 else site
    return word.replace("-", " ").title()


def id_of(text: str, taken: Collection[str]) -> str:
    """Return an id for a service that is called something: none that is *taken*."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:28] or "service"
    if not plain[0].isalpha() or keyword.iskeyword(plain):
        plain = f"s_{plain}"[:28].rstrip("_")
    number = next(n for n in range(1, len(taken) + 2) if (plain if n == 1 else f"{plain}_{n}") not in taken)
    return plain if number == 1 else f"{plain}_{number}"
