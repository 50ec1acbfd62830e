"""Read what an editor pasted by the patterns of a declaration, into a frame or a widget of the service.

Addresses of frames and of pages are URI Templates (RFC 6570), in which a variable without a value leaves no trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_cookieconsent.core.services import Frame, Widget

from .filling import filled
from .pasted import Address, address, seconds
from .recipe import read_tag

_SHORT = "is a short link, which only {name} can resolve; open it and paste the long address it leads to"
_OWN = ("src", "link", "kind", "shape", "allow")


@dataclass(frozen=True)
class Reader:
    """Parser of one service: its `name`, what its declaration says of embeds, and its parameters.

    The patterns of `addresses` are tried in their order. Each is for a `text` alone, or for an address on one of its
    `hosts` (`*.` stands for one label) whose `path` and `query` match as a whole; named groups become variables. A
    pattern may have a `hint` for what cannot be embedded, or lead `within` an address that is a value of its query.
    """

    name: str
    embed: Mapping[str, Any]
    variables: Mapping[str, Any]

    def read(self, text: str) -> Frame | Widget | None:
        """Return the content of a text, or None where it is not this service's.

        :raises ValueError: with a hint, if it is, and has no frame of its own.
        """
        plain = text.strip(" ")
        if "addresses" not in self.embed:
            return None if text else self._content({}, {})
        url = address(plain)
        for pattern, matches in self._patterns:
            found = matches.read(plain, url)
            if found is None:
                continue
            if "hint" in pattern:
                hint = _SHORT if pattern["hint"] == "short" else pattern["hint"]
                raise ValueError(f"{text!r} {hint.replace('{name}', self.name)}")
            if "within" in pattern:
                return self._within(found["within"])
            return self._content(pattern, found | self._options(url))
        return None

    def _within(self, text: str) -> Frame | Widget | None:
        """Return the content of an address in another one, not of one in that again."""
        url = address(text)
        outer = [each for each in self._patterns if "within" not in each[0]]
        found = next(((pattern, match) for pattern, each in outer if (match := each.read(text, url)) is not None), None)
        return self._content(found[0], found[1] | self._options(url)) if found and "hint" not in found[0] else None

    def _content(self, pattern: Mapping[str, Any], found: Mapping[str, str]) -> Frame | Widget:
        whole = {key: pattern.get(key, self.embed.get(key)) for key in _OWN if key in pattern or key in self.embed}
        values = {**self.variables, **pattern.get("set", {}), **found}
        link = _expanded(whole.get("link", ""), values)
        looks = {key: whole[key] for key in ("kind", "shape")}
        if "widget" not in self.embed:
            src = _expanded(whole["src"], {**values, "link": link})
            return Frame(src=src, link=link, allow=whole.get("allow", ""), **looks)
        widget = filled(self.embed["widget"], values)
        return Widget(tag=read_tag(widget["tag"]), attributes=widget["attributes"], link=link, **looks)

    def _options(self, url: Address | None) -> dict[str, str]:
        """Return the values that an address may have besides, each read by its own rule or left out."""
        if url is None:
            return {}
        found: dict[str, str] = {}
        for names, rule in self.embed.get("options", {}).items():
            for name in names.split():
                given = next((value for key in rule.get("in", [name]) if (value := _named(url, key))), "")
                if value := _option(rule, given):
                    found[name] = rule.get("form", "{}").format(value)
        return found

    @cached_property
    def _patterns(self) -> list[tuple[Mapping[str, Any], _Pattern]]:
        return [(each, _Pattern.of(each)) for each in self.embed["addresses"]]


@dataclass(frozen=True)
class _Pattern:
    """Compiled pattern of an address, or of a text that is none."""

    text: re.Pattern[str] | None
    hosts: re.Pattern[str] | None
    path: re.Pattern[str]
    query: Mapping[str, re.Pattern[str]]
    within: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> _Pattern:
        labels = [re.escape(each).replace(r"\*", "[a-z0-9-]+") for each in data.get("hosts", ())]
        return cls(
            text=re.compile(data["text"], re.ASCII) if "text" in data else None,
            hosts=re.compile("|".join(labels)) if labels else None,
            path=re.compile(data.get("path", ".*"), re.ASCII),
            query={name: re.compile(each, re.ASCII) for name, each in data.get("query", {}).items()},
            within=data.get("within", ""),
        )

    def read(self, text: str, url: Address | None) -> dict[str, str] | None:
        """Return the variables of what matches as a whole, or None."""
        if self.text is not None:
            match = self.text.fullmatch(text)
            return _groups(match) if match else None
        if url is None or self.hosts is None or not self.hosts.fullmatch(url.host):
            return None
        match = self.path.fullmatch(url.path)
        if match is None:
            return None
        found = {"host": url.host} | _groups(match)
        for name, pattern in self.query.items():
            value = pattern.fullmatch(_named(url, name))
            if value is None:
                return None
            found |= {name.lstrip("#"): value[0]} | _groups(value)
        return found | ({"within": _named(url, self.within)} if self.within else {})


def _option(rule: Mapping[str, Any], given: str) -> str:
    """Return what a rule makes of a value, or an empty text; a start at the beginning is none."""
    if rule.get("as") == "seconds":
        return str(seconds(given) or "")
    return given if re.fullmatch(rule["match"], given, re.ASCII) else ""


def _groups(match: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in match.groupdict().items() if value}


def _named(url: Address, key: str) -> str:
    """Return a value of the query, or behind a `#` of the fragment, or an empty text."""
    return url.fragment.get(key[1:], "") if key.startswith("#") else url.query.get(key, "")


def _expanded(template: str, values: Mapping[str, Any]) -> str:
    # Most sites embed little, and a page without an embed needs none of it.
    from uritemplate import URITemplate

    return str(URITemplate(template).expand({key: str(value) for key, value in values.items() if value}))


def variables_of(template: str) -> Iterator[str]:
    """Yield the names of the variables of a URI Template."""
    from uritemplate import URITemplate

    yield from URITemplate(template).variable_names
