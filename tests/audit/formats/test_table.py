"""A report for people."""

from __future__ import annotations

from datetime import timedelta

import click
import pytest

from flask_cookieconsent.audit.accepted import Accepted, acceptance
from flask_cookieconsent.audit.formats.table import WIDTH, text
from tests.kit.reports import DAY, FOREIGN, WILD, bad_report, finding_of, report_of

LINE = Accepted(rule="undeclared-host", subject=FOREIGN, until=DAY - timedelta(days=1), reason="our own CDN")


def test_one_finding() -> None:
    finding = finding_of(remedy=("consent.add(\n    cdn(),\n)",))

    assert text(report_of(finding)).splitlines() == [
        "ERROR undeclared-host: A page contacts a host that no service declares (C3)",
        "  Whoever is contacted receives the visitor's address, and has to be named.",
        "",
        f"  {FOREIGN}",
        f"    contacts {FOREIGN}",
        "      /1 (undecided, gpc)",
        f"        <img src={FOREIGN}>",
        "    To mend it:",
        "      consent.add(",
        "          cdn(),",
        "      )",
        "    To accept it:",
        f"      {acceptance(finding, DAY).line}",
        "",
        report_of(finding).verdict,
    ]


def test_findings_stand_below_their_rule() -> None:
    lines = text(report_of(finding_of("a"), finding_of("b"), finding_of("c", "stale-cookie"))).splitlines()

    assert [line.partition(":")[0] for line in lines if line.startswith(("ERROR", "WARNING"))] == [
        "ERROR undeclared-host",
        "WARNING stale-cookie",
    ]


def test_whole_report() -> None:
    """What is accepted, has run out, was not looked at, and notes: each in its place, the verdict last."""
    report = report_of(
        finding_of(routes=17),
        accepted=((finding_of("x"), LINE),),
        expired=((finding_of(routes=17), LINE),),
        not_reached=(("/film/<id>", "has variables"),),
        notes=("take it out",),
    )
    lines = text(report).splitlines()

    assert "      and 12 more" in lines
    assert "    was accepted until 2026-11-22, which is over: our own CDN" in lines
    for title, line in (
        ("Accepted, and counted for nothing:", "  undeclared-host: x - until 2026-11-22: our own CDN"),
        ("Not looked at:", "  /film/<id> - has variables"),
        ("Notes:", "  take it out"),
    ):
        assert lines[lines.index(title) + 1] == line
    assert lines[-1] == report.verdict


@pytest.mark.parametrize("subject", ["x" * 300, " ".join(["word"] * 90), WILD])
def test_lines_are_short(subject: str) -> None:
    """Only what is pasted, and the verdict, is longer than a terminal; nothing of a page reaches it as it is."""
    finding = finding_of(subject, remedy=("y" * 300,))
    lines = text(report_of(finding, notes=(subject,))).splitlines()
    pasted = lines.index("    To mend it:")

    assert all(len(line) <= WIDTH for line in lines[:3] + lines[4:pasted])
    assert all(line.isprintable() for line in lines)
    assert f"      {'y' * 300}" in lines and f"      {acceptance(finding, DAY).line}" in lines


def test_colours_are_for_terminals() -> None:
    report = bad_report()

    assert "\x1b" not in text(report)
    assert "\x1b[31m" in text(report, colours=True)
    assert click.unstyle(text(report, colours=True)) == text(report)
