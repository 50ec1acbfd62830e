"""Findings, and how those of one subject become one."""

from __future__ import annotations

from dataclasses import replace

from flask_cookieconsent.audit.findings import Finding, Place, Source, merged
from flask_cookieconsent.audit.rules import RULES
from tests.kit.reports import finding_of


def test_findings_of_a_subject_are_one() -> None:
    """With all their places, each once; the first has the sentence and the remedy."""
    first = finding_of(remedy=("paste",))
    again = replace(finding_of(routes=2), says="says it otherwise", remedy=())
    other = finding_of("other.example")

    assert merged([first, again, other]) == [replace(first, places=again.places), other]


def test_order_is_that_of_the_rules() -> None:
    """Errors first, whatever the order in which they are found."""
    rules = [id for id, rule in RULES.items() if rule.level == "error"]
    rules += [id for id, rule in RULES.items() if rule.level == "warning"]
    found = [finding_of(subject, rule) for rule in reversed(rules) for subject in ("b", "a")]

    assert [(each.rule, each.subject) for each in merged(found)] == [(rule, name) for rule in rules for name in "ab"]


def test_routes_and_visitors_are_told_once() -> None:
    finding = finding_of(routes=3)

    assert finding.routes == ("/1", "/2", "/3") and finding.visitors == ("undecided", "gpc")
    assert finding.about is RULES["undeclared-host"] and finding.level == "error"


def test_source_makes_no_other_place() -> None:
    """A place is the same whether its line is known yet or not."""
    place = Place("/", "/", "gpc")
    known = replace(place, source=Source("a.html", 3))

    assert place == known and merged(
        [Finding("shared-page", "/", "", (place,)), Finding("shared-page", "/", "", (known,))]
    )
    assert str(known.source) == "a.html:3"
