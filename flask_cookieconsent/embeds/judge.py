"""Judge one element of stored HTML: it stays, it goes, or embeds take its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any

from justhtml import Element

from . import codes
from .html import attribute, classes, nodes, text_of
from .left_out import FRAME, PICTURE, SCRIPT, LeftOut
from .lines import BLOCKS, lines
from .lookup import Embed, EmbedIndex
from .segments import NotShown, TitledEmbed
from .shapes import shaped
from .sources import FRAMES, absolute, frame_sources, is_essential, is_silent, media
from .targets import Target, is_bare, is_below, leads_below, read_target

# What vendors give out to copy: a quotation that a script of theirs turns into a frame.
_QUOTES = frozenset(
    (
        *("twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "text-post-media", "reddit-embed-bq"),
        *("bluesky-embed", "mastodon-embed", "imgur-embed-pub", "embedly-card"),
        *("fb-post", "fb-video", "fb-page", "fb-comment-embed"),
    )
)
_PERMALINKS = ("cite", "data-instgrm-permalink", "data-text-post-permalink", "data-href")

_LONGEST_TITLE = 200

_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True)
class Rules:
    """What a site knows and wants: its embeds, its own hosts, our URL prefix, and what becomes of undeclared content.

    `blocks` is said of frames, plug-ins and scripts, `blocks_media` of pictures, sounds and style sheets, but for those
    of `media`, names of hosts.
    """

    embeds: EmbedIndex
    own: Collection[str]
    blocks: bool
    prefix: str
    blocks_media: bool = False
    media: Collection[str] = ()


@dataclass(frozen=True)
class Verdict:
    """What becomes of an element: it stays, or it goes, or what is inside it; with segments, or a text, in its place.

    What stays may lose attributes, those that `drops` names.
    """

    stays: bool
    substitutes: tuple[TitledEmbed | NotShown, ...] = ()
    inside: bool = False
    text: str = ""
    drops: frozenset[str] = frozenset()


KEEP = Verdict(stays=True)
REMOVE = Verdict(stays=False)


class Judge:
    """The judge of one content, who remembers what each address is, and notes what was left out."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._embeds = rules.embeds
        self.left_out = LeftOut(rules.embeds)
        #: What each address of this content was recognised as: the parsers of all services run once for it.
        self._recognised: dict[str, Embed | None] = {}

    def judge(self, element: Any) -> Verdict:
        """Return the verdict on one element, by its kind."""
        name = element.name.lower()
        if self._posts_a_choice(element):
            return REMOVE
        verdict = self._judge_code(element)
        if not verdict.stays:
            return verdict
        if name in FRAMES:
            verdict = self._judge_frame(element)
        elif is_silent(element):
            verdict = self._judge_silent(element)
        elif _is_quote(element):
            verdict = self._judge_quote(element)
        elif name == "a":
            verdict = self._judge_picture_link(element)
        elif name in BLOCKS:
            verdict = self._judge_lines(element)
        return verdict if not verdict.stays else self._judge_media(element)

    def _posts_a_choice(self, element: Any) -> bool:
        """Tell whether an element is a form, a control of one, or a script of ours, that would choose for a visitor."""
        is_control_of_ours = attribute(element, "form").startswith("fcc-")
        is_form_of_ours = element.name == "form" and attribute(element, "id").startswith("fcc-")
        # Our loaders call whatever their element says, a button too.
        names = ("src", "href", "xlink:href") if element.name == "script" else ("action", "formaction")
        addresses = (attribute(element, name) for name in names)
        return is_control_of_ours or is_form_of_ours or any(leads_below(each, self._rules.prefix) for each in addresses)

    def _judge_code(self, element: Any) -> Verdict:
        for target in self._targets(codes.addresses(element)):
            if embed := self._recognise(target.address):
                return self._shown(embed, codes.title(element), element)
        return KEEP

    def _judge_frame(self, element: Any) -> Verdict:
        sources = frame_sources(element)
        for source in sources:
            if source not in self._recognised:
                self._recognised[source] = self._embeds.recognise_frame(source, self._rules.own)
            if embed := self._recognised[source]:
                return self._shown(embed, attribute(element, "title") or attribute(element, "aria-label"), element)
        targets = [*self._targets(sources), *([Target()] if "srcdoc" in element.attrs else [])]
        inside = list(self._targets(absolute(unescape(attribute(element, "srcdoc")))))
        declared = [target for target in (*targets, *inside) if self._embeds.is_asked_about(target.host)]
        # `oembed` means something to editors and nothing to browsers.
        if element.name == "oembed" or not (declared or (targets and self._rules.blocks)):
            return KEEP
        for target in targets:
            self._note(target, FRAME)
        if declared and _is_unseen(element):
            return REMOVE
        named = [*targets, *(Target(host=target.host) for target in inside)]
        # Whose it is tells a visitor most: of a declared third party, of a host that can be linked to.
        target = max(named, key=lambda each: (self._embeds.is_vendor(each.host), bool(each.address)))
        content = NotShown(target.address, target.host, self._embeds.is_declared(target))
        return Verdict(stays=False, substitutes=(content,))

    def _judge_silent(self, element: Any) -> Verdict:
        """Return the verdict on what calls on a host, or leads to it, before anybody has pressed anything."""
        targets = list(self._targets([*frame_sources(element), *(url for _, url in media(element))]))
        if attribute(element, "type").strip().lower() == "speculationrules":
            targets.append(Target())  # any page that it names, or that the content links to
        # Where its script is left out, a call of it would only fail.
        is_call = codes.calls_form(element) and self._embeds.is_vendor(codes.FORM_HOST)
        if not is_call and not any(self._rules.blocks or self._embeds.is_vendor(target.host) for target in targets):
            return KEEP
        for target in targets:
            self._note(target, SCRIPT)
        return REMOVE

    def _judge_quote(self, element: Any) -> Verdict:
        # A quotation inside is judged by itself, and so are its links.
        anchors = [node for node in nodes(element, _is_quote) if node.name == "a"]
        # The last link is the one of the post.
        links = [(attribute(anchor, "href"), text_of(anchor, _is_link_or_quote)) for anchor in reversed(anchors)]
        title = next((text for address, text in links if text and not is_bare(text, address)), "")
        addresses = [*(attribute(element, name) for name in _PERMALINKS), *(address for address, _ in links)]
        for target in self._targets(addresses):
            if embed := self._recognise(target.address):
                return self._shown(embed, title, element)
        return KEEP

    def _judge_picture_link(self, link: Any) -> Verdict:
        """Return the verdict on a link that shows nothing but pictures of its vendor, such as the still of a video."""
        pictures = []
        for node in nodes(link, closed=lambda node: node.name == "a"):
            if node.name == "img":
                pictures.append(node)
            elif node.name in ("a", "script", *FRAMES) or (node.name == "#text" and node.data.strip()):
                return KEEP
        if not pictures or not all(map(self._is_of_vendor, pictures)):
            return KEEP
        title = attribute(link, "title") or attribute(pictures[0], "alt")
        for target in self._targets([attribute(link, "href")]):
            if embed := self._recognise(target.address):
                return self._shown(embed, title, pictures[0])
        return KEEP

    def _is_of_vendor(self, picture: Any) -> bool:
        return any(self._embeds.is_asked_about(each.host) for each in self._targets(url for _, url in media(picture)))

    def _judge_lines(self, block: Any) -> Verdict:
        embeds = []
        for line in lines(block):
            target = read_target(line.address, self._rules.own)
            embed = self._recognise(target.address) if target and is_bare(line.text, target.address) else None
            if embed is None:
                return KEEP
            embeds.append(_titled(embed, line.title))
        # A list keeps its items.
        return Verdict(stays=False, substitutes=tuple(embeds), inside=block.name == "li") if embeds else KEEP

    def _judge_media(self, element: Any) -> Verdict:
        """Return the verdict on pictures, sounds and style sheets, which nobody is asked about before they load."""
        unwanted: set[str] = set()
        is_sheet = element.name in ("link", "style")
        for name, url in media(element):
            target = read_target(url, self._rules.own)
            if target is None or not self._is_unwanted(target, is_sheet):
                continue
            unwanted.add(name)
            self._note(target if target.host else Target(url), SCRIPT if is_sheet else PICTURE)
        if not unwanted:
            return KEEP
        if any(is_essential(element, name) for name in unwanted):
            return Verdict(stays=False, text=attribute(element, "alt"))
        return Verdict(stays=True, drops=frozenset(unwanted))

    def _is_unwanted(self, target: Target, is_sheet: bool) -> bool:
        host = target.host
        if not host:
            # A picture in an address is all that there is of it, and a style sheet may import others.
            return is_sheet
        if self._embeds.is_asked_about(host):
            return True
        is_passed = self._embeds.is_vendor(host) or any(is_below(host, name) for name in self._rules.media)
        return self._rules.blocks_media and not is_passed

    # -- addresses -------------------------------------------------------------------------------------------------

    def _note(self, target: Target, what: str) -> None:
        if self._embeds.is_vendor(target.host):
            self.left_out.declared(target, what)
        else:
            self.left_out.undeclared(target)

    def _targets(self, addresses: Iterable[str]) -> Iterable[Target]:
        targets = (read_target(address, self._rules.own) for address in addresses)
        return (target for target in targets if target is not None)

    def _recognise(self, address: str) -> Embed | None:
        if address not in self._recognised:
            self._recognised[address] = self._embeds.recognise(address) if address else None
        return self._recognised[address]

    def _shown(self, embed: Embed, title: str, element: Any) -> Verdict:
        sized = shaped(embed, attribute(element, "width"), attribute(element, "height"))
        return Verdict(stays=False, substitutes=(_titled(sized, title),))


def _titled(embed: Embed, title: str) -> TitledEmbed:
    return TitledEmbed(embed, title.strip()[:_LONGEST_TITLE])


def _is_unseen(element: Any) -> bool:
    sizes = {attribute(element, "width"), attribute(element, "height")}
    return bool(sizes & {"0", "1", "0px", "1px"} or _UNSEEN.search(attribute(element, "style")))


def _is_quote(node: Any) -> bool:
    return isinstance(node, Element) and bool(_QUOTES & classes(node))


def _is_link_or_quote(node: Any) -> bool:
    return node.name == "a" or _is_quote(node)
