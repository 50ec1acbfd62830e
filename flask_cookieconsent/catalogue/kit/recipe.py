"""Read the recipe of a script tag, the cookies and the hosts of a declaration into the values of the core."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask_cookieconsent.core.services import Answer, Construct, Cookie, Provider, Queue, Tag
from flask_cookieconsent.errors import RegistryError

_LIFE = re.compile(r"([1-9][0-9]{0,8}) (second|minute|hour|day)s?")
_COOKIE = ("purpose", "domain", "path", "storage")


def read_tag(data: Mapping[str, Any]) -> Tag:
    """Return the script tag of a filled recipe.

    `{"answer": {…}}` in it is an `Answer`; consent types that follow the same have spaces between them.

    :raises RegistryError: for a key that means nothing.
    """
    known = {each.name for each in fields(Tag)}
    check_keys("tag", data, known)
    given = {key: _answered(value) for key, value in data.items()}
    if isinstance(given.get("queue"), Mapping):
        given["queue"] = Queue(**given["queue"])
    if "constructs" in given:
        given["constructs"] = Construct(**given["constructs"])
    if "consent_types" in given:
        types = given["consent_types"].items()
        given["consent_types"] = {name: answer for names, answer in types for name in names.split()}
    return Tag(**given)


def read_provider(data: Mapping[str, Any] | None) -> Provider | None:
    """Return the recipient of a filled entry, or None where there is no entry.

    :raises RegistryError: for a key that means nothing, or one that is missing.
    """
    if data is None:
        return None
    check_keys("provider", data, {each.name for each in fields(Provider)})
    check_needed("provider", data, ("name", "country", "privacy_policy"))
    return Provider(**data)


def read_cookies(data: Mapping[str, Any]) -> Iterator[Cookie]:
    """Yield the cookies of a filled entry: of one `name` or several, `kept` for a time such as `90 days`.

    :raises RegistryError: for another text, or a key that means nothing.
    """
    check_keys(f"cookie {data.get('name')!r}", data, {*_COOKIE, "name", "kept", "source", "note"})
    check_needed(f"cookie {data.get('name')!r}", data, ("name", "purpose"))
    duration = None
    if "kept" in data:
        match = _LIFE.fullmatch(str(data["kept"]))
        if match is None:
            raise RegistryError([f"cookie {data.get('name')!r}: kept: found {data['kept']!r}, wanted '90 days'"])
        duration = timedelta(**{match[2] + "s": int(match[1])})
    names = (data["name"],) if isinstance(data["name"], str) else data["name"]
    common = {key: data[key] for key in _COOKIE if key in data}
    yield from (Cookie(name=name, duration=duration, **common) for name in names)


def read_hosts(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the sources of each policy directive, from the directives that one or several sources are `for`.

    :raises RegistryError: for a key that means nothing.
    """
    hosts: dict[str, list[str]] = {}
    for sources, what in data.items():
        check_keys(f"host {sources!r}", what, {"for", "source", "note"})
        for directive in what.get("for", ()):
            hosts.setdefault(directive, []).extend(sources.split())
    return {directive: tuple(dict.fromkeys(each)) for directive, each in hosts.items()}


def check_keys(where: str, data: Mapping[str, Any], known: Any) -> None:
    """Check that a mapping holds nothing that would be passed over.

    :raises RegistryError: with the keys that mean nothing.
    """
    if unknown := sorted(set(data) - set(known)):
        raise RegistryError([f"{where}: found {', '.join(unknown)}, wanted some of {', '.join(sorted(known))}"])


def check_needed(where: str, data: Mapping[str, Any], needed: Iterable[str]) -> None:
    """Check that a mapping has what it needs.

    :raises RegistryError: with the keys that are missing.
    """
    if missing := [key for key in needed if key not in data]:
        raise RegistryError([f"{where}: wanted {', '.join(missing)} as well"])


def _answered(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"answer"}:
            return Answer(**value["answer"])
        return {key: _answered(each) for key, each in value.items()}
    return tuple(map(_answered, value)) if isinstance(value, tuple) else value
