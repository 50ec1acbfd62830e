"""Layouts of an app's databases: schemas, binds, own models, names; what cannot hold the log is said at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_cookieconsent import (
    ConsentCountMixin,
    ConsentEventMixin,
    ConsentNoticeMixin,
    ConsentSealMixin,
    ConsentViolationMixin,
    CookieConsent,
)
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.log.models import event_model
from tests.kit.sites import Clock, Site, make_app, make_site, services

MIXINS = (ConsentEventMixin, ConsentNoticeMixin, ConsentSealMixin, ConsentCountMixin, ConsentViolationMixin)
STRICT = {"COOKIECONSENT_CSP": "report-only"}
REPORT = '{"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://a.example"}}'


def command(site: Site, *args: str) -> str:
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", *args])
    assert done.exit_code == 0, done.output
    return done.output


def assert_whole(site: Site) -> None:
    """Make the tables, and use everything that reads or writes them."""
    assert "are there" in command(site, "init-db")
    assert "are there" in command(site, "init-db")
    visitor = site.visitor()
    visitor.choose("accept")
    visitor.choose("save", "films")
    assert site.visitor().choose("reject").status_code == 303
    assert site.app.test_client().post("/cookies/violations", data=REPORT).status_code == 204
    site.clock.forward(days=3)
    assert command(site, "seal").startswith("Sealed: ")
    assert visitor.choose("erase").status_code == 303
    assert command(site, "verify").endswith("What was checked is as it was written.\n")
    assert "a.example" in command(site, "violations")
    assert "preferences      5" in command(site, "stats")
    assert len(command(site, "notices").splitlines()) == 1
    site.clock.forward(days=3_000)
    assert command(site, "purge") == "Events taken out of the log: 2.\n"


def tables_of(engine: sa.Engine, schema: str | None = None) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names(schema) if name.startswith("cookieconsent_")}


SCHEMAS = {"sqlite": "main", "postgresql": "shop", "mysql": "test"}


def new_schema(uri: str) -> str:
    """Return a schema of a database, made where the database has several of them."""
    schema = SCHEMAS[sa.make_url(uri).get_backend_name()]
    if schema == "shop":
        engine = sa.create_engine(uri)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA IF EXISTS shop CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA shop"))
        engine.dispose()
    return schema


def test_schema_of_the_metadata(uri: str) -> None:
    """All five tables are made in the schema that the app's metadata has."""
    schema = new_schema(uri)
    db = SQLAlchemy(metadata=sa.MetaData(schema=schema))
    site = make_site(db=db, uri=uri, tables=False, **STRICT)

    assert_whole(site)

    with site.app.app_context():
        assert len(tables_of(db.engine, schema)) == 5


def test_two_apps_on_a_schema() -> None:
    """A second app with the same `db` finds the tables of the first."""
    db = SQLAlchemy(metadata=sa.MetaData(schema="main"))
    first, second = make_site(db=db), make_site(db=db)

    for site in (first, second):
        assert site.visitor().choose("accept").status_code == 303


def test_all_models_in_another_database(tmp_path: Path) -> None:
    """With the key of another database on all models, nothing of the log is in the main one."""
    db = SQLAlchemy()
    own = [
        type("My" + mixin.__name__, (mixin, db.Model), {"__bind_key__": "log", "__table_args__": {}})
        for mixin in MIXINS
    ]
    binds = {"log": f"sqlite:///{tmp_path}/log.db"}
    site = make_site(db=db, uri=f"sqlite:///{tmp_path}/main.db", tables=False, SQLALCHEMY_BINDS=binds, **STRICT)

    assert_whole(site)

    assert list(site.consent.models) == own
    with site.app.app_context():
        assert (len(tables_of(db.engines["log"])), tables_of(db.engine)) == (5, set())
        db.engines["log"].dispose()


def test_tables_follow_the_events(tmp_path: Path) -> None:
    """One model of the app's own with a key takes the whole log there, and there need be no other database."""
    db = SQLAlchemy()

    class Log(ConsentEventMixin, db.Model):
        __bind_key__ = "log"

    app = make_app(SQLALCHEMY_BINDS={"log": f"sqlite:///{tmp_path}/log.db"}, **STRICT)
    app.config["SQLALCHEMY_DATABASE_URI"] = None
    db.init_app(app)
    clock = Clock()
    site = Site(
        app, CookieConsent(app, db=db, services=services(), clock=clock, timer=lambda: clock().timestamp()), clock, db
    )

    assert_whole(site)

    with site.app.app_context():
        assert len(tables_of(db.engines["log"])) == 5
        db.engines["log"].dispose()


def test_database_that_nobody_names(tmp_path: Path) -> None:
    """With other databases alone, the start says which setting or model is missing."""
    db = SQLAlchemy()
    app = make_app(SQLALCHEMY_BINDS={"other": f"sqlite:///{tmp_path}/other.db"})
    db.init_app(app)

    with pytest.raises(SetupError, match=r"found \['other'\], wanted SQLALCHEMY_DATABASE_URI, or a model of your own"):
        CookieConsent(app, db=db, services=services())


def test_key_that_nobody_names() -> None:
    db = SQLAlchemy()
    own = type("Log", (ConsentEventMixin, db.Model), {"__bind_key__": "log"})
    app = make_app(SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)

    with pytest.raises(SetupError, match=r"found \['None'\], wanted 'log' in SQLALCHEMY_BINDS"):
        CookieConsent(app, db=db, services=services())
    assert event_model(db) is own


@pytest.mark.parametrize("mixin", MIXINS)
def test_column_without_a_value(mixin: Any) -> None:
    """A column that no row of the log can fill stops the start, with the names of model and column."""
    db = SQLAlchemy()
    model = type("Mine", (mixin, db.Model), {"team": mapped_column(sa.String(9), nullable=False)})

    with pytest.raises(SetupError, match="model 'Mine' has a column 'team' without a value"):
        make_site(db=db)
    assert model.__name__ == "Mine"


@pytest.mark.parametrize(
    "column",
    [
        mapped_column(sa.String(9), nullable=True),
        mapped_column(sa.String(9), nullable=False, default="x"),
        mapped_column(sa.String(9), nullable=False, default=lambda: "x"),
        mapped_column(sa.String(9), nullable=False, server_default="x"),
        mapped_column(sa.String(9), sa.Computed("'x'"), nullable=False),
    ],
)
def test_column_with_a_value(column: Any) -> None:
    """Whatever gives a column its value, events are written."""
    db = SQLAlchemy()
    model = type("Mine", (ConsentEventMixin, db.Model), {"team": column})
    site = make_site(db=db)

    assert site.visitor().choose("accept").status_code == 303
    assert len(site.events()) == 1 and event_model(db) is model


def test_log_in_two_databases(tmp_path: Path) -> None:
    """Events and seals change in one transaction, so a log that is torn apart stops the start."""
    db = SQLAlchemy()
    own = type("MySeal", (ConsentSealMixin, db.Model), {"__bind_key__": "other"})

    with pytest.raises(SetupError, match="model 'MySeal' has __bind_key__ 'other', that of events None"):
        make_site(db=db, SQLALCHEMY_BINDS={"other": "sqlite://"})
    assert own.__name__ == "MySeal"


@pytest.mark.parametrize("name", ["ConsentEvent", "ConsentNotice", "ConsentSeal", "ConsentCount", "ConsentViolation"])
def test_names_of_the_app(name: str) -> None:
    """An app may have models that are named like those of a consent log, and refer to them by their names."""
    db = SQLAlchemy()
    site = make_site(db=db)
    mine = type(name, (db.Model,), {"__tablename__": "mine", "id": mapped_column(sa.Integer, primary_key=True)})

    class Order(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        mine_id: Mapped[int] = mapped_column(sa.ForeignKey("mine.id"))
        mine = relationship(name)

    sa.orm.configure_mappers()
    assert sa.inspect(Order).relationships["mine"].mapper.class_ is mine
    assert site.visitor().choose("accept").status_code == 303
