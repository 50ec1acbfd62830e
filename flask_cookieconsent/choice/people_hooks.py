"""Registration of what a site does for signed-in people: who they are, and the hooks that keep their choice."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from flask import Flask

from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import People, State

from .people import reconcile_visit, write_reconciled

Hook = TypeVar("Hook", bound=Callable[..., Any])


class PeopleHooks:
    """Registration of what a site does for signed-in people; `CookieConsent` has its decorators from here."""

    def __init__(self, user: Callable[[], Any] | None, db: Any) -> None:
        self._user, self._people_db = user, db
        self._load: Callable[..., Any] | None = None
        self._store: Callable[..., Any] | None = None
        self._knows_loaded = False

    def load_choice(self, hook: Hook) -> Hook:
        """Register the function that returns what the site keeps of a user's choice: `def load(user) -> str | None`.

        Use it as a decorator, `async def` or not. It needs `store_choice` beside it.
        """
        self._load = hook
        return hook

    def store_choice(self, hook: Hook) -> Hook:
        """Register the function that keeps a user's choice: `def store(user, choice: str)`.

        Use it as a decorator, `async def` or not. With a parameter `loaded` besides it is told what was loaded before,
        and may return `False` where something else is kept by now (compare and set): it is called again then.
        """
        self._store, self._knows_loaded = hook, "loaded" in inspect.signature(hook).parameters
        return hook

    def _people(self) -> People | None:
        """Return what is registered, None where the site keeps nothing of its people."""
        if self._load is None or self._store is None:
            return None
        user = self._user or _flask_login_user
        return People(user, self._load, self._store, knows_loaded=self._knows_loaded, db=self._people_db)

    def _follow_people(self, app: Flask, state: State) -> None:
        """Have every request of an app with hooks decided by them, behind all that the app does before a request.

        :raises SetupError: if there is one hook without the other, or nothing that says who is signed in.
        """
        self._refuse_half_hooks(app)
        if self._people() is not None:
            app.before_request_funcs.setdefault(None, []).append(lambda: reconcile_visit(state))
            # Flask asks the first one last, when the app has said what caches may keep.
            app.after_request_funcs.setdefault(None, []).insert(0, lambda response: write_reconciled(state, response))

    def _refuse_half_hooks(self, app: Flask) -> None:
        found = [
            name for name, hook in (("load_choice", self._load), ("store_choice", self._store)) if hook is not None
        ]
        if len(found) == 1:
            raise SetupError(
                f"signed-in people: found `@consent.{found[0]}` alone, wanted `load_choice` and `store_choice`"
            )
        if self._load is not None and self._store is not None:
            _refuse_signature("load_choice", self._load, ["user"])
            _refuse_signature("store_choice", self._store, ["user", "choice"], loaded=self._knows_loaded)
        if found and self._user is None and not hasattr(app, "login_manager"):
            raise SetupError(
                "signed-in people: found `load_choice` and `store_choice` and nothing that says who is signed in; "
                "wanted CookieConsent(user=…), a function that returns the user or None, or Flask-Login on the app"
            )


def _refuse_signature(name: str, hook: Callable[..., Any], given: list[str], *, loaded: bool = False) -> None:
    """Refuse a hook that cannot be called as it will be: else a site would learn of it with the first press."""
    signature = inspect.signature(hook)
    try:
        signature.bind(*given, **({"loaded": None} if loaded else {}))
    except TypeError as error:
        wanted = ", ".join([*given, *(["loaded"] if loaded else [])])
        raise SetupError(
            f"signed-in people: found `{name}` with the parameters {signature}, wanted ({wanted})"
        ) from error


def _flask_login_user() -> Any:
    # Only apps that have set Flask-Login up come here.
    return import_module("flask_login").current_user
