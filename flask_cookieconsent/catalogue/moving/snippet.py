"""Read an embed code or the snippet of a script: its addresses by directive, and whatever may be an id.

Nothing is run, and any text can be read: what is not understood is passed over. Patterns take time in proportion to the
text, which is cut off where no snippet is longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.core.csp import is_origin

# The parser of the standard library takes a time that grows with the square of the tags that are never closed.
_LONGEST, _MOST_TAGS = 20_000, 400
_SOURCES: Mapping[tuple[str, str], str] = {
    ("script", "src"): "script-src",
    ("iframe", "src"): "frame-src",
    ("img", "src"): "img-src",
    ("audio", "src"): "media-src",
    ("video", "src"): "media-src",
    ("source", "src"): "media-src",
    ("form", "action"): "form-action",
}
# Each takes what it can get (`*+`), so that a quote which is never closed is read once.
_STRING = re.compile(r"""'((?:[^'\\\n]|\\.)*+)|"((?:[^"\\\n]|\\.)*+)|`((?:[^`\\]|\\.)*+)""", re.S)
_COMMENT = re.compile(r"/\*.*?\*/|(?m:^[ \t]*//[^\n]*$)", re.S)
_URL = re.compile(
    r"""(?:https?:)?//[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}(?::[0-9]{2,5})?(?:/[^\s"'<>\\`)]{0,500})?""", re.I
)
_NAMED = re.compile(
    r"""(['"]?)([A-Za-z_][A-Za-z0-9_-]{0,40}+)\1\s*+[:=,(]\s*+(?:'([^'"\n\\]{2,80})'|"([^'"\n\\]{2,80})"|([0-9]{4,20})\b)"""
)
_ENDINGS = {"js": "script-src", "css": "style-src", **dict.fromkeys(("png", "gif", "jpg", "svg", "webp"), "img-src")}

#: What an id looks like wherever it stands, and what may be one where its name says so.
LIKE_AN_ID = re.compile(
    r"[A-Z]{1,4}-[A-Z0-9]{4,14}(?:-[0-9]{1,4})?|[0-9]{4,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{8,64}"
)
_MAY_BE_ONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,63}")
_NAME_OF_ONE = re.compile(
    r"(?:^|[^a-z])(?:id|key|token|code|site|account|project|workspace|pixel|container|property)s?$"
)


@dataclass(frozen=True)
class Element:
    """Start tag of an embed code, with the attributes that have a value; `is_fallback` inside a `noscript`."""

    name: str
    attributes: Mapping[str, str]
    is_fallback: bool


@dataclass(frozen=True)
class Snippet:
    """What a snippet says: its elements, its code, and the texts in both."""

    elements: tuple[Element, ...]
    code: str

    def of(self, name: str, *, source: str = "src") -> Iterator[tuple[Element, str]]:
        """Yield the elements of a name that load something, with its https address."""
        for each in self.elements:
            if each.name == name and not each.is_fallback and (url := absolute(each.attributes.get(source, ""))):
                yield each, url

    @cached_property
    def strings(self) -> list[str]:
        """The string literals of the code, without their quotes."""
        return ["".join(each.groups(default="")) for each in _STRING.finditer(self.code)]

    @cached_property
    def addresses(self) -> list[tuple[str, str]]:
        """The https addresses that are contacted, each with its directive, in their order."""
        found = [pair for each in self.elements for pair in _loaded(each)]
        for string in self.strings:
            for url in _URL.findall(string.replace("\\/", "/")):
                if whole := absolute(url):
                    found.append((self._directive(whole), whole))
        return list(dict.fromkeys(found))

    @property
    def ids(self) -> list[tuple[str, str]]:
        """What may be an id of the site's account, each with the name that it has in the snippet."""
        found = list(self._named())
        return list({value: (name, value) for name, value in reversed(found)}.values())[::-1]

    @property
    def data(self) -> list[str]:
        """The values of `data-` attributes, where most ids are."""
        return [value for each in self.elements for name, value in each.attributes.items() if name.startswith("data-")]

    @cached_property
    def texts(self) -> list[str]:
        """Every text that could be the value of a parameter: attributes, parts of addresses, literals, numbers."""
        urls = [url for _, url in self.addresses]
        parts = [part for url in urls for part in (*_queried(url).values(), *urlsplit(url).path.split("/"))]
        # The name of a script is no host, though it looks like one.
        parts = [part.removesuffix(".js") for part in parts]
        # What is asked for several times under one name, as families of fonts are, is one value.
        parts += [repeated for url in urls for repeated in _repeated(url)]
        attributes = [value for each in self.elements for value in each.attributes.values()]
        numbers = re.findall(r"\b[0-9]{4,20}\b", self.code)
        folders = [url.rpartition("/")[0] + "/" for url in urls]
        return list(dict.fromkeys([*attributes, *self.strings, *parts, *numbers, *urls, *folders]))

    def _named(self) -> Iterator[tuple[str, str]]:
        for each in self.elements:
            for name, value in each.attributes.items():
                if name.startswith("data-") and _is_id(name.removeprefix("data-"), value):
                    yield name.removeprefix("data-"), value
        for _, url in self.addresses:
            for name, value in _queried(url).items():
                if _is_id(name, value):
                    yield name, value
        for match in _NAMED.finditer(self.code):
            value = match[3] or match[4] or match[5]
            if _is_id(match[2], value):
                yield match[2], value
        for directive, url in self.addresses:
            if directive == "script-src":
                parts = (re.sub(r"\.js\Z", "", part) for part in urlsplit(url).path.split("/"))
                yield from (("account", part) for part in parts if LIKE_AN_ID.fullmatch(part) and not is_hash(part))

    def _directive(self, url: str) -> str:
        ending = urlsplit(url).path.rpartition(".")[2]
        # What builds a script element has the address of one, however it is put together.
        return _ENDINGS.get(ending) or ("script-src" if "script" in self.code.lower() else "connect-src")


def read(text: str) -> Snippet:
    """Return what a text says, whatever it is; one without tags is code."""
    parser = _Parser()
    cut = "<".join(text[:_LONGEST].split("<")[: _MOST_TAGS + 1])
    try:
        parser.feed(cut)
        parser.close()
    except (AssertionError, ValueError):  # the parser of the standard library gives up at some declarations
        pass
    code = "\n".join(parser.code) if parser.elements else cut
    return Snippet(tuple(parser.elements), _COMMENT.sub("", code))


def absolute(url: str) -> str:
    """Return the https address that a browser would ask for, or an empty text where it is none of another host."""
    text = url.strip().replace("{", "%7B").replace("}", "%7D")
    text = f"https:{text}" if text.startswith("//") else re.sub(r"\Ahttp:", "https:", text)
    parsed = address(text)
    return text if parsed is not None and is_origin(f"https://{parsed.host}") else ""


def is_hash(text: str) -> bool:
    """Tell whether a part of a path looks like the version of a file, or a folder, more than like an id."""
    return bool(re.fullmatch(r"v?[0-9.]{1,4}|[a-z-]+[0-9]?", text))


def _loaded(element: Element) -> Iterator[tuple[str, str]]:
    for (name, attribute), directive in _SOURCES.items():
        if element.name == name and (url := absolute(element.attributes.get(attribute, ""))):
            yield directive, url
    rel = element.attributes.get("rel", "").lower().split()
    if element.name == "link" and "stylesheet" in rel and (url := absolute(element.attributes.get("href", ""))):
        yield "style-src", url


def _queried(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, max_num_fields=100)) if url.count("&") < 100 else {}


def _repeated(url: str) -> Iterator[str]:
    """Yield the pairs of a query that have one name, as they are written."""
    pairs = [pair for pair in urlsplit(url).query.split("&")[:100] if pair]
    for name in dict.fromkeys(pair.partition("=")[0] for pair in pairs):
        yield "&".join(pair for pair in pairs if pair.partition("=")[0] == name)


def _is_id(name: str, value: str) -> bool:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    is_named = _NAME_OF_ONE.search(snake) and _MAY_BE_ONE.fullmatch(value) and value not in ("true", "false", "auto")
    return bool(is_named or LIKE_AN_ID.fullmatch(value))


class _Parser(HTMLParser):
    """Parser that collects start tags, and the code of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.code: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        """Note an element, and whether what follows is code or a fallback."""
        values = {name: value for name, value in attrs if value is not None and value.isprintable()}
        self.elements.append(Element(tag, values, "noscript" in self._inside))
        self.code += [value for name, value in values.items() if name.startswith("on")]
        if tag in ("script", "noscript"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of code or of a fallback."""
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        """Note the code of a script."""
        if "script" in self._inside:
            self.code.append(data)
