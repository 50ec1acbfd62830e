"""Recognise pieces of ours in a page that was made for another visitor: what a cache of the site has kept.

Every piece that depends on the visitor carries a mark: the digest of its decision (`data-state`), or the service that
an embed, a placeholder or a loader stands for (`data-service`). A page that was just made for this visitor has this
visitor's marks. A kept one may have somebody else's, and no helper of ours has run to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flask_cookieconsent.core.decision import Decision

_STATE, _SERVICE = b"data-state=", b"data-service="
# In JSON and in scripts the quotes are escaped.
_VALUE = re.compile(rb'\\?"([a-z0-9_]{1,32})\\?"')
_DIGEST = re.compile(rb"[0-9a-f]{16}")


def marks_in(body: bytes) -> list[tuple[str, str]]:
    """Return the marks in a body, each with what it is of: a `state`, an `allowed` or a `refused` service.

    A page without any is looked through twice for a word, which is much faster than a regular expression.
    """
    found = [("state", value) for _, value in _values(body, _STATE) if _DIGEST.fullmatch(value)]
    before = 0
    for start, value in _values(body, _SERVICE):
        # A tag of ours has one such mark, so whatever is before the last one is of another.
        begin, before = body.rfind(b"<", before, start), start
        tag = body[begin:start] if begin >= 0 else b""
        if b'"fcc-placeholder ' in tag:
            found.append(("refused", value))
        elif b'"fcc-embed ' in tag or (tag.startswith(b"<script") and b".js" in tag):
            found.append(("allowed", value))
    return [(kind, value.decode()) for kind, value in found]


def _values(body: bytes, name: bytes) -> Iterator[tuple[int, bytes]]:
    start = body.find(name)
    while start >= 0:
        match = _VALUE.match(body, start + len(name))
        if match:
            yield start, match[1]
        start = body.find(name, start + len(name))


def foreign(marks: Iterable[tuple[str, str]], decision: Decision) -> str | None:
    """Return what the first mark is of to which a decision would not have led, None where all fit."""
    for kind, value in marks:
        if kind == "state":
            if value != decision.digest:
                return "a page or a fragment"
        elif value in decision.registry.optional and (kind == "allowed") != (value in decision.allowed):
            return f"{kind} {value!r}"
    return None
