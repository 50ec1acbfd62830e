"""The URL prefix of our pages, with and without variables."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.core.prefix import UrlPrefix


@pytest.mark.parametrize(
    ("prefix", "variables", "fixed", "receipts"),
    [
        ("/cookies", [], "/cookies", ("/cookies/choice", "/cookies/api/choice")),
        ("/legal/cookies", [], "/legal/cookies", ("/legal/cookies/choice", "/legal/cookies/api/choice")),
        ("/<lang_code>/cookies", ["lang_code"], "/cookies", ("/",)),
        ("/shop/<any(de, en):lang>/<int:tenant>/c", ["lang", "tenant"], "/c", ("/",)),
    ],
)
def test_prefix(prefix: str, variables: list[str], fixed: str, receipts: tuple[str, ...]) -> None:
    found = UrlPrefix(prefix)

    assert UrlPrefix.is_valid(prefix)
    assert (found.variables, found.fixed, found.receipt_paths) == (variables, fixed, receipts)


@pytest.mark.parametrize(
    "value", ["", "/", "cookies", "/cookies/", "/<lang>", "/a/<b>", "/<a/b>", "/<la ng>/c", None, 1]
)
def test_what_is_no_prefix(value: Any) -> None:
    """The bad twins: what our pages could not live under, or would have no fixed place under."""
    assert not UrlPrefix.is_valid(value)
