"""What an element makes a browser fetch: frames, scripts and links, pictures, sounds and style sheets, CSS in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .html import attribute, nodes
from .targets import DROPPED

FRAMES = ("iframe", "object", "embed", "applet", "fencedframe", "portal", "oembed")
_PLUGINS = ("object", "applet")
# Attributes of them, and names of their parameters, that hold a URL.
_SOURCES = ("src", "data", "code", "codebase", "url", "href", "xlink:href")
_PARAMETERS = ("movie", "src", "url", "data", "filename")

# Links for which a browser calls on a host, though they show nothing in the content.
_SILENT = frozenset(
    (
        *("preload", "modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch", "compression-dictionary"),
        *("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image", "mask-icon"),
        *("manifest", "search"),
    )
)
# HTML standard, "shared declarative refresh steps": what stands before the URL.
_BEFORE_URL = re.compile(r"[\s\d.]*[;,]?\s*(?:url\s*=)?\s*", re.IGNORECASE)

#: Elements that are nothing without what they fetch; a button of a picture shows its words.
LOADERS = frozenset(("img", "image", "feimage", "use", "link", "source", "track", "style", "bgsound", "video", "audio"))
# Attributes without which they are still something.
_BESIDES = frozenset(("style", "poster", "background", "attributionsrc"))

_FETCHED = frozenset(("src", "poster", "background", "lowsrc", "dynsrc"))
_LAZY = re.compile(
    r"data-(?:[a-z0-9_]+-){0,4}(?:src|srcset|original|bg|background|poster|image|lazy|thumb|thumbnail)\b"
)
_LINKED = frozenset(("image", "feimage", "use"))
# What holds several addresses, or CSS, in which they stand among other things. The last two are called on by a click.
_LISTS = frozenset(("srcset", "imagesrcset", "attributionsrc", "ping"))
_ANIMATIONS = frozenset(("set", "animate"))
_STEPS = frozenset(("to", "from", "by", "values"))
#: Attributes that hold CSS, or one value of it.
STYLED = frozenset(
    ("style", "fill", "stroke", "filter", "mask", "clip-path", "cursor")
    + ("marker", "marker-start", "marker-mid", "marker-end")
)
# What leads elsewhere, or is judged by an address of its own, is drawn and followed all the same.
_APART = frozenset((*FRAMES, "script", "a", "area"))
_OF_ALL = frozenset((*STYLED, "attributionsrc", "ping"))
# An absolute address at the start of a word, a text in quotes, or an argument; names of namespaces are none.
_ADDRESS = re.compile(
    r"""(?:\A|(?<=[\x00-\x20,;"'(=]))(?!https?://www\.w3\.org/)(?:https?:[/\\]*|[/\\]{2,})[^\x00-\x20"'(),;]+""", re.I
)
# A style sheet inside an address, in any encoding: whatever it imports itself cannot be seen.
_HIDDEN_SHEET = re.compile(r"data:(?!image/|font/|application/)[^\"'()]*", re.I)
# CSS Syntax Level 3, section 4.3.7.
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})[ \t\n\r\f]?|\n|(.))", re.I | re.S)


def frame_sources(element: Any) -> list[str]:
    """Return the URLs that a frame, plug-in, script or link loads, or has a script of the page load later (lazily)."""
    if url := refresh(element):
        return [url]
    attributes = element.attrs.items()
    sources = [value for name, value in attributes if name in _SOURCES]
    lazy = ("src",) if "src" in element.attrs else ("src", "url")
    # Consent tools and lazy loaders have a name of their own each: `data-cookieblock-src`, `uc-src`, `suppressedsrc`.
    sources += [
        value
        for name, value in attributes
        if name not in (*_SOURCES, "srcdoc")
        and ("src" in name or (name.startswith("data-") and any(word in name for word in lazy)))
    ]
    if element.name in _PLUGINS:
        # The parameters of a plug-in inside it are judged with that one.
        for node in nodes(element, closed=lambda node: node.name in _PLUGINS):
            if node.name == "param" and attribute(node, "name").lower() in _PARAMETERS:
                sources.append(attribute(node, "value"))
    return [source for source in sources if source]


def is_silent(element: Any) -> bool:
    """Tell whether an element calls on a host, or leads the page to it, and shows nothing."""
    is_link = element.name == "link" and bool(_SILENT & _relations(element))
    return element.name == "script" or is_link or bool(refresh(element))


def refresh(element: Any) -> str:
    """Return the URL that an element leads the whole page to, or an empty string."""
    if element.name != "meta" or attribute(element, "http-equiv").strip().lower() != "refresh":
        return ""
    url = _BEFORE_URL.sub("", attribute(element, "content"), count=1)
    return url[1:].partition(url[0])[0] if url[:1] in ("'", '"') else url


def media(element: Any) -> Iterator[tuple[str, str]]:
    """Yield each URL of a picture, sound or style sheet, after the attribute that names it; CSS inside has none."""
    name = element.name.lower()
    for key, value in element.attrs.items():
        if not value or (name in _APART and key not in _OF_ALL):
            continue
        if key in _FETCHED or (key in ("href", "xlink:href") and _fetches(element, name)):
            yield key, value
        elif key in STYLED:
            yield from ((key, url) for url in _in_css(value))
        elif name in _ANIMATIONS and key in _STEPS:
            yield from ((key, url) for url in (*absolute(value), *_in_css(value)))
        elif key in _LISTS:
            yield from ((key, url) for url in absolute(value))
        elif _LAZY.fullmatch(key):
            yield from ((key, url) for url in (value, *absolute(value)))
    if name == "style":
        yield from (("", url) for url in _in_css(element.to_text()))


def is_essential(element: Any, key: str) -> bool:
    """Tell whether an element is nothing without an attribute that `media` names."""
    if element.name.lower() not in LOADERS or key in _BESIDES:
        return False
    return "srcset" not in key or not attribute(element, "src")


def _fetches(element: Any, name: str) -> bool:
    return name in _LINKED or (name == "link" and "stylesheet" in _relations(element))


def _relations(element: Any) -> set[str]:
    return set(attribute(element, "rel").lower().split())


def _in_css(text: str) -> list[str]:
    plain = _ESCAPE.sub(_unescaped, text) if "\\" in text else text
    imported = _HIDDEN_SHEET.findall(plain.translate(DROPPED)) if "@import" in plain.lower() else []
    return [*imported, *absolute(plain)]


def absolute(text: str) -> list[str]:
    """Return the absolute addresses in a list of them, in CSS or in HTML."""
    # Browsers drop these inside an address.
    return _ADDRESS.findall(text.translate(DROPPED))


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        number = int(match[1], 16)
        return chr(number) if 0 < number < 0x110000 else "\ufffd"
    return match[2] or ""
