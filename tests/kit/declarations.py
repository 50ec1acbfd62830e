"""Parts of declarations: what is right, so that a test changes one thing and sees it refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_cookieconsent import Category, Cookie, Service
from tests.kit.sites import COMPANY, services

GOOD = services()


NOTE = Cookie(name="note", purpose="Keeps a note.", duration=timedelta(days=1))


CLUB = Category(id="club", title="Club", summary="Knows members.", refusal="You are a guest.")


def store(host: str) -> Service:
    """Return a service of pictures from a host, which the site cannot do without."""
    return Service(
        id="store",
        name="Store",
        category="necessary",
        purpose="user_input",
        justification="Its pictures are the content.",
        provider=COMPANY,
        hosts={"img-src": (host,)},
    )


def film(**changes: Any) -> Any:
    return replace(GOOD[3], **changes)
