"""A report as JSON, in the shape of `audit/report.schema.json`; it is what the evidence folder keeps."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from flask_cookieconsent.audit.accepted import acceptance, whole
from flask_cookieconsent.audit.findings import Finding, Place

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report

#: Raised when a key changes its meaning or goes; new keys may come without.
VERSION = 1


def text(report: Report) -> str:
    """Return a report as JSON text of ASCII alone, whatever is in a subject."""
    return json.dumps(to_json(report), indent=2) + "\n"


def to_json(report: Report) -> dict[str, Any]:
    """Return a report as values of JSON."""
    return clean(_report(report))


def clean(value: dict[str, Any]) -> dict[str, Any]:
    """Return values of JSON whose texts every parser takes."""
    return cast("dict[str, Any]", json.loads(whole(json.dumps(value, ensure_ascii=False))))


def _report(report: Report) -> dict[str, Any]:
    return {
        "version": VERSION,
        "tool": {"name": "Flask-CookieConsent", "version": version("flask-cookieconsent")},
        "day": report.day.isoformat(),
        "passes": not report.failing,
        "strict": report.strict,
        "verdict": report.verdict,
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "requests": report.requests,
        "routes": report.routes,
        "visitors": list(report.visitors),
        "not_judged": list(report.not_judged),
        "not_reached": [{"route": route, "why": why} for route, why in report.not_reached],
        "findings": [_counting(finding, report) for finding in report.findings],
        "accepted": [
            _finding(finding) | {"until": line.until.isoformat(), "reason": line.reason}
            for finding, line in report.accepted
        ],
        "notes": list(report.notes),
    }


def fingerprint(finding: Finding) -> str:
    """Return what a finding is known by from one audit to the next, wherever it is seen: 32 hexadecimal digits."""
    name = f"{finding.rule}\n{finding.subject}".encode("utf-8", "backslashreplace")
    return hashlib.sha256(name).hexdigest()[:32]


def _counting(finding: Finding, report: Report) -> dict[str, Any]:
    line = report.run_out(finding)
    run_out = {"until": line.until.isoformat(), "reason": line.reason} if line else None
    return _finding(finding) | {"accept": acceptance(finding, report.day).line, "run_out": run_out}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "title": finding.about.title,
        "why": finding.about.why,
        "law": finding.about.law,
        "subject": finding.subject,
        "says": finding.says,
        "visitors": list(finding.visitors),
        "routes": list(finding.routes),
        "places": [_place(place) for place in finding.places],
        "remedy": list(finding.remedy),
        "fingerprint": fingerprint(finding),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "route": place.route,
        "path": place.path,
        "visitor": place.visitor,
        "element": place.element,
        "endpoint": place.endpoint,
        "templates": list(place.templates),
        "source": {"file": place.source.file, "line": place.source.line} if place.source else None,
    }
