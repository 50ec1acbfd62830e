"""Mask what a report must not carry: reports go to build servers and to code hosts, and pages hold what is personal."""

from __future__ import annotations

import re
from dataclasses import replace

from .findings import Finding

#: What stands for something that is not told.
MASK = "…"

# An address of mail, its sign percent-encoded or not; `npm/htmx@2.0.4/a.js` is none.
_MAIL = re.compile(r"[\w.+%-]{1,64}(?:@|%40)[a-z][\w-]{0,62}(?:\.[\w-]{1,63}){0,5}\.[a-z]{2,24}\b", re.I)
# Name and password before a host (RFC 3986, section 3.2.1), also of a database.
_CREDENTIALS = re.compile(r"(?<=://)[^\s/?#@\"'<>]{1,256}@")
_NONCE = re.compile(r"(?<=\bnonce=\")[^\"]*")
# Parameters that hold secrets, or say who somebody is.
_TELLING = re.compile(
    r"((?:[?&;]|&amp;)[\w.-]{0,40}?(?:token|secret|passw(?:or)?d|pwd|session|sid|uid|user_?id|e?mail|auth|sig|signature|jwt"
    r"|csrf|otp)=)[^&;\s\"'<>]+",
    re.I,
)
_VALUE = re.compile(r"(?<==)[^&;\s]+")


def masked(finding: Finding) -> Finding:
    """Return a finding without values of queries of the site's own, without passwords and without addresses of mail."""
    places = (
        replace(place, path=masked_path(place.path), element=masked_text(place.element)) for place in finding.places
    )
    remedy = tuple(map(masked_text, finding.remedy))
    return replace(finding, says=masked_text(finding.says), places=tuple(dict.fromkeys(places)), remedy=remedy)


def masked_path(path: str) -> str:
    """Return a path whose query has its names alone: `/reset?token=…`."""
    plain, mark, query = path.partition("?")
    return plain + mark + _VALUE.sub(MASK, query)


def masked_text(text: str) -> str:
    """Return a text, such as a start tag or what an error says, without secrets and addresses of mail."""
    for pattern in (_CREDENTIALS, _NONCE):
        text = pattern.sub(MASK, text)
    return _MAIL.sub(MASK, _TELLING.sub(rf"\1{MASK}", text))
