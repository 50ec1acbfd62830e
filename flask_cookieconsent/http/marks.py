"""Recognise pieces of ours in a page that was made for another visitor: what a cache of the site has kept.

Every piece that depends on the visitor carries a mark: the digest of its decision (`data-state`), or the service that
an embed, a placeholder or a loader stands for (`data-service`). A page that was just made for this visitor has this
visitor's marks. A kept one may have somebody else's, and no helper of ours has run to tell.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from flask import Flask, Response, request

from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.errors import KeptPageError
from flask_cookieconsent.state import State

from .request import get_visit

logger = logging.getLogger("flask_cookieconsent")

# In JSON and in scripts the quotes are escaped.
_STATE = re.compile(rb'data-state=\\?"([0-9a-f]{16})\\?"')
_PIECE = re.compile(
    rb'class=\\?"fcc-(?P<kind>embed|placeholder)[ \\"][^>]*? data-service=\\?"(?P<service>[a-z0-9_]+)\\?"'
)
_LOADER = re.compile(
    rb'<script src=[^>]*?/(?:google|tag|disqus)\.js[^>]*? data-service=\\?"(?P<service>[a-z0-9_]+)\\?"'
)

_MOST_WARNINGS = 500


def is_marked(body: bytes) -> bool:
    """Tell whether a body has a piece of ours in it; that takes no longer than to look for three words."""
    return any(mark in body for mark in (b"data-state=", b"fcc-placeholder", b"fcc-embed", b"data-service="))


def foreign_marks(body: bytes, decision: Decision) -> Iterator[str]:
    """Yield, for each mark in a body that a decision would not have led to, what it is of."""
    for state in dict.fromkeys(_STATE.findall(body)):
        if state.decode() != decision.digest:
            yield "a page or a fragment of another decision"
            break
    for pattern in (_PIECE, _LOADER):
        for match in pattern.finditer(body):
            service = match["service"].decode()
            is_allowed = match.groupdict().get("kind") != b"placeholder"
            if service in decision.registry.optional and is_allowed != (service in decision.allowed):
                yield f"{'an allowed' if is_allowed else 'a refused'} {service!r}"


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
        kind = response.mimetype or ""
        if not (response.is_sequence and ("html" in kind or "json" in kind)) or request.blueprint == "cookieconsent":
            return response
        body = response.get_data()
        if not is_marked(body):
            return response
        visit = get_visit(self._state)
        found = next(foreign_marks(body, visit.decision), None)
        if found is not None or _STATE.search(body) is not None:
            # Whoever keeps a page without asking us keeps one visitor's for all, whether it fits this one or not.
            visit.consulted = True
            visit.shows_granted = visit.shows_granted or bool(visit.decision.hosts)
        if found is not None:
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
