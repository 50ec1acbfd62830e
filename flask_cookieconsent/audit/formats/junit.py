"""A report as JUnit XML, for servers that show tests: a test case for each rule.

There is one `failure` in a case, with all that was found: readers such as Jenkins keep no second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from flask_cookieconsent.audit.accepted import acceptance
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.rules import RULES, Rule

from .lines import printable, sightings

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report


def text(report: Report) -> str:
    """Return a report as a document of one test suite."""
    suite = ET.Element("testsuite", name="flask cookieconsent audit")
    properties = ET.SubElement(suite, "properties")
    told = {"requests": report.requests, "routes": report.routes, "visitors": ", ".join(report.visitors)}
    for name, value in told.items():
        ET.SubElement(properties, "property", name=name, value=str(value))
    cases = [_case(suite, rule, report) for rule in RULES.values()]
    counts = {"tests": len(cases), "failures": cases.count("failure"), "errors": 0, "skipped": cases.count("skipped")}
    suite.attrib |= {name: str(count) for name, count in counts.items()} | {"time": "0"}
    output = [f"not looked at: {route} - {why}" for route, why in report.not_reached]
    ET.SubElement(suite, "system-out").text = _text([*output, *report.notes, report.verdict])
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(whole, encoding="unicode") + "\n"


def _case(suite: ET.Element, rule: Rule, report: Report) -> str:
    """Add the case of a rule, and return what it comes to: failure, skipped, or passed."""
    case = ET.SubElement(suite, "testcase", classname="cookieconsent.audit", name=f"{rule.id}: {rule.title}", time="0")
    failing = [finding for finding in report.failing if finding.rule == rule.id]
    others = [finding for finding in report.findings if finding.rule == rule.id and not failing]
    accepted = [
        f"{each.subject}: until {line.until}: {line.reason}" for each, line in report.accepted if each.rule == rule.id
    ]
    why = [f"accepted: {each}" for each in accepted]
    why += ["not judged by this audit, see --browser and --seen"] if rule.id in report.not_judged else []
    outcome = "failure" if failing else "skipped" if why and not others else "passed"
    if failing:
        subjects = printable(", ".join(finding.subject for finding in failing))
        failure = ET.SubElement(case, "failure", type=rule.level, message=f"{rule.title}: {subjects}")
        failure.text = _text([line for finding in failing for line in _lines(finding, report)])
    elif outcome == "skipped":
        ET.SubElement(case, "skipped", message=printable("; ".join(why)))
    output = [line for finding in others for line in _lines(finding, report)]
    output += [f"accepted: {each}" for each in accepted]
    if output:
        ET.SubElement(case, "system-out").text = _text(output)
    return outcome


def _lines(finding: Finding, report: Report) -> Iterator[str]:
    yield f"{finding.level}: {finding.subject}: {finding.says}"
    if line := report.run_out(finding):
        yield f"was accepted until {line.until}, which is over: {line.reason}"
    seen, others = sightings(finding)
    yield from (f"  {sighting} {sighting.element}" for sighting in seen)
    if others:
        yield f"  and {others} more"
    yield from (f"  to mend it: {each}" for line in finding.remedy for each in line.splitlines())
    yield f"  to accept it: {acceptance(finding, report.day).line}"
    yield ""


def _text(lines: list[str]) -> str:
    return "\n".join(map(printable, lines))
