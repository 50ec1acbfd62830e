"""What an element, a style sheet or a header makes a browser load by itself, each with the csp directive over it."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from flask_cookieconsent.embeds.html import attribute
from flask_cookieconsent.embeds.sources import FRAMES, STYLED, absolute, frame_sources, media, refresh

#: An address as it stands, and the directive.
Load = tuple[str, str]

# HTML standard, "JavaScript MIME type essence match"; what has another type does not run,
# but for what Partytown runs in a worker of its own.
_RUNS = re.compile(
    r"(?:text|application)/(?:x-)?(?:java|ecma)script.*|text/(?:jscript|livescript|partytown)|module|", re.I
)
_LISTS_ADDRESSES = ("importmap", "speculationrules")

# Which relations of a link load, or open a connection (HTML standard, "link types"); no directive governs the last.
_RELATIONS = {
    "stylesheet": "style-src",
    "modulepreload": "script-src",
    **dict.fromkeys(("icon", "apple-touch-icon", "apple-touch-icon-precomposed"), "img-src"),
    **dict.fromkeys(("apple-touch-startup-image", "mask-icon"), "img-src"),
    "manifest": "manifest-src",
    **dict.fromkeys(("preload", "prefetch", "prerender", "preconnect", "dns-prefetch", "search"), "connect-src"),
    "compression-dictionary": "connect-src",
}
_PRELOADS = {
    **dict.fromkeys(("script", "worker", "sharedworker", "serviceworker"), "script-src"),
    **dict.fromkeys(("audio", "video", "track"), "media-src"),
    **dict.fromkeys(("object", "embed"), "object-src"),
    **dict.fromkeys(("document", "frame", "iframe"), "frame-src"),
    "style": "style-src",
    "font": "font-src",
    "image": "img-src",
}
_FRAMES = {**dict.fromkeys(FRAMES, "frame-src"), **dict.fromkeys(("object", "embed", "applet"), "object-src")}
_MEDIA = {**dict.fromkeys(("video", "audio", "source", "track", "bgsound"), "media-src"), "link": "style-src"}
_PICTURES = ("poster", "background", "srcset", "imagesrcset")
_SENT = ("ping", "attributionsrc")

# One that is not closed goes to the end (CSS Syntax Level 3, "consume comments"); to look for its end once is enough.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_IMPORT = re.compile(r"@import\s*(?:url\(\s*)?[\"']?([^\"')\s;]+)", re.I)
_CSS_URL = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^)\s\"']*))", re.I)
# A text of `image-set()` stands before its resolution or its type.
_IMAGE_SET = re.compile(r"[\"']([^\"']+)[\"']\s*(?:[\d.]+(?:x|dppx|dpi|dpcm)\b|type\()", re.I)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})[ \t\n\r\f]?|\\([^\n])", re.I)
_FONT = re.compile(r"\.(?:woff2?|ttf|otf|eot)$", re.I)

# What is in the address itself, but for pictures, fonts and the like.
_DATA = re.compile(r"data:((?!image|font|video|audio)[^,]*),(.*)", re.I | re.S)
_LINK_HEADER = re.compile(r"<([^<>]*)>((?:[^,\"]|\"[^\"]*\")*)")
_REPORTS = ("reporting-endpoints", "report-to", "content-security-policy", "content-security-policy-report-only")
_REFRESH = re.compile(r"url\s*=\s*([^;,]+)", re.I)
_REPORT_URI = re.compile(r"\breport-uri\s+([^;]*)", re.I)


def runs(element: Any) -> bool:
    """Tell whether a script element runs, or a browser acts on it: JSON-LD and templates of a library are data."""
    kind = attribute(element, "type").strip().lower()
    return bool(_RUNS.fullmatch(kind)) or kind in _LISTS_ADDRESSES


def loads(element: Any) -> Iterator[Load]:
    """Yield what an element loads without a press, or has a script of the page load later (`data-src`)."""
    name = element.name.lower()
    if name == "link":
        yield from _linked(element)
    elif name == "meta":
        yield from ((url, "connect-src") for url in [refresh(element)] if url)
    elif name == "script":
        if runs(element):
            yield from ((url, "script-src") for url in frame_sources(element))
            if attribute(element, "type").strip().lower() in _LISTS_ADDRESSES:
                yield from ((url, "script-src") for url in absolute(element.to_text()))
    elif name in _FRAMES:
        yield from ((url, _FRAMES[name]) for url in frame_sources(element))
    elif name == "style":
        yield from in_css(element.to_text())
    if name not in ("link", "meta", "script", "style"):
        yield from ((url, _directive(element, key)) for key, url in media(element) if key and key not in STYLED)
    for key in STYLED & element.attrs.keys():
        yield from in_css(attribute(element, key))


def code_of(element: Any) -> Iterator[str]:
    """Yield the code of an element that runs: of a script, of handlers of events, of `javascript:` frames."""
    if element.name == "script" and runs(element) and not attribute(element, "src"):
        yield element.to_text()
    yield from (value for name, value in element.attrs.items() if value and name.lower().startswith("on"))
    for url in frame_sources(element) if element.name.lower() in (*_FRAMES, "script") else ():
        if url.strip().lower().startswith("javascript:"):
            yield unquote(url.strip()[len("javascript:") :])
        elif element.name == "script":
            yield from _in_address(url)


def documents_in(element: Any) -> Iterator[str]:
    """Yield the documents that a frame has in itself: those of `srcdoc`, and of `data:` addresses."""
    if inside := attribute(element, "srcdoc"):
        yield inside
    for url in frame_sources(element) if element.name.lower() in _FRAMES else ():
        yield from _in_address(url)


def _in_address(url: str) -> Iterator[str]:
    """Yield the text of a `data:` address (RFC 2397), in Base64 or percent-encoded."""
    if (found := _DATA.fullmatch(url.strip())) is None:
        return
    data = unquote_to_bytes(found[2])
    if found[1].lower().rstrip().endswith(";base64"):
        with suppress(ValueError):
            data = b64decode(data + b"==")
    yield data.decode("utf-8", "replace")


def files(element: Any) -> Iterator[str]:
    """Yield the addresses of style sheets and scripts that an element has the page load, as they stand."""
    name, kind = element.name.lower(), attribute(element, "as").lower()
    relations = set(attribute(element, "rel").lower().split())
    is_file = {"stylesheet", "modulepreload"} & relations or ("preload" in relations and kind in ("script", "style"))
    if name == "script" and runs(element) and attribute(element, "src"):
        yield attribute(element, "src")
    elif name == "link" and is_file and attribute(element, "href"):
        yield attribute(element, "href")


def leads_to(element: Any) -> Iterator[str]:
    """Yield the addresses of documents that an element leads to, or shows in a frame, as they stand."""
    name = element.name.lower()
    if name in ("a", "area") and attribute(element, "href"):
        yield attribute(element, "href")
    elif name in _FRAMES:
        yield from frame_sources(element)
    elif url := refresh(element):
        yield url


def in_css(text: str) -> Iterator[Load]:
    """Yield what CSS loads, relative addresses too: those of `url()`, of `@import` and of `image-set()`."""
    plain = _COMMENT.sub(" ", text)
    plain = _ESCAPE.sub(_unescaped, plain) if "\\" in plain else plain
    imported = _IMPORT.findall(plain)
    yield from ((url, "style-src") for url in imported)
    named = [one or other or bare for one, other, bare in _CSS_URL.findall(plain)]
    for url in [*named, *_IMAGE_SET.findall(plain)]:
        if url and url not in imported:
            yield url, "font-src" if _FONT.search(url.partition("?")[0].partition("#")[0]) else "img-src"


def in_headers(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield what headers make a browser load or report to: the header's name, the address, the directive."""
    for name, value in headers:
        match name.lower():
            case "link":
                for url, rest in _LINK_HEADER.findall(value):
                    words = {each.strip("\"' \t").lower() for each in re.split(r"[;= ]", rest)}
                    yield from ((name, url, directive) for directive in _related(words, words))
            case "refresh":
                yield from ((name, url.strip(), "connect-src") for url in _REFRESH.findall(value))
            case key if key in _REPORTS:
                text = " ".join(_REPORT_URI.findall(value)) if key.startswith("content") else value
                yield from ((name, url, "connect-src") for url in absolute(text))


def _linked(element: Any) -> Iterator[Load]:
    relations = set(attribute(element, "rel").lower().split())
    for directive in _related(relations, {attribute(element, "as").strip().lower()}):
        addresses = [attribute(element, "href"), *absolute(attribute(element, "imagesrcset"))]
        yield from ((url, directive) for url in addresses if url)


def _related(relations: set[str], kinds: set[str]) -> list[str]:
    """Return the directive over a link that loads, for the first of its relations that does; none for all others."""
    for relation, directive in _RELATIONS.items():
        if relation in relations:
            asked = next((_PRELOADS[kind] for kind in kinds if kind in _PRELOADS), None)
            return [asked if relation == "preload" and asked else directive]
    return []


def _directive(element: Any, key: str) -> str:
    if key in _SENT:
        return "connect-src"
    in_picture = element.name == "source" and getattr(element.parent, "name", "") == "picture"
    return "img-src" if key in _PICTURES or in_picture else _MEDIA.get(element.name.lower(), "img-src")


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        number = int(match[1], 16)
        return chr(number) if 0 < number < 0x110000 else "\ufffd"
    return match[2]


def path_of(url: str) -> str:
    """Return the path of an address, or an empty string where it cannot be read."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
