"""A report for people: findings below their rule, where each was seen, and the lines that mend or accept it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from flask_cookieconsent.audit.accepted import acceptance
from flask_cookieconsent.audit.findings import Finding

from .lines import printable, sightings

if TYPE_CHECKING:  # it needs a parser of HTML
    from flask_cookieconsent.audit.report import Report

#: Columns; only lines to paste are longer.
WIDTH = 100
_COLOURS = {"error": "red", "warning": "yellow"}


def text(report: Report, *, colours: bool = False) -> str:
    """Return a report as text; *colours* are for a terminal."""
    lines = list(_lines(report))
    return "\n".join(lines if colours else map(click.unstyle, lines)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    rule = ""
    for finding in report.findings:
        if finding.rule != rule:
            rule = finding.rule
            yield from _heading(finding)
        yield from _of_finding(finding, report)
    if report.accepted:
        yield from _section("Accepted, and counted for nothing:")
        for finding, line in report.accepted:
            yield from _wrapped(f"{finding.rule}: {finding.subject} - until {line.until}: {line.reason}", 2)
        yield ""
    if report.not_reached:
        yield from _section("Not looked at:")
        for route, why in report.not_reached:
            yield from _wrapped(f"{route} - {why}", 2)
        yield ""
    if report.notes:
        yield from _section("Notes:")
        for note in report.notes:
            yield from _wrapped(note, 2)
        yield ""
    yield click.style(report.verdict, fg="red" if report.failing else "green")


def _section(title: str) -> Iterator[str]:
    yield click.style(title, bold=True)


def _heading(finding: Finding) -> Iterator[str]:
    level = click.style(finding.level.upper(), fg=_COLOURS[finding.level], bold=True)
    law = f" ({finding.about.law})" if finding.about.law else ""
    yield f"{level} {click.style(finding.rule, bold=True)}: {finding.about.title}{law}"
    yield from _wrapped(finding.about.why, 2)
    yield ""


def _of_finding(finding: Finding, report: Report) -> Iterator[str]:
    yield click.style(f"  {printable(finding.subject)}", bold=True)
    yield from _wrapped(finding.says, 4)
    if line := report.run_out(finding):
        yield from _wrapped(f"was accepted until {line.until}, which is over: {line.reason}", 4)
    yield from _places(finding)
    if finding.remedy:
        yield "    To mend it:"
        yield from (f"      {printable(each)}" for line in finding.remedy for each in line.splitlines())
    yield "    To accept it:"
    yield f"      {acceptance(finding, report.day).line}"
    yield ""


def _places(finding: Finding) -> Iterator[str]:
    seen, others = sightings(finding)
    for sighting in seen:
        yield from _wrapped(str(sighting), 6)
        if sighting.element:
            yield from _wrapped(sighting.element, 8)
    if others:
        yield f"      and {others} more"


def _wrapped(line: str, indent: int) -> list[str]:
    """Return a line as one or more of at most 100 columns."""
    margin = " " * indent
    more = margin + "  "
    return wrap(printable(line), WIDTH, initial_indent=margin, subsequent_indent=more, break_on_hyphens=False) or [
        margin
    ]
