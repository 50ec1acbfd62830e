"""Parse the JSON body of a choice into a press: the same fields as the form, with lists where the form has switches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from flask_cookieconsent.choice.form import Choice, Press, parsed, wrong_fields
from flask_cookieconsent.core.registry import Registry

#: The fields of a body, each with the field of the form that it stands for.
_TEXTS = MappingProxyType({"choice": "choice", "notice": "notice", "locale": "locale"})
_LISTS = MappingProxyType({"services": "service", "categories": "category"})

#: What a program may ask for; a record is erased by `DELETE` of its receipt.
CHOICES = tuple(choice.value for choice in Choice if choice is not Choice.ERASE)


def read_body(registry: Registry, body: bytes) -> tuple[Press | None, list[str]]:
    """Parse a body (JSON, UTF-8), and return the press, or what is wrong with it: field, value found, value wanted.

    Never raises: a body that is no JSON is a mistake like any other.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None, ['the body: found no JSON, wanted an object such as {"choice": "reject"}']
    if not isinstance(given, dict):
        return None, [f"the body: found {_kind(given)}, wanted an object"]
    if mistakes := [*_unknown(given), *_mistyped(given)]:
        return None, mistakes
    fields = MultiDict([(_TEXTS[name], given[name]) for name in _TEXTS if name in given])
    for name, field in _LISTS.items():
        for value in given.get(name, ()):
            fields.add(field, value)
    if mistakes := _mistakes(registry, fields):
        return None, mistakes
    return parsed(fields), []


def _unknown(given: Mapping[str, Any]) -> list[str]:
    known = (*_TEXTS, *_LISTS)
    return [f"{name[:40]!r}: no such field; wanted one of {', '.join(known)}" for name in given if name not in known]


def _mistyped(given: Mapping[str, Any]) -> list[str]:
    texts = [f"{name}: found {_kind(given[name])}, wanted a string" for name in _TEXTS if not _is_text(given, name)]
    lists = [f"{name}: found no list of strings, wanted one" for name in _LISTS if not _is_list(given.get(name, []))]
    return [*texts, *lists]


def _is_text(given: Mapping[str, Any], name: str) -> bool:
    return name not in given or isinstance(given[name], str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _mistakes(registry: Registry, fields: MultiDict[str, str]) -> list[str]:
    wanted = {
        "choice": "one of " + ", ".join(CHOICES),
        "notice": "the digest of the notice that was shown",
        "locale": "the locale of the notice that was shown",
        "service": "ids of optional services of this site: " + ", ".join(registry.optional),
        "category": "ids of optional categories of this site",
    }
    wrong = wrong_fields(registry, fields)
    if fields.get("choice") == Choice.ERASE.value:
        wrong = ["choice"]
    names = {field: name for name, field in (_TEXTS | _LISTS).items()}
    return [f"{names[field]}: found a value that does not fit, wanted {wanted[field]}" for field in wrong]


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
