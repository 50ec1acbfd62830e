"""Every rule of the audit says why, stands for rules of the docs, and has a test that breaks it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flask_cookieconsent.audit.rules import RULES

TESTS = Path(__file__).parents[1]
#: Modules that speak of rules without breaking any.
_SPEAK = {"test_rules.py", "test_findings.py"}


def named_in(source: str) -> set[str]:
    """Return the ids of rules that the tests in a module name as what is found."""
    return {id for id in RULES if re.search(rf"[\"']{id}[\"']", source)}


@pytest.mark.parametrize("id", RULES)
def test_rule_speaks_for_itself(id: str) -> None:
    rule = RULES[id]

    assert rule.id == id and re.fullmatch(r"[a-z]+(-[a-z]+)*", id)
    assert rule.title and rule.why.endswith(".") and not rule.title.endswith(".")
    assert re.fullmatch(r"([A-I][0-9]{1,2}(, [A-I][0-9]{1,2})*)?", rule.law)


def test_rules_of_the_docs_exist() -> None:
    text = (TESTS.parent / "docs" / "rules.md").read_text("utf-8")
    named = {each for rule in RULES.values() for each in rule.law.split(", ") if each}

    assert {each for each in named if not re.search(rf"\b{each}\b", text)} == set()


def test_every_rule_has_its_bad_twin() -> None:
    """A rule that no test names is found by nobody."""
    paths = [path for path in TESTS.rglob("*.py") if path.name not in _SPEAK]
    named = set().union(*(named_in(path.read_text("utf-8")) for path in paths))

    assert set(RULES) - named == set()


def test_rule_without_a_test_is_noticed() -> None:
    """The bad twin of the test above."""
    assert named_in('findings_of(report, "undeclared-host")') == {"undeclared-host"}
    assert named_in("# speaks of undeclared-host") == set()
