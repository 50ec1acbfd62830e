"""What other code of an app puts before every request lets our pages pass: they check for themselves who sent a form.

Flask-WTF and Flask-SeaSurf want a token of every POST, and a token needs a session, which nobody has who refuses (B9).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, request

from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.http.request import get_visit

logger = logging.getLogger("flask_cookieconsent")

# Who may see the report is for the site to say.
_GUARDED = ("cookieconsent.report", "cookieconsent.report_file")


def exempt_from_csrf(app: Flask, blueprint: Blueprint) -> None:
    """Exempt our pages from the CSRF protection of Flask-WTF, called by hand too, and of Flask-SeaSurf."""
    flask_wtf = app.extensions.get("csrf")
    if flask_wtf is not None:
        flask_wtf.exempt(blueprint)
        flask_wtf.protect = _of_others(flask_wtf.protect)
    for function in app.before_request_funcs.get(None, ()):
        guard = getattr(function, "__self__", None)
        if guard is not None and type(guard).__module__.startswith("flask_seasurf"):
            for endpoint, view in app.view_functions.items():
                if endpoint.startswith(blueprint.name + "."):
                    guard.exempt(view)


def _of_others(protect: Any) -> Any:
    """Return `CSRFProtect.protect` for all requests but ours; called by hand, it asks no exemptions."""

    @wraps(protect)
    def protect_others(*args: Any, **named: Any) -> Any:
        return None if request.blueprint == "cookieconsent" else protect(*args, **named)

    return protect_others


def refuse_unguarded(app: Flask, guarded: Iterable[tuple[Callable[..., Any], Callable[..., Any]]]) -> None:
    """Refuse views that were given their route before their guard: `@consent.requires` above `@app.route`.

    *guarded* are pairs of a view and what `requires` made of it.

    :raises SetupError: if the app has the one of a pair and not the other.
    """
    views = set(app.view_functions.values())
    for view, wrapper in guarded:
        if view in views and wrapper not in views:
            raise SetupError(
                f"view {view.__qualname__!r} is open to everybody: found `@consent.requires` above its route, "
                "wanted it below"
            )


def tell_guards(blueprint: Blueprint) -> None:
    """Log once for each of our pages that the app answers in its stead: a login guard, a check of tokens."""
    told: set[str] = set()

    def reach() -> None:
        # It runs after all that the app itself has before a request.
        get_visit().reached = True

    def tell(response: Response) -> Response:
        endpoint = request.endpoint or ""
        if not (get_visit().reached or endpoint in told or endpoint in _GUARDED):
            told.add(endpoint)
            logger.warning(
                "the app answered %s before the page %r was reached, so nobody can choose or withdraw there; "
                "let its guard pass where `consent.is_own_request()` is true",
                response.status_code,
                endpoint,
            )
        return response

    blueprint.before_request(reach)
    blueprint.after_request(tell)
