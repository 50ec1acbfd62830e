"""HTML as a tree, read as browsers read it and written so that it is read the same again; where embeds can stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from justhtml import Element, JustHTML, Text

# An embed has blocks, links and forms of its own, so it cannot be inside these.
_HOLD_NO_EMBED = frozenset(
    (
        *("p", "a", "button", "form", "label", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary", "select"),
        *("noscript", "svg", "math", "object", "applet", "video", "audio", "canvas"),
    )
)

# Elements whose inside is text, or read by rules of its own.
_RAW = frozenset(("style", "xmp", "noembed", "noframes", "noscript", "textarea", "title", "svg", "math"))


def parse(html: str, *, scripts: bool = True) -> Any:
    """Return the tree that a browser makes of a piece of HTML, with its scripts on or off."""
    return JustHTML(html, fragment=True, sanitize=False, scripting_enabled=scripts).root


def attribute(element: Any, name: str) -> str:
    """Return the value of an attribute, empty where there is none."""
    return element.attrs.get(name) or ""


def elements(root: Any) -> Iterator[Any]:
    """Yield an element and all that are in it, in the order of the document, what templates keep included."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Element):
            yield node
            if content := getattr(node, "template_content", None):
                stack.append(content)
        stack.extend(reversed(node.children or ()))


def tidy(root: Any) -> None:
    """Make a tree that is written as it is read."""
    for element in list(elements(root)):
        if element.name == "noscript" and element.namespace == "html":
            _open_noscript(element)
    for element in [each for each in elements(root) if each.name == "select"]:
        _clear_select(element)
    for element in elements(root):
        for name in [each for each in element.attrs if "=" in each]:
            del element.attrs[name]  # broken HTML that cannot be written again
        if element.name == "base":
            element.attrs.clear()  # it would lead every address of the page elsewhere, our own too
        elif element.name == "iframe":
            element.children.clear()  # text that no browser shows
        elif element.name == "plaintext":
            element.name = "pre"  # it would swallow the rest of the page
        first = element.children[0] if element.children else None
        if element.name in ("pre", "textarea", "listing") and isinstance(first, Text) and str(first.data)[:1] == "\n":
            first.data = f"\n{first.data}"  # browsers drop one


def _open_noscript(element: Any) -> None:
    """Put elements in the place of the text that `noscript` is to browsers with scripts."""
    inside = parse(element.to_text(), scripts=False)
    for child in list(element.children):
        element.remove_child(child)
    for child in list(inside.children):
        inside.remove_child(child)
        element.append_child(child)
    for each in [each for each in elements(element) if each.name == "noscript" and each is not element]:
        # Its end would be the end of both to browsers with scripts.
        each.parent.remove_child(each)


def _clear_select(element: Any) -> None:
    """Take out what older browsers do not know inside `select`: its text would be elements to them."""
    for each in list(elements(element)):
        if each.name in _RAW and each in each.parent.children:
            each.parent.remove_child(each)


def is_in_noscript(element: Any) -> bool:
    """Tell whether an element is for browsers without scripts alone."""
    return any(each.name == "noscript" for each in _ancestors(element))


def _ancestors(element: Any) -> Iterator[Any]:
    node = element.parent
    while isinstance(node, Element):  # what a template keeps has no place outside it
        yield node
        node = node.parent


def outermost(element: Any) -> Any:
    """Return the element around this one behind which its embed has to stand, or None where it can stay."""
    return next((each for each in list(_ancestors(element))[::-1] if each.name in _HOLD_NO_EMBED), None)


def with_wrapper(element: Any) -> Any:
    """Return the box that gives a frame its shape and holds nothing else, ours or of the site, or the frame itself."""
    parent = element.parent
    style = attribute(parent, "style").lower()
    shapes = ("padding" in style and "%" in style) or "fcc-embed" in attribute(parent, "class").split()
    return parent if parent.name == "div" and shapes and _is_empty(parent, element) else element


def _is_empty(parent: Any, but: Any = None) -> bool:
    return all(each is but or (each.name == "#text" and not each.data.strip()) for each in parent.children)


def behind(node: Any) -> Any:
    """Return what follows a node, or None at the end."""
    siblings = node.parent.children
    place = next(place for place, each in enumerate(siblings) if each is node)
    return siblings[place + 1] if place + 1 < len(siblings) else None


def remove(element: Any, outer: Any) -> None:
    """Take an element out, with what it leaves empty of the paragraph or link it stood in."""
    parent = element.parent
    parent.remove_child(element)
    while outer is not None and _is_empty(parent):
        element, parent = parent, parent.parent
        parent.remove_child(element)
        if element is outer:
            break
