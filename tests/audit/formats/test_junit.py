"""A report as JUnit XML."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from flask_cookieconsent.audit.accepted import Accepted
from flask_cookieconsent.audit.formats.junit import text
from flask_cookieconsent.audit.report import Report, finished
from flask_cookieconsent.audit.rules import IN_BROWSER, RULES
from tests.kit.reports import DAY, FOREIGN, WILD, bad_report, finding_of, report_of

LINE = Accepted(rule="undeclared-host", subject=FOREIGN, until=DAY + timedelta(days=1), reason="our own CDN")


def suite_of(report: Report) -> ET.Element:
    (suite,) = ET.fromstring(text(report).encode())
    return suite


def outcomes(report: Report) -> dict[str, str]:
    """Return what each rule that did not simply pass came to."""
    cases = suite_of(report).iter("testcase")
    return {case.attrib["name"].partition(":")[0]: " ".join(each.tag for each in case) for case in cases if len(case)}


def test_case_for_each_rule() -> None:
    suite = suite_of(bad_report())
    cases = [case.attrib["name"].partition(":")[0] for case in suite.iter("testcase")]

    assert cases == list(RULES)
    assert suite.attrib["tests"] == str(len(RULES))
    assert suite.attrib["failures"] == str(len(list(suite.iter("failure")))) == "3"
    assert {each.attrib["name"] for each in suite.iter("property")} == {"requests", "routes", "visitors"}


def test_all_of_a_rule_is_one_failure() -> None:
    (failure,) = suite_of(report_of(finding_of("a", routes=8), finding_of("b", remedy=("one\ntwo",)))).iter("failure")

    assert failure.attrib["message"] == "A page contacts a host that no service declares: a, b"
    for line in ("error: a: contacts a", "  and 3 more", "  to mend it: two", "  /1 (undecided, gpc) <img src=b>"):
        assert line in (failure.text or "").splitlines()


def test_outcomes() -> None:
    """A warning passes with its text unless it counts; what is accepted is skipped; what has run out fails."""
    warned = report_of(finding_of("lang", "stale-cookie"))
    run_out = report_of(finding_of(), expired=((finding_of(), LINE),), accepted=((finding_of("x"), LINE),))

    assert outcomes(report_of()) == {}
    assert outcomes(report_of(judged=frozenset(RULES) - IN_BROWSER)) == dict.fromkeys(IN_BROWSER, "skipped")
    assert outcomes(warned) == {"stale-cookie": "system-out"}
    assert outcomes(finished(warned, strict=True)) == {"stale-cookie": "failure"}
    assert outcomes(report_of(accepted=((finding_of(), LINE),))) == {"undeclared-host": "skipped system-out"}
    assert outcomes(run_out) == {"undeclared-host": "failure system-out"}
    assert "was accepted until 2026-11-24, which is over: our own CDN" in text(run_out)


@pytest.mark.parametrize("rule", ["undeclared-host", "stale-cookie"])
def test_xml_whatever_is_in_it(rule: str) -> None:
    wild = Accepted(rule=rule, subject=WILD, until=DAY, reason=WILD)
    finding = finding_of(WILD, rule, remedy=(WILD,))
    report = report_of(
        finding, accepted=((finding, wild),), expired=((finding, wild),), notes=(WILD,), not_reached=((WILD, WILD),)
    )
    texts = "".join(suite_of(report).itertext())

    assert "\\x1b[31m" in texts and "\x1b" not in text(report)
    assert (suite_of(report).findtext("system-out") or "").splitlines()[-1] == report.verdict
