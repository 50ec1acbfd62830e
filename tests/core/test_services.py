"""Values of a declaration: frames and widgets check their kind and shape; literal types agree with the tables."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from babel.support import LazyProxy
from flask_babel.speaklater import LazyString

from flask_cookieconsent import EmbedError, Frame, Provider, Tag, Widget
from flask_cookieconsent.core.defaults import EMBEDS, PURPOSES, REFUSALS
from flask_cookieconsent.core.kinds import KINDS, SHAPES, Purpose
from flask_cookieconsent.core.registry import CookieIndex, build
from flask_cookieconsent.core.services import LazyText
from tests.kit.declarations import GOOD, NOTE

FRAME = {"src": "https://films.example/1", "link": "https://films.example/1", "kind": "video", "shape": "wide"}
WIDGET: dict[str, Any] = {"tag": Tag(), "attributes": {}, "kind": "check", "shape": "check"}


@pytest.mark.parametrize(("make", "values"), [(Frame, FRAME), (Widget, WIDGET)])
@pytest.mark.parametrize(("key", "known"), [("kind", KINDS), ("shape", SHAPES)])
def test_kind_and_shape(make: Any, values: dict[str, Any], key: str, known: tuple[str, ...]) -> None:
    """A9: an embed for which no room, or no sentence, is there is a mistake of its service."""
    assert [getattr(make(**values | {key: each}), key) for each in known] == list(known)
    with pytest.raises(EmbedError, match=f"^{key}: found 'film', wanted one of {', '.join(known)}$"):
        make(**values | {key: "film"})


def test_literal_types_are_the_tables() -> None:
    """What mypy accepts is what the registry accepts."""
    assert get_args(Purpose) == tuple(PURPOSES)
    assert tuple(EMBEDS) == KINDS
    assert set(REFUSALS) <= set(PURPOSES)


@pytest.mark.parametrize("lazy", [LazyString, LazyProxy])
def test_lazy_strings_have_what_the_type_asks_for(lazy: type) -> None:
    methods = {name for name in vars(LazyText) if callable(vars(LazyText)[name])} & {"__len__", "__radd__"}

    assert methods == {"__len__", "__radd__"}
    assert methods <= set(vars(lazy))
    assert not any(methods <= set(dir(each)) for each in (int, bytes, list, dict, timedelta))


def test_values_are_frozen() -> None:
    """What was declared stays as it was checked."""
    registry = build(GOOD)

    with pytest.raises(FrozenInstanceError):
        registry.services["films"].category = "necessary"  # type: ignore[misc]
    with pytest.raises(TypeError):
        registry.services["films"].hosts["frame-src"] = ("https://evil.example",)  # type: ignore[index]
    with pytest.raises(TypeError):
        registry.services["more"] = GOOD[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("declared", "name", "matches"),
    [
        *[("_ga", "_ga", True), ("_ga", "_GA", False), ("_ga", "_ga_1", False), ("_ga_*", "_ga_1", True)],
        *[("_ga_*", "_ga_", True), ("_ga_*", "_ga", False), ("__Host-a", "a", False)],
    ],
)
def test_names_match_as_in_browsers(declared: str, name: str, matches: bool) -> None:
    """E4: case and prefixes are part of a name."""
    index = CookieIndex(build([replace(GOOD[2], cookies=[replace(NOTE, name=declared)])]))

    assert bool(index.declared(name)) is matches


def test_provider_is_named_by_every_third_party() -> None:
    """C2: who names a provider is a third party; nobody else is."""
    assert [each.id for each in GOOD if each.is_third_party] == ["counter", "films", "posts"]
    assert isinstance(GOOD[3].provider, Provider)
