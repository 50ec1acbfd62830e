"""What the operator is told when the log cannot be written: the cause, what to do, and nothing of the row."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import ConsentEventMixin, CookieConsent
from flask_cookieconsent.errors import DatabaseUnavailableError, SpoolFullError
from flask_cookieconsent.log.failures import explanation, is_of_database
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.tables import create_tables
from tests.kit.sites import Clock, Site, make_app, make_site, services


def spooling(tmp_path: Path, uri: str = "", db: SQLAlchemy | None = None, **config: object) -> Site:
    """Return a site without tables whose events may wait on disk."""
    folder = str(tmp_path / "spool")
    uri = uri or f"sqlite:///{tmp_path}/log.db"
    return make_site(uri=uri, db=db, tables=False, COOKIECONSENT_SPOOL_FOLDER=folder, **config)


def waiting(tmp_path: Path) -> int:
    return len(list((tmp_path / "spool").glob("*.json")))


def said(caplog: pytest.LogCaptureFixture) -> str:
    """Return all that any logger says, tracebacks too."""
    return "\n".join(caplog.handler.format(record) for record in caplog.records)


def test_missing_tables_are_said(uri: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A database that is there is not called away: the owner has forgotten to make the tables; the events wait."""
    site = spooling(tmp_path, uri)

    for choice in ("accept", "reject"):
        assert site.visitor().choose(choice).status_code == 303

    assert caplog.text.count("a table of the log is missing: run `flask cookieconsent init-db`, or migrate") == 2
    assert "unavailable" not in caplog.text and "Traceback" not in said(caplog)
    assert waiting(tmp_path) == 2
    site.app.test_cli_runner().invoke(args=["cookieconsent", "init-db"])
    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])
    assert (len(site.events()), waiting(tmp_path)) == (2, 0)


def test_missing_columns_are_said(uri: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Tables of an earlier release are named as such."""
    site = spooling(tmp_path, uri)
    with site.app.app_context():
        create_tables(site.db)
        with site.db.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE cookieconsent_event DROP COLUMN policy_version"))

    site.visitor().choose("reject")

    assert "a table of the log has not the columns of this release: migrate" in caplog.text
    assert waiting(tmp_path) == 1


def test_row_that_the_database_refuses(uri: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A column that was added behind the models' back is named, on every database, and nothing of the row."""
    caplog.set_level(logging.DEBUG)
    site = spooling(tmp_path, uri)
    with site.app.app_context():
        create_tables(site.db)
        table = event_model(site.db).__table__
        columns = ", ".join(f"{each.name} VARCHAR(900)" for each in table.columns)
        with site.db.engine.begin() as connection:
            connection.execute(sa.text(f"DROP TABLE {table.name}"))
            connection.execute(sa.text(f"CREATE TABLE {table.name} ({columns}, team VARCHAR(9) NOT NULL)"))

    assert site.visitor().choose("accept").status_code == 303

    (line,) = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert "the database refuses the row, check models of your own" in line and "team" in line
    assert site.digest not in said(caplog) and "granted" not in said(caplog)
    assert waiting(tmp_path) == 1


def test_nothing_of_the_row_is_said(uri: str, caplog: pytest.LogCaptureFixture) -> None:
    """F3: where the disk cannot keep an event either, what is logged holds neither its choices nor its fingerprint."""
    caplog.set_level(logging.DEBUG)
    site = make_site(uri=uri)
    visitor = site.visitor()
    visitor.choose("save", "films")
    (event,) = site.events()
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)

    assert visitor.choose("withdraw").status_code == 303
    assert site.visitor().choose("accept").status_code == 503

    assert "consent event not recorded" in caplog.text
    row = ("granted", "refused", event.receipt or "", site.digest, "12:34:00")
    assert [each for each in row if each in said(caplog)] == []


def test_locked_sqlite_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Work that the app has not committed locks SQLite: the event waits, and the owner is told whose lock it may be."""
    db = SQLAlchemy()

    class Order(db.Model):
        id = sa.orm.mapped_column(sa.Integer, primary_key=True)

    site = spooling(tmp_path, db=db, SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 0.05}})
    with site.app.app_context():
        db.create_all()

    @site.app.before_request
    def begin() -> None:
        db.session.add(Order())
        db.session.flush()

    assert site.visitor().choose("accept").status_code == 303
    assert "another writer holds a lock, maybe this very request" in caplog.text
    assert waiting(tmp_path) == 1


def test_configuration_without_a_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be seen at the start is said with each event; refusals and grants wait on disk (F5)."""
    db = SQLAlchemy()
    app = make_app(
        SQLALCHEMY_BINDS={"other": f"sqlite:///{tmp_path}/other.db"}, COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool")
    )
    consent = CookieConsent(app, db=db, services=services(), clock=Clock())
    db.init_app(app)
    site = Site(app, consent, Clock(), db)

    for choice in ("reject", "accept"):
        assert site.visitor().choose(choice).status_code == 303

    assert caplog.text.count("the configuration names no database for the log, check SQLALCHEMY_BINDS") == 2
    assert waiting(tmp_path) == 2


def test_model_with_a_bind_that_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same for the key of an own model."""
    db = SQLAlchemy()
    app = make_app(SQLALCHEMY_DATABASE_URI="sqlite://", COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))

    class Log(ConsentEventMixin, db.Model):
        __bind_key__ = "log"

    consent = CookieConsent(app, db=db, services=services(), clock=Clock())
    db.init_app(app)

    assert Site(app, consent, Clock(), db).visitor().choose("reject").status_code == 303
    assert "check SQLALCHEMY_BINDS (UnboundExecutionError: " in caplog.text
    assert waiting(tmp_path) == 1


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (sa.exc.UnboundExecutionError("no engine"), "the configuration names no database"),
        (KeyError(None), "the configuration names no database"),
        (
            sa.exc.OperationalError("SELECT 1", {}, Exception("connection refused")),
            "database unavailable (OperationalError: connection refused)",
        ),
        (sa.exc.TimeoutError("QueuePool limit"), "database unavailable (TimeoutError: QueuePool limit)"),
        (sa.exc.DataError("INSERT", {"mac": "canary"}, Exception("too long\nDETAIL: canary")), "refuses the row"),
        (ValueError("odd"), "ValueError: odd"),
        (ValueError(), "ValueError: "),
    ],
)
def test_explanations(error: Exception, meaning: str) -> None:
    """One line for each kind of trouble, without the values of the row (F3)."""
    assert meaning in explanation(error)
    assert "\n" not in explanation(error) and "canary" not in explanation(error)


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("attempt to write a readonly database", "takes no writes"),
        ("cannot execute INSERT in a read-only transaction", "takes no writes"),
        ("(1290, 'The MariaDB server is running with the --read-only option so it cannot', …)", "takes no writes"),
        ("(1792, 'Cannot execute statement in a READ ONLY transaction')", "takes no writes"),
        ("database or disk is full", "the disk of the database is full"),
        ('could not extend file "base/5/16384": No space left on device', "the disk of the database is full"),
        ("(1114, \"The table 'cookieconsent_event' is full\")", "the disk of the database is full"),
        ("server closed the connection unexpectedly", "database unavailable"),
    ],
)
def test_words_of_drivers(said: str, meaning: str) -> None:
    """What SQLite, PostgreSQL and MariaDB say of a replica or a full disk is told apart from one that is away."""
    assert explanation(sa.exc.OperationalError("INSERT", {}, Exception(said))).partition(" (")[0].count(meaning) == 1


def test_errors_of_a_database() -> None:
    """What pages answer with 503, and commands in a sentence: the database's errors, and nothing else."""
    of_database = (
        sa.exc.OperationalError("SELECT", {}, Exception()),
        sa.exc.TimeoutError(),
        DatabaseUnavailableError(),
    )
    others = (ValueError(), KeyError(), RuntimeError(), SpoolFullError(), OSError())

    assert [is_of_database(each) for each in of_database] == [True] * 3
    assert [is_of_database(each) for each in others] == [False] * 5
