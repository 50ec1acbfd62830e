"""Give feeds plain content: what is XML and no page shows no forms, and is the same for everybody."""

from __future__ import annotations

import html
import logging
from xml.sax import saxutils

from flask import Response, request
from markupsafe import escape

from flask_cookieconsent.http.headers import PAGES, media_type
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.state import State

logger = logging.getLogger("flask_cookieconsent")

# How templates and libraries that write XML put HTML into it: as it is (CDATA, XHTML), or escaped.
_WAYS = (str, escape, html.escape, saxutils.escape)

_DRAWING = "image/svg+xml"

_MOST_WARNINGS = 500


class Feeds:
    """Puts plain embeds in the place of those that templates rendered, once a response turns out to be a feed.

    A template cannot know what its response will be; nobody can press a button in a feed reader, and a feed is kept
    and handed on. JSON is left alone, since the scripts of pages put what it holds into them.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._warned: set[str] = set()

    def check(self, response: Response) -> Response:
        """Swap each embed in a feed; where one cannot be found again, the response stays private, with a warning."""
        kind = media_type(response.headers.get("Content-Type", ""))
        if not kind.endswith("xml") or kind in (*PAGES, _DRAWING) or not response.is_sequence:
            return response
        visit = get_visit(self._state)
        if not visit.swaps:
            return response
        body, missing = response.get_data(), 0
        for shown, plain in visit.swaps:
            forms = ((str(way(str(shown))).encode(), way) for way in _WAYS)
            found = next(((form, way) for form, way in forms if form in body), None)
            if found is None:
                missing += 1
            else:
                form, way = found
                body = body.replace(form, str(way(str(plain()))).encode(), 1)
        visit.swaps.clear()
        response.set_data(body)
        visit.shows_embeds = visit.shows_embeds and missing > 0
        if missing:
            self._tell(request.endpoint or request.path, kind, missing)
        return response

    def _tell(self, view: str, kind: str, missing: int) -> None:
        if view not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(view)
            logger.warning(
                "%r answers %s with embeds that depend on the visitor, and %d of them cannot be found in it again; "
                "write cookieconsent_embeds(plain=True), or embed(…, plain=True), in its template",
                *(view, kind, missing),
            )
