"""What the log of an app without a database does, and that such an app imports no SQLAlchemy."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

import flask_cookieconsent
from flask_cookieconsent import CookieConsent, SampleEvent
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.log.events import COLUMNS, receipt_digest
from flask_cookieconsent.log.interface import Log
from flask_cookieconsent.state import get_state
from tests.kit.sites import NOON, Clock, Site, make_app, make_site, services


def lines_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(each.getMessage()) for each in caplog.records if each.name == "flask_cookieconsent.events"]


def test_plain_log_is_a_record(caplog: pytest.LogCaptureFixture) -> None:
    """F1: without a database each event is a line of JSON, which holds what a row would."""
    app, clock = make_app(), Clock()
    site = Site(
        app,
        CookieConsent(app, services=services(), clock=clock, timer=lambda: clock().timestamp()),
        clock,
        SQLAlchemy(),
    )
    visitor = site.visitor()
    caplog.set_level(logging.INFO, "flask_cookieconsent.events")

    visitor.choose("save", "films")
    receipt = receipt_digest(visitor.receipt or "")
    visitor.choose("save", "films")
    visitor.choose("withdraw")

    notice, first, second = lines_of(caplog)
    assert notice["kept_notice"]["digest"] == first["notice"]
    assert set(first) == set(COLUMNS)
    assert (first["kind"], first["time"], first["receipt"]) == ("given", "2026-11-23T12:34:00Z", receipt)
    assert (second["kind"], second["previous_receipt"]) == ("withdrawn", receipt)


def test_plain_log_that_nobody_hears(caplog: pytest.LogCaptureFixture) -> None:
    """F5: a line that no handler writes proves nothing; the level of an app in production is WARNING."""
    app, clock = make_app(), Clock()
    site = Site(
        app,
        CookieConsent(app, services=services(), clock=clock, timer=lambda: clock().timestamp()),
        clock,
        SQLAlchemy(),
    )
    logger = logging.getLogger("flask_cookieconsent.events")
    assert not logger.handlers

    response = site.visitor().choose("accept")

    assert response.status_code == 503 or lines_of(caplog)


def test_plain_log_has_no_memory() -> None:
    """F7: nothing can be looked up, erased or counted in lines; a receipt without events is signed all the same."""
    app = make_app()
    CookieConsent(app, services=services(), clock=Clock())
    log: Log = get_state(app).log

    assert (log.receipt("A" * 22), log.erase("A" * 22), log.notices(), log.versions("en")) == ((), 0, [], [])
    assert log.report(NOON.date(), NOON.date()) is None
    receipt = json.dumps(log.receipt_document("A" * 22, str))
    assert json.loads(receipt)["events"] == []
    assert log.verify_receipt(receipt) and not log.verify_receipt(receipt.replace("null", "1"))


def test_both_logs_limit_grants() -> None:
    """The rate limits hold with and without a database, and no grant of a new receipt starts from nothing."""
    app = make_app(COOKIECONSENT_RECEIPT_RATE="1 per hour")
    consent = CookieConsent(app, services=services(), clock=Clock())
    plain = Site(app, consent, Clock(), SQLAlchemy())

    for site in (plain, make_site(COOKIECONSENT_RECEIPT_RATE="1 per hour")):
        visitor = site.visitor()
        answers = [visitor.choose("save", *granted) for granted in (["films"], ["films", "posts"], ["language"])]
        assert [answer.status_code for answer in answers] == [303, 303, 429]


def test_samples_need_a_database() -> None:
    app = make_app()
    consent = CookieConsent(app, services=services())

    with app.app_context(), pytest.raises(SetupError, match="cookie consent has no database"):
        consent.add_samples([SampleEvent(age=timedelta(), kind="refused", method="banner", locale="en")])


# -- no SQLAlchemy -----------------------------------------------------------------------------------------------------


def imported(*arguments: str) -> tuple[list[str], set[str]]:
    """Run the app without a database in a fresh interpreter; return its lines and which database modules it imports."""
    command = [sys.executable, "-m", "tests.kit.without_database", *arguments]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *lines, modules = done.stdout.splitlines()
    return lines, set(json.loads(modules))


def test_app_without_a_database_imports_no_sqlalchemy() -> None:
    """Every page, every button and every command that needs no database works without SQLAlchemy."""
    lines, modules = imported()

    assert modules == set()
    assert "GET /cookies/choice/receipt.json 200" in lines
    assert "GET /cookies/report 404" in lines
    assert "POST accept 303" in lines
    assert "flask cookieconsent services 0" in lines
    assert "flask cookieconsent events 1" in lines
    # Some addresses of the JSON interface know no GET, and say so.
    read = [line for line in lines if line.startswith("GET") and not (" /cookies/api/" in line and line[-3:] == "405")]
    assert not [line for line in read if line[-3:] not in ("200", "302", "404")]


def test_imports_of_sqlalchemy_twin() -> None:
    """A mixin asked for, and both are there: the check sees what it looks for."""
    _, modules = imported("ConsentEventMixin")

    assert modules == {"flask_sqlalchemy", "sqlalchemy"}


def test_lazy_names_of_the_package() -> None:
    """PEP 562: every public name can be had, and another is the usual error."""
    assert all(hasattr(flask_cookieconsent, name) for name in flask_cookieconsent.__all__)
    assert not hasattr(flask_cookieconsent, "ConsentNothingMixin")
    assert not hasattr(flask_cookieconsent, "models")
