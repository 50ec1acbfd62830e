"""A service as it is declared: frozen, its cookies matched by name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from flask_cookieconsent import Provider
from flask_cookieconsent.core.registry import build
from tests.kit.declarations import GOOD, NOTE


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
    assert replace(NOTE, name=declared).matches(name) is matches


def test_provider_is_named_by_every_third_party() -> None:
    """C2: who names a provider is a third party; nobody else is."""
    assert [each.id for each in GOOD if each.is_third_party] == ["counter", "films", "posts"]
    assert isinstance(GOOD[3].provider, Provider)
