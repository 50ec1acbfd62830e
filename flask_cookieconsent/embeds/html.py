"""Parse HTML as browsers do and normalise it until serialising and parsing agree; which elements may hold an embed.

Every function is linear in the size of the tree, however deeply it is nested: contents are written by strangers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from justhtml import Element, JustHTML, Text

# An embed has blocks, links and buttons of its own, so it cannot be inside these.
_HOLD_NO_EMBED = frozenset(
    (
        *("p", "a", "button", "label", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary", "select"),
        *("noscript", "svg", "math", "object", "applet", "video", "audio", "canvas"),
    )
)

# Elements whose inside is text, or read by rules of its own.
_RAW = frozenset(("style", "xmp", "noembed", "noframes", "noscript", "textarea", "title", "svg", "math"))

# Boxes that reserve a space: by the names that frameworks and editors have for them, or by their style.
_BOXES = frozenset(
    (
        *("fcc-embed", "ratio", "embed-responsive", "responsive-embed", "flex-video", "fluid-width-video-wrapper"),
        *("video-container", "video-wrapper", "videowrapper", "embed-container", "iframe-container"),
        *("wp-block-embed__wrapper", "iframely-responsive"),
    )
)
_SPACE = re.compile(r"aspect-ratio|(?:^|;)\s*(?:min-)?height\s*:")

# A box with more in it is no mere wrapper of a frame.
_MOST_IN_WRAPPER = 16


def parse(html: str, *, scripts: bool = True) -> Any:
    """Parse an HTML fragment by the algorithm of the HTML standard, with scripting on or off; return its root node."""
    return JustHTML(html, fragment=True, sanitize=False, scripting_enabled=scripts).root


def serialise(root: Any) -> str:
    """Serialise a tree as the HTML standard does, without any formatting."""
    return str(root.to_html(pretty=False))


def attribute(element: Any, name: str) -> str:
    """Return the value of an attribute, or an empty string where there is none."""
    return element.attrs.get(name) or ""


def classes(element: Any) -> set[str]:
    """Return the classes of an element."""
    return set(attribute(element, "class").split())


# -- walking ----------------------------------------------------------------------------------------------------------


def _inside(node: Any) -> list[Any]:
    content = getattr(node, "template_content", None)
    return [*(node.children or ()), *([content] if content else [])]


def nodes(root: Any, closed: Callable[[Any], bool] = lambda node: False) -> Iterator[Any]:
    """Yield the nodes inside a node in document order, contents of templates included, but none inside a *closed* one.

    What is inside a node is asked for after the node was yielded, so it may be changed in between.
    """
    stack = _inside(root)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not closed(node):
            stack.extend(reversed(_inside(node)))


def text_of(node: Any, closed: Callable[[Any], bool] = lambda node: False) -> str:
    """Return the text content of a node, its parts stripped and joined by spaces, without what is inside *closed*."""
    parts = (str(inner.data).strip() for inner in nodes(node, closed) if inner.name == "#text")
    return " ".join(part for part in parts if part)


class Position(NamedTuple):
    """A node with what its ancestors say: the outermost that may hold no embed, and whether one is a `noscript`."""

    node: Any
    outer: Any = None
    in_noscript: bool = False

    def inside(self) -> Iterator[Position]:
        """Yield the positions of what is inside; the content of a template has no ancestor outside it."""
        outer, name = self.outer, self.node.name
        if outer is None and name in _HOLD_NO_EMBED:
            outer = self.node
        for child in self.node.children or ():
            yield Position(child, outer, self.in_noscript or name == "noscript")
        if content := getattr(self.node, "template_content", None):
            yield Position(content)


# -- normalising ------------------------------------------------------------------------------------------------------


def tidy(root: Any) -> None:
    """Normalise a tree so that parsing its serialisation gives the same tree, in browsers with scripting on or off."""
    for node in nodes(root):
        if isinstance(node, Element):
            for mutate in (_drop_broken_attributes, *_MUTATIONS.get(node.name, ())):
                mutate(node)


def _drop_broken_attributes(element: Any) -> None:
    for name in [name for name in element.attrs if "=" in name]:
        del element.attrs[name]  # it cannot be serialised


def _open_noscript(element: Any) -> None:
    """Put elements in the place of the text that `noscript` is to browsers with scripting."""
    if element.namespace != "html":
        return
    root = parse(element.to_text(), scripts=False)
    # The end of a nested one would be the end of both to browsers with scripting.
    for node in [root, *nodes(root)]:
        _keep_children(node, lambda child: child.name != "noscript")
    element.children = root.children
    for child in element.children:
        child.parent = element


def _clear_select(element: Any) -> None:
    """Take out what older browsers do not know inside `select`: its text would be elements to them."""
    # One nested in it, by a template, has its turn later.
    for node in [element, *nodes(element, closed=lambda node: node.name == "select")]:
        _keep_children(node, lambda child: child.name not in _RAW)


def _keep_children(node: Any, wanted: Callable[[Any], bool]) -> None:
    if node.children:
        node.children = [child for child in node.children if wanted(child)]


def _disarm_base(element: Any) -> None:
    element.attrs.clear()  # it would lead every address of the page elsewhere, our own too


def _empty(element: Any) -> None:
    element.children.clear()  # text that no browser shows


def _end_plaintext(element: Any) -> None:
    element.name = "pre"  # it would swallow the rest of the page


def _double_first_newline(element: Any) -> None:
    first = element.children[0] if element.children else None
    if isinstance(first, Text) and str(first.data).startswith("\n"):
        first.data = f"\n{first.data}"  # parsers drop one


_MUTATIONS: Mapping[str, tuple[Callable[[Any], None], ...]] = MappingProxyType(
    {
        "noscript": (_open_noscript,),
        "select": (_clear_select,),
        "base": (_disarm_base,),
        "iframe": (_empty,),
        "plaintext": (_end_plaintext, _double_first_newline),
        "pre": (_double_first_newline,),
        "textarea": (_double_first_newline,),
        "listing": (_double_first_newline,),
    }
)


# -- replacing --------------------------------------------------------------------------------------------------------


class Edits:
    """Removals and insertions in a tree, collected first and applied in one go, so that many siblings cost no more."""

    def __init__(self) -> None:
        self._gone: set[Any] = set()
        self._followers: dict[Any, list[Any]] = {}
        #: How many children that show something are left, of each element from which some have gone.
        self._left: dict[Any, int] = {}

    def replace(self, element: Any, outer: Any, substitutes: Iterable[Any]) -> None:
        """Take an element out, with the wrapper around it; substitutes follow it, or *outer*, which can hold none.

        What becomes empty by that, up to *outer*, goes too.
        """
        element = self._with_wrapper(element)
        self._followers.setdefault(element if outer is None else outer, []).extend(substitutes)
        self._gone.add(element)
        while outer is not None and element is not outer:
            element = element.parent
            if element not in self._left:
                self._left[element] = sum(map(_shows, element.children))
            self._left[element] -= 1
            if self._left[element]:
                break
            self._gone.add(element)

    def _with_wrapper(self, element: Any) -> Any:
        """Return the box that gives a frame its shape and holds nothing else, ours or of the site, or the frame."""
        box = element.parent
        if box.name != "div" or len(box.children) > _MOST_IN_WRAPPER:
            return element  # asked first: many siblings would read a long style again and again
        names = {name.lower() for name in classes(box)}
        if not names & _BOXES and not _reserves_space(attribute(box, "style").lower()):
            return element
        return element if any(child is not element and self._is_there(child) for child in box.children) else box

    def _is_there(self, node: Any) -> bool:
        return bool(self._followers.get(node)) or (node not in self._gone and _shows(node))

    def apply(self) -> None:
        """Change the tree."""
        for parent in {node.parent for node in self._gone | self._followers.keys()}:
            children = []
            for child in parent.children:
                followers = self._followers.get(child, ())
                children += [*([] if child in self._gone else [child]), *followers]
                for follower in followers:
                    follower.parent = parent
            parent.children = children


def _reserves_space(style: str) -> bool:
    return ("padding" in style and "%" in style) or bool(_SPACE.search(style))


def _shows(node: Any) -> bool:
    return node.name != "#text" or bool(node.data.strip())
