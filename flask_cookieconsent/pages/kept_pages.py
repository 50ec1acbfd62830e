"""Make the pieces of a page anew that a cache of the site has kept for another visitor."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from hmac import compare_digest
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, request

from flask_cookieconsent.errors import EmbedError, KeptPageError
from flask_cookieconsent.http.headers import PAGES, media_type
from flask_cookieconsent.http.marks import foreign, marks_in
from flask_cookieconsent.http.once import Once
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.state import State

from .embed import NEEDS, render_embed
from .fragments import CLOSING, PIECE, bounded, mac_of, macs_in
from .renderer import Renderer
from .resources import static_digest
from .template_api import TemplateApi

logger = logging.getLogger("flask_cookieconsent")

_ATTRIBUTE = re.compile(r' (data-service|data-url|aria-label)="([^"]*)"')
_POSTER = re.compile(r'<img class="fcc-poster" src="([^"]*)"')
_NONCE = re.compile(r' nonce="([^"]*)"')

# What is no UTF-8 goes out as it came in.
_BYTES = ("utf-8", "surrogateescape")


class KeptPages:
    """Looks at each response of an app for pieces that were made in another request.

    Flask-Caching and its like answer without asking anybody, so that one visitor's tags, embeds and banner would reach
    the next. Each piece stands between comments, and what cannot be this visitor's is made anew in its place.
    """

    def __init__(self, app: Flask, state: State, renderer: Renderer, api: TemplateApi) -> None:
        self._app, self._state, self._renderer = app, state, renderer
        self._once = Once()
        # With its comments or without, a page has our script, and a part of one the place of an embed, or our forms.
        # The longer a word, the faster it is not found.
        self._signs = (CLOSING, f"/{static_digest()}/fcc.js".encode(), b' id="fcc-place-', b'class="fcc-forms"')
        self._make: Mapping[str, Callable[[str], str]] = MappingProxyType(
            {
                "head": lambda piece: api.head(nonce=_first(_NONCE, piece)),
                "banner": lambda piece: api.banner(),
                "link": lambda piece: api.link(),
                "embed": self._embed,
            }
        )

    def check(self, response: Response) -> Response:
        """Keep a response with pieces of ours private (A8), and put this visitor's in the place of others'.

        :raises KeptPageError: in debug mode, if a cache gives one visitor's page to another.
        """
        kind = media_type(response.headers.get("Content-Type", ""))
        if not response.is_sequence or not ("html" in kind or "json" in kind):
            return response
        body = response.get_data()
        if not any(sign in body for sign in self._signs):
            return response
        macs, visit = macs_in(body), get_visit(self._state)
        if visit.is_shared:
            # What it holds is everybody's; its policy has to let it work.
            visit.needs = NEEDS
            return response
        if (macs and macs <= visit.made) or request.blueprint == "cookieconsent":
            return response
        # Whoever keeps a page without asking us keeps one visitor's for all, whether it fits this one or not.
        visit.consulted = True
        visit.shows_granted = visit.shows_granted or bool(visit.decision.hosts)
        found = next(filter(None, map(self._foreign, _texts(response, kind))), None)
        if kind in PAGES and macs:
            response.set_data(self._anew(body.decode(*_BYTES)).encode(*_BYTES))
            for name in ("ETag", "Last-Modified"):
                # They are the same for everybody who was given this page.
                response.headers.pop(name, None)
        if found:
            visit.kept = found
            self._tell(found)
        elif "html" in kind and (lost := foreign(marks_in(response.get_data()), visit.decision)):
            visit.kept = lost
            self._tell_lost(lost)
        return response

    def _foreign(self, text: str) -> str | None:
        """Return what the first piece in a text is, which was made here and is not for this visitor; None for none."""
        decision = get_visit(self._state).decision
        pieces = (match[3] for match in PIECE.finditer(text) if self._is_ours(match))
        return next(filter(None, (foreign(marks_in(piece.encode()), decision) for piece in pieces)), None)

    def _is_ours(self, piece: re.Match[str]) -> bool:
        return any(compare_digest(piece[2], mac_of(piece[1], piece[3], key)) for key in self._state.piece_keys)

    def _anew(self, page: str) -> str:
        visit = get_visit(self._state)
        visit.has_form = visit.has_link = False
        for collected in (visit.places, visit.load_forms, visit.swaps):
            collected.clear()
        return PIECE.sub(lambda match: self._make[match[1]](match[3]) if self._is_ours(match) else match[0], page)

    def _embed(self, piece: str) -> str:
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(piece)}
        try:
            embed = self._state.embeds.resolve(attributes["data-service"], attributes["data-url"])
        except (EmbedError, KeyError):
            return self._as_it_is(piece)
        poster = html.unescape(_first(_POSTER, piece))
        return render_embed(self._state, self._renderer, embed, title=attributes.get("aria-label", ""), poster=poster)

    def _as_it_is(self, piece: str) -> str:
        """Return an embed whose address does not say all of it, as of a widget, where it is this visitor's."""
        visit = get_visit(self._state)
        if foreign(marks_in(piece.encode()), visit.decision):
            return ""
        visit.place(piece)  # so that `link()` brings the form that its button posts with
        return bounded("embed", piece, key=self._state.piece_keys[0], made=visit.made)

    def _tell(self, found: str) -> None:
        view = request.endpoint or request.path
        message = (
            f"the answer of {view!r} holds {found}, made for another visitor: a cache keeps it for everybody. Make "
            "consent.cache_key() a part of the cache's key, or cookieconsent.cache_key() in a template"
        )
        if self._app.debug:
            raise KeptPageError(message)
        self._log(view, message)

    def _tell_lost(self, found: str) -> None:
        """Log what is not this visitor's and has to stay; no error, because whoever writes content may have written it.

        Without its comments nothing tells a piece from a copy of one.
        """
        view = request.endpoint or request.path
        self._log(
            view,
            f"the answer of {view!r} holds {found}, made for another visitor, whose signed comments are gone or do not "
            "fit it, so it is not made anew: let nothing shorten HTML before a cache keeps it, and make "
            "consent.cache_key() a part of the cache's key",
        )

    def _log(self, view: str, message: str) -> None:
        if self._once.is_new(view):
            logger.error(message)


def _texts(response: Response, kind: str) -> list[str]:
    """Return the texts of a response: every string of JSON, or the whole of a page."""
    if "json" not in kind:
        return [response.get_data().decode(*_BYTES)]
    try:
        return list(_strings(response.get_json(silent=True)))
    except RecursionError:  # JSON of somebody else's, which the app hands on
        return []


def _strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value."""
    stack = [value]
    while stack:
        match stack.pop():
            case str() as text:
                yield text
            case dict() as members:
                stack.extend(members.values())
            case list() as items:
                stack.extend(items)


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
