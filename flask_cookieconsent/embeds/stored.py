"""Rewrite stored HTML to a fixed point of parsing and serialising, and split it into segments.

The invariant: what is returned, parsed by a browser, serialised and parsed again, is the same tree, and in that tree
nothing is left that the rules do not want. Broken HTML may hide one element in another, which appears only when it is
read a second time (mutation XSS); at a fixed point there is no second time. What all rounds may cost is bounded in
proportion to the length of the content.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from justhtml import Comment, Element

from flask_cookieconsent.errors import UnstableContentError

from .html import Edits, Position, attribute, classes, nodes, parse, serialise, text_of, tidy
from .lookup import Embed, EmbedIndex, Target, is_bare, leads_below, read_target
from .nesting import nesting
from .segments import Segment, TitledEmbed, Undeclared

logger = logging.getLogger("flask_cookieconsent")

_FRAMES = ("iframe", "object", "embed", "applet", "fencedframe", "portal", "oembed")
_PLUGINS = ("object", "applet")
# Attributes of them, and names of their parameters, that hold a URL.
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

# Links for which a browser calls on a host, though they show nothing in the content.
_SILENT = frozenset(
    (
        *("preload", "modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch", "compression-dictionary"),
        *("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest"),
    )
)
# HTML standard, "shared declarative refresh steps": what stands before the URL.
_BEFORE_URL = re.compile(r"[\s\d.]*[;,]?\s*(?:url\s*=)?\s*", re.IGNORECASE)

_ROUNDS = 8
# What reading a content may cost, in characters and open elements at each tag, over all rounds: for each character of
# it, of which real pages need at most ten, and in any case.
_MOST_COST = 24
_LEAST_LIMIT = 50_000

_LONGEST_TITLE = 200
_MOST_LOGGED = 20

_LIKE_A_TAG = re.compile(r"<[^<>]*>?")


@dataclass(frozen=True)
class Rules:
    """What a site knows and wants: its embeds, its own hosts, whether undeclared content is blocked, our URL prefix."""

    embeds: EmbedIndex
    own: Collection[str]
    blocks: bool
    prefix: str


@dataclass(frozen=True)
class Verdict:
    """What becomes of an element: it stays, or it goes, with or without a segment in its place."""

    stays: bool
    substitute: TitledEmbed | Undeclared | None = None


KEEP = Verdict(stays=True)
REMOVE = Verdict(stays=False)


def take_apart(html: str, rules: Rules) -> tuple[Segment, ...]:
    """Split stored HTML into segments, without any frame, plug-in or script that the rules do not want.

    :raises UnstableContentError: if no fixed point is reached in eight rounds, or reading costs too much.
    """
    left = _LEAST_LIMIT + _MOST_COST * len(html)
    reading = _Reading(rules)
    for _ in range(_ROUNDS):
        left -= len(html) + nesting(html)
        if left < 0:
            raise UnstableContentError(
                "stored content leaves many elements open (b, i, a …) or nests them too deep; correct its HTML"
            )
        written = reading.rewrite(html)
        if written == html:
            return tuple(segment for segment in reading.segments(html) if segment)
        html = written
    raise UnstableContentError("stored content changes each time it is read; correct its HTML")


def words_in(html: str) -> str:
    """Return the words of HTML that no parser can be trusted with: what is left without anything like a tag."""
    return " ".join(unescape(_LIKE_A_TAG.sub(" ", html)).split())


class _Reading:
    """The reading of one content: rounds of parse, normalise, judge, replace, serialise.

    A substitute is kept in the HTML as a comment with its number, because a comment is the one node that survives a
    round anywhere in a tree. The random mark cannot be forged by whoever writes content.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._mark = f"embed-{secrets.token_hex(16)}-"
        self._substitutes: list[TitledEmbed | Undeclared] = []
        #: What is shown already, by identity: a `noscript` often says the same again.
        self._identities: set[str | Undeclared] = set()
        #: The addresses that the log has; whoever writes content must not fill it.
        self._logged: set[str] = set()
        #: What each address of this content was recognised as: the parsers of all services run once for it.
        self._recognised: dict[str, Embed | None] = {}

    def rewrite(self, html: str) -> str:
        """Return the HTML of the next round, the same if a fixed point is reached."""
        root = parse(html)
        tidy(root)
        edits = Edits()
        # What a `noscript` says again is known by what stands outside, before or after it.
        for position, verdict in sorted(self._verdicts(root), key=lambda pair: pair[0].in_noscript):
            if not isinstance(verdict.substitute, TitledEmbed):
                self._log(position.node)
            edits.replace(position.node, position.outer, self._marks(verdict, position.in_noscript))
        edits.apply()
        return serialise(root)

    def _verdicts(self, root: Any) -> Iterator[tuple[Position, Verdict]]:
        """Yield the elements that go, in document order; what is inside them goes with them."""
        stack = [Position(root)]
        while stack:
            position = stack.pop()
            verdict = self.judge(position.node) if isinstance(position.node, Element) else KEEP
            if verdict.stays:
                stack.extend(reversed(list(position.inside())))
            else:
                yield position, verdict

    def _marks(self, verdict: Verdict, in_noscript: bool) -> list[Comment]:
        substitute = verdict.substitute
        if substitute is None:
            return []
        identity = substitute.embed.identity if isinstance(substitute, TitledEmbed) else substitute
        if in_noscript and identity in self._identities:
            return []
        self._identities.add(identity)
        self._substitutes.append(substitute)
        return [Comment(f"{self._mark}{len(self._substitutes) - 1}")]

    def segments(self, html: str) -> Iterator[Segment]:
        """Yield the parts of rewritten HTML and, between them, what its marks stand for."""
        first, *parts = html.split(f"<!--{self._mark}")
        yield first
        for part in parts:
            number, _, text = part.partition("-->")
            yield self._substitutes[int(number)]
            yield text

    def _log(self, element: Any) -> None:
        for target in self._targets(_sources(element)):
            # A declared vendor's script is left out because its embed needs none.
            is_known = element.name not in _FRAMES and self._rules.embeds.is_vendor(target.host)
            if is_known or target.address in self._logged or len(self._logged) > _MOST_LOGGED:
                continue
            self._logged.add(target.address)
            if len(self._logged) > _MOST_LOGGED:
                logger.warning("more undeclared content of the same stored HTML is not logged")
            else:
                logger.warning("undeclared third-party content left out of stored HTML: %.300r", target.address)

    # -- what becomes of an element ------------------------------------------------------------------------------

    def judge(self, element: Any) -> Verdict:
        """Return the verdict on one element, by its kind."""
        name = element.name.lower()
        if self._posts_a_choice(element):
            return REMOVE
        if name in _FRAMES:
            return self._judge_frame(element)
        if name == "script" or _is_silent_link(element) or _refresh(element):
            return self._judge_silent(element)
        if _is_quote(element):
            return self._judge_quote(element)
        return self._judge_paragraph(element) if name == "p" else KEEP

    def _posts_a_choice(self, element: Any) -> bool:
        """Tell whether an element is a form, or a control of one, with which content would choose for a visitor."""
        is_control_of_ours = attribute(element, "form").startswith("fcc-")
        is_form_of_ours = element.name == "form" and attribute(element, "id").startswith("fcc-")
        addresses = (attribute(element, name) for name in ("action", "formaction"))
        return is_control_of_ours or is_form_of_ours or any(leads_below(each, self._rules.prefix) for each in addresses)

    def _judge_frame(self, element: Any) -> Verdict:
        targets = list(self._targets(_sources(element)))
        if "srcdoc" in element.attrs:
            targets.append(Target())
        verdict = self._embed(targets, attribute(element, "title") or attribute(element, "aria-label"))
        # `oembed` means something to editors and nothing to browsers.
        if not verdict.stays or not targets or not self._rules.blocks or element.name == "oembed":
            return verdict
        target = next((target for target in targets if target.address), Target())
        return Verdict(stays=False, substitute=Undeclared(target.address, target.host))

    def _judge_silent(self, element: Any) -> Verdict:
        """Return the verdict on what calls on a host, or leads to it, before anybody has pressed anything."""
        targets = list(self._targets(_sources(element)))
        if attribute(element, "type").strip().lower() == "speculationrules":
            targets.append(Target())  # any page that it names, or that the content links to
        unwanted = any(self._rules.blocks or self._rules.embeds.is_vendor(target.host) for target in targets)
        return REMOVE if unwanted else KEEP

    def _judge_quote(self, element: Any) -> Verdict:
        # A quotation inside is judged by itself, and so are its links.
        anchors = [node for node in nodes(element, _is_quote) if node.name == "a"]
        # The last link is the one of the post.
        links = [(attribute(anchor, "href"), text_of(anchor, _is_link_or_quote)) for anchor in reversed(anchors)]
        title = next((text for address, text in links if text and not is_bare(text, address)), "")
        addresses = [*(attribute(element, name) for name in _PERMALINKS), *(address for address, _ in links)]
        return self._embed(self._targets(addresses), title)

    def _judge_paragraph(self, element: Any) -> Verdict:
        parts = [child for child in element.children if child.name != "#text" or child.data.strip()]
        if len(parts) != 1 or any(child.name != "#text" for child in parts[0].children or ()):
            return KEEP
        text = parts[0].to_text().strip()
        address, title = text, ""
        if parts[0].name == "a":
            address, title = attribute(parts[0], "href"), attribute(parts[0], "title")
        elif parts[0].name != "#text":
            return KEEP
        return self._embed((target for target in self._targets([address]) if is_bare(text, target.address)), title)

    def _targets(self, addresses: Iterable[str]) -> Iterator[Target]:
        targets = (read_target(address, self._rules.own) for address in addresses)
        return (target for target in targets if target is not None)

    def _embed(self, targets: Iterable[Target], title: str) -> Verdict:
        """Return the verdict for the first target that a declared service recognises."""
        for address in (target.address for target in targets if target.address):
            if address not in self._recognised:
                self._recognised[address] = self._rules.embeds.recognise(address)
            if embed := self._recognised[address]:
                return Verdict(stays=False, substitute=TitledEmbed(embed, title.strip()[:_LONGEST_TITLE]))
        return KEEP


def _is_quote(node: Any) -> bool:
    return isinstance(node, Element) and bool(_QUOTES & classes(node))


def _is_link_or_quote(node: Any) -> bool:
    return node.name == "a" or _is_quote(node)


def _is_silent_link(element: Any) -> bool:
    return element.name == "link" and bool(_SILENT & set(attribute(element, "rel").lower().split()))


def _refresh(element: Any) -> str:
    """Return the URL that an element leads the whole page to, or an empty string."""
    if element.name != "meta" or attribute(element, "http-equiv").strip().lower() != "refresh":
        return ""
    url = _BEFORE_URL.sub("", attribute(element, "content"), count=1)
    return url[1:].partition(url[0])[0] if url[:1] in ("'", '"') else url


def _sources(element: Any) -> list[str]:
    """Return the URLs that an element loads, or that a script of the page would have it load later (lazy loading)."""
    if url := _refresh(element):
        return [url]
    attributes = element.attrs.items()
    sources = [value for name, value in attributes if name in _SOURCES]
    lazy = ("src",) if "src" in element.attrs else ("src", "url")
    sources += [value for name, value in attributes if name.startswith("data-") and any(word in name for word in lazy)]
    if element.name in _PLUGINS:
        # The parameters of a plug-in inside it are judged with that one.
        for node in nodes(element, closed=lambda node: node.name in _PLUGINS):
            if node.name == "param" and attribute(node, "name").lower() in _PARAMETERS:
                sources.append(attribute(node, "value"))
    return [source for source in sources if source]
