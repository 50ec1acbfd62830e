"""One log on every database: migrations, days of many events, long notices, and the guide for growing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.log.events import receipt_digest
from flask_cookieconsent.log.insertion import insert_event
from flask_cookieconsent.log.models import count_model, event_model, notice_model, seal_model
from flask_cookieconsent.log.rows import bearers_events, keep_notice
from flask_cookieconsent.log.seals import note_erased
from flask_cookieconsent.log.spool import Spool
from flask_cookieconsent.log.tables import Tables
from flask_cookieconsent.state import get_state
from tests.kit.events import fill
from tests.kit.sites import Site, make_site

GUIDE = Path(__file__).parents[2] / "docs" / "growing.md"
needs_checkout = pytest.mark.skipif(not GUIDE.exists(), reason="the guide is not part of the wheel")
TABLES = {
    *("cookieconsent_count", "cookieconsent_event", "cookieconsent_notice", "cookieconsent_seal"),
    "cookieconsent_violation",
}


def tables(site: Site) -> set[str]:
    with site.app.app_context(), site.db.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


# Flask-Migrate asks an older Flask-SQLAlchemy first.
@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")
def test_migrations(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`flask db migrate` makes every table, finds nothing to change afterwards, and can take them back."""
    # It would silence every logger that other tests listen to.
    monkeypatch.setattr("logging.config.fileConfig", lambda name: None)
    site = make_site(uri=uri, tables=False)
    folder = str(tmp_path / "migrations")
    flask_migrate.Migrate(site.app, site.db, directory=folder)
    with site.app.app_context():
        flask_migrate.init()
        flask_migrate.migrate()
        flask_migrate.upgrade()
    assert tables(site) == TABLES
    site.visitor().choose("accept")
    assert len(site.events()) == 1

    with site.app.app_context():
        flask_migrate.migrate()
        assert len(revisions(folder)) == 1, "there is nothing to change"
        flask_migrate.downgrade()
    assert tables(site) == set()


@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")
def test_migrations_twin(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost index, or a column that is too short, is found and mended by a migration."""
    monkeypatch.setattr("logging.config.fileConfig", lambda name: None)
    site = make_site(uri=uri)
    folder = str(tmp_path / "migrations")
    flask_migrate.Migrate(site.app, site.db, directory=folder)
    with site.app.app_context():
        damage_tables(site)
        flask_migrate.init()
        flask_migrate.migrate()

    (revision,) = revisions(folder)
    assert "create_index" in revision.read_text()
    assert ("LONGBLOB" in revision.read_text()) == uri.startswith("mysql")


def damage_tables(site: Site) -> None:
    """Drop an index, and shorten a column where the database has several lengths of bytes."""
    with site.db.engine.begin() as connection:
        index = next(index for index in event_model(site.db).__table__.indexes if "recorded_on" in str(index.name))
        index.drop(connection)
        if connection.dialect.name == "mysql":
            connection.execute(sa.text("ALTER TABLE cookieconsent_seal MODIFY erased BLOB NOT NULL"))


def revisions(folder: str) -> list[Path]:
    return list(Path(folder, "versions").glob("*.py"))


@pytest.mark.parametrize("uri", ["mariadb"], indirect=True)
def test_day_of_many_erased_events(uri: str) -> None:
    """F4: a seal notes all that was erased of its day, more than the 64 KiB that MariaDB's ordinary type would."""
    site = make_site(uri=uri)
    fill(site, 5_000, site.clock().date(), 1)
    site.clock.forward(days=3)
    table = event_model(site.db).__table__
    with site.app.app_context():
        assert len(site.log.seal()) == 1
        with site.db.engine.begin() as connection:
            rows = connection.execute(sa.select(table).where(table.c.kind != "refused")).mappings().all()
            connection.execute(sa.delete(table).where(table.c.kind != "refused"))
            note_erased(connection, Tables.of(site.db).seals, site.factory.keys, rows[:5_000])
        assert site.db.session.scalar(sa.select(sa.func.length(seal_model(site.db).erased))) == 16 * len(rows) < 80_000
        site.db.session.rollback()
        assert list(site.log.verify()) == []


def test_long_notice(uri: str) -> None:
    """F2: what many services make visitors read is kept whole, in any alphabet."""
    site = make_site(uri=uri)
    html = "<p>Ωμέγα, 同意, 🍪</p>" * 5_000
    with site.app.app_context():
        notice = Notice(digest="a" * 64, locale="el", policy_version="1", snapshot=html, html=html)
        keep_notice(Tables.of(site.db).notices, notice, site.clock().date(), site.factory.keys)

        kept = site.log.notice(notice.digest)
        assert kept is not None and kept.notice == notice


def test_names_differ_by_case(uri: str) -> None:
    """F6: two sites whose names differ by a capital alone are two, on every database."""
    site = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="shop")
    other = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="Shop")
    for each in (site, other):
        each.visitor().choose("accept")
    site.clock.forward(days=3)
    site.app.test_cli_runner().invoke(args=["cookieconsent", "purge"])

    table = count_model(site.db).__table__
    with site.app.app_context(), site.db.engine.connect() as connection:
        assert set(connection.scalars(sa.select(table.c.scope))) == {"shop", "Shop"}


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_either_name_of_the_dialect(dialect: str) -> None:
    """SQLAlchemy knows MariaDB by two names; under both the log has long columns and its own alphabet."""
    site = make_site()
    engine = sa.create_engine(f"{dialect}+pymysql://localhost/shop")
    sealed, kept = (
        str(sa.schema.CreateTable(model(site.db).__table__).compile(engine)) for model in (seal_model, notice_model)
    )

    assert (sealed.count("LONGBLOB"), kept.count("LONGTEXT")) == (1, 2)
    assert "CHARSET=utf8mb4" in kept and "COLLATE utf8mb4_bin" in kept


#: What makes a connection give up at once instead of waiting for another.
NO_WAIT = {
    "sqlite": {"timeout": 0},
    "postgresql": {"options": "-c lock_timeout=1ms"},
    "mysql": {"init_command": "SET innodb_lock_wait_timeout = 0"},
}


def test_two_erase_events_of_one_day(uri: str) -> None:
    """F4, F6: who erases at the same moment as another waits for their note on the seal, instead of writing over it."""
    options = {"connect_args": NO_WAIT[sa.make_url(uri).get_backend_name()]}
    site = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="shop")
    hasty = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="shop", SQLALCHEMY_ENGINE_OPTIONS=options)
    visitors = [site.visitor(), site.visitor()]
    for each in visitors:
        each.choose("accept")
    receipts = [each.receipt or "" for each in visitors]
    site.clock.forward(days=3)
    table = event_model(site.db).__table__
    with site.app.app_context():
        site.log.seal()

    with site.app.app_context(), site.db.engine.begin() as connection:
        mine = bearers_events(connection, Tables.of(site.db).events, [receipt_digest(receipts[0])])
        connection.execute(sa.delete(table).where(table.c.id.in_(mine)))
        note_erased(connection, Tables.of(site.db).seals, site.factory.keys, mine.values())
        with hasty.app.app_context(), pytest.raises(sa.exc.OperationalError) as waiting:
            hasty.log.erase(receipts[1])
    # Who waits only to write has read already, and what was read is old by then.
    assert not (waiting.value.statement or "").startswith("UPDATE")

    with hasty.app.app_context():
        assert hasty.log.erase(receipts[1]) == 1
        hasty.db.engine.dispose()
    with site.app.app_context():
        assert list(site.log.verify()) == []


def test_erasure_waits_for_what_hangs_at_its_commit(uri: str, tmp_path: Path) -> None:
    """F7: an event that went to the spool may have been written as well, by a transaction that has yet to end."""
    options = {"connect_args": NO_WAIT[sa.make_url(uri).get_backend_name()]}
    site, hasty = (
        make_site(
            uri=uri,
            COOKIECONSENT_LOG_SCOPE="shop",
            COOKIECONSENT_SPOOL_FOLDER=str(tmp_path),
            SQLALCHEMY_ENGINE_OPTIONS=each,
        )
        for each in ({}, options)
    )
    visitor = site.visitor()
    visitor.choose("accept")
    tables_of = Tables.of(site.db)
    with site.app.app_context():
        (event,) = site.events()
        with site.db.engine.begin() as connection:
            connection.execute(sa.delete(event_model(site.db).__table__))
        Spool(tmp_path, site.factory.keys, site.factory.scope).add(event, None)

        with site.db.engine.begin() as connection:
            insert_event(connection, tables_of, site.factory, event, day=site.clock().date(), notice="")
            with hasty.app.app_context(), pytest.raises(sa.exc.OperationalError):
                hasty.log.erase(visitor.receipt or "")
    with hasty.app.app_context():
        assert hasty.log.erase(visitor.receipt or "") == 1
        hasty.db.engine.dispose()

    assert [each.kind for each in site.events()] == [Kind.ERASED]
    assert not list(tmp_path.glob("*.json"))


def test_days_are_told_apart(uri: str) -> None:
    """F6: an event of the last minute of a day is that day's, on every database."""
    site = make_site(uri=uri, may_see_report=lambda: True)
    site.clock.forward(hours=11, minutes=24)
    assert (site.clock().hour, site.clock().minute) == (23, 58)
    site.visitor().choose("accept")
    site.clock.forward(minutes=2)
    site.visitor().choose("accept")
    site.clock.forward(days=5)

    for _ in range(2):
        assert [day.isoformat() for day in _summary(site).days] == ["2026-11-23", "2026-11-24"]
        site.app.test_cli_runner().invoke(args=["cookieconsent", "seal"])


def _summary(site: Site) -> Any:
    today = get_state(site.app).today
    with site.app.app_context():
        return site.log.summary(today - timedelta(days=30), today)


# -- the guide for growing ---------------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    """Return the blocks of the guide in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def code(number: int) -> dict[str, Any]:
    """Return the names that a block of Python defines."""
    names: dict[str, Any] = {"__name__": "growing"}
    exec(blocks("python")[number], names)
    return names


def told(site: Site, *args: str) -> str:
    output: str = site.app.test_cli_runner().invoke(args=["cookieconsent", *args]).output
    return output


def is_whole(site: Site) -> bool:
    """Tell whether every row of the log is as it was written."""
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", "verify", "--whole"])
    return done.exit_code == 0


@needs_checkout
@pytest.mark.parametrize("uri", ["postgresql", "mariadb"], indirect=True)
def test_log_moves_to_a_server(uri: str, tmp_path: Path) -> None:
    """F4: the guide's own function takes a log with seals, counts and gaps along, and it is as whole as it was."""
    old, new = make_site(uri=f"sqlite:///{tmp_path}/old.db", COOKIECONSENT_LOG_SCOPE="shop"), make_site(uri=uri)
    old.visitor().choose("accept")
    fill(old, 100, old.clock().date(), 60)
    old.clock.forward(days=420)
    for command in ("seal", "purge"):
        told(old, command)
    assert is_whole(old)
    before = [told(old, "export"), told(old, "stats", "--days", "500"), told(old, "notices")]
    assert 1 < len(before[0].splitlines()) < 101

    with new.app.app_context():
        code(0)["move_log"](new.db, f"sqlite:///{tmp_path}/old.db")
    new = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="shop", clock=old.clock)

    assert [told(new, "export"), told(new, "stats", "--days", "500"), told(new, "notices")] == before
    assert is_whole(new)
