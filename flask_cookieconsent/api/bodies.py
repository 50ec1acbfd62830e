"""Parse the JSON body of a choice into a press: the same fields as the form, with lists where the form has switches."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from flask_cookieconsent.choice.form import Choice, Press
from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.i18n import is_canonical

#: What a program may ask for; a record is erased by `DELETE` of its receipt.
CHOICES = tuple(choice.value for choice in Choice if choice is not Choice.ERASE)

#: The fields of a body.
FIELDS = ("choice", "services", "categories", "notice", "locale")

_NO_JSON = 'the body: found no JSON, wanted an object in UTF-8 such as {"choice": "reject"}'
_NOTICE, _LOCALE = re.compile(r"([0-9a-f]{64})?"), re.compile(r"[A-Za-z0-9_]{0,40}")

# A body of nothing but mistakes is not answered with one many times as long.
_MOST_MISTAKES = 10


def read_body(registry: Registry, body: bytes) -> tuple[Press | None, list[str]]:
    """Parse a body, and return the press, or what is wrong with it: field, value found, value wanted."""
    given, mistakes = read_object(body, FIELDS)
    if given is None:
        return None, mistakes
    if mistakes := [*_wrong_texts(given), *_wrong_lists(registry, given)]:
        return None, mistakes[:_MOST_MISTAKES]
    return _press(registry, given), []


def read_object(body: bytes, fields: Collection[str]) -> tuple[dict[str, Any] | None, list[str]]:
    """Parse a JSON object in UTF-8 (RFC 8259) that has these fields or some of them; else return what is wrong.

    Never raises: a body that is no JSON is a mistake like any other.
    """
    try:
        given = json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse)
    except _Twice as twice:
        return None, [f"{twice}: found twice, wanted once"]
    except (ValueError, RecursionError):
        return None, [_NO_JSON]
    if not isinstance(given, dict):
        return None, [f"the body: found {_kind(given)}, wanted an object"]
    unknown = [name for name in given if name not in fields][:_MOST_MISTAKES]
    wrong = [f"{name[:40]!r}: no such field; wanted one of {', '.join(fields)}" for name in unknown]
    return (None, wrong) if wrong else (given, [])


def optional_categories(registry: Registry) -> tuple[str, ...]:
    """Return the ids of the categories in which there is something to choose."""
    return tuple(category for category, ids in registry.optional_by_category.items() if ids)


def _press(registry: Registry, given: Mapping[str, Any]) -> Press:
    """Return the press of a valid body: no page was shown, so a category stands for all of its services."""
    choice, locale = Choice(given["choice"]), given.get("locale", "")
    services: set[str] = set()
    if choice in (Choice.SAVE, Choice.ALLOW):
        services.update(given.get("services", ()))
        for category in given.get("categories", ()):
            services.update(registry.optional_by_category[category])
    return Press(
        choice=choice,
        services=frozenset(services),
        notice=given.get("notice", ""),
        locale=locale if is_canonical(locale) else "",
    )


def _wrong_texts(given: Mapping[str, Any]) -> list[str]:
    wanted = {
        "choice": (given.get("choice") in CHOICES, "one of " + ", ".join(CHOICES)),
        "notice": (_fits(_NOTICE, given.get("notice", "")), "the digest of the notice that was shown"),
        "locale": (_fits(_LOCALE, given.get("locale", "")), "the locale of the notice that was shown, such as 'de'"),
    }
    return [_mistake(given, name, text) for name, (is_right, text) in wanted.items() if not is_right]


def _wrong_lists(registry: Registry, given: Mapping[str, Any]) -> list[str]:
    known = {"services": registry.optional, "categories": optional_categories(registry)}
    mistakes = [
        _mistake(given, name, f"a list of some of: {', '.join(ids)}")
        for name, ids in known.items()
        if not _is_list_of(ids, given.get(name, []))
    ]
    if not mistakes and given.get("choice") == Choice.ALLOW.value:
        if len(given.get("services", [])) != 1:
            mistakes.append("services: wanted exactly one, to allow it")
        if given.get("categories"):
            mistakes.append("categories: wanted none, to allow one service")
    return mistakes


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_list_of(ids: tuple[str, ...], value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each in ids for each in value)


def _mistake(given: Mapping[str, Any], name: str, wanted: str) -> str:
    found = _kind(given[name]) + " that does not fit" if name in given else "nothing"
    return f"{name}: found {found}, wanted {wanted}"


class _Twice(Exception):
    """One name stands twice in an object, and parsers differ in which one counts (RFC 8259, section 4)."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _Twice(repr(name[:40]))
        members[name] = value
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
