"""Validation of the parameters of a service factory: ids by regular expression, URLs reduced to their origin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_cookieconsent.core.services import Provider

from .google import config_data

_SCRIPT = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/[A-Za-z0-9._~-]+\.js"
_SERVER = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{2,5})?(/[A-Za-z0-9._~-]+)*/?"
_ADDRESSES = {"script": _SCRIPT, "server": _SERVER}
_TYPES = {
    "flag": "bool",
    "provider": "Provider | None",
    "options": "Mapping[str, Any] | None",
    "consent_types": "Mapping[str, str | None] | None",
}
_NOTHING = object()


def checked(name: str, value: Any, pattern: str, example: str) -> str:
    """Validate a parameter as text by a regular expression that the whole of it has to match (ASCII).

    :raises ValueError: with what was found and what is wanted.
    """
    if not re.fullmatch(pattern, str(value), re.ASCII):
        raise ValueError(f"{name}: found {value!r}, wanted one such as {example!r}")
    return str(value)


def origin(address: str) -> str:
    """Return the origin (scheme, host, port) of a validated URL, which is what a Content Security Policy allows."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Parameter:
    """Parameter of a declaration: its name, and the rule in the file that says what it may be.

    A rule has a `match` (a regular expression for the whole text) with an `example`, or `choices`, which may bring
    variables of their own, or says what the value `is`. One with a `default` may be left out.
    """

    name: str
    rule: Mapping[str, Any]

    @property
    def is_keyword(self) -> bool:
        """Whether it is given by name only; those that have to be given may be given by place, unless the rule says."""
        return bool(self.rule.get("keyword", "default" in self.rule))

    @property
    def annotation(self) -> str:
        """The type of its values, as source code."""
        plain = "str | None" if self.rule.get("default", "") is None else "str"
        return _TYPES.get(self.rule.get("is", ""), plain)

    def read(self, value: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables that a value gives, once it is checked.

        :raises ValueError: with what was found and what is wanted.
        """
        kind = self.rule.get("is", "")
        if kind == "provider":
            return {self.name: self._receiver(value, given)}
        if kind == "options":
            return {self.name: config_data(value).get("config")}
        if kind == "flag" and not isinstance(value, bool):
            raise ValueError(f"{self.name}: found {value!r}, wanted True or False")
        if kind in ("flag", "consent_types"):
            return {self.name: value}
        if "choices" in self.rule:
            if not isinstance(value, str) or value not in self.rule["choices"]:
                raise ValueError(f"{self.name}: found {value!r}, wanted one of {', '.join(self.rule['choices'])}")
            return {self.name: value} | self._of_choice(value)
        if value == self.rule.get("default", _NOTHING):
            return {self.name: value}
        pattern = self.rule["match"] if "match" in self.rule else _ADDRESSES[kind]
        return {self.name: checked(self.name, value, pattern, self.rule["example"])}

    def _of_choice(self, value: str) -> dict[str, Any]:
        choices = self.rule["choices"]
        return dict(choices[value]) if isinstance(choices, Mapping) else {}

    def _receiver(self, value: Provider | None, given: Mapping[str, Any]) -> Provider | None:
        """Return who runs the server: the one given, or None for the vendor, where the server is the vendor's."""
        names, pattern = self.rule["unless"]
        if value is None and not all(re.fullmatch(pattern, str(given[name])) for name in names.split()):
            raise ValueError(
                f"{self.name}: found None, wanted the Provider(…) that runs the server, your own company perhaps"
            )
        return value


def check_one_of(names: Sequence[str], parameters: Sequence[Parameter], given: Mapping[str, Any]) -> None:
    """Check that exactly one of several parameters is given; any number is right where none are named.

    :raises ValueError: if none is, or two are.
    """
    found = [name for name in names if given[name]]
    if len(found) > 1:
        first, second = found[:2]
        raise ValueError(f"{second}: found {given[second]!r} beside a {first}, wanted one of them")
    if names and not found:
        first, *others = names
        example = next(each.rule["example"] for each in parameters if each.name == first)
        raise ValueError(
            f"{first}: found {given[first]!r}, wanted one such as {example!r}, or a {' or a '.join(others)}"
        )
