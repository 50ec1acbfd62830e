"""The Jinja filter `cookieconsent_embeds`: rewrites stored HTML, with placeholders and embeds in place of frames."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from sys import getsizeof
from threading import Lock
from typing import Any, NamedTuple

from flask import Flask, has_request_context
from markupsafe import Markup, escape

from flask_cookieconsent.embeds.segments import NotShown, Segment, TitledEmbed
from flask_cookieconsent.embeds.targets import host_of_source
from flask_cookieconsent.errors import SetupError, UnstableContentError
from flask_cookieconsent.http.own_hosts import OwnHosts
from flask_cookieconsent.state import State

from .embed import render_embed, render_not_shown, render_plain, usual_title
from .fragments import without_bounds
from .renderer import Renderer

logger = logging.getLogger("flask_cookieconsent")

#: Bytes of contents and their segments that one app remembers in each process.
MEMO_SIZE = 16_000_000

# An authority in what is written as an address: what a content can call this site by, at most.
_AUTHORITY = re.compile(r"//([a-z0-9.:\[\]_-]+)")

_SURROGATE = re.compile(r"[\ud800-\udfff]")

_MEDIA = ("default-src", "img-src", "media-src", "style-src", "font-src")

# What a segment that is no text takes, besides its texts.
_SEGMENT_SIZE = 1_000


class Reading(NamedTuple):
    """What one content is made of, and the hosts that it names: any of them may turn out to be this site."""

    segments: tuple[Segment, ...]
    hosts: frozenset[str]


class StoredContent:
    """The filter of one app; it memoises the readings of the latest contents, which are the same for everybody."""

    def __init__(self, app: Flask, state: State, renderer: Renderer) -> None:
        self._state = state
        self._renderer = renderer
        self._own = OwnHosts.of(app.config, state.settings)
        self._memo = ReadingMemo(MEMO_SIZE)

    def filter(self, html: Any, *, plain: bool = False) -> str:
        """Return HTML with its frames, widgets and bare links of declared services as `embed()` shows them (A9).

        With *plain*, and outside a request, each is a title and a link, whoever reads it. It is no sanitiser: what is
        not safe to show stays so. What was marked as safe HTML comes back marked, and what was not does not, so that a
        template escapes it.

        :raises SetupError: if the extra `cms` is not installed.
        """
        # Half of a surrogate pair, as broken JSON has it, could not be sent.
        text = _SURROGATE.sub("\ufffd", str(html))
        reading = self._read(text)
        # A visitor writes the `Host` header, so it is asked for only where the content itself names that host.
        if reading.hosts and (host := self._own.present()) in reading.hosts:
            reading = self._read(text, host)
        is_plain = plain or not has_request_context()
        shown = "".join(
            each if isinstance(each, str) else self._show(each, is_plain=is_plain) for each in reading.segments
        )
        return Markup(shown) if hasattr(html, "__html__") else shown

    def _read(self, html: str, host: str = "") -> Reading:
        reading = self._memo.get((html, host))
        if reading is None:
            reading = Reading(self._take_apart(html, host), frozenset(_AUTHORITY.findall(html.lower())))
            self._memo.put((html, host), reading)
        return reading

    def _take_apart(self, html: str, host: str) -> tuple[Segment, ...]:
        if find_spec("justhtml") is None:
            raise SetupError(
                "the filter cookieconsent_embeds needs an HTML parser: pip install 'flask-cookieconsent[cms]'"
            )
        from flask_cookieconsent.embeds import judge, stored  # the parser is an extra

        settings = self._state.settings
        rules = judge.Rules(
            embeds=self._state.embeds,
            own=self._own.named | {host} - {""},
            blocks=settings.undeclared_frames == "block",
            prefix=settings.url_prefix.fixed,
            blocks_media=settings.undeclared_media == "block",
            media=_media_hosts(settings.csp_sources or {}),
        )
        try:
            segments = stored.take_apart(html, rules)
            return tuple(without_bounds(each) if isinstance(each, str) else each for each in segments)
        except UnstableContentError as error:
            logger.warning("stored HTML reduced to its words: %s; it begins %.100r", error, html)
            return (str(escape(stored.words_in(html))),)

    def _show(self, segment: TitledEmbed | NotShown, *, is_plain: bool) -> str:
        if isinstance(segment, NotShown):
            return render_not_shown(self._state, self._renderer, segment, is_plain=is_plain)
        title = segment.title or usual_title(segment.embed.service)
        if is_plain:
            return render_plain(self._renderer, title, segment.embed.content.link)
        return render_embed(self._state, self._renderer, segment.embed, title=title)


def _media_hosts(sources: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the hosts from which the site has pictures, sounds and style sheets, as its policy says."""
    names = {host_of_source(source) for name in _MEDIA for source in sources.get(name, ())}
    return frozenset(names - {""})


class ReadingMemo:
    """An LRU cache bounded by the bytes that it holds rather than by their number; safe for threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._entries: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, str]) -> Reading | None:
        """Return what is remembered under a content and a host, or None."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: tuple[str, str], reading: Reading) -> None:
        """Remember a reading and forget the least recently used; what takes a quarter of all or more is not kept."""
        size = _size(key, reading)
        with self._lock:
            if key in self._entries or size > self._size // 4:
                return
            self._entries[key] = reading
            self._free -= size
            while self._free < 0:
                self._free += _size(*self._entries.popitem(last=False))


def _size(key: tuple[str, str], reading: Reading) -> int:
    """Return about how many bytes an entry of the memo takes."""
    return sum(map(getsizeof, (*key, *reading.hosts))) + sum(map(_size_of, reading.segments))


def _size_of(segment: Segment) -> int:
    if isinstance(segment, str):
        return getsizeof(segment)
    texts = (segment.embed.reference, segment.title) if isinstance(segment, TitledEmbed) else (segment.address,)
    return _SEGMENT_SIZE + sum(map(getsizeof, texts))
