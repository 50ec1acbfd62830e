"""Bound what it costs to parse HTML, from its text alone: before a parser builds a tree of any depth and size.

Parsers look through the open elements at many tags, and open formatting elements again in every block (HTML standard,
"reconstruct the active formatting elements"), so a few kilobytes of elements that nobody closed cost minutes. Browsers
do it too, in a faster language.
"""

from __future__ import annotations

import re

# A tag whose quotes and brackets can be read in one way only, a whole comment, or what begins like either.
_MARKUP = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-z][a-z0-9:-]*+)
          (?:[\t\n\f\r /]++[^\t\n\f\r "'<>/=]++
             (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\t\n\f\r "'<>=`]++))?+)*+
          (?P<space>[\t\n\f\r /]*+)>
      |<!--[^<>]*+(?<=--)>
      |<(?:!(?!--|\[)|[?]|/(?![a-z]))[^<>]*+>
      |<(?P<odd>/?[a-z][^\t\n\f\r />]*+|[!?/])""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)

_VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen"),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
_FOREIGN = ("svg", "math")
# What drawings are made of; in them, and in nothing of HTML, a slash ends an element. Their words may hold HTML.
_WORDS = ("title", "desc")
_DRAWN = frozenset(
    (
        *_WORDS,
        *("circle", "clippath", "defs", "ellipse", "g", "line", "lineargradient", "marker", "mask", "path", "pattern"),
        *("polygon", "polyline", "radialgradient", "rect", "stop", "svg", "symbol", "text", "tspan", "use"),
    )
)


def nesting(html: str) -> int:
    """Return an upper bound of the open elements at each tag, in sum over all tags; the cost of parsing follows it.

    An element counts as closed where the next tag that is left is its own end tag, and nowhere else, so what is not
    surely closed counts to the end.
    """
    opened: list[str] = []
    total = foreign = 0
    # Whether all tags so far are surely tags, and all that is open in the present drawing is surely of it.
    is_sure, is_drawing = True, False
    for tag in _MARKUP.finditer(html):
        name = (tag["name"] or "").lower()
        if odd := tag["odd"]:
            opened.append("")
            foreign += odd.lower() in _FOREIGN
            is_sure = is_drawing = False
        elif name and tag["end"]:
            if opened and opened[-1] == name:
                opened.pop()
                foreign -= name in _FOREIGN
            else:
                is_drawing = False
        elif name:
            if not foreign:
                is_drawing = is_sure and name == "svg"
            elif name not in _DRAWN or opened[-1] in _WORDS:
                is_drawing = False
            is_ended = tag["space"].endswith("/") if is_drawing else name in _VOID and not foreign
            if not is_ended:
                opened.append(name)
                foreign += name in _FOREIGN
        total += len(opened)
    return total
