"""Pages that read the log while its database does not answer: 503 with words, and what else is wrong stays so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flask_cookieconsent.errors import DatabaseUnavailableError
from flask_cookieconsent.log.events import receipt_digest
from flask_cookieconsent.log.tables import Tables
from tests.kit.sites import JSON, Site, Visitor, make_site, soup_of

RECEIPT = "A" * 22
READING = (
    "/cookies/report",
    "/cookies/report.csv",
    "/cookies/choice/receipt",
    "/cookies/choice/receipt.json",
    f"/cookies/policy/{'0' * 64}",
    f"/cookies/policy/{'0' * 64}/shown",
)


def _site(tmp_path: Path, uri: str = "", **config: object) -> Site:
    folder = str(tmp_path / "spool")
    uri = uri or f"sqlite:///{tmp_path}/log.db"
    return make_site(uri=uri, may_see_report=lambda: True, COOKIECONSENT_SPOOL_FOLDER=folder, **config)


def bearer(site: Site) -> Visitor:
    """Return a visitor who holds a receipt."""
    visitor = site.visitor()
    visitor.client.set_cookie("cookieconsent_receipt", RECEIPT, path="/cookies/choice")
    return visitor


@contextmanager
def without_tables(tmp_path: Path) -> Iterator[Site]:
    """A database in which nobody has made the tables."""
    yield _site(tmp_path, tables=False)


@contextmanager
def without_server(tmp_path: Path) -> Iterator[Site]:
    """A server that refuses connections."""
    yield _site(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/nothing", tables=False)


@contextmanager
def locked(tmp_path: Path) -> Iterator[Site]:
    """A database that somebody else holds for longer than its driver waits."""
    site = _site(tmp_path, SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 0.01}})
    with site.app.app_context(), site.db.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        yield site


@contextmanager
def hanging(tmp_path: Path) -> Iterator[Site]:
    """A database that has just missed the deadline, so that the breaker is open."""
    site, released = _site(tmp_path, COOKIECONSENT_DATABASE_TIMEOUT=0.1), threading.Event()
    with site.app.app_context(), pytest.raises(DatabaseUnavailableError):
        site.log._breaker.run(lambda is_wanted: released.wait())
    yield site
    released.set()


TROUBLES = pytest.mark.parametrize("trouble", [without_tables, without_server, locked, hanging])


@TROUBLES
@pytest.mark.parametrize("path", READING)
def test_trouble_of_the_database_is_said_in_words(
    trouble: Callable[[Path], contextmanager[Site]], path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """F7: whoever asks for a record while it cannot be reached reads so, or finds it in JSON, and when to come back."""
    with trouble(tmp_path) as site:
        caplog.clear()
        page, answer = bearer(site).get(path), bearer(site).get(path, headers=JSON)

    assert (page.status_code, answer.status_code) == (503, 503)
    assert "cannot be reached at the moment" in soup_of(page).get_text()
    assert "Nothing was changed" not in page.text
    assert soup_of(page).select_one('a[href="/cookies/"]')
    assert answer.json["error"] == "unavailable" and "cannot be reached" in answer.json["message"]
    assert {each.headers["Retry-After"] for each in (page, answer)} == {"10"}
    assert {each.headers["Cache-Control"] for each in (page, answer)} == {"no-store"}


@TROUBLES
def test_trouble_of_the_database_is_logged_once(
    trouble: Callable[[Path], contextmanager[Site]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """F3: the operator reads one line for each answer, with the cause and without the receipt."""
    caplog.set_level(logging.DEBUG)
    with trouble(tmp_path) as site:
        caplog.clear()
        bearer(site).get("/cookies/choice/receipt")

    lines = [record for record in caplog.records if "answered 503" in record.getMessage()]
    assert [each.getMessage().partition(":")[0] for each in lines] == ["page cookieconsent.receipt answered 503"]
    assert [each.exc_info for each in caplog.records] == [None] * len(caplog.records)
    said = "\n".join(caplog.handler.format(record) for record in caplog.records)
    assert "\n" not in lines[0].getMessage()
    assert [each for each in (RECEIPT, receipt_digest(RECEIPT), "SELECT") if each in said] == []


@TROUBLES
def test_what_needs_no_record_is_there(trouble: Callable[[Path], contextmanager[Site]], tmp_path: Path) -> None:
    """E2: settings, policy and the check of a file that somebody brings do not wait for a database."""
    with trouble(tmp_path) as site:
        for path in ("/cookies/", "/cookies/policy", "/cookies/choice/check", "/cookies/state"):
            assert bearer(site).get(path).status_code == 200
        assert bearer(site).post({"receipt": "{}"}, "/cookies/choice/check").status_code == 200


@pytest.mark.parametrize("path", READING)
def test_database_that_answers(path: str, tmp_path: Path) -> None:
    """The twin: the same pages with a database that answers are no 503."""
    assert bearer(_site(tmp_path)).get(path).status_code == (404 if "policy" in path else 200)


@pytest.mark.parametrize("template", ["receipt.html", "report.html"])
def test_other_errors_are_not_hidden(template: str, tmp_path: Path) -> None:
    """The bad twin: a template that is wrong is an error of the site, with its traceback, and no 503."""
    site = _site(tmp_path, templates={f"cookieconsent/{template}": "{{ 1 // 0 }}"})
    path = "/cookies/report" if template == "report.html" else "/cookies/choice/receipt"

    assert bearer(site).get(path).status_code == 500
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ZeroDivisionError):
        bearer(site).get(path)


def test_site_without_a_right_to_the_report_says_nothing(tmp_path: Path) -> None:
    """F6: who may not see the report does not learn from it how the database is."""
    with without_tables(tmp_path) as site:
        site.consent.report_guard(lambda: False)
        assert bearer(site).get("/cookies/report").status_code == 403


def test_tables_that_are_there_again(tmp_path: Path) -> None:
    """What was missing is read as soon as it is there."""
    with without_tables(tmp_path) as site:
        assert bearer(site).get("/cookies/choice/receipt").status_code == 503
        with site.app.app_context():
            site.log.create_tables()
            assert len(list(Tables.of(site.db))) == 5
        assert bearer(site).get("/cookies/choice/receipt").status_code == 200
