"""Stored contents for tests: services that others' HTML calls on, what is shown of a content, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from justhtml import JustHTML

from flask_cookieconsent import catalogue
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Service
from flask_cookieconsent.embeds.judge import Rules
from flask_cookieconsent.embeds.lookup import EmbedIndex
from flask_cookieconsent.embeds.segments import Segment, TitledEmbed
from flask_cookieconsent.embeds.stored import take_apart

SERVICES = (
    replace(catalogue.youtube(), pictures=("i.ytimg.com", "img.youtube.com")),
    catalogue.vimeo(),
    catalogue.dailymotion("x8tlb"),
    catalogue.facebook(),
    catalogue.x(),
    catalogue.instagram(),
    catalogue.tiktok(),
    catalogue.spotify(),
    catalogue.soundcloud(),
    catalogue.calendly("www.example.com"),
    catalogue.openstreetmap(),
    catalogue.hubspot("12345678", region="eu1"),
    catalogue.meta_pixel("123456789012345"),
)
VIDEO = "https://www.youtube.com/embed/aqz-KE-bpKQ"
WATCH = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
STILL = "https://i.ytimg.com/vi/1.jpg"
EVIL = "https://evil.example/x"


def rules_of(*services: Service, necessary: tuple[str, ...] = (), **more: Any) -> Rules:
    """Return the rules of a site with these services, or all."""
    index = EmbedIndex(build(services or SERVICES).services, necessary)
    return Rules(index, {"localhost"}, more.pop("blocks", True), "/cookies", **more)


RULES = rules_of()


def read(html: str, rules: Rules = RULES) -> tuple[Segment, ...]:
    """Take a content apart by the rules of a site with all of these services."""
    return take_apart(html, rules)


def shown(segments: tuple[Segment, ...]) -> list[str]:
    """Return the link of each embed, and the address of what is not shown, marked as undeclared or refused."""
    return [
        each.embed.content.link
        if isinstance(each, TitledEmbed)
        else f"{'refused' if each.is_declared else 'undeclared'}:{each.address}"
        for each in segments
        if not isinstance(each, str)
    ]


def rest(segments: tuple[Segment, ...]) -> str:
    """Return the HTML that is left, with a pair of braces for each embed."""
    return "".join(each if isinstance(each, str) else "{}" for each in segments)


def named(html: str) -> Iterator[str]:
    """Yield each attribute with which an element other than a link names somebody, with scripts and without."""
    for scripts in (True, False):
        for each in JustHTML(html, fragment=True, sanitize=False, scripting_enabled=scripts).query("*"):
            for name, value in each.attrs.items():
                if each.name != "a" and (value or "").strip():
                    yield f"<{each.name} {name}={value}>"
            if each.name == "style":
                yield each.to_text()


def titles(html: str) -> list[str]:
    """Return the title of each embed."""
    return [each.title for each in read(html) if isinstance(each, TitledEmbed)]


def loads(html: str) -> list[str]:
    """Return what calls on the host of the pictures: attributes of elements, and the text of style sheets."""
    return [each for each in named(html) if re.search(r"img|\u3002com", each.split(" ", 1)[-1], re.I)]
