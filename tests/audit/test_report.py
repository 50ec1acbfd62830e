"""Reports of audits: what counts, what is accepted, and the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import abort, request
from jinja2 import FileSystemLoader

from flask_cookieconsent import current_consent
from flask_cookieconsent.audit.accepted import Accepted, acceptance
from flask_cookieconsent.audit.report import audit, finished
from flask_cookieconsent.audit.rules import IN_BROWSER, OF_VISITORS, RULES
from flask_cookieconsent.audit.walking.walk import Wishes
from tests.kit.audited import audit_of, findings_of
from tests.kit.reports import DAY, FOREIGN, bad_app, bad_report, finding_of, report_of
from tests.kit.sites import TEMPLATES, make_site, small_app


def test_bad_site_fails() -> None:
    """What is wrong is found once, by its subject, with every visitor who saw it."""
    report = bad_report()
    found = {(finding.rule, finding.subject): finding for finding in report.findings}

    assert {("undeclared-host", FOREIGN), ("undeclared-cookie", "cart"), ("unreadable-page", "/boom")} <= set(found)
    assert (
        found["undeclared-host", FOREIGN].visitors == report.visitors == ("undecided", "refusing", "accepting", "gpc")
    )
    assert report.day == DAY and report.accepted == report.expired == ()
    assert report.failing == report.errors and report.verdict.startswith("The audit fails: ")


def test_places_name_their_source() -> None:
    (cart,) = [finding for finding in bad_report().findings if finding.subject == "cart"]
    sources = {str(place.source).partition(":")[0] for place in cart.places}

    assert sources == {"tests/kit/reports.py"}
    assert bad_report().home == ""


def test_accepted_lines_are_applied() -> None:
    """One line for each finding, and the audit passes; a line for nothing is told, a line that ran out counts."""
    lines = [acceptance(finding, DAY) for finding in bad_report().findings]
    nothing = Accepted(rule="undeclared-host", subject="gone.example", until=DAY, reason="was here")
    unjudged = replace(nothing, rule="forbidden-read")
    site = make_site(app=bad_app())
    whole = audit(site.app, accepted=[*lines, nothing, unjudged])
    old = [replace(line, until=DAY - timedelta(days=1)) for line in lines]
    late = audit(site.app, accepted=old)

    assert whole.findings == () and len(whole.accepted) == len(lines) and not whole.failing
    assert whole.notes == (
        f"accepts nothing that is there any more, take it out if --browser says so, too: {nothing.line}",
    )
    assert len(late.findings) == len(late.expired) == len(lines) and late.failing
    assert [late.run_out(finding) for finding in late.findings] == [line for _, line in late.expired]


@pytest.mark.parametrize(
    ("rules", "strict", "fails"),
    [
        ((), True, False),
        (("stale-cookie",), False, False),
        (("stale-cookie",), True, True),
        (("shared-page",), False, True),
    ],
)
def test_warnings_count_where_they_should(rules: tuple[str, ...], strict: bool, fails: bool) -> None:
    report = finished(report_of(*(finding_of(rule=rule) for rule in rules)), strict=strict)

    assert bool(report.failing) == fails
    assert report.verdict.startswith("The audit fails: " if fails else "The audit passes: ")


def test_verdict_is_one_line() -> None:
    line = Accepted(rule="undeclared-host", subject="x", until=DAY, reason="ours")
    report = report_of(
        finding_of(),
        finding_of("lang", "stale-cookie"),
        accepted=((finding_of("x"), line),),
        not_reached=(("/x", "no"),),
    )

    assert report.verdict == (
        "The audit fails: 1 error, 1 warning, 1 accepted "
        "(8 requests to 4 routes, as undecided, gpc; routes not looked at: 1)."
    )
    assert report_of(judged=frozenset()).verdict == (
        "The audit passes: no errors, no warnings "
        "(8 requests to 4 routes, as undecided, gpc; no script ran, see --browser)."
    )


def test_rules_that_were_not_judged() -> None:
    """Nothing is said of what scripts do where none ran, nor of what visitors' browsers have told."""
    assert bad_report().judged == set(RULES) - IN_BROWSER - OF_VISITORS
    assert set(bad_report().not_judged) == IN_BROWSER | OF_VISITORS <= set(RULES)
    assert report_of().not_judged == ()


def test_browser_is_told() -> None:
    site = make_site(app=bad_app())
    seen = finding_of("basket", "undeclared-storage")
    gone = Accepted(rule="forbidden-read", subject="x", until=DAY, reason="was here")
    report = audit(site.app, accepted=(gone,), browses=lambda *_: ([seen], ()))

    assert report.judged >= IN_BROWSER and "basket" in {finding.subject for finding in report.findings}
    assert report.notes == (f"accepts nothing that is there any more, take it out: {gone.line}",)


def test_log_lines_become_notes() -> None:
    """What tells of a finding again is left out."""
    report = report_of(finding_of(), notes=("a note",))
    lines = [f"a cookie of {FOREIGN!r} is not declared", "the spool is full"]

    assert finished(report, lines).notes == ("a note", "the log says: the spool is full")


def test_remedy_names_the_file_that_the_element_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the layout, and not the template of the view; once, however its address is spelled."""
    link = '<link rel="stylesheet" href="//fonts.googleapis.com/css?family=Inter:400,700">'
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_text(text.replace("</head>", f"\n{link}</head>"), "utf-8")
    monkeypatch.chdir(tmp_path)
    app = small_app()
    app.jinja_loader = FileSystemLoader(tmp_path)
    report = audit(make_site(app=app).app)
    (finding,) = [each for each in report.findings if each.rule == "undeclared-host"]
    lines = [line for line in finding.remedy if "delete" in line]

    assert finding.places[0].templates[0] == "home.html"
    assert [line.partition(",")[0] for line in lines] == ["# In layout.html"]


def nothing_read(status: int | None = None, **wishes: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is told of who saw nothing, on a site that answers visitors by a status; None lets them in."""
    app = small_app()

    @app.before_request
    def refuse() -> None:
        if status is not None and request.path == "/" and (status != 451 or not current_consent.allows("films")):
            abort(status)

    report = audit_of(app, wishes=Wishes(**wishes))
    return [(each.subject, each.visitors) for each in findings_of(report, "nothing-read")]


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_audit_that_read_nothing_fails(status: int) -> None:
    """Our own pages and those of errors are no pages of the site; the bad twin of the test below."""
    assert nothing_read(status) == [("every visitor", ("undecided", "refusing", "accepting", "gpc"))]


def test_audit_that_skips_all_fails() -> None:
    assert nothing_read(skip=("/",)) == [("every visitor", ("undecided", "refusing", "accepting", "gpc"))]


def test_wall_is_told() -> None:
    """A site that shows its pages to who accepts alone."""
    assert nothing_read(451) == [("some visitors", ("undecided", "refusing", "gpc"))]


def test_one_page_is_enough() -> None:
    assert nothing_read() == []
