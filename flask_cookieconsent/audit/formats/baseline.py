"""The lines that accept every finding of a report, to paste into the options file; its reasons are the owner's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_cookieconsent.audit.accepted import acceptance

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report


def text(report: Report) -> str:
    """Return a table of TOML that accepts what a report finds, and what is accepted in it already."""
    kept = [line.line for _, line in report.accepted]
    lines = dict.fromkeys([*kept, *(acceptance(finding, report.day).line for finding in report.findings)])
    return "\n".join(["accepted = [", *(f"  {line}" for line in lines), "]"]) + "\n"
