"""Parts of declarations: what is right, so that a test changes one thing and sees it refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_cookieconsent import Category, Cookie
from tests.kit.sites import services

GOOD = services()


NOTE = Cookie(name="note", purpose="Keeps a note.", duration=timedelta(days=1))


CLUB = Category(id="club", title="Club", summary="Knows members.", refusal="You are a guest.")


def film(**changes: Any) -> Any:
    return replace(GOOD[3], **changes)
