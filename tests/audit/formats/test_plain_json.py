"""A report as JSON, in the shape of the schema that is shipped."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from flask_cookieconsent import audit
from flask_cookieconsent.audit.accepted import Accepted, acceptance
from flask_cookieconsent.audit.findings import Place, Source
from flask_cookieconsent.audit.formats.plain_json import VERSION, fingerprint, text, to_json
from tests.kit.reports import DAY, FOREIGN, WILD, bad_report, finding_of, report_of

SCHEMA = json.loads(Path(audit.__file__).with_name("report.schema.json").read_text("utf-8"))


def valid(value: dict[str, Any]) -> bool:
    """Tell whether a report is in the shape of the schema; the errors of one that is not are raised."""
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    return True


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"] == {"const": VERSION}


def test_real_report() -> None:
    report = json.loads(text(bad_report()))

    assert valid(report)
    assert {finding["rule"] for finding in report["findings"]} >= {"undeclared-host", "undeclared-cookie"}
    host = next(finding for finding in report["findings"] if finding["subject"] == FOREIGN)
    assert host["visitors"] == report["visitors"] and host["routes"] == ["/bad"]
    assert host["accept"] == acceptance(finding_of(), DAY).line
    assert not report["passes"] and report["requests"] > report["routes"] > 3


def test_every_kind_of_part() -> None:
    """What is accepted, what has run out, notes, sources, and text of any kind."""
    line = Accepted(rule="undeclared-host", subject=FOREIGN, until=DAY - timedelta(days=1), reason="ours")
    place = Place("/", "/", "gpc", WILD, "home", ("a.html",), Source("a.html", 3))
    old, wild = finding_of(), finding_of(WILD, places=(place,), remedy=(WILD,))
    report = report_of(
        old, wild, accepted=((wild, line),), expired=((old, line),), notes=(WILD,), not_reached=((WILD, "no"),)
    )
    whole = json.loads(text(report))

    assert valid(whole) and text(report).isascii()
    assert [each["run_out"] for each in whole["findings"]] == [{"until": "2026-11-22", "reason": "ours"}, None]
    assert whole["findings"][1]["places"][0]["source"] == {"file": "a.html", "line": 3}
    assert whole["accepted"][0]["reason"] == "ours" and "accept" not in whole["accepted"][0]


@pytest.mark.parametrize("key", ["version", "findings", "not_reached", "verdict"])
def test_report_without_a_key_is_seen(key: str) -> None:
    """The bad twin of the schema."""
    report = to_json(report_of(finding_of()))
    del report[key]

    with pytest.raises(ValidationError):
        valid(report)


def test_absolute_path_breaks_the_schema() -> None:
    place = Place("/", "/", "gpc", source=Source("/srv/shop/a.html", 3))

    with pytest.raises(ValidationError):
        valid(to_json(report_of(finding_of(places=(place,)))))


def test_finding_is_known_again() -> None:
    """By its rule and subject, wherever it is seen and whatever the sentence says."""
    one = finding_of()

    assert fingerprint(one) == fingerprint(finding_of(routes=3))
    assert len({fingerprint(each) for each in (one, finding_of("x"), finding_of(rule="inline-loader"))}) == 3
