"""Pieces of HTML with holes for what differs from request to request, and who stands in where nobody asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup, escape

# Holes that a remembered fragment keeps for what differs from request to request; `fill` closes them.
_NEXT, _NONCE, _PLACE = "fcc-next-hole", "fcc-nonce-hole", "fcc-place-hole"
HOLES: Mapping[str, Any] = MappingProxyType({"next": _NEXT, "nonce": _NONCE, "place": _PLACE})
#: The parts of a fragment that is sent without a page, and so has nothing to put there.
NO_HOLES: Mapping[str, str] = MappingProxyType(dict.fromkeys(HOLES, ""))

#: A piece between its comments: its name, its MAC, and its HTML, in which no other begins.
PIECE = re.compile(r"<!--fcc:(head|banner|link|embed) ([0-9a-f]{16})-->((?:(?!<!--fcc).)*)<!--fcc/-->", re.DOTALL)

#: What stands behind every piece; so long a word is found fast.
CLOSING = b"<!--fcc/-->"


def bounded(name: str, html: str, *, key: bytes, made: set[str]) -> Markup:
    """Return a piece of HTML between comments, by which it is found again in a page that was kept.

    Its MAC is added to those *made* in the present request.
    """
    mac = mac_of(name, html, key)
    made.add(mac)
    return Markup(f"<!--fcc:{name} {mac}-->{html}<!--fcc/-->")


# Most pieces are the same on page after page.
@lru_cache(maxsize=512)
def mac_of(name: str, html: str, key: bytes) -> str:
    """Return the keyed BLAKE2b (RFC 7693) of a piece, 64 bits in hexadecimal (memoised).

    Whoever writes the content of a page can write comments too, in an attribute for one, which what is put in their
    place would end. What they write is no piece.
    """
    return blake2b(f"{name} {html}".encode("utf-8", "surrogatepass"), key=key, digest_size=8).hexdigest()


def macs_in(body: bytes) -> set[str]:
    """Return the MACs of all pieces in a body, true ones or not."""
    # A regular expression would take twice as long.
    openings = (part[:32].partition(b"-->")[0] for part in body.split(b"<!--fcc:")[1:])
    return {opening[-16:].decode("latin-1") for opening in openings}


def without_bounds(html: str) -> str:
    """Return HTML of others in which nothing passes for such a comment: none of it is a piece to be made anew.

    In an attribute or a script it would be no comment, and what is put in its place would end them.
    """
    return html.replace("<!--fcc", "<!-- fcc")


class Nothing:
    """Stands in a template for the request, the session and `g` of nobody: whatever is asked of it is nothing."""

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **more: Any) -> Nothing:
        return self

    def __getitem__(self, key: Any) -> Nothing:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __str__(self) -> str:
        return ""


class Piece(NamedTuple):
    """A fragment with its holes open, and what there is to know of them."""

    text: str
    #: The same as it is, for a page that has nothing to put into its holes.
    html: Markup
    #: Whether it holds a form that leads back to its page.
    leads_back: bool

    @classmethod
    def of(cls, text: str) -> Piece:
        """Look at a fragment once."""
        return cls(text, Markup(text), _NEXT in text)


def fill(fragment: str, *, nonce: str = "", next: str = "", place: str = "") -> Markup:
    """Close the holes of a fragment: the nonce of its scripts, the page its form leads back to, its embed's place."""
    if nonce:
        fragment = fragment.replace(_NONCE, escape(nonce))
    if place:
        fragment = fragment.replace(_PLACE, place)
    if next:  # last, because a visitor writes it and may write the name of a hole into it
        fragment = fragment.replace(_NEXT, escape(next))
    return Markup(fragment)
