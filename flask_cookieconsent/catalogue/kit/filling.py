"""Fill the holes of a declaration: `{name}` in a text stands for a parameter, `{url|origin}` for a part of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .parameters import origin

_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)(?:\|([a-z]+))?\}")
_PART = re.compile(r"\$([a-z]+)")
_FILTERS: Mapping[str | None, Callable[[Any], Any]] = {
    None: lambda value: value,
    "origin": lambda value: origin(value) if value else "",
    "number": int,
    "folder": lambda value: value.rstrip("/") + "/",
}


def filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a copy of a nested JSON value with every hole filled, and its arrays as tuples.

    A text that is nothing but one hole becomes the value itself, of whatever type; as an entry of an object it leaves
    no trace where it has no value. Names that are the same once filled, as of one server in two roles, are merged.

    :raises KeyError: for a hole that nothing fills.
    """
    if isinstance(value, str):
        # Most texts have no hole, and every start of an app asks for all of them.
        if "{" not in value:
            return value
        whole = _HOLE.fullmatch(value)
        if whole:
            return _value(whole, variables)
        return _HOLE.sub(lambda hole: str(_value(hole, variables)), value)
    if isinstance(value, dict):
        result: dict[str, Any] = {}
        for key, each in value.items():
            found = filled(each, variables)
            if found in ("", None) and isinstance(each, str) and _HOLE.fullmatch(each):
                continue
            name = filled(key, variables)
            result[name] = merged(result, {name: found})[name] if name in result else found
        return result
    if isinstance(value, (list, tuple)):
        return tuple(filled(each, variables) for each in value)
    return value


def holes(text: str) -> list[str]:
    """Return the names of what the holes of a text stand for."""
    return [hole[1] for hole in _HOLE.finditer(text)]


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return two nested mappings as one: arrays are joined, and of two other values the second counts."""
    result = dict(base)
    for key, value in more.items():
        there = result.get(key)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            result[key] = merged(there, value)
        elif isinstance(there, (list, tuple)) and isinstance(value, (list, tuple)):
            result[key] = type(value)((*there, *value))
        else:
            result[key] = value
    return result


def spelled_out(value: Any, parts: Mapping[str, str]) -> Any:
    """Return a copy of a nested JSON value in whose texts `$name` is replaced by the part of that name.

    :raises KeyError: for a name that no part has.
    """
    if isinstance(value, str):
        return _PART.sub(lambda name: parts[name[1]], value)
    if isinstance(value, Mapping):
        return {key: spelled_out(each, parts) for key, each in value.items()}
    return [spelled_out(each, parts) for each in value] if isinstance(value, list) else value


def _value(hole: re.Match[str], variables: Mapping[str, Any]) -> Any:
    return _FILTERS[hole[2]](variables[hole[1]])
