"""The layout of a declaration: JSON with a fact a line."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue.kit.layout import written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(VALUES)
def test_same_value(value: Any) -> None:
    assert json.loads(written(value)) == value


def test_what_fits_stands_in_a_line() -> None:
    """The whole is broken, its parts only where they are longer than a line."""
    cookies = [{"name": "a", "purpose": "Keeps."}, {"name": "b", "purpose": "x" * 200}]

    assert written({"name": "é", "few": [{"a": 1}], "cookies": cookies}).splitlines() == [
        "{",
        ' "name": "é",',
        ' "few": [{"a": 1}],',
        ' "cookies": [',
        '  {"name": "a", "purpose": "Keeps."},',
        "  {",
        '   "name": "b",',
        f'   "purpose": "{"x" * 200}"',
        "  }",
        " ]",
        "}",
    ]


def test_list_of_words_stays_whole() -> None:
    assert len(written({"methods": ["method"] * 60}).splitlines()) == 3
