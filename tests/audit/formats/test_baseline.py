"""The lines that accept everything that a report finds."""

from __future__ import annotations

import tomllib
from datetime import timedelta

from flask_cookieconsent.audit.accepted import Accepted, sort_out
from flask_cookieconsent.audit.formats.baseline import text
from flask_cookieconsent.audit.options import parse_options
from tests.kit.reports import DAY, WILD, bad_report, finding_of, report_of


def test_baseline_accepts_all() -> None:
    report = bad_report()
    options = parse_options(tomllib.loads(text(report)), report.day)

    after = sort_out(report.findings, options.accepted, report.day)

    assert after.counting == () == after.unused
    assert len(after.accepted) == len(report.findings) > 3


def test_baseline_keeps_what_is_accepted() -> None:
    """Its reason is the owner's, and the whole may take the place of the old lines."""
    line = Accepted(rule="stale-cookie", subject="lang", until=DAY + timedelta(days=9), reason="of a script")
    report = report_of(finding_of(WILD), accepted=((finding_of("lang", "stale-cookie"), line),))
    options = parse_options(tomllib.loads(text(report)), DAY)

    assert options.accepted[0] == line and len(options.accepted) == 2
    assert tomllib.loads(text(report_of())) == {"accepted": []}
