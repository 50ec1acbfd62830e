"""What a page contacts when a browser loads it, read from its HTML, and the paths of this site that it leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urljoin

from justhtml import Element, JustHTML

from flask_cookieconsent.embeds.html import attribute, classes, nodes, parse
from flask_cookieconsent.embeds.targets import Target, read_target
from flask_cookieconsent.pages.fragments import PIECE

from .loading import code_of, documents_in, files, in_css, leads_to, loads, runs
from .scripts import loaded_by, modules_of, surely_loaded_by

#: How much of a start tag a finding shows.
_LONGEST_TAG = 160
#: `srcdoc` in `srcdoc`, and so on.
_DEEPEST = 5
_OURS = frozenset(("fcc-embed", "fcc-placeholder"))


@dataclass(frozen=True)
class Contact:
    """A host that a page contacts: the URL as far as it is known, the csp directive that governs it, and by what.

    `element` is the start tag that names it. One that is `ours` stands in an embed of the extension; `is_script` says
    that a script of the site names it, whose words say that it loads from there; `is_sure` that they leave no doubt.
    """

    host: str
    url: str
    directive: str
    element: str
    ours: bool = False
    is_script: bool = False
    is_sure: bool = False


@dataclass(frozen=True)
class Page:
    """What was read of one HTML document; addresses are resolved by its `<base>`, and else as they stand."""

    contacts: tuple[Contact, ...]
    #: Every `href` of a link, and every frame and page that it leads to by itself.
    links: tuple[str, ...]
    #: The style sheets and scripts that the page loads.
    files: tuple[str, ...]
    #: Stored content that is not shown because nobody declares it: its host and its address, either may be empty.
    not_shown: tuple[tuple[str, str], ...]
    #: The ids of services whose embeds, placeholders and loaders the page has.
    services: frozenset[str] = frozenset()


@lru_cache(maxsize=2048)
def read_page(html: str, own: Collection[str]) -> Page:
    """Read a document; *own* are the hosts of the site (memoised).

    Our pieces are read apart: they are the same on every page, and the rest of a page is the same for every visitor.
    """
    pieces = [match[3] for match in PIECE.finditer(html)]
    read = [_read(part, frozenset(own)) for part in (PIECE.sub("", html) if pieces else html, *dict.fromkeys(pieces))]
    return Page(
        contacts=tuple(dict.fromkeys(contact for page in read for contact in page.contacts)),
        links=tuple(dict.fromkeys(link for page in read for link in page.links)),
        files=tuple(dict.fromkeys(file for page in read for file in page.files)),
        not_shown=read[0].not_shown,
        services=frozenset().union(*(page.services for page in read)),
    )


@lru_cache(maxsize=2048)
def _read(html: str, own: frozenset[str]) -> Page:
    root = JustHTML(html, sanitize=False, scripting_enabled=True).root
    elements = list(_elements(root))
    base = next(
        (attribute(each, "href").strip() for each in elements if each.name == "base" and "href" in each.attrs), ""
    )
    links = (link for each in elements for link in leads_to(each))
    return Page(
        contacts=tuple(dict.fromkeys(_contacts(elements, own, base))),
        links=tuple(dict.fromkeys(_joined(base, each) for each in links)),
        files=tuple(dict.fromkeys(_joined(base, file) for each in elements for file in _files(each))),
        not_shown=tuple(dict.fromkeys(_not_shown(elements))),
        services=frozenset(attribute(each, "data-service") for each in elements) - {""},
    )


def in_style_sheet(css: str, url: str, own: Collection[str]) -> Iterator[Contact]:
    """Yield what a style sheet of this site contacts; *url* is its own address."""
    for address, directive in dict.fromkeys(in_css(css)):
        target = _away(_joined(url, address), own)
        if target is not None:
            yield Contact(target.host, target.address, directive, url)


def imported_sheets(css: str, url: str) -> list[str]:
    """Return the addresses of the style sheets that one imports."""
    return [_joined(url, address) for address, directive in in_css(css) if directive == "style-src"]


def imported_modules(code: str, url: str) -> list[str]:
    """Return the addresses of the modules that one imports from its own site."""
    return [_joined(url, address) for address in modules_of(code)]


def in_script(code: str, url: str, own: Collection[str]) -> Iterator[Contact]:
    """Yield what a script of this site loads from, as far as its words tell; *url* is its own address."""
    sure = surely_loaded_by(code)
    for address in loaded_by(code):
        if (target := _away(address, own)) is not None:
            is_sure = address in sure
            yield Contact(target.host, target.address, "script-src", url, is_script=True, is_sure=is_sure)


def _elements(root: Any) -> Iterator[Any]:
    """Yield the elements that a browser acts on: those of `noscript`, none of an inert template."""
    for node in nodes(root, closed=_is_inert):
        if isinstance(node, Element):
            yield node
            if node.name == "noscript" and (text := node.to_text()):
                yield from _elements(parse(text, scripts=False))


def _files(element: Any) -> Iterator[str]:
    yield from files(element)
    if element.name == "script" and runs(element) and not attribute(element, "src"):
        yield from modules_of(element.to_text())


def _is_inert(node: Any) -> bool:
    """Tell whether nothing inside a node loads: that of a template, unless it is a declarative shadow root."""
    return node.name == "template" and "shadowrootmode" not in node.attrs


def _contacts(elements: Iterable[Any], own: Collection[str], base: str, depth: int = 0) -> Iterator[Contact]:
    for element in elements:
        found = list(loads(element))
        if found:
            tag, ours = _start_tag(element), _is_ours(element)
            for url, directive in found:
                if (target := _away(_joined(base, url), own)) is not None:
                    yield Contact(target.host, target.address, directive, tag, ours)
        for code in code_of(element):
            yield from in_script(code, _start_tag(element), own)
        for inside in documents_in(element) if depth < _DEEPEST else ():
            # A document of its own, whose addresses are resolved as those of the page.
            yield from _contacts(list(_elements(parse(inside))), own, base, depth + 1)


def _not_shown(elements: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if "data-undeclared" in element.attrs and "fcc-placeholder" in classes(element):
            links = (attribute(node, "href") for node in nodes(element) if node.name == "a")
            yield attribute(element, "data-undeclared"), next(links, "")


def _away(url: str, own: Collection[str]) -> Target | None:
    target = read_target(url, own)
    return target if target is not None and target.host else None


def _joined(base: str, url: str) -> str:
    """Return an address resolved by that of a `<base>` or of a style sheet; what cannot be resolved stays as it is."""
    if not base or read_target(url, ()) is not None:
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _is_ours(element: Any) -> bool:
    while isinstance(element, Element):
        if classes(element) & _OURS:
            return True
        element = element.parent
    return False


def _start_tag(element: Any) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in element.attrs.items())
    tag = f"<{element.name}{attributes}>"
    return tag if len(tag) <= _LONGEST_TAG else tag[: _LONGEST_TAG - 1] + "…"
