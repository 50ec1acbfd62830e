"""The audit in a folder of evidence: that of the command, with the owner's options, and discreet about errors."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flask_cookieconsent.audit.evidence.audited import audited, discreet
from flask_cookieconsent.audit.evidence.pictures import Camera
from flask_cookieconsent.audit.evidence.write import Period, write_evidence
from flask_cookieconsent.audit.report import audit
from tests.kit.sites import Site, make_site, small_app, soup_of

SCHEMA = json.loads((files("flask_cookieconsent") / "audit/report.schema.json").read_text("utf-8"))
ACCEPTED = """
accepted = [{ rule = "unreadable-page", subject = "/told", until = 2026-12-24, reason = "<b>mended soon</b>" }]
"""


def raising_site() -> Site:
    """Return a site of which a page raises an error that tells a password, as those of drivers do."""
    app = small_app()

    def told() -> str:
        raise RuntimeError("could not connect to postgresql://user:password@host")

    app.add_url_rule("/told", "told", told)
    return make_site(app=app)


def of_rule(report: dict[str, Any], rule: str, part: str = "findings") -> list[dict[str, Any]]:
    return [each for each in report[part] if each["rule"] == rule]


def test_kind_of_an_error_is_told_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    site = raising_site()
    with site.app.app_context():
        report = audited(site.app)

    assert [each["says"] for each in of_rule(report, "unreadable-page")] == ["raises RuntimeError"]
    assert "password" not in json.dumps(report)
    assert list(Draft202012Validator(SCHEMA).iter_errors(report)) == []


def test_error_is_told_without_it() -> None:
    """The bad twin: the report of the command says all of it but what is in front of a host."""
    site = raising_site()
    with site.app.app_context():
        report = audit(site.app)

    assert any("could not connect" in each.says for each in report.findings)
    assert not any("could not connect" in each.says for each in discreet(report).findings)
    assert not any("password" in each.says for each in report.findings)


def test_what_the_owner_accepts_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Camera, "__init__", lambda self: setattr(self, "missing", "nobody has a browser here"))
    Path("cookieconsent-audit.toml").write_text(ACCEPTED)
    site = raising_site()
    with site.app.app_context():
        write_evidence(site.app, tmp_path / "evidence", Period())
    report = json.loads((tmp_path / "evidence/audit.json").read_text("utf-8"))

    assert of_rule(report, "unreadable-page") == []
    assert [each["until"] for each in of_rule(report, "unreadable-page", "accepted")] == [
        date(2026, 12, 24).isoformat()
    ]
    page = soup_of((tmp_path / "evidence/index.html").read_text("utf-8"))
    assert "Accepted by the site for a time" in page.text and "<b>mended soon</b>" in page.text
