"""Bare addresses: a paragraph, list item or block in which every word is one, as text or as a link that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from justhtml import Element

from .html import attribute

BLOCKS = frozenset(("p", "div", "li"))
_INLINE = frozenset(("a", "b", "br", "em", "font", "i", "ins", "mark", "nobr", "small", "span", "strong", "u", "wbr"))
# WordPress writes an address so where it stands among others; editors leave invisible characters beside one.
_AROUND = re.compile(r"\[/?embed[^\]\[]{0,200}\]|[\u200b\ufeff]")


class Line(NamedTuple):
    """A word that may be an address: what is shown, where it leads, and the title that its link has."""

    text: str
    address: str
    title: str = ""


def lines(block: Any) -> list[Line]:
    """Return the words and links of a block, or nothing where it holds anything else."""
    found: list[Line] = []
    stack = list(reversed(block.children or ()))
    while stack:
        node = stack.pop()
        if node.name == "#text":
            words = list(_words(str(node.data or "")))
            if not all(word.address for word in words):
                return []
            found += words
        elif not isinstance(node, Element) or node.name not in _INLINE:
            return []
        elif node.name == "a":
            text = _text(node)
            if text is None:
                return []
            found.append(Line(text, attribute(node, "href"), attribute(node, "title")))
        else:
            stack.extend(reversed(node.children or ()))
    return found


def _words(text: str) -> Iterator[Line]:
    for word in _AROUND.sub(" ", text).split():
        is_address = "//" in word[:8]
        yield Line(word, word if is_address else f"https://{word}" if word.startswith("www.") else "")


def _text(link: Any) -> str | None:
    """Return the text of a link, or None where it holds more than text."""
    texts: list[str] = []
    stack = list(reversed(link.children or ()))
    while stack:
        node = stack.pop()
        if node.name == "#text":
            texts.append(str(node.data or ""))
        elif not isinstance(node, Element) or node.name == "a" or node.name not in _INLINE:
            return None
        else:
            stack.extend(reversed(node.children or ()))
    return _AROUND.sub("", "".join(texts)).strip()
