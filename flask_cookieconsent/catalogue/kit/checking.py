"""Check a declaration against `service.schema.json`, and name what is found and what is wanted in each place.

It knows the words of JSON Schema (draft 2020-12) that our schema uses, so that no other package is needed; the tests
hold it against a full validator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_NOUNS = {"string": "a text", "array": "a list", "object": "an object", "boolean": "true or false", "null": "null"}
_PATTERNS = {
    r"\S": "words",
    r"\.$": "a sentence that ends with a full stop",
    "^https://": "an https address",
    "^[A-Z]{2}$": "a country such as 'BE' (ISO 3166-1)",
    r"^([1-9][0-9]* (second|minute|hour|day)s?|\{[a-z][a-z0-9_]*\})$": "a time such as '90 days'",
}
_LONGEST = 60


class Mistake(NamedTuple):
    """One mistake of a declaration: the place, what is there, and what should be."""

    place: tuple[str | int, ...]
    found: str
    wanted: str

    def __str__(self) -> str:
        """Return it as a sentence."""
        where = "".join(f"[{each}]" if isinstance(each, int) else f".{shown(each, '')}" for each in self.place)
        return f"{where.lstrip('.') or 'the whole'}: found {self.found}, wanted {self.wanted}"


def mistakes_in(data: Any) -> Iterator[Mistake]:
    """Yield every mistake of a declaration, whatever JSON it is."""
    return _against(schema(), data, ())


@cache
def schema() -> Mapping[str, Any]:
    """Return the schema of declarations."""
    text = (files("flask_cookieconsent.catalogue") / "service.schema.json").read_text(encoding="utf-8")
    whole: Mapping[str, Any] = json.loads(text)
    return whole


def shown(value: Any, quote: str = "'") -> str:
    """Return a value as one short line without control characters, for a message."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=True)
    line = "".join(each if each.isprintable() else "?" for each in text[: _LONGEST + 1])
    short = line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
    return f"{quote}{short}{quote}" if isinstance(value, str) else short


def _against(rule: Mapping[str, Any], value: Any, place: tuple[str | int, ...]) -> Iterator[Mistake]:
    if "$ref" in rule:
        yield from _against(_referred(rule["$ref"]), value, place)
    types = rule.get("type", ())
    types = (types,) if isinstance(types, str) else types
    if types and not any(_is(value, each) for each in types):
        yield Mistake(place, shown(value), " or ".join(_NOUNS[each] for each in types))
        return
    if "enum" in rule and value not in rule["enum"]:
        yield Mistake(place, shown(value), f"one of {', '.join(rule['enum'])}")
    if isinstance(value, str):
        yield from _text_mistakes(rule, value, place)
    elif isinstance(value, list):
        yield from _list_mistakes(rule, value, place)
    elif isinstance(value, dict):
        yield from _object_mistakes(rule, value, place)
    yield from _choice_mistakes(rule, value, place)
    if "not" in rule and next(_against(rule["not"], value, place), None) is None:
        yield Mistake(place, shown(value), f"it without {' and '.join(rule['not'].get('required', ()))}")


def _text_mistakes(rule: Mapping[str, Any], value: str, place: tuple[str | int, ...]) -> Iterator[Mistake]:
    if "pattern" in rule and not re.search(rule["pattern"], value):
        pattern = rule["pattern"]
        yield Mistake(place, shown(value), _PATTERNS.get(pattern, f"a text that matches {pattern}"))
    elif len(value) < rule.get("minLength", 0):
        yield Mistake(place, shown(value), "a text that is not empty")
    elif rule.get("format") == "regex" and (reason := _reason_against(value)):
        yield Mistake(place, shown(value), f"a regular expression: {reason}")
    elif rule.get("format") == "date" and not _is_day(value):
        yield Mistake(place, shown(value), "a day such as '2026-11-27'")


def _list_mistakes(rule: Mapping[str, Any], value: list[Any], place: tuple[str | int, ...]) -> Iterator[Mistake]:
    if len(value) < rule.get("minItems", 0):
        yield Mistake(place, f"{len(value)} of them", f"at least {rule['minItems']}")
    if len(value) > rule.get("maxItems", len(value)):
        yield Mistake(place, f"{len(value)} of them", f"at most {rule['maxItems']}")
    if rule.get("uniqueItems") and len({json.dumps(each, sort_keys=True) for each in value}) < len(value):
        yield Mistake(place, "one of them twice", "each once")
    for number, each in enumerate(value):
        yield from _against(rule.get("items", {}), each, (*place, number))


def _object_mistakes(rule: Mapping[str, Any], value: dict[str, Any], place: tuple[str | int, ...]) -> Iterator[Mistake]:
    known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    for key in rule.get("required", ()):
        if key not in value:
            yield Mistake((*place, key), "nothing", "it as well")
    if len(value) < rule.get("minProperties", 0):
        yield Mistake(place, "nothing in it", f"at least {rule['minProperties']}")
    for key, each in value.items():
        yield from _against(rule.get("propertyNames", {}), key, (*place, key))
        if key in known:
            yield from _against(known[key], each, (*place, key))
        elif others is False:
            yield Mistake(place, f"{shown(key)} in it", f"some of {', '.join(sorted(known))}")
        elif others is not True:
            yield from _against(others, each, (*place, key))


def _choice_mistakes(rule: Mapping[str, Any], value: Any, place: tuple[str | int, ...]) -> Iterator[Mistake]:
    for word, how in (("anyOf", ""), ("oneOf", "exactly one of: ")):
        alternatives = rule.get(word, ())
        fitting = sum(1 for each in alternatives if next(_against(each, value, place), None) is None)
        if alternatives and not (fitting == 1 or (fitting and word == "anyOf")):
            names = ", or ".join(" and ".join(each.get("required", ())) for each in alternatives)
            found = ", ".join(map(shown, value)) if isinstance(value, dict) else shown(value)
            yield Mistake(place, found or "nothing in it", how + names)


def _referred(reference: str) -> Mapping[str, Any]:
    rule = schema()
    for key in reference.removeprefix("#/").split("/"):
        rule = rule[key]
    return rule


def _is(value: Any, type: str) -> bool:
    kinds = {"string": str, "array": list, "object": dict, "boolean": bool}
    return value is None if type == "null" else isinstance(value, kinds[type])


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _reason_against(pattern: str) -> str:
    """Return why a text is no regular expression, or an empty text."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error) or type(error).__name__
    return ""
