"""The Jinja filter `cookieconsent_embeds`: rewrites stored HTML, with placeholders and embeds in place of frames."""

from __future__ import annotations

import logging
from collections import OrderedDict
from importlib.util import find_spec
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from markupsafe import Markup, escape

from flask_cookieconsent.embeds.segments import Segment, TitledEmbed, Undeclared
from flask_cookieconsent.errors import SetupError, UnstableContentError
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.state import State

from .embed import render_embed
from .renderer import Renderer

logger = logging.getLogger("flask_cookieconsent")

#: Characters of content whose segments one app remembers; segments hold about as much again.
MEMO_SIZE = 4_000_000


class StoredContent:
    """The filter of one app; it memoises the segments of the latest contents, which are the same for everybody."""

    def __init__(self, app: Flask, state: State, renderer: Renderer) -> None:
        self._state = state
        self._renderer = renderer
        self._origins = frozenset(urlsplit(origin).netloc for origin in state.settings.trusted_origins)
        self._memo = SegmentMemo(MEMO_SIZE)
        app.jinja_env.filters["cookieconsent_embeds"] = self.filter

    def filter(self, html: Any) -> str:
        """Return HTML with its frames, widgets and bare links of declared services as `embed()` shows them (A9).

        It is no sanitiser: what is not safe to show stays so. What was marked as safe HTML comes back marked, and
        what was not does not, so that a template escapes it.

        :raises SetupError: if the extra `cms` is not installed.
        """
        key = (str(html), request.host.lower())
        segments = self._memo.get(key)
        if segments is None:
            segments = self._take_apart(*key)
            self._memo.put(key, segments)
        shown = "".join(map(self._show, segments))
        return Markup(shown) if hasattr(html, "__html__") else shown

    def _take_apart(self, html: str, host: str) -> tuple[Segment, ...]:
        if find_spec("justhtml") is None:
            raise SetupError(
                "the filter cookieconsent_embeds needs an HTML parser: pip install 'flask-cookieconsent[cms]'"
            )
        from flask_cookieconsent.embeds import stored  # the parser is an extra

        blocks = self._state.settings.undeclared_frames == "block"
        rules = stored.Rules(self._state.embeds, self._origins | {host}, blocks, self._state.settings.url_prefix)
        try:
            return stored.take_apart(html, rules)
        except UnstableContentError as error:
            logger.warning("stored HTML reduced to its words: %s; it begins %.100r", error, html)
            return (str(escape(stored.words_in(html))),)

    def _show(self, segment: Segment) -> str:
        if isinstance(segment, str):
            return segment
        if isinstance(segment, Undeclared):
            return self._renderer.render("undeclared.html", None, host=segment.host, address=segment.address).strip()
        return render_embed(
            self._state, self._renderer, segment.embed, title=segment.title or _title_of(segment)
        ).strip()


def _title_of(segment: TitledEmbed) -> str:
    words = page_language()
    return words.text("Content of %(name)s", name=words.text(segment.embed.service.name))


class SegmentMemo:
    """An LRU cache bounded by the characters of its keys rather than by their number; safe for threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._entries: OrderedDict[tuple[str, str], tuple[Segment, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, str]) -> tuple[Segment, ...] | None:
        """Return what is remembered under a content and a host, or None."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: tuple[str, str], segments: tuple[Segment, ...]) -> None:
        """Remember segments and forget the least recently used; a content longer than a quarter of all is not kept."""
        with self._lock:
            if key in self._entries or _length(key) > self._size // 4:
                return
            self._entries[key] = segments
            self._free -= _length(key)
            while self._free < 0:
                oldest, _ = self._entries.popitem(last=False)
                self._free += _length(oldest)


def _length(key: tuple[str, str]) -> int:
    return sum(map(len, key))
