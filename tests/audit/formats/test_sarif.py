"""A report as SARIF 2.1.0."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import ValidationError

from flask_cookieconsent.audit.accepted import Accepted, acceptance
from flask_cookieconsent.audit.findings import Place, Source
from flask_cookieconsent.audit.formats.plain_json import fingerprint
from flask_cookieconsent.audit.formats.sarif import text
from flask_cookieconsent.audit.report import Report
from flask_cookieconsent.audit.rules import RULES
from tests.kit.reports import DAY, FOREIGN, WILD, bad_report, finding_of, report_of
from tests.kit.sarif import run_of

LINE = Accepted(rule="undeclared-host", subject=FOREIGN, until=DAY, reason="our own CDN")


def sarif_of(report: Report) -> dict[str, Any]:
    return run_of(json.loads(text(report)))


def at(*sources: Source | None) -> tuple[Place, ...]:
    """Return places of several routes, one for each source."""
    return tuple(Place(f"/{number}", f"/{number}", "gpc", source=source) for number, source in enumerate(sources))


def test_real_report() -> None:
    run = sarif_of(bad_report())
    results = {result["properties"]["subject"]: result for result in run["results"]}

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert all(RULES[each["ruleId"]] == list(RULES.values())[each["ruleIndex"]] for each in run["results"])
    cart = results["cart"]["locations"][0]["physicalLocation"]
    assert cart["artifactLocation"] == {"uri": "tests/kit/reports.py", "uriBaseId": "%SRCROOT%"}
    assert results[FOREIGN]["message"]["text"].endswith(acceptance(finding_of(), DAY).line)
    assert run["invocations"][0]["exitCode"] == 1
    assert run["properties"]["visitors"] == ["undecided", "refusing", "accepting", "gpc"]


def test_finding_stands_at_each_of_its_lines() -> None:
    """One result with every line of the source, the routes beside it, and what is known of it from audit to audit."""
    one, other = Source("templates/a b&c.html", 3), Source("app.py", 7)
    finding = finding_of(places=at(one, None, other, one))
    (result,) = sarif_of(report_of(finding))["results"]

    assert [
        (
            place["physicalLocation"]["artifactLocation"]["uri"],
            [each["fullyQualifiedName"] for each in place["logicalLocations"]],
        )
        for place in result["locations"]
    ] == [("templates/a%20b%26c.html", ["/0", "/3"]), ("app.py", ["/2"])]
    assert result["partialFingerprints"] == {"finding/v1": fingerprint(finding)}


def test_finding_without_a_line_stands_at_the_app() -> None:
    """Code hosts refuse a result without a file; where there is none at all the routes are told alone."""
    report = report_of(finding_of(places=at(None, None)), finding_of("x", places=()), home="shop/__init__.py")
    homeless = report_of(finding_of(places=at(None)), finding_of("x", places=()))

    assert [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in sarif_of(report)["results"]
    ] == ["shop/__init__.py"] * 2
    assert [each["locations"] for each in sarif_of(homeless)["results"]] == [
        [{"logicalLocations": [{"fullyQualifiedName": "/0", "kind": "resource"}]}],
        [{}],
    ]


def test_many_lines_are_cut() -> None:
    """Code hosts read ten."""
    places = at(*(Source("app.py", number) for number in range(1, 40)))

    assert len(sarif_of(report_of(finding_of(places=places)))["results"][0]["locations"]) == 10


def test_accepted_is_no_result() -> None:
    """GitHub opens an alert for each result, also for one with `suppressions`; what has run out is one again."""
    old = Accepted(rule="undeclared-host", subject="old", until=DAY - timedelta(days=1), reason="for a week")
    report = report_of(finding_of("old"), accepted=((finding_of(), LINE),), expired=((finding_of("old"), old),))
    run = sarif_of(report)
    (expired,) = run["results"]
    told = [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]

    assert "It was accepted until 2026-11-22, which is over: for a week." in expired["message"]["text"]
    assert f"accepted until 2026-11-23: undeclared-host, {FOREIGN}: our own CDN" in told


def test_notes_are_notifications() -> None:
    report = report_of(notes=("a note",), not_reached=(("/x", "has variables"),))
    run = sarif_of(report)

    assert [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]] == [
        report.verdict,
        "not looked at: /x - has variables",
        "a note",
    ]
    assert run["invocations"][0]["exitCode"] == 0


def test_whatever_is_in_it() -> None:
    place = Place(WILD, WILD, WILD, WILD, source=Source("é\n.html", 1))
    finding = finding_of(WILD, places=(place,), remedy=(WILD,))

    assert text(report_of(finding)).isascii()
    assert "\\ud800" not in text(report_of(finding))
    assert sarif_of(report_of(finding))["results"][0]["ruleId"] == "undeclared-host"


@pytest.mark.parametrize("file", ["/srv/shop/app.py", "../app.py"])
def test_file_outside_is_seen(file: str) -> None:
    """The bad twin of the schema: no absolute path of a machine goes to a code host."""
    with pytest.raises(ValidationError):
        sarif_of(report_of(finding_of(places=at(Source(file, 1)))))
