"""The audit of an app as JSON types, for the folder of evidence."""

from __future__ import annotations

from typing import Any

from flask import Flask

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.report import audit


def audited(app: Flask) -> dict[str, Any]:
    """Audit an app in this process, and return the report in JSON types."""
    report = audit(app)
    return {
        "findings": [
            {
                "rule": finding.rule,
                "level": finding.level,
                "title": finding.about.title,
                "subject": finding.subject,
                "says": _said(finding),
                "routes": list(finding.routes),
                "visitors": list(finding.visitors),
            }
            for finding in report.findings
        ],
        "requests": report.requests,
        "routes": report.routes,
        "visitors": list(report.visitors),
        "not_reached": [{"route": route, "reason": reason} for route, reason in report.not_reached],
    }


def _said(finding: Finding) -> str:
    # What a page raises may hold anything, such as the address of a database: its kind has to be enough.
    return finding.says.partition(":")[0] if finding.rule == "unreadable-page" else finding.says
