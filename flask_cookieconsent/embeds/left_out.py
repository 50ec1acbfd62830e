"""What was left out of one stored content, told once in the log, with what to write instead."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import NamedTuple

from .lookup import EmbedIndex
from .targets import Target

logger = logging.getLogger("flask_cookieconsent")

#: What a browser would have fetched; of a vendor's style sheet the same is true as of its script.
SCRIPT, FRAME, PICTURE = "script or style sheet", "frame", "picture or sound"

_MOST_LOGGED = 20

_COPY = "keep a copy of a picture on this site; what counts visitors is loaded by cookieconsent.head() once allowed"
_EMBED = "put the address of the page that shows it in a paragraph of its own, or cookieconsent.embed() in the template"
_DECLARE = "declare its service; `flask cookieconsent new-service` finds it by the embed code, or writes a skeleton"
_NO_EMBED = "link to a page that shows it; what the service itself needs is loaded by cookieconsent.head() once allowed"


class _Item(NamedTuple):
    host: str
    what: str = ""


class LeftOut:
    """The addresses that were left out of one content; whoever writes content must not fill the log."""

    def __init__(self, embeds: EmbedIndex) -> None:
        self._embeds = embeds
        self._items: dict[str, _Item] = {}

    def undeclared(self, target: Target) -> None:
        """Note what no service declares."""
        self._note(target, "")

    def declared(self, target: Target, what: str) -> None:
        """Note what a declared service would have been called on by: a script, a frame, a picture or style sheet."""
        self._note(target, what)

    def _note(self, target: Target, what: str) -> None:
        if target.address:
            self._items.setdefault(target.address, _Item(target.host, what))

    def tell(self, shown: Collection[str]) -> None:
        """Log them, but no script of the provider of a service that is *shown*, by its id: its embed needs none."""
        lines = [(address, item) for address, item in self._items.items() if not self._is_replaced(item, shown)]
        for address, item in lines[:_MOST_LOGGED]:
            if item.what:
                logger.warning(
                    "%s of a declared service left out of stored HTML: %.300r; %s",
                    item.what,
                    address,
                    self._remedy(item),
                )
            else:
                logger.warning("undeclared third-party content left out of stored HTML: %.300r; %s", address, _DECLARE)
        if len(lines) > _MOST_LOGGED:
            logger.warning("more that was left out of the same stored HTML is not logged")

    def _is_replaced(self, item: _Item, shown: Collection[str]) -> bool:
        return item.what == SCRIPT and self._embeds.is_of_provider(item.host, shown)

    def _remedy(self, item: _Item) -> str:
        if item.what == PICTURE:
            return _COPY
        return _EMBED if self._embeds.can_embed(item.host) else _NO_EMBED
