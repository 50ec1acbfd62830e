"""Values of a declaration: frames and widgets check their kind and shape; literal types agree with the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from babel.support import LazyProxy
from flask_babel.speaklater import LazyString

from flask_cookieconsent import EmbedError, Frame, Tag, Widget
from flask_cookieconsent.core.defaults import EMBEDS, PURPOSES, REFUSALS
from flask_cookieconsent.core.services import KINDS, SHAPES, LazyText, Purpose

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
