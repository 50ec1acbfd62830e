"""Stored HTML taken apart: what stays as it is, content of declared services, and what no service declares."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from justhtml import Comment

from flask_cookieconsent.core.services import Service
from flask_cookieconsent.errors import UnstableContentError

from .html import attribute, behind, elements, is_in_noscript, outermost, parse, remove, tidy, with_wrapper
from .lookup import Known, Target, find_known, is_bare, is_of_vendor, is_same, read_target

logger = logging.getLogger("flask_cookieconsent")

#: What a page is made of: HTML as it is, an embed, or something undeclared that is not shown.
Piece = str | Known | Target


_FRAMES = ("iframe", "object", "embed", "applet", "fencedframe", "portal", "oembed")


_SOURCES = ("src", "data", "code", "codebase", "url", "href", "xlink:href")


_PARAMETERS = ("movie", "src", "url", "data", "filename")

# What vendors give out to copy: a quotation that a script of theirs turns into a frame.
_QUOTES = frozenset(
    (
        *("twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "text-post-media", "reddit-embed-bq"),
        *("bluesky-embed", "mastodon-embed", "imgur-embed-pub", "fb-post", "fb-video"),
    )
)


_PERMALINKS = ("cite", "data-instgrm-permalink", "data-text-post-permalink", "data-href")

# Links that make a browser call on a host ahead of time.
_HINTS = frozenset(("preload", "modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch"))


_ROUNDS = 8


@dataclass(frozen=True)
class Rules:
    """What a site knows and wants: its services, its own hosts, and whether undeclared content is blocked."""

    services: Mapping[str, Service]
    own: Collection[str]
    blocks: bool


def take_apart(html: str, rules: Rules) -> tuple[Piece, ...]:
    """Return the pieces of stored HTML, in which no frame, plug-in or script is left that the rules do not want.

    It is read as browsers read it, and again until nothing changes, for broken HTML may hide one thing in another.

    :raises UnstableContentError: if that has no end.
    """
    gate = _Gate(rules)
    for _ in range(_ROUNDS):
        written = gate.pass_through(html)
        if written == html:
            break
        html = written
    else:
        raise UnstableContentError("stored content changes each time it is read; correct its HTML")
    first, *rest = html.split(f"<!--{gate.mark}")
    pieces: list[Piece] = [first]
    for each in rest:
        number, _, text = each.partition("-->")
        pieces += [gate.found[int(number)], text]
    return tuple(each for each in pieces if each)


def words_of(html: str) -> str:
    """Return the text of stored HTML, without any element."""
    return str(parse(html).to_text(separator=" "))


class _Gate:
    """The reading of one content; `found` is what its marks stand for."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.found: list[Known | Target] = []
        # Nobody who writes content can guess it.
        self.mark = f"embed-{secrets.token_hex(16)}-"
        self._last: dict[Any, Comment] = {}

    def pass_through(self, html: str) -> str:
        root = parse(html)
        tidy(root)
        self._last.clear()
        judged: list[tuple[Any, Known | Target | bool]] = []
        gone: set[int] = set()
        for element in elements(root):
            if id(element) not in gone and (found := self.judge(element)):
                judged.append((element, found))
                gone.update(id(each) for each in elements(element))
        # What a `noscript` says again is known by what stands outside, before or after it.
        for element, found in sorted(judged, key=lambda each: is_in_noscript(each[0])):
            self._replace(element, found)
        return str(root.to_html(pretty=False))

    # -- what becomes of an element ------------------------------------------------------------------------------

    def judge(self, element: Any) -> Known | Target | bool:
        """Return what stands in for an element, True where nothing does, or False where it stays."""
        name = element.name.lower()
        if name in _FRAMES:
            return self._judge_frame(element)
        if name == "script" or (name == "link" and _HINTS & set(attribute(element, "rel").lower().split())):
            return self._judge_script(element)
        if _QUOTES & set(attribute(element, "class").split()):
            return self._judge_quote(element)
        return name == "p" and self._judge_paragraph(element)

    def _judge_frame(self, element: Any) -> Known | Target | bool:
        targets = list(self._targets(_sources(element)))
        if "srcdoc" in element.attrs:
            targets.append(Target())
        for target in targets:
            if known := self._known(target, attribute(element, "title") or attribute(element, "aria-label")):
                return known
        # `oembed` means something to editors and nothing to browsers.
        if not targets or not self._rules.blocks or element.name == "oembed":
            return False
        return max(targets, key=lambda each: bool(each.address))

    def _judge_script(self, element: Any) -> bool:
        targets = list(self._targets(_sources(element)))
        return any(self._rules.blocks or is_of_vendor(self._rules.services, each.host) for each in targets)

    def _judge_quote(self, element: Any) -> Known | bool:
        anchors = [each for each in elements(element) if each.name == "a"]
        # The last link is the one of the post.
        links = [(attribute(each, "href"), each.to_text().strip()) for each in reversed(anchors)]
        title = next((words for address, words in links if words and not is_bare(words, address)), "")
        addresses = [*(attribute(element, each) for each in _PERMALINKS), *(address for address, _ in links)]
        found = (self._known(target, title) for target in self._targets(addresses))
        return next((each for each in found if each), False)

    def _judge_paragraph(self, element: Any) -> Known | bool:
        parts = [each for each in element.children if each.name != "#text" or each.data.strip()]
        if len(parts) != 1 or any(each.name != "#text" for each in parts[0].children or ()):
            return False
        text = parts[0].to_text().strip()
        address, title = text, ""
        if parts[0].name == "a":
            address, title = attribute(parts[0], "href"), attribute(parts[0], "title")
        elif parts[0].name != "#text":
            return False
        found = [each for each in self._targets([address]) if is_bare(text, each.address)]
        return bool(found) and (self._known(found[0], title) or False)

    def _targets(self, values: Iterable[str]) -> Iterator[Target]:
        return (found for each in values if (found := read_target(each, self._rules.own)) is not None)

    def _known(self, target: Target, title: str) -> Known | None:
        known = find_known(self._rules.services, target.address) if target.address else None
        return replace(known, title=title.strip()[:200]) if known else None

    # -- what it does to the tree --------------------------------------------------------------------------------

    def _replace(self, element: Any, found: Known | Target | bool) -> None:
        if not isinstance(found, Known):
            self._tell(element)
        element = with_wrapper(element)
        outer = outermost(element)
        if not isinstance(found, bool) and not (is_in_noscript(element) and self._repeats(found)):
            self.found.append(found)
            place = outer or element
            mark = Comment(f"{self.mark}{len(self.found) - 1}")
            # Several embeds of one paragraph follow it in their order.
            place.parent.insert_before(mark, behind(self._last.get(place, place)))
            self._last[place] = mark
        remove(element, outer)

    def _repeats(self, found: Known | Target) -> bool:
        return any(is_same(self._rules.services, each, found) for each in self.found)

    def _tell(self, element: Any) -> None:
        for target in self._targets(_sources(element)):
            # A declared vendor's script is left out because its embed needs none.
            if element.name in _FRAMES or not is_of_vendor(self._rules.services, target.host):
                logger.warning("stored content loads %.300r, which no service declares; it is left out", target.address)


def _sources(element: Any) -> list[str]:
    """Return the addresses that an element loads, or that a script of the page would have it load later."""
    attrs = element.attrs.items()
    found = [value for name, value in attrs if name in _SOURCES]
    later = ("src",) if "src" in element.attrs else ("src", "url")
    found += [value for name, value in attrs if name.startswith("data-") and any(each in name for each in later)]
    for each in elements(element) if element.name in ("object", "applet") else ():
        if each.name == "param" and attribute(each, "name").lower() in _PARAMETERS:
            found.append(attribute(each, "value"))
    return [each for each in found if each]
