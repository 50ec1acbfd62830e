"""The audit of an app for a folder of evidence: with the owner's options, as JSON, and without what errors say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.formats.plain_json import to_json
from flask_cookieconsent.audit.options import read_options
from flask_cookieconsent.audit.quiet import heard
from flask_cookieconsent.audit.report import Report, audit
from flask_cookieconsent.state import get_state


def audited(app: Flask) -> dict[str, Any]:
    """Audit an app in this process as `flask cookieconsent audit` does, and return the report in JSON types.

    :raises OptionsError: if the options file in the current folder has mistakes.
    """
    options = read_options(None, get_state(app).today)
    with heard():  # what is logged may hold anything, and is in the report of the command
        return to_json(discreet(audit(app, options.wishes(), options.accepted)))


def discreet(report: Report) -> Report:
    """Return a report of whose errors the kind alone is told: what a page raises may hold the address of a database."""
    return replace(
        report,
        findings=tuple(map(_kind_alone, report.findings)),
        accepted=tuple((_kind_alone(finding), line) for finding, line in report.accepted),
        expired=tuple((_kind_alone(finding), line) for finding, line in report.expired),
    )


def _kind_alone(finding: Finding) -> Finding:
    is_error = finding.rule == "unreadable-page"
    return replace(finding, says=finding.says.partition(":")[0]) if is_error else finding
