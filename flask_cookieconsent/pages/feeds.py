"""Give feeds plain content: what is XML and no page shows no forms, and is the same for everybody."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable
from xml.sax import saxutils

from flask import Response, request
from markupsafe import escape

from flask_cookieconsent.http.headers import PAGES, media_type
from flask_cookieconsent.http.once import Once
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.state import State

logger = logging.getLogger("flask_cookieconsent")

# How templates and libraries that write XML put HTML into it: as it is (CDATA, XHTML), or escaped.
_WAYS = (str, escape, html.escape, saxutils.escape)

# In every embed and placeholder, however its quotes are escaped.
_MARK = b"data-service="

_DRAWING = "image/svg+xml"

# Where so many are not found, something has changed them all.
_MOST_LOST = 20

#: An embed as it was rendered, and what makes its plain form.
Swap = tuple[str, Callable[[], str]]


class Feeds:
    """Puts plain embeds in the place of those that templates rendered, once a response turns out to be a feed.

    A template cannot know what its response will be; nobody can press a button in a feed reader, and a feed is kept
    and handed on. JSON is left alone, since the scripts of pages put what it holds into them.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._once = Once()

    def check(self, response: Response) -> Response:
        """Swap each embed in a feed; where that cannot be done, the response is private, with a warning."""
        kind = media_type(response.headers.get("Content-Type", ""))
        if not kind.endswith("xml") or kind in (*PAGES, _DRAWING) or not response.is_sequence:
            return response
        visit = get_visit(self._state)
        # In the order in which they were rendered, in which they mostly stand; then each from the beginning.
        body, left = _swapped(response.get_data(), visit.swaps)
        lost: list[Swap] = []
        for swap in left:
            if len(lost) < _MOST_LOST:
                body, missed = _swapped(body, [swap])
                lost += missed
        if visit.swaps:
            visit.swaps.clear()
            response.set_data(body)
        # A piece that is left was not rendered for this request: a cache of the site kept it.
        visit.shows_embeds = _MARK in body or (bool(lost) and visit.shows_embeds)
        if visit.shows_embeds:
            self._tell(request.endpoint or request.path, kind)
        return response

    def _tell(self, view: str, kind: str) -> None:
        if self._once.is_new(view):
            logger.warning(
                "%r answers %s with embeds as a visitor sees them, cut, changed or kept in a cache, so it is private; "
                "write cookieconsent_embeds(plain=True), or embed(…, plain=True), in its template",
                *(view, kind),
            )


def _swapped(body: bytes, swaps: list[Swap]) -> tuple[bytes, list[Swap]]:
    """Return a body with plain forms in the place of embeds that stand in a given order, and those it has not found.

    One walk through the body, however many there are; it ends where too many are missing.
    """
    parts, start = [], 0
    missed: list[Swap] = []
    for number, (shown, plain) in enumerate(swaps):
        if len(missed) >= _MOST_LOST:
            missed += swaps[number:]
            break
        for way in _WAYS:
            form = str(way(str(shown))).encode()
            if (place := body.find(form, start)) >= 0:
                parts += [body[start:place], str(way(str(plain()))).encode()]
                start = place + len(form)
                break
        else:
            missed.append((shown, plain))
    return b"".join([*parts, body[start:]]), missed
