"""Read what an editor pasted by the patterns of a declaration, into a frame or a widget of the service.

Addresses of frames and of pages are URI Templates (RFC 6570), in which a variable without a value leaves no trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_cookieconsent.core.services import Frame, Widget

from .filling import filled
from .pasted import Address, address, seconds
from .recipe import read_tag

_SHORT = "is a short link, which only {name} can resolve; open it and paste the long address it leads to"
_HOLE = re.compile(r"\{([a-z_]*)\}")
_OWN = ("src", "link", "kind", "shape", "allow")


@dataclass(frozen=True)
class Reader:
    """Parser of one service: its `name`, what its declaration says of embeds, and its parameters.

    The patterns of `addresses` are tried in their order. Each is for a `text` alone, or for an address on one of its
    `hosts` (`*` stands for one label, `?` for a letter, `{name}` for a parameter), or those of all, whose `path` and
    `query` match as a whole; named groups become variables. A pattern may `set` others, have a `hint` for what cannot
    be embedded, or lead `within` an address that is a value of its query.
    """

    name: str
    embed: Mapping[str, Any]
    variables: Mapping[str, Any]

    def read(self, text: str) -> Frame | Widget | None:
        """Return the content of a text, or None where it is not this service's.

        :raises ValueError: with a hint, if it is, and has no frame of its own.
        """
        if "addresses" not in self.embed:
            return None if text else self._content({}, {}, None)
        return self._read(text, self._patterns)

    def _read(self, text: str, patterns: Sequence[tuple[Mapping[str, Any], _Pattern]]) -> Frame | Widget | None:
        plain = text.strip(" ")
        url = address(plain)
        for pattern, matches in patterns:
            found = matches.read(plain, url)
            if found is None:
                continue
            if "hint" in pattern:
                hint = _SHORT if pattern["hint"] == "short" else pattern["hint"]
                raise ValueError(f"{text!r} {hint.replace('{name}', self.name)}")
            if "within" in pattern:
                # An address in an address, not one in that again.
                return self._read(found["within"], [each for each in patterns if "within" not in each[0]])
            return self._content(pattern, found, url)
        return None

    def _content(self, pattern: Mapping[str, Any], found: Mapping[str, str], url: Address | None) -> Frame | Widget:
        whole = {key: pattern.get(key, self.embed.get(key)) for key in _OWN if key in pattern or key in self.embed}
        read = {**self._options(url, found), **found}
        more = {key: _expanded(each, {**self.variables, **read}) for key, each in pattern.get("set", {}).items()}
        values = {**self.variables, **more, **read}
        link = _expanded(whole.get("link", ""), values)
        looks = {key: whole[key] for key in ("kind", "shape")}
        if "widget" not in self.embed:
            src = _expanded(whole["src"], {**values, "link": link})
            return Frame(src=src, link=link, allow=whole.get("allow", ""), **looks)
        try:
            widget = filled(self.embed["widget"], values)
        except KeyError as error:
            raise ValueError(f"{link!r} has nothing for {error.args[0]!r}; paste the address of one thing") from error
        return Widget(tag=read_tag(widget["tag"]), attributes=widget["attributes"], link=link, **looks)

    def _options(self, url: Address | None, found: Mapping[str, str]) -> dict[str, str]:
        """Return the values that an address may have besides, each read by its own rule or left out."""
        if url is None:
            return {}
        options: dict[str, str] = {}
        for names, rule in self.embed.get("options", {}).items():
            for name in names.split():
                given = next((value for key in rule.get("in", [name]) if (value := _named(url, key))), "")
                if value := _option(rule, given):
                    options[name] = _written(rule, value, found)
        return options

    @cached_property
    def _patterns(self) -> list[tuple[Mapping[str, Any], _Pattern]]:
        of_all = self.embed.get("hosts", ())
        patterns = self.embed["addresses"]
        return [(each, _Pattern.of(each, filled(each.get("hosts", of_all), self.variables))) for each in patterns]


@dataclass(frozen=True)
class _Pattern:
    """Compiled pattern of an address, or of a text that is none."""

    text: re.Pattern[str] | None
    hosts: re.Pattern[str] | None
    path: re.Pattern[str]
    query: Mapping[str, re.Pattern[str]]
    within: str

    @classmethod
    def of(cls, data: Mapping[str, Any], hosts: Sequence[str]) -> _Pattern:
        labels = [re.escape(each).replace(r"\*", "[a-z0-9-]+").replace(r"\?", "[a-z]") for each in hosts]
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


def _written(rule: Mapping[str, Any], value: str, found: Mapping[str, str]) -> str:
    """Return a value in the form of its rule: `{}` is the value, `{minutes}` and `{rest}` are the parts of a time."""
    parts = {**found, "": value}
    if rule.get("as") == "seconds":
        parts |= {"minutes": str(int(value) // 60), "rest": str(int(value) % 60)}
    return _HOLE.sub(lambda hole: parts.get(hole[1], ""), rule.get("form", "{}"))


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
