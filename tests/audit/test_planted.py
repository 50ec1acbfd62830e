"""The audit against a site with planted faults: it finds each of them at its place, and nothing else."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.report import Report, audit
from flask_cookieconsent.audit.rules import OF_VISITORS, RULES
from flask_cookieconsent.audit.walking.walk import Wishes
from tests.kit.planted import enter, planted_app
from tests.kit.planted_faults import PLANTED, SEEN_IN_PROCESS, Planted, at_its_place, not_planted


@pytest.fixture(scope="module")
def report() -> Report:
    """One audit of the planted site, in process."""
    return audit(planted_app(), Wishes(sign_in=enter))


@pytest.mark.parametrize("planted", SEEN_IN_PROCESS, ids=lambda planted: planted.name)
def test_planted_fault_is_found_at_its_place(report: Report, planted: Planted) -> None:
    """C2, C3: whoever plants a fault reads of it under its rule, with its subject, at its route."""
    assert at_its_place(report.findings, planted), [each for each in report.findings if each.rule == planted.rule]


def test_nothing_else_is_found(report: Report) -> None:
    """A false alarm teaches people to look away."""
    assert not_planted(report.findings, SEEN_IN_PROCESS) == []


def test_fault_that_is_missed_and_alarm_that_is_false_are_seen() -> None:
    """The bad twins of the two tests above: nothing is found, a fault at another place, and one that nobody planted."""
    planted = Planted("by a view", "undeclared-cookie", "basket_hint", "/cookie/view")
    elsewhere = Finding("undeclared-cookie", "basket_hint", "is set", (Place("/", "/", "undecided"),))

    assert not at_its_place((), planted)
    assert not at_its_place((elsewhere,), planted)
    assert not_planted((elsewhere,), (planted,)) == ["undeclared-cookie: basket_hint at /: is set"]


def test_table_of_faults_is_large_and_unambiguous() -> None:
    """At least 25 faults, and no two of them that could be taken for each other."""
    keys = [(planted.rule, planted.subject, planted.route) for planted in PLANTED]

    assert len(SEEN_IN_PROCESS) >= 15
    assert len(PLANTED) - len(SEEN_IN_PROCESS) >= 10
    assert len(keys) == len(set(keys)) >= 25
    assert len({planted.name for planted in PLANTED}) == len(PLANTED)


def test_each_rule_is_broken_by_a_planted_fault() -> None:
    """A rule that nothing breaks may as well not be there; what real visitors are asked for is told elsewhere."""
    # A site that shows no page has no other fault: `test_report` has one of its own.
    assert set(RULES) - OF_VISITORS - {"nothing-read"} == {planted.rule for planted in PLANTED}


def test_walk_keeps_the_time(report: Report) -> None:
    """Four visitors, and every route of the site."""
    assert report.visitors == ("undecided", "refusing", "accepting", "gpc")
    assert report.not_reached == ()
