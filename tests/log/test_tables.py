"""The tables of a log: their own connections, one database, and what each database keeps (F1)."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.errors import BusyConnectionError
from flask_cookieconsent.log.tables import Tables, create_tables
from tests.kit.sites import make_site
from tests.kit.tampering import tables_of


def test_tables_are_created_once(uri: str) -> None:
    """F1: made where they are missing, with the index by which seals, counts and retention go."""
    site = make_site(uri=uri, tables=False)
    with site.app.app_context():
        for _ in range(2):
            create_tables(site.db)
        found = sa.inspect(site.db.engine)
        names = {table.table.name for table in tables_of(site)}
        indexes = {tuple(each["column_names"]) for each in found.get_indexes("cookieconsent_event")}

    assert names <= set(found.get_table_names()) and len(names) == 5
    assert {("recorded_on",), ("receipt",)} <= indexes


def test_error_undoes_a_transaction(uri: str) -> None:
    """F5: what some work has written before an error is not there."""
    site = make_site(uri=uri)
    site.visitor().choose("accept")
    events = tables_of(site).events

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.delete(events.table))
        raise ZeroDivisionError

    with site.app.app_context():
        with pytest.raises(ZeroDivisionError):
            events.transact(work)
        assert len(site.events()) == 1
        assert events.transact(lambda connection: connection.execute(sa.delete(events.table)).rowcount) == 1
    assert site.events() == []


def test_work_of_the_app_is_not_committed() -> None:
    """F5: a database in memory has one connection; with the app's unfinished work on it nothing is written."""
    site = make_site()
    events = tables_of(site).events
    with site.app.app_context():
        assert events.is_in_memory and not events.is_busy
        site.db.session.execute(sa.delete(tables_of(site).violations.table))
        assert events.is_busy
        with pytest.raises(BusyConnectionError), events.begin():
            pass
        site.db.session.rollback()
        with events.begin():
            pass


def test_databases_that_keep_whatever_is_written(uri: str) -> None:
    """F4: of all databases SQLite alone has no types, and none of them is in memory here."""
    site = make_site(uri=uri)
    with site.app.app_context():
        events = tables_of(site).events
        assert events.is_untyped == uri.startswith("sqlite")
        assert not events.is_in_memory


def test_tables_are_in_one_database(tmp_path: Path) -> None:
    """F1: where an app's own events are, the rest of the log is."""
    app, db = Flask("bound"), SQLAlchemy()
    app.config |= {"SQLALCHEMY_DATABASE_URI": "sqlite://", "SQLALCHEMY_BINDS": {"log": f"sqlite:///{tmp_path}/log.db"}}

    from flask_cookieconsent import ConsentEventMixin

    class OwnEvent(ConsentEventMixin, db.Model):
        __bind_key__ = "log"

    db.init_app(app)
    tables = Tables.of(db)

    assert {table.bind for table in tables} == {"log"}
    assert tables.events.table is OwnEvent.__table__
    with app.app_context():
        create_tables(db)
        assert len(sa.inspect(db.engines["log"]).get_table_names()) == 5
        for engine in db.engines.values():
            engine.dispose()
