"""The check of declarations against the schema: it is held against a full validator."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from flask_cookieconsent.catalogue.kit.checking import mistakes_in, schema
from tests.kit.facts import DATA

FULL = Draft202012Validator(schema(), format_checker=FormatChecker(["regex", "date"]))
#: What the check understands; `title` and the like are for people.
WORDS = {
    *("$schema", "$defs", "$ref", "title", "type", "enum", "required", "properties", "additionalProperties"),
    *("propertyNames", "minProperties", "items", "minItems", "maxItems", "uniqueItems", "pattern", "minLength"),
    *("format", "anyOf", "oneOf", "not"),
}
PODIUM: dict[str, Any] = {
    "name": "Podium",
    "provider": {"name": "Podium SA", "country": "BE", "privacy_policy": "https://podium.example/privacy"},
    "purpose": "embedded_audio",
    "categories": ["third_party"],
    "parameters": {"show": {"match": "[0-9]{4}", "example": "1234"}},
    "sources": {"podium": {"at": "https://podium.example/cookies", "seen": "2026-11-27"}},
    "cookies": [{"name": "listener", "purpose": "Recognises your browser.", "kept": "90 days"}],
    "hosts": {"https://player.podium.example": {"for": ["frame-src"]}},
}


def changed(place: str, value: Any) -> dict[str, Any]:
    """Return the declaration with another value in a place; without one where the value is `...`."""
    data = copy.deepcopy(PODIUM)
    *way, last = [int(each) if each.isdigit() else each for each in place.split("/")]
    inside: Any = data
    for each in way:
        inside = inside[each]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return data


def said(data: Any) -> list[str]:
    """Return what the check says."""
    return [str(each) for each in mistakes_in(data)]


@pytest.mark.parametrize("id", DATA)
def test_catalogue_has_no_mistakes(id: str) -> None:
    assert said(DATA[id]) == []


def test_podium_has_no_mistakes() -> None:
    assert said(PODIUM) == []


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("name", " ", "name: found ' ', wanted words"),
        ("name", 7, "name: found 7, wanted a text"),
        ("purpose", ..., "purpose: found nothing, wanted it as well"),
        ("default", True, "the whole: found 'default' in it, wanted some of $schema, categories, cookies, "),
        ("categories/0", "ads", "categories[0]: found 'ads', wanted one of necessary, functionality, performance, "),
        ("categories", [], "categories: found 0 of them, wanted at least 1"),
        ("categories", ["tracking", "tracking"], "categories: found one of them twice, wanted each once"),
        ("provider/country", "Belgium", "provider.country: found 'Belgium', wanted a country such as 'BE'"),
        ("provider/privacy_policy", "http://a.example", "provider.privacy_policy: found 'http://a.example', wanted an"),
        ("provider/\x1b[31m", "", "provider: found '?[31m' in it, wanted some of country, name, opt_out, "),
        ("cookies/0/kept", "3 moons", "cookies[0].kept: found '3 moons', wanted a time such as '90 days'"),
        ("cookies/0/purpose", "None", "cookies[0].purpose: found 'None', wanted a sentence that ends with a full stop"),
        ("cookies/0/name", "", "cookies[0].name: found '', wanted a text that is not empty"),
        ("cookies/0", "listener", "cookies[0]: found 'listener', wanted an object"),
        ("parameters/show/match", "(", "parameters.show.match: found '(', wanted a regular expression: missing )"),
        ("parameters/show", {"default": ""}, "parameters.show: found 'default', wanted match and example, or choices"),
        ("parameters/Show", {"is": "flag"}, "parameters.Show: found 'Show', wanted a text that matches ^[a-z]"),
        ("sources/podium/seen", "2026-19-39", "sources.podium.seen: found '2026-19-39', wanted a day such as '2026-"),
        ("sources", {}, "sources: found nothing in it, wanted at least 1"),
        (
            "embed",
            {"kind": "a", "shape": "b", "addresses": [{}]},
            "embed.addresses[0]: found nothing in it, wanted exactly",
        ),
        ("variants", [{}], "variants[0].if: found nothing, wanted it as well"),
        ("variants", [{"if": {"a": True}, "cookies": [1]}], "variants[0].cookies[0]: found 1, wanted an object"),
    ],
)
def test_each_mistake_is_named(place: str, value: Any, sentence: str) -> None:
    """The bad twins of a sound declaration: where, what is found, what is wanted."""
    data = changed(place, value)

    assert [each for each in said(data) if each.startswith(sentence)]
    assert not FULL.is_valid(data)


def words(rule: Any) -> Iterator[str]:
    """Yield the words of JSON Schema that a schema uses."""
    if isinstance(rule, dict):
        yield from rule
        for key, each in rule.items():
            inner = each.values() if key in ("properties", "$defs") else [each]
            for one in inner:
                yield from words(one)
    elif isinstance(rule, list):
        for each in rule:
            yield from words(each)


def test_every_word_of_the_schema_is_understood() -> None:
    assert set(words(schema())) - WORDS == set()


def test_unknown_word_is_seen() -> None:
    """The bad twin: a schema with one word more."""
    assert set(words({"properties": {"title": {"maxLength": 3}}})) - WORDS == {"maxLength"}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["", "a", "a.", "(", "https://a", "90 days", "\n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "for", "match"]), inner),
    max_leaves=6,
)
PLACES = [
    *("name", "summary", "provider", "provider/name", "purpose", "categories", "categories/0", "parameters", "hosts"),
    *("parameters/show", "parameters/show/match", "one_of", "sources", "sources/podium", "cookies", "cookies/0", "tag"),
    *("cookies/0/name", "cookies/0/kept", "embed", "variants", "doubts", "sample", "pictures", "unknown"),
]


@given(st.sampled_from(PLACES), VALUES)
def test_it_judges_as_a_full_validator_does(place: str, value: Any) -> None:
    """D1: one meaning of the schema, whoever reads it."""
    data = changed(place, value)

    assert bool(said(data)) is not FULL.is_valid(data)


@given(VALUES)
def test_anything_can_be_checked(value: Any) -> None:
    assert bool(said(value)) is not FULL.is_valid(value)
    assert all(each.isprintable() for each in said(value))
    assert json.dumps(said(value))
