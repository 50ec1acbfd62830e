"""Monthly partitions: what the command prints, and a log that lives in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import ConsentEventMixin
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.partitions import statements
from tests.kit.events import fill
from tests.kit.sites import Site, make_site

on_postgresql = pytest.mark.parametrize("uri", ["postgresql"], indirect=True)
GUIDE = Path(__file__).parents[2] / "docs" / "growing.md"
needs_checkout = pytest.mark.skipif(not GUIDE.exists(), reason="the guide is not part of the wheel")
SHOP = {"COOKIECONSENT_LOG_SCOPE": "shop"}


def blocks(language: str) -> list[str]:
    """Return the blocks of the guide in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def guide() -> dict[str, Any]:
    """Return the names that the guide's code for migrations defines."""
    names: dict[str, Any] = {}
    exec(next(block for block in blocks("python") if "include_name" in block), names)
    return names


def told(site: Site, *args: str) -> str:
    """Return what a command says, which has to succeed."""
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", *args])
    assert done.exit_code == 0, done.output
    return done.output


def is_whole(site: Site) -> bool:
    return told(site, "verify").endswith("is as it was written.\n")


def run(site: Site, sql: str) -> None:
    """Run a script of SQL as `psql` would."""
    with site.app.app_context(), site.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as to:
        to.exec_driver_sql(sql)


def pieces(site: Site) -> dict[str, int]:
    """Return how many events each partition holds."""
    count = "SELECT tableoid::regclass::text, count(*) FROM cookieconsent_event GROUP BY 1"
    with site.app.app_context(), site.db.engine.connect() as connection:
        return {row[0].removeprefix("cookieconsent_event_"): row[1] for row in connection.execute(sa.text(count))}


def new_site(uri: str) -> Site:
    """Return a site whose log has been in partitions from the start, for which `init-db` has nothing to do."""
    site = make_site(uri=uri, **SHOP)
    run(site, told(site, "partitions", "--months", "2", "--existing"))
    told(site, "init-db")
    return site


def existing_site(uri: str) -> Site:
    """Return a site whose log was one table for some days."""
    site = make_site(uri=uri, **SHOP)
    site.visitor().choose("accept")
    site.clock.forward(days=3)
    told(site, "seal")
    run(site, told(site, "partitions", "--months", "2", "--existing"))
    return site


@on_postgresql
@pytest.mark.parametrize("make", [new_site, existing_site])
def test_log_in_partitions(uri: str, make: Callable[[str], Site]) -> None:
    """F4, F6: events of many months are written, linked, sealed, exported, erased, purged and verified as ever."""
    site = make(uri)
    erasing = site.visitor()
    assert erasing.choose("accept").status_code == erasing.choose("accept", "films").status_code == 303
    fill(site, 300, site.clock().date(), 120)
    assert set(pieces(site)) == {"before", "2026_12", "2027_01", "rest"}
    assert erasing.choose("erase").status_code == 303

    site.clock.forward(days=130)
    assert told(site, "seal").startswith("Sealed: 2026-11-2")
    assert len(told(site, "export").splitlines()) == sum(pieces(site).values())
    assert is_whole(site)
    site.clock.forward(days=1_920)
    assert told(site, "purge").startswith("Events taken out of the log: ")
    assert 0 < sum(pieces(site).values()) < 300
    assert is_whole(site)


@on_postgresql
@pytest.mark.parametrize("make", [new_site, existing_site])
def test_event_is_in_no_two_partitions(uri: str, make: Callable[[str], Site]) -> None:
    """F5: an event that waits, and was written all the same, is not written again on another day."""
    site = make(uri)
    site.visitor().choose("accept")
    later = replace(site.events()[-1], recorded_on=date(2027, 1, 15))
    with site.app.app_context(), pytest.raises(sa.exc.IntegrityError), site.db.engine.begin() as connection:
        connection.execute(sa.insert(event_model(site.db).__table__), later.row)


@on_postgresql
@needs_checkout
def test_partition_that_is_dropped_is_missed(uri: str) -> None:
    """F4: the guide's statements leave one that is not empty; where somebody drops it all the same, the check tells."""
    site, sql = new_site(uri), blocks("sql")[-1]
    site.visitor().choose("accept")
    site.clock.forward(days=3)
    told(site, "seal")
    with pytest.raises(sa.exc.ProgrammingError, match="not empty"):
        run(site, sql.replace("2026_12", "before"))
    run(site, "DROP TABLE cookieconsent_event_before")

    done = site.app.test_cli_runner().invoke(args=["cookieconsent", "verify"])
    assert done.exit_code == 1 and "2026-11-23" in done.output


@on_postgresql
def test_statements_are_run_every_month(uri: str) -> None:
    """What is there stays, and the months ahead are added."""
    site = new_site(uri)
    site.clock.forward(days=20)
    for _ in range(2):
        run(site, told(site, "partitions", "--months", "3"))
    with site.app.app_context(), site.db.engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
    assert {name[20:] for name in names if name.startswith("cookieconsent_event_")} == {
        *("before", "2026_12", "2027_01", "2027_02", "2027_03", "rest"),
    }


@on_postgresql
@needs_checkout
@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")
@pytest.mark.parametrize("knows", [True, False])
def test_migrations_beside_partitions(uri: str, knows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask-Migrate leaves partitions alone once it is told; the bad twin would drop them."""
    monkeypatch.setattr("logging.config.fileConfig", lambda name: None)
    site, folder = existing_site(uri), str(tmp_path / "migrations")
    flask_migrate.Migrate(site.app, site.db, directory=folder, include_name=guide()["include_name"] if knows else None)
    with site.app.app_context():
        flask_migrate.init()
        flask_migrate.migrate()
    found = [each.read_text() for each in Path(folder, "versions").glob("*.py")]
    assert found == [] if knows else "drop_table('cookieconsent_event_2026_12')" in found[0]


def test_names_of_an_own_model() -> None:
    """A table of another name, in a schema, with capitals."""
    db = SQLAlchemy(metadata=sa.MetaData(schema="Shop"))

    class Own(ConsentEventMixin, db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "Consent"

    for existing in (True, False):
        text = "\n".join(statements(Own.__table__, date(2026, 12, 31), 1, existing=existing))
        assert '"Shop"."Consent_2027_01"' in text
        assert "cookieconsent" not in text


@pytest.mark.parametrize(
    ("today", "months", "bounds"),
    [
        (date(2026, 12, 31), 1, ["FROM ('2027-01-01') TO ('2027-02-01')"]),
        (date(2026, 11, 1), 2, ["FROM ('2026-12-01') TO ('2027-01-01')", "FROM ('2027-01-01') TO ('2027-02-01')"]),
    ],
)
def test_months(today: date, months: int, bounds: list[str]) -> None:
    found = "\n".join(statements(event_model(SQLAlchemy()).__table__, today, months, existing=False))
    assert [line.partition("VALUES ")[2].rstrip(";") for line in found.splitlines() if "VALUES" in line] == bounds
