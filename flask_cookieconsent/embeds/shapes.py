"""The space of a pasted frame: which of the shapes is nearest to its width and height."""

from __future__ import annotations

import re
from dataclasses import replace

from flask_cookieconsent.core.kinds import Shape
from flask_cookieconsent.core.services import Frame

from .lookup import Embed

_PIXELS = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]*)?\s*(?:px)?\s*", re.ASCII)

# Half way, as a ratio, between 9:16 and 4:3, and between 4:3 and 16:9.
_TALL, _SQUARE = 0.87, 1.54


def shaped(embed: Embed, width: str, height: str) -> Embed:
    """Return an embed in the shape that a pasted width and height have.

    It is for videos that may have any shape; where the provider's own parser says that one is upright, it stays so.
    """
    content = embed.content
    if not isinstance(content, Frame) or content.kind != "video" or content.shape != "wide":
        return embed
    shape = _shape(width, height)
    return embed if shape == "wide" else replace(embed, content=replace(content, shape=shape))


def _shape(width: str, height: str) -> Shape:
    across, down = _PIXELS.fullmatch(width), _PIXELS.fullmatch(height)
    if not across or not down or not int(across[1]) or not int(down[1]):
        return "wide"
    ratio = int(across[1]) / int(down[1])
    if ratio < _TALL:
        return "tall"
    return "square" if ratio < _SQUARE else "wide"
