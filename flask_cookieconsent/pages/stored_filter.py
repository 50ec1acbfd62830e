"""The Jinja filter `cookieconsent_embeds`: stored content with placeholders and embeds in place of frames."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from markupsafe import Markup, escape

from flask_cookieconsent.embeds.lookup import Known, Target
from flask_cookieconsent.errors import SetupError, UnstableContentError
from flask_cookieconsent.i18n import language, page_locale
from flask_cookieconsent.state import State

from .renderer import Renderer
from .template_api import TemplateApi

logger = logging.getLogger("flask_cookieconsent")


class StoredContent:
    """The filter of one app; it remembers what it found in the latest contents, which is the same for everybody."""

    def __init__(self, app: Flask, state: State, renderer: Renderer, api: TemplateApi) -> None:
        self._state = state
        self._renderer = renderer
        self._api = api
        self._origins = frozenset(urlsplit(each).netloc for each in state.settings.trusted_origins)
        self._remembered = lru_cache(maxsize=256)(self._take_apart)
        app.jinja_env.filters["cookieconsent_embeds"] = self.filter

    def filter(self, html: Any) -> str:
        """Return HTML with its frames, widgets and bare links of declared services as `embed()` shows them (A9).

        It is no sanitiser: what is not safe to show stays so. What was marked as safe HTML comes back marked, and
        what was not does not, so that a template escapes it.
        """
        pieces = self._remembered(str(html), request.host.lower())
        shown = "".join(self._show(each).strip() if not isinstance(each, str) else each for each in pieces)
        return Markup(shown) if hasattr(html, "__html__") else shown

    def _take_apart(self, html: str, host: str) -> tuple[str | Known | Target, ...]:
        try:
            from flask_cookieconsent.embeds import stored
        except ModuleNotFoundError as error:
            raise SetupError(
                "the filter cookieconsent_embeds needs a parser of HTML: pip install 'flask-cookieconsent[content]'"
            ) from error
        blocks = self._state.settings.undeclared_frames == "block"
        rules = stored.Rules(self._state.registry.services, self._origins | {host}, blocks)
        try:
            return stored.take_apart(html, rules)
        except UnstableContentError as error:
            logger.warning("%s; only its text is shown", error)
            return (str(escape(stored.words_of(html))),)

    def _show(self, piece: str | Known | Target) -> str:
        if isinstance(piece, str):
            return piece
        if isinstance(piece, Target):
            return self._renderer.render("undeclared.html", None, host=piece.host, address=piece.address)
        words = language(page_locale())
        name = words.text(self._state.registry.services[piece.service].name)
        title = piece.title or words.text("Content of %(name)s", name=name)
        return self._api.embed(piece.service, piece.reference, title=title)
