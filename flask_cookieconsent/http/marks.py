"""Recognise pieces of ours in a page that was made for another visitor: what a cache of the site has kept.

Every piece that depends on the visitor carries a mark: the digest of its decision (`data-state`), or the service that
an embed, a placeholder or a loader stands for (`data-service`). A page that was just made for this visitor has this
visitor's marks. A kept one may have somebody else's, and no helper of ours has run to tell.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request

from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.errors import KeptPageError
from flask_cookieconsent.state import State

from .request import get_visit

logger = logging.getLogger("flask_cookieconsent")

_STATE, _SERVICE = b"data-state=", b"data-service="
# In JSON and in scripts the quotes are escaped.
_VALUE = re.compile(rb'\\?"([a-z0-9_]{1,32})\\?"')
_DIGEST = re.compile(rb"[0-9a-f]{16}")

_MOST_WARNINGS = 500


def marks_in(body: bytes) -> list[tuple[str, str]]:
    """Return the marks in a body, each with what it is of: a `state`, an `allowed` or a `refused` service.

    A page without any is looked through twice for a word, which is much faster than a regular expression.
    """
    found = [("state", value) for _, value in _values(body, _STATE) if _DIGEST.fullmatch(value)]
    for start, value in _values(body, _SERVICE):
        tag = body[body.rfind(b"<", 0, start) : start]
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


class KeptPages:
    """Looks at each response of an app for pieces that a cache of the site has kept for another visitor."""

    def __init__(self, app: Flask, state: State) -> None:
        self._app = app
        self._state = state
        self._warned: set[str] = set()

    def check(self, response: Response) -> Response:
        """Keep a response with pieces of ours private (A8), and say where a cache gives one visitor's to another.

        :raises KeptPageError: in debug mode, if it does.
        """
        kind = response.headers.get("Content-Type", "")
        if not response.is_sequence or not ("html" in kind or "json" in kind):
            return response
        marks = marks_in(response.get_data())
        if not marks or request.blueprint == "cookieconsent":
            return response
        visit = get_visit(self._state)
        # Whoever keeps a page without asking us keeps one visitor's for all, whether it fits this one or not.
        visit.consulted = True
        visit.shows_granted = visit.shows_granted or bool(visit.decision.hosts)
        if found := foreign(marks, visit.decision):
            self._tell(found)
        return response

    def _tell(self, found: str) -> None:
        view = request.endpoint or request.path
        message = (
            f"the answer of {view!r} holds {found}, made for another visitor: a cache keeps it for everybody. Make "
            "consent.cache_key() a part of the cache's key, or cookieconsent.cache_key() in a template"
        )
        if self._app.debug:
            raise KeptPageError(message)
        if view not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(view)
            logger.error(message)
