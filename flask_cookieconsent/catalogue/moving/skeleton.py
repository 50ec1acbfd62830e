"""Skeleton the declaration of a service that a snippet loads, and say what a person has to look up."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from flask_cookieconsent.catalogue.kit.declaration import COMMON
from flask_cookieconsent.catalogue.kit.own_files import declaration_mistakes

from .calls import calls_of, queue_of, values_of
from .snippet import LIKE_AN_ID, Element, Snippet, is_hash

#: Words in an address, and what it shows.
_KINDS = {
    **dict.fromkeys(("video", "watch", "vod", "tv", "stream", "clip"), ("video", "wide", "embedded_video")),
    **dict.fromkeys(("audio", "podcast", "music", "episode", "track", "radio"), ("audio", "strip", "embedded_audio")),
    **dict.fromkeys(("map", "maps", "carte"), ("map", "square", "embedded_map")),
    **dict.fromkeys(("calendar", "booking", "book", "schedule"), ("calendar", "long", "booking")),
    **dict.fromkeys(("form", "forms", "survey"), ("form", "long", "embedded_form")),
    **dict.fromkeys(("review", "reviews", "rating"), ("reviews", "player", "reviews")),
    **dict.fromkeys(("post", "status", "feed"), ("post", "post", "embedded_post")),
}
_ANYTHING = ("document", "square", "embedded_document")
_KEPT = re.compile(r"data-[a-z0-9-]+|id|crossorigin|referrerpolicy|integrity")
_NO_PLACE = {"script", "noscript", "style", "img", "iframe", "link", "meta"}
_MOST_PARAMETERS = 8
_SUFFIXES = frozenset(("co", "com", "org", "net", "ac", "gov", "edu"))


@dataclass(frozen=True)
class Skeleton:
    """Skeleton of a declaration: the id that its file is named after, what it holds, and what is to be looked up."""

    id: str
    data: Mapping[str, Any]
    look_up: tuple[str, ...]


def skeleton(snippet: Snippet, today: date) -> Skeleton:
    """Return the skeleton of what a snippet loads: of its frame where it has one, else of its script."""
    frames, scripts = list(snippet.of("iframe")), list(snippet.of("script"))
    look_up: list[str] = []
    if frames:
        addresses = [("frame-src", frames[0][1])]
        own, purpose, categories = _embed(*frames[0]), _kind(frames[0][1])[2], ["third_party", "tracking"]
        look_up += [f"{url}: left out; say what it is for if the frame needs it" for _, url in (*frames[1:], *scripts)]
        look_up.append("embed: the kind, the shape and the addresses that people paste; only the frame's own is known")
        parameters: dict[str, str] = {}
    else:
        addresses = snippet.addresses
        parameters = _parameters(snippet.ids)
        own, noted = _tagged(snippet, scripts, parameters)
        purpose, categories = "advertising", ["tracking"]
        look_up += noted
        look_up += [f"parameters.{name}: its form, guessed from {value!r} alone" for name, value in parameters.items()]
        unused = [name for name in parameters if f"{{{name}}}" not in str(own)]
        look_up += [f"parameters.{name}: where it goes; the skeleton has no place for it" for name in unused]
    name, id = _named([url for _, url in addresses])
    data: dict[str, Any] = {
        "$schema": "service.schema.json",
        "name": name,
        "provider": {"name": "", "country": "", "privacy_policy": ""},
        "purpose": purpose,
        "categories": categories,
        "parameters": {key: {"match": guessed(value), "example": value} for key, value in parameters.items()},
        "sources": {"provider": {"at": "", "seen": today.isoformat()}},
        "hosts": _hosts(addresses),
        **own,
    }
    data = {key: value for key, value in data.items() if value or key == "name"}
    look_up = [*missing(data), "purpose, categories: guessed, and the strictest that fit", *look_up]
    look_up.append(
        "cookies: every cookie and storage key, with its life; load it once in a new browser profile and look"
    )
    look_up.append("hosts: what else it contacts; a page with it says so in the network panel of the developer tools")
    return Skeleton(id, data, tuple(look_up))


def missing(data: Mapping[str, Any]) -> list[str]:
    """Return what a skeleton lacks, by its place: all that the schema would say of it."""
    return [f"{'.'.join(map(str, each.place))}: {each.wanted}" for each in declaration_mistakes(data)]


def guessed(value: str) -> str:
    """Return a regular expression for values like one that is known."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    if prefixed := re.fullmatch(r"([A-Z]{1,4})-([A-Z0-9]+)((?:-[0-9]+)?)", value):
        return f"{prefixed[1]}-{_classed(prefixed[2])}" + ("-[0-9]{1,4}" if prefixed[3] else "")
    return _classed(value)


def _classed(value: str) -> str:
    """Return a class of the characters that a value has, about as often as it has some."""
    if len(value) >= 16 and re.fullmatch("[0-9a-f]+", value) and not value.isdigit():
        return f"[0-9a-f]{{{len(value)}}}"
    kinds = [("A-Z", "[A-Z]"), ("a-z", "[a-z]"), ("0-9", "[0-9]"), ("_", "_"), (".", r"\."), ("-", "-")]
    has = [shown for shown, pattern in kinds if re.search(pattern, value)]
    # What is written in both cases is base64 as a rule, whose every character may be in the next one.
    inside = "".join(has) if not {"A-Z", "a-z"} <= set(has) else f"A-Za-z0-9_{'.' * ('.' in has)}-"
    return f"[{inside}]{{{max(1, len(value) - 3)},{len(value) + 3}}}"


def _parameters(ids: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that a skeleton takes, each with the value that the snippet has."""
    found: dict[str, str] = {}
    for name, value in list(ids)[:_MOST_PARAMETERS]:
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        plain = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")[:30] or "account"
        if plain in COMMON or keyword.iskeyword(plain) or not plain[0].isalpha():
            plain = f"account_{plain}"
        while plain in found:
            plain += "_too"
        found[plain] = value
    return found


def _holed(text: str, parameters: Mapping[str, str]) -> str:
    """Return a text with holes in the places of the values that parameters stand for."""
    for name, value in sorted(parameters.items(), key=lambda each: -len(each[1])):
        text = re.sub(rf"(?<![A-Za-z0-9{{]){re.escape(value)}(?![A-Za-z0-9}}])", f"{{{name}}}", text)
    return text


def _tagged(
    snippet: Snippet, scripts: list[tuple[Element, str]], parameters: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the recipe of a script, and what of the snippet is not in it."""
    urls = [url for _, url in scripts] or [url for directive, url in snippet.addresses if directive == "script-src"]
    if not urls:
        return {}, ["tag.src: the address of the script, or an embed; the snippet has none that can be read"]
    noted = [f"{url}: a second script; say what it is for, or leave it out" for url in urls[1:]]
    tag: dict[str, Any] = {"src": _holed(urls[0], parameters)}
    if not urlsplit(urls[0]).path.endswith(".js"):
        noted.append(f"tag.src: {urls[0]} may be one part of an address that the code puts together")
    attributes = scripts[0][0].attributes if scripts else {}
    plain = {
        name: value for name, value in attributes.items() if _KEPT.fullmatch(name) and not re.search("[{}]", value)
    }
    tag["attributes"] = {name: _holed(value, parameters) for name, value in plain.items()}
    noted += [
        f"tag.attributes.{name}: left out, because of its braces" for name in attributes if "{" in attributes[name]
    ]
    queue, others = queue_of(snippet.code)
    tag["queue"] = queue
    name = queue if isinstance(queue, str) else queue.get("name", "")
    calls, unread = calls_of(snippet.code, name, is_list=isinstance(queue, str))
    tag["calls"] = [[_holed(each, parameters) if isinstance(each, str) else each for each in call] for call in calls]
    tag["values"] = {
        name: {key: _holed(value, parameters) if isinstance(value, str) else value for key, value in each.items()}
        for name, each in values_of(snippet.code).items()
    }
    noted += [f"tag: the global {each} is used as well; queue, lists or globals" for each in others]
    noted += ["tag.calls: a call that could not be read is left out"] * bool(unread)
    shown = sorted({each.name for each in snippet.elements if not each.is_fallback} - _NO_PLACE)
    noted += [f"<{each}>: if the script fills it, this is a widget, see docs/adding-a-service.md" for each in shown[:3]]
    return {"tag": {key: value for key, value in tag.items() if value}}, noted


def _embed(element: Element, url: str) -> dict[str, Any]:
    """Return what can be embedded, from one frame: its own address is the only one that is known."""
    parts, kind = urlsplit(url), _kind(url)
    variables: dict[str, str] = {}
    segments, patterns = parts.path.split("/"), []
    for place, segment in enumerate(segments):
        is_last = (
            place == len(segments) - 1
            and segment
            and not is_hash(segment)
            and re.fullmatch(r"[\w-]{3,64}", segment, re.A)
        )
        if is_last or (LIKE_AN_ID.fullmatch(segment) and not is_hash(segment)):
            name = f"item{len(variables) + 1}" if variables else "item"
            variables[name] = segment
            segments[place] = f"{{{name}}}"
            patterns.append(f"(?P<{name}>{guessed(segment)})")
        else:
            patterns.append(re.escape(segment))
    asked, query = {}, []
    for key, value in parse_qsl(parts.query, max_num_fields=100) if parts.query.count("&") < 100 else ():
        if key == "autoplay":
            continue  # an option never starts a film by itself
        written = f"{_quoted(key)}={_quoted(value)}"
        if LIKE_AN_ID.fullmatch(value) and key not in asked:
            name = f"item{len(variables) + 1}" if variables else "item"
            variables[name] = value
            asked[key] = f"(?P<{name}>{guessed(value)})"
            written = f"{_quoted(key)}={{{name}}}"
        query.append(written)
    host = parts.netloc.lower()
    src = f"https://{host}{'/'.join(segments)}" + ("?" + "&".join(query) if query else "")
    pattern = {"hosts": [host], "path": "/".join(patterns) or "/?", **({"query": asked} if asked else {})}
    allow = element.attributes.get("allow", "")
    embed = {"kind": kind[0], "shape": kind[1], "allow": allow, "src": src, "link": src, "addresses": [pattern]}
    sample = f"https://{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return {"embed": {key: value for key, value in embed.items() if value}, "sample": {"embed": sample}}


def _quoted(text: str) -> str:
    return quote(text, safe="-._~:,")


def _kind(url: str) -> tuple[str, str, str]:
    words = re.findall(r"[a-z]+", url.lower())
    return next((_KINDS[word] for word in words if word in _KINDS), _ANYTHING)


def _hosts(addresses: Iterable[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    hosts: dict[str, dict[str, list[str]]] = {}
    for directive, url in addresses:
        directives = hosts.setdefault(f"https://{urlsplit(url).netloc.lower()}", {"for": []})["for"]
        if directive not in directives:
            directives.append(directive)
    return hosts


def _named(urls: Iterable[str]) -> tuple[str, str]:
    """Return the name that the owner of a host probably has, and an id."""
    labels = next((urlsplit(url).netloc.lower().split(".") for url in urls), [])
    if len(labels) > 2 and labels[-2] in _SUFFIXES:
        labels = labels[:-1]
    word = labels[-2] if len(labels) > 1 else ""
    id = re.sub(r"[^a-z0-9]+", "_", word).strip("_")[:32]
    is_name = id[:1].isalpha() and not keyword.iskeyword(id)
    return word.replace("-", " ").title(), id if is_name else f"service_{id}"[:32].rstrip("_")
