"""The endpoint for Content-Security-Policy reports: counted by host, bounded, and safe from strangers."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_cookieconsent import CookieConsent
from tests.kit.sites import Site, make_app, make_site, services

REPORT = {
    "csp-report": {
        "document-uri": "https://shop.example/secret?name=alice",
        "referrer": "https://from.example/",
        "effective-directive": "frame-src",
        "blocked-uri": "https://tracker.example/pixel?id=alice",
    }
}


def test_violations_are_counted_by_host() -> None:
    """F3: what was blocked is counted; who read what is not kept anywhere."""
    site = make_site(COOKIECONSENT_CSP="report-only")
    modern = [{"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "inline"}}] * 30
    client = site.app.test_client()

    for report in (REPORT, REPORT, modern, {"csp-report": {}}, {"csp-report": 1}, [], 7, None):
        answer = client.post("/cookies/violations", data=json.dumps(report), content_type="application/csp-report")
        assert answer.status_code == 204
        assert "Set-Cookie" not in answer.headers

    shown = site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output
    assert [line.split() for line in shown.splitlines()] == [
        ["20", "img-src", "inline", "(last", "on", "2026-11-23)"],
        ["2", "frame-src", "tracker.example", "(last", "on", "2026-11-23)"],
    ]
    with site.app.app_context(), site.db.engine.connect() as connection:
        assert "alice" not in "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff", b"[[[[", b"[" * 9_000, b"x" * 20_000),
        *(
            json.dumps({"csp-report": {"effective-directive": directive, "blocked-uri": blocked}}).encode()
            for directive, blocked in [
                ("frame-src", "https://a b"),
                ("frame-src", "https://[::1"),
                ("frame-src", "https://" + "a" * 300),
                ("frame-src; script-src", "inline"),
                ("x" * 50, "inline"),
                (7, "inline"),
                ("frame-src", None),
                ("frame-src", "<script>"),
            ]
        ),
    ],
)
def test_violations_that_are_none(body: bytes) -> None:
    """A7: strangers can post there too; what is no report is not counted."""
    site = make_site(COOKIECONSENT_CSP="report-only")

    answer = site.app.test_client().post("/cookies/violations", data=body)

    assert answer.status_code in (204, 400)
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output == ""


def shown(site: Site) -> list[list[str]]:
    """Return count, directive and host of what the command lists."""
    lines = site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output.splitlines()
    return [line.split()[:3] for line in lines]


def report(directive: str, host: str) -> str:
    return json.dumps({"csp-report": {"effective-directive": directive, "blocked-uri": f"https://{host}"}})


def test_violations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger cannot fill the table, and a flood of one directive leaves room for every other."""
    monkeypatch.setattr("flask_cookieconsent.log.violations.MOST_HOSTS_A_DAY", 5)
    site = make_site(COOKIECONSENT_CSP="enforce")
    client = site.app.test_client()
    for number in range(20):
        client.post("/cookies/violations", data=report("img-src", f"a{number}.example"))
        client.post("/cookies/violations", data=report(f"made-up-{'x' * number}", "a.example"))
    for _ in range(3):
        client.post("/cookies/violations", data=report("img-src", "a0.example"))
        client.post("/cookies/violations", data=report("frame-src", "real.example"))

    assert sorted(shown(site)) == [
        *(["1", "img-src", f"a{number}.example"] for number in range(1, 5)),
        ["3", "frame-src", "real.example"],
        ["4", "img-src", "a0.example"],
    ]


@pytest.mark.parametrize(
    ("headers", "is_counted"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "https://evil.example"}, False),
    ],
)
def test_violations_of_other_sites(headers: dict[str, str], is_counted: bool) -> None:
    """Where the browser says that another site's page sent a report, it is none of ours."""
    site = make_site(COOKIECONSENT_CSP="enforce")

    answer = site.app.test_client().post("/cookies/violations", data=report("img-src", "a.example"), headers=headers)

    assert (answer.status_code, shown(site)) == ((204, [["1", "img-src", "a.example"]]) if is_counted else (403, []))


def test_violations_of_one_client_have_a_share() -> None:
    """One client's flood is counted for a while, and others' reports all the same."""
    site = make_site(COOKIECONSENT_CSP="enforce")
    client = site.app.test_client()
    for address, host in (*[("203.0.113.7", "flood.example")] * 80, ("198.51.100.1", "real.example")):
        environ = {"REMOTE_ADDR": address}
        answer = client.post("/cookies/violations", data=report("img-src", host), environ_overrides=environ)
        assert answer.status_code == 204

    assert shown(site) == [["60", "img-src", "flood.example"], ["1", "img-src", "real.example"]]


def test_violations_that_change_nothing_lock_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A report without a place takes no write lock, which SQLite has one of."""
    monkeypatch.setattr("flask_cookieconsent.log.violations.MOST_HOSTS_A_DAY", 0)
    site = make_site(COOKIECONSENT_CSP="enforce", uri=f"sqlite:///{tmp_path}/log.db")
    statements: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    site.app.test_client().post("/cookies/violations", data=report("img-src", "a.example"))

    assert [each.partition(" ")[0] for each in statements] == ["SELECT"]


def test_violations_without_a_place_to_count(caplog: pytest.LogCaptureFixture) -> None:
    """A7: a table that is not there, or no database, is told in the log and to no visitor; no mode, no endpoint."""
    broken = make_site(COOKIECONSENT_CSP="enforce", tables=False).app
    plain = make_app(COOKIECONSENT_CSP="enforce")
    CookieConsent(plain, services=services())
    with caplog.at_level(logging.WARNING):
        for app in (broken, plain):
            assert app.test_client().post("/cookies/violations", data=json.dumps(REPORT)).status_code == 204

    assert "could not be counted" in caplog.text
    assert "Content-Security-Policy blocked tracker.example for frame-src" in caplog.text
    assert make_site().app.test_client().post("/cookies/violations", data=json.dumps(REPORT)).status_code == 404
