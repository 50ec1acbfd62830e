"""Where a form comes from, and what its switches ask for."""

from __future__ import annotations

import itertools

from flask_cookieconsent.choice.form import switched_on
from flask_cookieconsent.core.registry import build
from tests.kit.sites import EVERYTHING, services

REGISTRY = build(services())


def on(service: set[str], category: set[str] = frozenset(), shown: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]
    return switched_on(REGISTRY, services=service, categories=category, shown=shown)


def test_switches_of_services() -> None:
    """B8, B4: each of the 32 sets of switches is saved as it stands."""
    for chosen in (set(each) for n in range(6) for each in itertools.combinations(EVERYTHING, n)):
        assert on(chosen) == chosen
        assert on(chosen, {"third_party"} if {"films", "posts"} <= chosen else set()) == chosen


def test_switch_of_a_category() -> None:
    """B8: without scripts a category's own switch moves its services; moved with them, they count."""
    both = {"films", "posts"}
    assert on(set(), {"third_party"}) == both
    assert on(both, set(), both) == set()
    assert on(both, {"third_party"}, both) == both
    assert on({"films"}, {"third_party"}, both) == {"films"}
    assert on({"films"}, set(), both) == {"films"}
    assert on({"films"}, {"third_party"}, {"films"}) == both
    assert on({"posts"}, {"third_party"}, {"films"}) == {"posts"}


def test_category_of_one_service() -> None:
    """B8: one service, one switch, and either name stands for it."""
    assert on(set(), {"performance"}) == {"counter"}
    assert on({"counter"}) == {"counter"}
    assert on(set(), set(), {"counter"}) == set()
