"""Tell the log which undeclared cookies a request brings and its response sets: names alone, and folded ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, current_app, has_app_context

from flask_cookieconsent.core.cookie_names import LONGEST_NAME, folded
from flask_cookieconsent.state import State

from .request import Visit

#: Cookies of one request that are looked at; browsers keep 180 for a site at most, and headers of 8 KB hold fewer.
MOST_COOKIES = 180


class UndeclaredCookies:
    """What finds the undeclared cookies of a visit; those that scripts of others set are seen by no walk of the app."""

    def __init__(self, app: Flask, state: State) -> None:
        self._app, self._state = app, state
        # Every request brings the same few names; strangers may send any, so the memory is bounded.
        self._folded = lru_cache(maxsize=1024)(self._fold)

    def count(self, environ: dict[str, Any], visit: Visit) -> None:
        """Let the log count the names of one visit, each once; never raises.

        What is answered outside the app's context, by another layer of WSGI, is not counted, and no request of a test
        or an audit is: it has no visitor.
        """
        if (not visit.cookies and not visit.undeclared) or self._app.testing:
            return
        # Without a value it may be one without a name, which is sent as its value alone.
        brought = [name for name, value in visit.cookies[:MOST_COOKIES] if value]
        found = {self._folded(name) for name in (*visit.undeclared, *brought) if len(name) <= LONGEST_NAME}
        found.discard("")
        if found and has_app_context() and current_app == self._app:
            # An address that a proxy has corrected, by now.
            self._state.log.count_cookies(found, environ.get("REMOTE_ADDR"))

    def _fold(self, name: str) -> str:
        """Return the folded name of a cookie, an empty string for one that is declared, or has no name."""
        return "" if self._state.cookies.is_known(name) else folded(name) or ""
