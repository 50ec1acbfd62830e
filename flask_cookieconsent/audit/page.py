"""What a page contacts when a browser loads it, read from its HTML, and the paths of this site that it leads to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

from justhtml import Element, JustHTML

from flask_cookieconsent.embeds.html import attribute, classes, nodes, parse
from flask_cookieconsent.embeds.sources import FRAMES, absolute, frame_sources, is_silent, media
from flask_cookieconsent.embeds.targets import read_target

#: How much of a start tag a finding shows.
_LONGEST_TAG = 160
#: `srcdoc` in `srcdoc`, and so on.
_DEEPEST = 3

_DIRECTIVES = {
    **dict.fromkeys(("iframe", "fencedframe", "portal", "oembed"), "frame-src"),
    **dict.fromkeys(("object", "embed", "applet"), "object-src"),
    **dict.fromkeys(("video", "audio", "source", "track", "bgsound"), "media-src"),
    **dict.fromkeys(("style", "link"), "style-src"),
    "script": "script-src",
}
# HTML standard, "JavaScript MIME type essence match"; what has another type does not run.
_RUNS = re.compile(r"(?:text|application)/(?:x-)?(?:java|ecma)script.*|module|", re.I)
_LINKED = re.compile(r"url\(\s*[\"']?([^\"')\s]+)|@import\s+[\"']([^\"']+)", re.I)


@dataclass(frozen=True)
class Contact:
    """A host that a page contacts: the URL as far as it is known, the csp directive that governs it, and by what.

    `element` is the start tag that names it. One that is `ours` stands in an embed of the extension; `is_script` says
    that an inline script names it, which may or may not call it.
    """

    host: str
    url: str
    directive: str
    element: str
    ours: bool = False
    is_script: bool = False


@dataclass(frozen=True)
class Page:
    """What was read of one HTML document."""

    contacts: tuple[Contact, ...]
    #: Every `href` of a link, as it stands.
    links: tuple[str, ...]
    #: The style sheets and scripts that the page loads, as they stand.
    files: tuple[str, ...]
    #: The hosts of stored content that is not shown, because nobody declares it.
    not_shown: tuple[str, ...]


@lru_cache(maxsize=2048)
def read_page(html: str, own: Collection[str]) -> Page:
    """Read a document; *own* are the hosts of the site (memoised: most visitors get the same page)."""
    root = JustHTML(html, sanitize=False, scripting_enabled=True).root
    elements = list(_elements(root))
    return Page(
        contacts=tuple(dict.fromkeys(_contacts(elements, own))),
        links=tuple(dict.fromkeys(attribute(each, "href") for each in elements if each.name in ("a", "area"))),
        files=tuple(dict.fromkeys(_files(elements))),
        not_shown=(),
    )


def in_style_sheet(css: str, url: str, own: Collection[str]) -> Iterator[Contact]:
    """Yield what a style sheet of this site contacts; *url* is its own address."""
    for address in dict.fromkeys([*absolute(css), *(one or other for one, other in _LINKED.findall(css))]):
        target = read_target(urljoin(url, address) if not address.startswith("//") else address, own)
        if target and target.host:
            yield Contact(target.host, target.address, "style-src", url)


def _elements(root: Any) -> Iterator[Any]:
    for node in nodes(root):
        if isinstance(node, Element):
            yield node
            if node.name == "noscript" and (text := node.to_text()):
                yield from _elements(parse(text, scripts=False))


def _contacts(elements: list[Any], own: Collection[str], depth: int = 0) -> Iterator[Contact]:
    for element in elements:
        name = element.name.lower()
        if name == "script" and not _RUNS.fullmatch(attribute(element, "type").strip()):
            continue
        sources = frame_sources(element) if name in FRAMES or is_silent(element) else []
        sources += [url for _, url in media(element)]
        if name == "base":
            sources.append(attribute(element, "href"))
        for target in (read_target(source, own) for source in sources):
            if target is not None and target.host:
                directive = _DIRECTIVES.get(name, "img-src")
                yield Contact(target.host, target.address, directive, _start_tag(element), _is_ours(element))
        if name == "script" and not attribute(element, "src"):
            for target in (read_target(each, own) for each in absolute(element.to_text())):
                if target is not None and target.host:
                    tag = _start_tag(element)
                    yield Contact(target.host, target.address, "script-src", tag, is_script=True)
        if depth < _DEEPEST and (inside := attribute(element, "srcdoc")):
            yield from _contacts(list(_elements(parse(inside))), own, depth + 1)


def _files(elements: list[Any]) -> Iterator[str]:
    for element in elements:
        if element.name == "script" and attribute(element, "src"):
            yield attribute(element, "src")
        if element.name == "link" and "stylesheet" in attribute(element, "rel").lower().split():
            yield attribute(element, "href")


def _is_ours(element: Any) -> bool:
    while isinstance(element, Element):
        if classes(element) & {"fcc-embed", "fcc-placeholder"}:
            return True
        element = element.parent
    return False


def _start_tag(element: Any) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in element.attrs.items())
    tag = f"<{element.name}{attributes}>"
    return tag if len(tag) <= _LONGEST_TAG else tag[: _LONGEST_TAG - 1] + "…"


def own_path(href: str, base: str, path: str) -> str | None:
    """Return the path and query of a link that leads to the same origin, None for every other."""
    try:
        parts = urlsplit(urljoin(base + path, href.strip()))
    except ValueError:
        return None
    if f"{parts.scheme}://{parts.netloc.lower()}" != base or not parts.path:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
