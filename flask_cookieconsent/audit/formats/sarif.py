"""A report as SARIF 2.1.0, which code hosts show at the lines of a change (OASIS standard, 27 March 2020)."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask_cookieconsent.audit.accepted import Accepted, acceptance
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
    told = [f"not looked at: {route} - {why}" for route, why in report.not_reached]
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
    results += [_result(finding, report, line) for finding, line in report.accepted]
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


def _result(finding: Finding, report: Report, line: Accepted | None = None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.level,
        "message": {"text": "\n".join(_message(finding, report, line))},
        "locations": _locations(finding, report.home),
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
        "properties": {"subject": finding.subject, "visitors": list(finding.visitors), "routes": list(finding.routes)},
    }
    if line is not None:
        justification = f"{line.reason} (until {line.until})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _message(finding: Finding, report: Report, line: Accepted | None) -> list[str]:
    routes = ", ".join(finding.routes[:_MOST]) + (", …" if len(finding.routes) > _MOST else "")
    lines = [f"{finding.subject}: {finding.says}.", f"Seen at {routes}, by {', '.join(finding.visitors)}."]
    lines = lines if finding.places else lines[:1]
    if run_out := report.run_out(finding):
        lines.append(f"It was accepted until {run_out.until}, which is over: {run_out.reason}.")
    if finding.remedy:
        lines += ["To mend it:", *finding.remedy]
    return (
        lines
        if line
        else [*lines, "To accept it for a time, in cookieconsent-audit.toml:", _accepting(finding, report)]
    )


def _accepting(finding: Finding, report: Report) -> str:
    return acceptance(finding, report.day).line


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
