"""Browsers that hold a visitor's choice: pages and contexts of Playwright."""

from __future__ import annotations

from typing import Any

from flask import Flask

from flask_cookieconsent.audit.held import held_cookie
from flask_cookieconsent.audit.visitors import services_named
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import get_state


def deciding(page: Any, app: Flask, *names: str, base_url: str, expired: bool = False) -> Any:
    """Let a browser of Playwright be a visitor who allows services, or categories, and refuses all else.

    *page* is a page or a context; all pages of the context share the choice. *names* are `"all"` or `"none"`, or those
    of services and categories. *base_url* is where the browser finds the site. One that is *expired* chose so long ago
    that the site asks again. There is no receipt, and nothing is recorded.

    With Playwright's async API, await what is returned.

    :raises SetupError: if nothing is named, the site declares nothing of such a name, or the address is none.
    """
    state = get_state(app)
    if not names:
        raise SetupError("found no name, wanted those of the services that are allowed, or 'all', or 'none'")
    allowed = services_named(state.registry, () if names == ("none",) else names)
    held = held_cookie(state, base_url, allowed, expired=expired)
    return getattr(page, "context", page).add_cookies([held.for_playwright])
