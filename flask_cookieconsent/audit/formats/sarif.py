"""A report as SARIF 2.1.0, which code hosts show at the lines of a change (OASIS standard, 27 March 2020).

What is accepted is no result but a notification: GitHub passes over `suppressions` and would open an alert for it
(github/codeql-action, issue 1230).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask_cookieconsent.audit import FILE
from flask_cookieconsent.audit.accepted import acceptance
from flask_cookieconsent.audit.findings import Finding, Source
from flask_cookieconsent.audit.rules import RULES, Rule

from .plain_json import clean, fingerprint

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report

#: Locations of one result; code hosts read no more.
_MOST = 10
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def text(report: Report) -> str:
    """Return a report as a SARIF log of one run."""
    return json.dumps(clean(_log(report)), indent=2) + "\n"


def _log(report: Report) -> dict[str, Any]:
    told = [
        f"accepted until {line.until}: {each.rule}, {each.subject}: {line.reason}" for each, line in report.accepted
    ]
    told += (
        [f"not judged by this audit, see --browser and --seen: {', '.join(report.not_judged)}"]
        if report.not_judged
        else []
    )
    told += [f"not looked at: {route} - {why}" for route, why in report.not_reached]
    invocation = {
        "executionSuccessful": True,
        "exitCode": 1 if report.failing else 0,
        "toolExecutionNotifications": [
            {"level": "note", "message": {"text": each}} for each in (report.verdict, *told, *report.notes)
        ],
    }
    driver = {
        "name": "Flask-CookieConsent",
        "semanticVersion": version("flask-cookieconsent"),
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    results = [_result(finding, report) for finding in report.findings]
    properties = {"requests": report.requests, "routes": report.routes, "visitors": list(report.visitors)}
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results, "properties": properties}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run | {"columnKind": "unicodeCodePoints"}]}


def _rule(rule: Rule) -> dict[str, Any]:
    law = f" Rules: {rule.law}." if rule.law else ""
    return {
        "id": rule.id,
        "name": rule.id.title().replace("-", ""),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}{law} Each result says how to mend it, and the line that accepts it for a time."},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": ["privacy", "cookies"], "precision": "high", "problem.severity": rule.level},
    }


def _result(finding: Finding, report: Report) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.level,
        "message": {"text": "\n".join(_message(finding, report))},
        "locations": _locations(finding, report.home),
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
        "properties": {"subject": finding.subject, "visitors": list(finding.visitors), "routes": list(finding.routes)},
    }


def _message(finding: Finding, report: Report) -> Iterator[str]:
    yield f"{finding.subject}: {finding.says}."
    if finding.places:
        routes = ", ".join(finding.routes[:_MOST]) + (", …" if len(finding.routes) > _MOST else "")
        yield f"Seen at {routes}, by {', '.join(finding.visitors)}."
    if line := report.run_out(finding):
        yield f"It was accepted until {line.until}, which is over: {line.reason}."
    if finding.remedy:
        yield from ("To mend it:", *finding.remedy)
    yield from (f"To accept it for a time, in {FILE}:", acceptance(finding, report.day).line)


def _locations(finding: Finding, home: str) -> list[dict[str, Any]]:
    """Return a location for each line of the owner's source, with the routes that show it.

    A finding without a line stands at the file of the app: code hosts refuse a result without a file.
    """
    routes: dict[Source | None, dict[str, None]] = {}
    for place in finding.places:
        routes.setdefault(place.source, {})[place.route] = None
    known = {source: seen for source, seen in routes.items() if source is not None}
    anywhere = {Source(home, 1) if home else None: routes.get(None, {})}
    return [_location(source, [*seen][:_MOST]) for source, seen in [*(known or anywhere).items()][:_MOST]]


def _location(source: Source | None, routes: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if source is not None:
        file = {"uri": quote(source.file), "uriBaseId": "%SRCROOT%"}
        location["physicalLocation"] = {"artifactLocation": file, "region": {"startLine": source.line}}
    if routes:
        location["logicalLocations"] = [{"fullyQualifiedName": route, "kind": "resource"} for route in routes]
    return location
