"""Counts of undeclared cookies in the database: by name and day, bounded, unforgeable, and gone after a while."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log import observed
from flask_cookieconsent.log.observed import COOKIE, add_cookies
from flask_cookieconsent.log.tables import LogTable
from flask_cookieconsent.log.violations import DIRECTIVES
from tests.kit.sites import NOON, Clock, Site, make_site

TODAY = NOON.date()


def table_of(site: Site) -> LogTable:
    return site.log._tables.violations


def names(site: Site) -> dict[str, int]:
    with site.app.app_context():
        return {name: count for name, count, _ in site.log.observed.cookies()}


def add(site: Site, day: date = TODAY, **counts: int) -> None:
    with site.app.app_context():
        add_cookies(table_of(site), day, counts)


def test_counts_by_name_and_day(uri: str) -> None:
    """Processes and days add up; names that differ in case alone are one to some databases, and so to all."""
    site = make_site(uri=uri)
    add(site, _fbp=5, Theme=6)
    add(site, TODAY + timedelta(days=1), _fbp=7, theme=1)
    add(site, TODAY + timedelta(days=1), _FBP=5)

    with site.app.app_context():
        found = site.log.observed.cookies()
        assert site.log.observed.violations() == []
    assert found[0] == ("_fbp", 17, TODAY + timedelta(days=1))
    assert sum(count for name, count, _ in found if name.lower() == "theme") == 7


def test_processes_write_at_once(uri: str) -> None:
    """Two that meet in the first minute of a day lose nothing: the second to come adds to what the first has made."""
    sites = [make_site(uri=uri, tables=number == 0) for number in range(4)]
    threads = [threading.Thread(target=add, args=[site], kwargs={"_fbp": 5, "_gid": 6}) for site in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names(sites[0]) == {"_fbp": 20, "_gid": 24}


def test_rare_names_make_room(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of made-up names takes so many rows, and loses them to names that more visitors have."""
    monkeypatch.setattr(observed, "MOST_NAMES_A_DAY", 5)
    site = make_site(uri=uri)
    add(site, **{f"made_up_{chr(97 + number)}": 5 for number in range(20)})
    assert len(names(site)) == 5
    add(site, _fbp=60, _gid=50, made_up_z=5)
    add(site, _fbp=60)
    found = names(site)

    assert len(found) == 5
    assert (found["_fbp"], found["_gid"]) == (120, 50)
    assert "made_up_z" not in found


def test_name_that_comes_and_goes_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed, "MOST_NAMES_A_DAY", 1)
    site = make_site()
    add(site, old=1)
    add(site, old=1, b=3, c=4)

    assert names(site) == {"c": 4}


def test_report_of_a_stranger_forges_no_cookie() -> None:
    """What stands for the directive is none, so the endpoint that anybody may post to counts nothing under it."""
    site = make_site(COOKIECONSENT_CSP="report-only")
    for directive in (COOKIE, f" {COOKIE}", COOKIE.upper()):
        report = {"csp-report": {"effective-directive": directive, "blocked-uri": "https://forged.example/"}}
        assert site.app.test_client().post("/cookies/violations", data=json.dumps(report)).status_code == 204

    assert COOKIE not in DIRECTIVES
    assert names(site) == {}


def test_purge_forgets(uri: str) -> None:
    """What browsers reported is nobody's choice, and is kept no longer than refusals are."""
    site = make_site(uri=uri, COOKIECONSENT_REFUSAL_RETENTION=200)
    add(site, TODAY - timedelta(days=201), old=5)
    add(site, TODAY - timedelta(days=200), young=5)
    with site.app.app_context():
        assert site.log.purge() == 0

    assert names(site) == {"young": 5}


def test_database_that_is_away(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A7: visitors are served, counting goes on; the log says what is wrong once a minute, and nothing of the row."""
    clock, path = Clock(), tmp_path / "log.db"
    given: dict[str, Any] = {"COOKIECONSENT_CSP": "report-only", "COOKIECONSENT_DATABASE_TIMEOUT": 0.1}
    site = make_site(uri=f"sqlite:///{path}", clock=clock, **given)

    def bring() -> list[int]:
        headers = {"Cookie": "_fbp=planted-value"}
        clients = [{"REMOTE_ADDR": f"203.0.113.{number}"} for number in range(10)]
        asked = [site.visitor().get("/plain", headers=headers, environ_overrides=client) for client in clients]
        return [each.status_code for each in asked]

    with closing(sqlite3.connect(path)) as other, caplog.at_level(logging.WARNING):
        other.execute("BEGIN EXCLUSIVE")
        answers = bring()
    clock.forward(seconds=60)
    answers += bring()

    assert answers == [200] * 20
    said = [each.message for each in caplog.records if each.name == "flask_cookieconsent.violations"]
    assert len(said) == 1
    assert "could not be counted: another writer holds a lock" in said[0]
    assert "planted" not in caplog.text
    assert names(site) == {"_fbp": 6}


def test_table_that_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    site = make_site(COOKIECONSENT_CSP="report-only", tables=False)
    with caplog.at_level(logging.WARNING):
        clients = [{"REMOTE_ADDR": f"203.0.113.{number}"} for number in range(9)]
        asked = [site.visitor().get("/about", headers={"Cookie": "_fbp=1"}, environ_overrides=each) for each in clients]

    assert [each.status_code for each in asked] == [200] * 9
    assert "a table of the log is missing" in caplog.text


def test_statements_of_one_write(uri: str) -> None:
    """One transaction, however many names there are."""
    site = make_site(uri=uri)
    begun: list[object] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "commit", begun.append)
        add_cookies(table_of(site), TODAY, {f"name_{chr(97 + number)}": 5 for number in range(20)})

    assert len(begun) == 1
    assert len(names(site)) == 20
